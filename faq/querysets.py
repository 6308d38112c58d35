"""Questions about versions at a moment: what is approved, in force, scheduled, public.

Nothing here reads the clock: `at` is passed in, so the same query answers for now, for a day in
the past, and for a test.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce

from faq.immutable import WriteOnceQuerySet

if TYPE_CHECKING:
    from faq.models import Version


class QuestionQuerySet(models.QuerySet[Any]):
    """Questions of one policy, or of all."""

    def untouched_since(self, moment: datetime) -> QuestionQuerySet:
        """Those in the draft that nobody has changed since then, the oldest first.

        Of a text that came before changes were noted it counts when its policy was first
        approved; before that it is new.
        """
        first = Min("policy__approval__recorded_at")
        found: QuestionQuerySet = (
            self.filter(retired_at=None)
            .annotate(touched_at=Coalesce("changed_at", first))
            .filter(touched_at__lt=moment)
            .order_by("touched_at", "position")
        )
        return found


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
        """Approved by one person alone in an emergency, and by nobody else since.

        One that was withdrawn needs nobody to stand by it. `Approval.is_unconfirmed` says the
        same of a single one.
        """
        alone = self.filter(approval__isnull=False, withdrawal__isnull=True)
        alone = alone.exclude(approval__emergency_reason="")
        return alone.filter(approval__confirmation__isnull=True).select_related("approval")

    def numbered(self) -> VersionQuerySet:
        """Approved, withdrawn since or not.

        Naming the policy of the approval, too, lets databases find them by its indexes, in order.
        """
        return self.filter(approval__policy=F("policy"))

    def approved(self, at: datetime) -> VersionQuerySet:
        """Approved and not withdrawn by then, whether or not their moment has come."""
        return self.numbered().filter(
            Q(withdrawal__isnull=True) | Q(withdrawal__recorded_at__gt=at)
        )

    def scheduled(self, at: datetime) -> VersionQuerySet:
        """Approved, and their moment not yet come; the next one first."""
        later = self.approved(at).filter(approval__effective_at__gt=at)
        return later.order_by("approval__effective_at")

    def begun(self, at: datetime) -> VersionQuerySet:
        """Once in force by then: their moment came before they were withdrawn."""
        return self.numbered().filter(_once_in_force(at))

    def public(self, at: datetime) -> VersionQuerySet:
        """Announced, or once in force: what readers may see, withdrawn since or not."""
        return self.numbered().filter(Q(announcement__recorded_at__lte=at) | _once_in_force(at))

    def newest_public(self, at: datetime) -> Version | None:
        """Of one policy's versions, the public one with the highest number, without its wording."""
        return self.defer("document")._only(self.public(at).order_by("-approval__number"))

    def listed(self, at: datetime) -> VersionQuerySet:
        """What the public history names, newest first: all up to the newest public version.

        One that was withdrawn before it was public is listed too, once a later version is
        public, because the numbers and the chain would otherwise have a hole. Its text is not.
        """
        newest = self.newest_public(at)
        if newest is None:
            return self.none()
        return (
            self.numbered()
            .filter(approval__number__lte=newest.approval.number)
            .order_by("-approval__number")
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
        return self._only(begun.order_by("-approval__effective_at"))

    def replaced_by(self, version: Version) -> Version | None:
        """Of these, the one that a version replaced, as `timeline.predecessor` says it."""
        approval = version.approval
        if approval.number == 1:
            return None
        standing = self.approved(approval.effective_at - timedelta(microseconds=1)).filter(
            approval__number__lt=approval.number, approval__effective_at__lt=approval.effective_at
        )
        return self._only(standing.order_by("-approval__effective_at"))

    def following(self, version: Version, at: datetime) -> Version | None:
        """Of these, the next that applied or is going to, as `timeline.successor` says it."""
        later = self.numbered().filter(approval__number__gt=version.approval.number)
        applies = later.filter(
            Q(withdrawal__isnull=True) | Q(withdrawal__recorded_at__gt=at) | _once_in_force(at)
        )
        return self._only(applies.order_by("approval__number"))

    def never_public(self) -> VersionQuerySet:
        """Withdrawn before anybody outside could read them."""
        return self.filter(
            withdrawal__recorded_at__lte=F("approval__effective_at"), announcement__isnull=True
        )

    def never_public_names(self) -> set[str]:
        """Of one policy's versions, the ledger's names that no reader can ever have met.

        They came with a version that was withdrawn before it was public, and no other has them.
        Approving keeps every name that a version before it had, unless it is one of these: so
        the newest of the others has all that any of them has.
        """
        secret = self.never_public()
        ledger = self.model._meta.get_field("anchor").related_model._default_manager
        names = set(ledger.filter(version__in=secret.values("pk")).values_list("name", flat=True))
        if names:
            others = self.numbered().exclude(pk__in=secret.values("pk"))
            newest = others.order_by("-approval__number").first()
            if newest is not None:
                names -= {name for name, _holder in newest.holders()}
        return names

    def newest(self) -> Version | None:
        """Of one policy's versions, the one approved last and not withdrawn since."""
        standing = self.numbered().filter(withdrawal__isnull=True)
        return self._only(standing.order_by("-approval__number"))

    def _only(self, ordered: VersionQuerySet) -> Version | None:
        """The first of these with its approval. The database sorts keys, and reads one wording."""
        chosen: VersionQuerySet = self.filter(pk=ordered.values("pk")[:1])
        return chosen.select_related("approval").first()


def _once_in_force(at: datetime) -> Q:
    return Q(approval__effective_at__lte=at) & (
        Q(withdrawal__isnull=True) | Q(withdrawal__recorded_at__gt=F("approval__effective_at"))
    )
