"""Publish the working copy of a policy."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.utils import timezone

from faq import publishing
from faq.management.commands._common import (
    acting,
    add_by,
    add_publishing,
    find_policy,
    moment,
    one_line_errors,
    published,
)


class Command(BaseCommand):
    help = "Publish the draft of a policy as its next version, now or from a date on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("policy", metavar="SLUG", help="the policy's address, such as privacy")
        add_publishing(parser)
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with one_line_errors():
            approval = publishing.publish(
                find_policy(options["policy"]),
                by=acting(options["by"]),
                at=now,
                effective_at=moment(options["effective"], now),
                material=not options["minor"],
                note=options["note"],
            )
        self.stdout.write(published(approval, now))
