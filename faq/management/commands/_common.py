"""What the commands share: who acts, dates as people write them, errors in one line."""

from __future__ import annotations

import getpass
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.core.management.base import OutputWrapper
from django.db import Error as DatabaseFault
from django.utils import timezone

from faq.exchange.history import BadHistory
from faq.exchange.policy_file import BadPolicyFile
from faq.models import Approval, Policy
from faq.moments import BadMoment, parse_moment
from faq.publishing import Refused
from faq.verification import Tally

#: After this many seconds a person wants to know that something is going on.
PATIENCE = 2.0


def add_by(parser: ArgumentParser) -> None:
    """Add the option that says who acts."""
    parser.add_argument(
        "--by",
        metavar="NAME",
        default="",
        help="who does this, for the record; your login name unless you give another",
    )


def add_publishing(parser: ArgumentParser) -> None:
    """Add the options that say how a version is published."""
    parser.add_argument(
        "--note",
        metavar="TEXT",
        default="",
        help="what changed, in words for readers; needed unless --minor or the first version",
    )
    parser.add_argument(
        "--effective",
        metavar="DATE",
        default="",
        help="from when it applies, such as 2026-03-01 or “2026-03-01 09:30” in the time zone "
        "of the site; now if you leave it out. A first version may have a past date",
    )
    parser.add_argument(
        "--minor",
        action="store_true",
        help="the wording changed and nothing else: readers need not be told",
    )


def acting(by: str) -> str:
    """The name to record: as given, else the login name."""
    if by.strip():
        return by.strip()[:150]
    try:
        return getpass.getuser()[:150]
    except (KeyError, OSError):  # no such user in a container, for example
        return "command line"


def find_policy(slug: str) -> Policy:
    """The policy with that address, or a sentence that names those there are."""
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        slugs = ", ".join(Policy.objects.values_list("slug", flat=True))
        there = f"There is: {slugs}." if slugs else "There is none yet."
        raise CommandError(f"There is no policy “{slug}”. {there}")
    return policy


def moment(text: str, now: datetime) -> datetime | None:
    """A moment as it was typed; None for nothing."""
    if not text:
        return None
    return parse_moment(text, now=now, zone=timezone.get_default_timezone())


def published(approval: Approval, now: datetime) -> str:
    """What was published, from when, and where to read it."""
    begins = timezone.localtime(approval.effective_at).strftime("%Y-%m-%d %H:%M")
    policy = approval.policy
    site = f"{settings.SITE_URL.origin}{settings.SITE_URL.path}"
    applies = "is in force since" if approval.effective_at <= now else "will apply from"
    return (
        f"Version {approval.number} of “{policy.title}” {applies} {begins}: {site}/{policy.slug}/"
    )


def followed(steps: Iterable[str], tally: Tally, stderr: OutputWrapper) -> None:
    """Verify to the end, and say now and then how far it has come."""
    shown = time.monotonic()
    for step in steps:
        if time.monotonic() - shown > PATIENCE:
            shown = time.monotonic()
            done = _count(tally.versions, "version", "versions")
            stderr.write(f"{done} so far; right up to {step} …", style_func=str)


def counted(tally: Tally) -> str:
    """How much was verified."""
    return (
        f"{_count(tally.policies, 'policy', 'policies')}, "
        f"{_count(tally.versions, 'version', 'versions')}, "
        f"{_count(tally.entries, 'decision', 'decisions')} and "
        f"{_count(tally.names, 'link name', 'link names')}"
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@contextmanager
def one_line_errors(file: str = "") -> Iterator[None]:
    """Turn what was refused into one line for the terminal; `file` is the name of the input."""
    try:
        yield
    except BadPolicyFile as error:
        line = f", line {error.line}" if error.line else ""
        raise CommandError(f"{file}{line}: {error.text}") from None
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    except DatabaseFault as error:
        raise CommandError(
            f"The database could not be read or written: {error}. Nothing was changed. Free "
            "some space if its disk is full, and see that the site may write to it."
        ) from None
    except (BadHistory, BadMoment, Refused) as error:
        raise CommandError(str(error)) from None
