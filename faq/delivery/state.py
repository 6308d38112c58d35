"""What is public now, as a number and a span of time: values, without database or clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Head(NamedTuple):
    """The newest entry of a policy's chain."""

    seq: int
    chain: str


@dataclass(frozen=True)
class Epoch:
    """A span of time in which nothing public changes: from `begin` until just before `end`.

    Its name is the same in every process, and no other epoch of the record has it.
    """

    name: str
    number: int
    begin: datetime | None
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether a moment is in it."""
        return (self.begin is None or self.begin <= at) and (self.end is None or at < self.end)


@dataclass(frozen=True)
class State:
    """What a database says: the number, the moments around now, the heads of the chains.

    `moments` rise: the last one that has passed, if there is one, and all that are to come.
    """

    number: int
    moments: tuple[datetime, ...]
    heads: Mapping[str, Head]

    def epoch(self, at: datetime) -> Epoch:
        """The epoch that a moment lies in."""
        place = bisect_right(self.moments, at)
        begin = self.moments[place - 1] if place else None
        end = self.moments[place] if place < len(self.moments) else None
        since = begin.strftime("%Y%m%dT%H%M%S.%f") if begin else "0"
        return Epoch(f"{self.number}-{since}", self.number, begin, end)

    def next_epoch(self, epoch: Epoch) -> Epoch | None:
        """The epoch after this one, if it is known that there is one."""
        return None if epoch.end is None else self.epoch(epoch.end)

    def to_json(self) -> dict[str, object]:
        """As plain values."""
        return {
            "number": self.number,
            "moments": [moment.isoformat() for moment in self.moments],
            "heads": {slug: list(head) for slug, head in self.heads.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> State:
        """From what `to_json` gave; raises ValueError, TypeError or KeyError for anything else."""
        number, moments, heads = value["number"], value["moments"], value["heads"]
        if not (isinstance(number, int) and isinstance(moments, list) and isinstance(heads, dict)):
            raise TypeError
        return cls(
            number,
            tuple(datetime.fromisoformat(moment) for moment in moments),
            {slug: Head(int(seq), str(chain)) for slug, (seq, chain) in heads.items()},
        )
