"""What the desk says of a policy: what is in force, what waits, what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq.document import Document, in_language
from faq.models import Policy, Version
from faq.redline import Change, compare

KINDS = {
    "added": gettext_lazy("New"),
    "retired": gettext_lazy("Removed"),
    "retitled": gettext_lazy("New title"),
    "reworded": gettext_lazy("Reworded"),
    "moved": gettext_lazy("Moved"),
    "relinked": gettext_lazy("Link names"),
    "researched": gettext_lazy("Search words"),
}
SUBJECTS = {
    "policy": gettext_lazy("Title, introduction or contact"),
    "section": gettext_lazy("Section"),
    "question": gettext_lazy("Question"),
}


@dataclass(frozen=True)
class ShownChange:
    """A change in words for the screen."""

    subject: str
    title: str
    kinds: tuple[str, ...]
    old_title: str


@dataclass
class PolicyStatus:
    """One policy at a moment; costly parts are worked out when they are asked for."""

    policy: Policy
    at: datetime
    live: Version | None
    scheduled: list[Version]

    @classmethod
    def of(cls, policy: Policy, at: datetime) -> PolicyStatus:
        """The status of a policy at a moment."""
        versions = policy.version_set.defer("document")
        return cls(policy, at, versions.in_force(at), list(versions.scheduled(at).with_facts()))

    @cached_property
    def candidates(self) -> list[Version]:
        """What waits for approval, the newest first."""
        return list(self.policy.version_set.candidates().defer("document").order_by("-pk"))

    @cached_property
    def sent_back(self) -> Version | None:
        """What was sent last, if it was sent back and nothing has been decided since."""
        sent = self.policy.version_set.with_facts().defer("document")
        last = sent.order_by("-pk").first()
        return last if last is not None and hasattr(last, "rejection") else None

    @cached_property
    def draft(self) -> Document:
        """The working copy."""
        return self.policy.to_document()

    @cached_property
    def before(self) -> Document | None:
        """The wording of that version; None before the first."""
        return self.newest.to_document() if self.newest else None

    @cached_property
    def newest(self) -> Version | None:
        """What the next version will be compared with: the newest one approved."""
        return self.policy.version_set.newest()

    @cached_property
    def changes(self) -> list[Change]:
        """What the working copy has that the newest version has not."""
        return compare(self.before, self.draft)

    def shown_changes(self) -> list[ShownChange]:
        """The changes in words, for a list."""
        language = settings.POLICY_LANGUAGE
        return [
            ShownChange(
                subject=str(SUBJECTS[change.subject]),
                title=in_language(change.title, language),
                kinds=tuple(in_words(change.kinds)),
                old_title=in_language(change.old_title or {}, language)
                if "retitled" in change.kinds
                else "",
            )
            for change in self.changes
        ]

    def readers_see(self) -> str:
        """One sentence on what readers see while the draft is being edited."""
        if self.live is None:
            return _("Readers see nothing yet.")
        return _("Readers still see version %(number)d.") % {"number": self.live.approval.number}


def in_words(kinds: Iterable[str]) -> list[str]:
    """Kinds of change as the screen names them."""
    return [str(KINDS[kind]) for kind in kinds]
