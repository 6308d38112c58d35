"""What waits for one person: versions to decide on, approvals to confirm, policies to review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from faq.admin.acting import acting_name
from faq.admin.framing import said
from faq.admin.next_steps import candidate_url
from faq.models import Policy, Version


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what it is, its policy, and the button that leads to it."""

    policy: Policy
    text: str
    button: str
    url: str


def waiting_for(user: Any, policies: Iterable[Policy], at: datetime) -> list[Waiting]:
    """Everything that waits for this person, decisions first."""
    found: list[Waiting] = []
    me = acting_name(user)
    if user.has_perm("faq.add_approval"):
        found += _candidates(me)
    if user.has_perm("faq.add_confirmation"):
        found += _emergencies(me)
    if user.has_perm("faq.add_review"):
        found += _reviews(policies, at)
    return found


def _candidates(me: str) -> Iterator[Waiting]:
    waiting = Version.objects.candidates().select_related("policy").defer("document")
    for version in waiting:
        if version.frozen_by == me:  # not asked of the database, which would read every wording
            continue
        facts = {"name": version.frozen_by, "moment": said(version.frozen_at)}
        text = _("%(name)s sent a version for approval on %(moment)s.") % facts
        if version.summary:
            text = f"{text} “{version.summary}”"
        yield Waiting(version.policy, text, _("Review"), candidate_url(version))


def _emergencies(me: str) -> Iterator[Waiting]:
    others = Version.objects.unconfirmed().exclude(approval__approved_by=me)
    for version in others.select_related("policy").defer("document"):
        facts = {
            "name": version.approval.approved_by,
            "number": version.approval.number,
            "reason": version.approval.emergency_reason,
        }
        text = _("%(name)s approved version %(number)d alone in an emergency: “%(reason)s”") % facts
        yield Waiting(version.policy, text, _("Look at it"), candidate_url(version))


def _reviews(policies: Iterable[Policy], at: datetime) -> Iterator[Waiting]:
    for policy in policies:
        due = policy.review_due(at)
        if due is not None and policy.review_is_near(at):
            text = _("It is to be read through by %(day)s.") % {"day": date_format(due, "j F Y")}
            url = f"{reverse('admin:faq_reports')}#reviews"
            yield Waiting(policy, text, _("Review the policy"), url)
