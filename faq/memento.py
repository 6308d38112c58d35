"""The written forms of RFC 7089 (Memento): moments in headers, links in headers and TimeMaps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

LINK_FORMAT = "application/link-format"

_FORM = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")


class BadHttpDate(ValueError):
    """Text that is not a date of the one form that HTTP writes."""


@dataclass(frozen=True)
class Link:
    """A link of RFC 8288: where to, how it is related, and further attributes."""

    target: str
    rel: str
    attributes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        written = {"rel": self.rel, **self.attributes}
        return f"<{self.target}>" + "".join(f'; {key}="{text}"' for key, text in written.items())


def header(links: Iterable[Link]) -> str:
    """Links as the value of one `Link` header."""
    return ", ".join(str(link) for link in links)


def link_format(links: Iterable[Link]) -> str:
    """Links as a document of RFC 6690, one a line."""
    return ",\n".join(str(link) for link in links) + "\n"


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it, such as `Fri, 25 May 2018 00:00:00 GMT`: without fractions."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def read_http_date(text: str) -> datetime:
    """Read a moment as `http_date` writes it and in no other form; raises BadHttpDate."""
    text = text.strip(" \t")
    try:
        moment = parsedate_to_datetime(text) if _FORM.fullmatch(text) else None
    except ValueError:
        moment = None
    # What is written back is the same, unless the day of the week is another day's.
    if moment is None or http_date(moment) != text:
        raise BadHttpDate(text[:40])
    return moment
