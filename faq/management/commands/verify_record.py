"""Verify the record from the stored bytes up."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import BaseCommand, CommandError

from faq.verification import Broken, Tally, verify

#: After this many seconds a person wants to know that something is going on.
PATIENCE = 2.0


class Command(BaseCommand):
    help = (
        "Compute every fingerprint and chain value of the record again and compare them with "
        "what is stored; check numbers, link names and the database's guards. Ends with 1 and "
        "names the first thing that is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        tally = Tally()
        shown = time.monotonic()
        try:
            for step in verify(tally):
                if time.monotonic() - shown > PATIENCE:
                    shown = time.monotonic()
                    done = _count(tally.versions, "version", "versions")
                    self.stderr.write(f"{done} so far; right up to {step} …", style_func=str)
        except Broken as error:
            raise CommandError(str(error)) from None
        for where in tally.withheld:
            self.stdout.write(f"{where}: its wording is hidden on purpose.")
        self.stdout.write(
            f"Verified {_count(tally.policies, 'policy', 'policies')}, "
            f"{_count(tally.versions, 'version', 'versions')}, "
            f"{_count(tally.entries, 'decision', 'decisions')} and "
            f"{_count(tally.names, 'link name', 'link names')}: all as recorded."
        )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
