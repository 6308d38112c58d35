"""Long lists on pages that stay as they are: fixed ranges of version numbers.

The newest page has at least one full range and less than two. Each older page has one range, so
what stands on it never moves, and its address works for ever: where wording is hidden and the
newest page so reaches further back, it leads there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Numbers:
    """The version numbers from the first to the last, written 51-100."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.first <= number <= self.last


def range_of(number: int, size: int) -> Numbers:
    """The range of `size` numbers that a number lies in."""
    first = (number - 1) // size * size + 1
    return Numbers(first, first + size - 1)


def newest_page(newest: int, size: int) -> Numbers:
    """The numbers on the newest page, given the newest number of all and the size of a range."""
    return Numbers(max(newest // size - 1, 0) * size + 1, newest)


def is_older_page(numbers: Numbers, newest: int, size: int) -> bool:
    """Whether an older page has these numbers."""
    is_range = numbers == range_of(numbers.first, size)
    return is_range and numbers.last < newest_page(newest, size).first


def page_of(number: int, newest: int, size: int) -> Numbers | None:
    """The older page that a number stands on; None if it is the newest one."""
    if number in newest_page(newest, size):
        return None
    return range_of(number, size)
