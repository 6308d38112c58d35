"""Verify the record from the stored bytes up."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand, CommandError

from faq.management.commands._common import counted, followed
from faq.verification import Broken, Tally, verify


class Command(BaseCommand):
    help = (
        "Compute every fingerprint and chain value of the record again and compare them with "
        "what is stored; check numbers, link names and the database's guards. Ends with 1 and "
        "names the first thing that is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        tally = Tally()
        try:
            followed(verify(tally), tally, self.stderr)
        except Broken as error:
            raise CommandError(str(error)) from None
        for where in tally.withheld:
            self.stdout.write(f"{where}: its wording is hidden on purpose.")
        self.stdout.write(f"Verified {counted(tally)}: all as recorded.")
