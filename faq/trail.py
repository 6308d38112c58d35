"""The trail: one line for everything that somebody did."""

from __future__ import annotations

import re
from datetime import datetime
from ipaddress import ip_address

from faq.models import Event, Policy, Version
from faq.models.working_copy import Named

_MAIL = re.compile(r"([^\s<>()\[\]:;,\"“”@]+)@[^\s<>()\[\]:;,\"“”@]+")
#: What may be an IP address; whether it is one, ipaddress knows.
_IP = re.compile(
    r"(?<![\w.:])"
    r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9])|[0-9a-f]*:[0-9a-f:.]*[0-9a-f](?!\w))",
    re.IGNORECASE,
)


def note(
    policy: Policy,
    what: str,
    *,
    by: str,
    at: datetime,
    item: Named | str | None = None,
    version: Version | None = None,
    subject: str = "",
    details: str = "",
) -> None:
    """Add a line: `what` is one of `Event.KINDS`; raises KeyError for anything else.

    `item` is a question or section, or the id of one, for which `subject` has the title. E-mail
    and IP addresses that somebody wrote are cut short: the trail is kept, and names people only
    as they are called. It stands in the transaction of what it tells of: either both are there
    or neither.
    """
    assert Event.KINDS[what]
    key = item if isinstance(item, str) else ""
    if isinstance(item, Named):
        key, subject = str(item.pk), subject or item.title
    approval = getattr(version, "approval", None)
    Event.objects.create(
        policy=policy,
        recorded_at=at,
        who=without_addresses(by),
        what=what,
        subject=without_addresses(subject or policy.title),
        item=key,
        number=approval.number if approval else None,
        details=without_addresses(details),
    )


def without_addresses(text: str) -> str:
    """The text with e-mail addresses cut at the @, and an ellipsis for each IP address."""
    return _IP.sub(_cut, _MAIL.sub(r"\1@…", text))


def _cut(found: re.Match[str]) -> str:
    try:
        ip_address(found[0])
    except ValueError:
        return found[0]
    return "…"
