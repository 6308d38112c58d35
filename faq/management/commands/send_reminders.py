"""Tell administrators by mail which reviews are due. Meant to be run once a day."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from faq import mail
from faq.models import Policy, Reminder


class Command(BaseCommand):
    help = (
        "Tell administrators by mail 30 days before a policy must be reviewed, once for each date."
        " Run it daily, by cron for example."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if not mail.is_set_up():
            raise CommandError("There is no mail server. Set EMAIL_URL.")
        failed = 0
        for policy in Policy.objects.all():
            due_on = policy.review_due(now)
            if due_on is None or not policy.review_is_near(now):
                continue
            # The row is the turn: of two commands at once only one makes it.
            reminder, made = Reminder.objects.get_or_create(
                policy=policy, due_on=due_on, defaults={"sent_at": now}
            )
            if not made:
                continue
            sent, not_sent = mail.remind_of_review(policy, due_on)
            failed += not_sent
            if not sent:
                reminder.delete()  # nobody knows yet: the next run tries again
            self.stdout.write(f"{policy.title}: review due {due_on}, {sent} told")
        if failed:
            raise CommandError(f"Mails not sent: {failed}. The log says why.")
