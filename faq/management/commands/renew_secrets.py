"""For a change of SECRET_KEY: what is encrypted in the database gets the present key."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management import BaseCommand, CommandError
from django.db import transaction

from faq.admin.accounts import renewed

#: Where an app's secret and the source of recovery codes stand.
ENCRYPTED = ("secret", "seed")


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of authenticator apps and recovery codes with the present SECRET_KEY, "
        "while the one of before stands in SECRET_KEY_FALLBACKS. Afterwards they need it no more. "
        "Ends with 1, and names the users, if a secret was encrypted with neither."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = 0, set()
        with transaction.atomic():
            for each in Authenticator.objects.select_for_update(of=("self",)).select_related(
                "user"
            ):
                names = [name for name in ENCRYPTED if name in each.data]
                if not names:
                    continue  # a passkey: nothing in it is secret
                try:
                    each.data |= {name: renewed(each.data[name]) for name in names}
                except InvalidToken:
                    lost.add(each.user.get_username())
                    continue
                each.save(update_fields=["data"])
                done += 1
        self.stdout.write(
            f"Encrypted with the present key: {done} apps and sets of recovery codes."
        )
        if lost:
            raise CommandError(
                f"No key fits what these users have: {', '.join(sorted(lost))}. "
                "Put the former key into SECRET_KEY_FALLBACKS, or run reset_mfa for each of them."
            )
