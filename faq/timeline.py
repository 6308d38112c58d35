"""Which version was in force from when to when, and which replaced which.

A version begins at its effective moment. It ends when a later one begins, or when it is
withdrawn, and then the one before it is in force again: a version may have several intervals.
The functions take one policy's approved versions as they were fetched; nothing here asks the
database or reads the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faq.models import Version


@dataclass(frozen=True)
class Interval:
    """A version was in force from `begin` until just before `end`, or still is (None)."""

    version: Version
    begin: datetime
    end: datetime | None = None

    def outlasts_its_second(self) -> bool:
        """Whether it was in force as a second ended: else no clock without fractions shows it."""
        return self.end is None or self.end > last_moment(self.begin)


def last_moment(second: datetime) -> datetime:
    """The last moment of the second that a moment lies in."""
    return second.replace(microsecond=0) + timedelta(seconds=1, microseconds=-1)


def intervals(versions: Iterable[Version], at: datetime) -> list[Interval]:
    """What was in force until `at`, oldest first and without gaps; the last has no end."""
    turns: list[tuple[datetime, bool, Version]] = []
    for version in versions:
        if version.was_ever_in_force(at):
            turns.append((version.approval.effective_at, False, version))
            if version.withdrawn_by(at):
                turns.append((version.withdrawal.recorded_at, True, version))
    turns.sort(key=lambda turn: turn[:2])

    found: list[Interval] = []
    standing: list[Version] = []
    for moment, together in groupby(turns, key=lambda turn: turn[0]):
        for _moment, ends, version in together:
            if ends:
                standing.remove(version)
            else:
                standing.append(version)
        applies = standing[-1] if standing else None
        if found and found[-1].end is None:
            if found[-1].version == applies:
                continue
            found[-1] = replace(found[-1], end=moment)
        if applies is not None:
            found.append(Interval(applies, moment))
    return found


def predecessor(version: Version, versions: Iterable[Version]) -> Version | None:
    """The version that this one replaced, or was to replace.

    It is the one in force just before, among those with a lower number: what a withdrawal had
    taken out of force by then was not replaced by this one.
    """
    begin = version.approval.effective_at
    standing = [
        other
        for other in versions
        if other.approval.number < version.approval.number
        and other.approval.effective_at < begin
        and not other.withdrawn_by(begin - timedelta(microseconds=1))
    ]
    return max(standing, key=lambda other: other.approval.effective_at, default=None)


def successor(version: Version, versions: Iterable[Version], at: datetime) -> Version | None:
    """The next version that applied, or is going to; one withdrawn before it applied did not."""
    later = [
        other
        for other in versions
        if other.approval.number > version.approval.number
        and (other.was_ever_in_force(at) or not other.withdrawn_by(at))
    ]
    return min(later, key=lambda other: other.approval.number, default=None)
