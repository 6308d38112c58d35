"""Questions about versions at a moment: what is approved, in force, scheduled, public.

Nothing here reads the clock: `at` is passed in, so the same query answers for now, for a day in
the past, and for a test.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, Q

from faq.immutable import WriteOnceQuerySet

if TYPE_CHECKING:
    from faq.models import Version


class VersionQuerySet(WriteOnceQuerySet):
    """Versions of one policy, or of all."""

    def with_facts(self) -> VersionQuerySet:
        """Fetch everything a list of versions shows, in two queries."""
        return self.select_related(
            "policy", "approval", "rejection", "withdrawal", "announcement", "withholding"
        ).prefetch_related("notes")

    def candidates(self) -> VersionQuerySet:
        """Frozen, and decided by nobody yet."""
        return self.filter(approval__isnull=True, rejection__isnull=True)

    def unconfirmed(self) -> VersionQuerySet:
        """Approved by one person alone in an emergency, and by nobody else since."""
        alone = self.filter(approval__isnull=False).exclude(approval__emergency_reason="")
        return alone.filter(approval__confirmation__isnull=True).select_related("approval")

    def approved(self, at: datetime) -> VersionQuerySet:
        """Approved and not withdrawn by then, whether or not their moment has come."""
        return self.filter(approval__isnull=False).filter(
            Q(withdrawal__isnull=True) | Q(withdrawal__recorded_at__gt=at)
        )

    def scheduled(self, at: datetime) -> VersionQuerySet:
        """Approved, and their moment not yet come; the next one first."""
        later = self.approved(at).filter(approval__effective_at__gt=at)
        return later.order_by("approval__effective_at")

    def public(self, at: datetime) -> VersionQuerySet:
        """Announced, or once in force: what readers may see, withdrawn since or not."""
        once_in_force = Q(approval__effective_at__lte=at) & (
            Q(withdrawal__isnull=True) | Q(withdrawal__recorded_at__gt=F("approval__effective_at"))
        )
        announced = Q(approval__isnull=False, announcement__recorded_at__lte=at)
        return self.filter(announced | once_in_force)

    def listed(self, at: datetime) -> VersionQuerySet:
        """What the public history names, newest first: all up to the newest public version.

        One that was withdrawn before it was public is listed too, once a later version is
        public, because the numbers and the chain would otherwise have a hole. Its text is not.
        """
        newest = self.public(at).order_by("-approval__number").first()
        if newest is None:
            return self.none()
        return self.filter(approval__number__lte=newest.approval.number).order_by(
            "-approval__number"
        )

    def readable(self, at: datetime) -> VersionQuerySet:
        """Public, and their wording not hidden; newest first."""
        return (
            self.public(at)
            .filter(withholding__isnull=True)
            .select_related("approval", "withdrawal", "announcement")
            .order_by("-approval__number")
        )

    def in_force(self, at: datetime) -> Version | None:
        """Of one policy's versions, the one in force at that moment.

        It is the approved version with the greatest effective moment not after `at`, unless it
        had been withdrawn by then. Time alone makes it so: no job ever switches a version on.
        """
        begun = self.approved(at).filter(approval__effective_at__lte=at)
        return begun.select_related("approval").order_by("-approval__effective_at").first()

    def never_public_names(self) -> set[str]:
        """Of one policy's versions, the ledger's names that no reader can ever have met.

        They came with a version that was withdrawn before it was public, and no other has them.
        Such versions are rare; without one this is a single query.
        """
        approved = self.filter(approval__isnull=False).select_related(
            "approval", "withdrawal", "announcement"
        )
        secret = [version for version in approved if version.can_never_be_public()]
        names = {entry.name for version in secret for entry in version.anchor_set.all()}
        for version in approved if names else ():
            if not version.can_never_be_public():
                names -= {name for name, _holder in version.to_document().holders()}
        return names

    def newest(self) -> Version | None:
        """Of one policy's versions, the one approved last and not withdrawn since."""
        standing = self.filter(approval__isnull=False, withdrawal__isnull=True)
        return standing.select_related("approval").order_by("-approval__number").first()
