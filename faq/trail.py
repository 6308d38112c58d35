"""The trail: one line for everything that somebody did."""

from __future__ import annotations

from datetime import datetime

from faq.models import Event, Policy, Version
from faq.models.working_copy import Named


def note(
    policy: Policy,
    what: str,
    *,
    by: str,
    at: datetime,
    item: Named | None = None,
    version: Version | None = None,
    subject: str = "",
    details: str = "",
) -> None:
    """Add a line: `what` is one of `Event.KINDS`; raises KeyError for anything else.

    It stands in the transaction of what it tells of: either both are there or neither.
    """
    assert Event.KINDS[what]
    approval = getattr(version, "approval", None)
    Event.objects.create(
        policy=policy,
        recorded_at=at,
        who=by,
        what=what,
        subject=subject or (item.title if item else policy.title),
        item=str(item.pk) if item else "",
        number=approval.number if approval else None,
        details=details,
    )
