"""What the desk says of one version, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from faq import publishing
from faq.admin.framing import said
from faq.models import Version
from faq.models.record import CANDIDATE, LIVE, ON_SCREEN, SCHEDULED


@dataclass(frozen=True)
class Standing:
    """A version at a moment. What it allows is a fact; who may do it is the page's to ask."""

    version: Version
    status: str
    status_name: str
    #: In the middle of a sentence: “version 3”.
    name: str
    public: bool
    #: Whether it waits in vain: something else was decided since it was sent.
    overtaken: bool
    can_withdraw: bool
    can_announce: bool
    can_hide: bool
    can_restore: bool
    unconfirmed: bool

    @classmethod
    def of(cls, version: Version, at: datetime, live: Version | None, head: str) -> Standing:
        """The standing of a version that was fetched with its facts; `head` is the record's."""
        status = version.status(at, live=live)
        approval = getattr(version, "approval", None)
        overtaken = status == CANDIDATE and version.base != head
        begun = status in {LIVE, SCHEDULED}
        readable = approval is not None and not hasattr(version, "withholding")
        return cls(
            version=version,
            status=status,
            status_name=_status_name(version, status, overtaken),
            name=name_of(version),
            public=version.is_public(at),
            overtaken=overtaken,
            can_withdraw=begun and publishing.can_withdraw(version, at),
            can_announce=status == SCHEDULED and not hasattr(version, "announcement"),
            can_hide=readable and not begun,
            can_restore=readable,
            unconfirmed=approval is not None and approval.is_unconfirmed(),
        )


def name_of(version: Version) -> str:
    """A version in the middle of a sentence; one without a number by who sent it and when."""
    approval = getattr(version, "approval", None)
    if approval is not None:
        return _("version %(number)d") % {"number": approval.number}
    return _("what %(name)s sent on %(moment)s") % {
        "name": version.frozen_by,
        "moment": said(version.frozen_at),
    }


def _status_name(version: Version, status: str, overtaken: bool) -> str:
    if status == SCHEDULED:
        return _("Applies from %(moment)s") % {"moment": said(version.approval.effective_at)}
    if overtaken:
        return _("Overtaken by another version: send the draft again")
    return str(ON_SCREEN[status])
