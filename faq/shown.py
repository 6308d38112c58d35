"""Which versions a clock without fractions can show, and those around one of them.

HTTP's dates count seconds. A version that was replaced within the second in which it began was
never in force as a second ended: no such date leads to it. `timeline.intervals` says the same of
versions that were fetched; here the database is asked, for as few of them as will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from faq.models import Version
from faq.querysets import VersionQuerySet
from faq.timeline import last_moment

#: How many versions are looked at in the first, second … query for one that can be shown.
_STEPS = (1, 9, 90)


@dataclass(frozen=True)
class Around:
    """Among the versions that can be shown: the first, those beside one of them, and the last."""

    first: Version | None
    before: Version | None
    after: Version | None
    last: Version | None


def around(versions: VersionQuerySet, version: Version, at: datetime) -> Around:
    """Of one policy's versions, what stands around this one until `at`."""
    number = version.approval.number
    lower, higher = (
        versions.filter(approval__number__lt=number),
        versions.filter(approval__number__gt=number),
    )
    return Around(
        first(versions, at),
        _last(lower, versions, at),
        _first(higher, versions, at),
        last(versions, at),
    )


def first(versions: VersionQuerySet, at: datetime) -> Version | None:
    """Of one policy's versions, the first that can be shown."""
    return _first(versions, versions, at)


def last(versions: VersionQuerySet, at: datetime) -> Version | None:
    """Of one policy's versions, the last that can be shown."""
    return _last(versions, versions, at)


def first_begun(versions: VersionQuerySet, at: datetime) -> Version | None:
    """Of one policy's versions, the first that was ever in force."""
    return next(_begun(versions.public(at).order_by("approval__number"), at), None)


def _first(some: VersionQuerySet, versions: VersionQuerySet, at: datetime) -> Version | None:
    begun = _begun(some.public(at).order_by("approval__number"), at)
    return next((each for each in begun if _can_be_shown(each, versions, at)), None)


def _last(some: VersionQuerySet, versions: VersionQuerySet, at: datetime) -> Version | None:
    begun = _begun(some.public(at).order_by("-approval__number"), at)
    return next((each for each in begun if _can_be_shown(each, versions, at)), None)


def _begun(public: VersionQuerySet, at: datetime) -> Iterator[Version]:
    """Those that were ever in force, fetched few by few.

    Asked for those alone, databases look for them by moment, and sort all to find one by number.
    """
    ordered = public.select_related("approval", "withdrawal").defer("document")
    place = 0
    for step in (*_STEPS, None):
        found = list(ordered[place : None if step is None else place + step])
        yield from (each for each in found if each.was_ever_in_force(at))
        if step is None or len(found) < step:
            return
        place += step


def _can_be_shown(version: Version, versions: VersionQuerySet, at: datetime) -> bool:
    """Whether it was in force as a second ended, or is now."""

    def applies(moment: datetime) -> bool:
        begun = versions.approved(moment).filter(approval__effective_at__lte=moment)
        newest = begun.order_by("-approval__effective_at").values_list("pk", flat=True)
        return newest.first() == version.pk

    begin = version.approval.effective_at
    if applies(min(last_moment(begin), at)):
        return True
    # Replaced within its second, it may have come back when what replaced it was withdrawn.
    ends = versions.filter(withdrawal__recorded_at__gt=begin, withdrawal__recorded_at__lte=at)
    moments = ends.values_list("withdrawal__recorded_at", flat=True)
    return any(applies(min(last_moment(moment), at)) for moment in moments)
