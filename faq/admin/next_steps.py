"""What one person may do next with a policy, and where that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from faq.models import Policy, Version


@dataclass(frozen=True)
class NextSteps:
    """The ways on from a policy's desk; at most one of `publish` and `send` is open."""

    publish: bool
    send: str
    review: bool

    @classmethod
    def of(cls, policy: Policy, user: Any) -> NextSteps:
        """What the permissions of a person and the rules of a policy leave open."""
        sends, approves = (user.has_perm(f"faq.add_{what}") for what in ("version", "approval"))
        publishes = sends and approves and not policy.second_person
        return cls(
            publish=publishes,
            send=reverse("admin:faq_policy_send", args=[policy.pk])
            if sends and not publishes
            else "",
            review=approves,
        )


def candidate_url(version: Version) -> str:
    """The page on which a candidate is read, talked about and decided on."""
    return reverse("admin:faq_policy_candidate", args=[version.policy_id, version.pk])
