"""For somebody who lost the device and the recovery codes: let them set up a second step anew."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from faq.admin.sessions import end_sessions


class Command(BaseCommand):
    help = (
        "Remove a user's second step (passkeys, authenticator app, recovery codes) and end every "
        "session of theirs. At the next log-in, with the password, they set up a new one. Make "
        "sure first that it is really they who ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user name")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            user = User.objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError(f"There is no user “{options['user']}”.")
            removed, _rows = Authenticator.objects.filter(user=user).delete()
            ended = end_sessions(user)
        self.stdout.write(
            f"{user.get_username()}: removed {removed} (passkeys, app, codes), ended {ended} "
            "sessions. At the next log-in a new second step is set up."
        )
