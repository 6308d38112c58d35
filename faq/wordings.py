"""Every wording of one question that readers can see, found without reading every version.

The record notes with which version a question was reworded or removed. From there until the next
such number all versions say the same: a span. Readers see a span by the first version in it that
they can read. Only the versions on the page that is asked for are read as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import OuterRef, Subquery

from faq.document import Document, Question
from faq.immutable import WriteOnceQuerySet
from faq.models import Rewording, Version
from faq.models.record import REWORDED
from faq.paging import Numbers, range_of
from faq.querysets import VersionQuerySet

#: How many spans are looked at in one query.
_BATCH = 40


@dataclass(frozen=True)
class Wording:
    """One wording of a question, with the first of the versions in a row that had it.

    It `stands` unless all of them were withdrawn.
    """

    version: Version
    document: Document
    question: Question
    stands: bool

    @property
    def number(self) -> int:
        """The number of its version."""
        number: int = self.version.approval.number
        return number


@dataclass(frozen=True)
class Page:
    """Some wordings, newest first; the one before them, and the older pages on both sides.

    `before` and `older` are None where there is nothing older. `newer` is None if the newest page
    comes next, or is this one.
    """

    wordings: list[Wording]
    before: Wording | None
    older: Numbers | None
    newer: Numbers | None


@dataclass(frozen=True)
class _Span:
    """Versions in a row that say the same of the question, or that have it not (`present`)."""

    version: Version
    present: bool
    stands: bool

    @property
    def number(self) -> int:
        number: int = self.version.approval.number
        return number


class Wordings:
    """The wordings of the question with this id, in one policy's versions, at a moment."""

    def __init__(self, versions: VersionQuerySet, key: str, at: datetime) -> None:
        self.versions, self.key, self.at = versions, key, at
        self.readable = versions.readable(at).defer("document")

    def newest(self) -> Wording | None:
        """The last wording there was; None if none can be read."""
        return next(self._wordings(self.newest_number), None)

    def page(self, size: int, numbers: Numbers | None = None) -> Page | None:
        """The newest wordings, or those of an older page; None if there is no such page.

        The newest page has at least `size` wordings, if there are as many, and fewer than twice
        as many. An older page has those of a range of `size` version numbers.
        """
        first = self._first_on_newest_page(size)
        if numbers is None:
            numbers = Numbers(first, self.newest_number)
        elif numbers != range_of(numbers.first, size) or numbers.last >= first:
            return None
        found: list[Wording] = []
        before = None
        for wording in self._wordings(self._from_above(numbers.last)):
            if wording.number < numbers.first:
                before = wording
                break
            if wording.number in numbers:
                found.append(wording)
        if not found:
            return None
        newer = self._next_number(numbers.last) if numbers.last < self.newest_number else None
        return Page(
            found,
            before,
            older=range_of(before.number, size) if before else None,
            newer=range_of(newer, size) if newer is not None and newer < first else None,
        )

    def newest_page_has(self, numbers: Numbers, size: int) -> bool:
        """Whether a range of `size` numbers lies on the newest page.

        It may have been an older page: where wording is hidden, the newest page reaches further
        back.
        """
        is_range = 0 < numbers.first <= self.newest_number
        is_range = is_range and numbers == range_of(numbers.first, size)
        return is_range and numbers.last >= self._first_on_newest_page(size)

    def hidden(self, numbers: Numbers | None = None) -> Version | None:
        """The newest public version that had the question and whose wording is hidden, if any.

        With `numbers` it is one of these.
        """
        noted = Rewording.objects.filter(question_id=self.key, version__lte=OuterRef("pk"))
        kind = Subquery(noted.order_by("-version_id").values("kind")[:1])
        found = self.versions.public(self.at).filter(withholding__isnull=False)
        if numbers is not None:
            found = self._within(found, numbers)
        found = found.annotate(kind=kind).filter(kind=REWORDED).order_by("-approval__number")
        version = found.select_related("approval", "withholding").defer("document").first()
        return version if isinstance(version, Version) else None

    def exist(self) -> bool:
        """Whether one can be read."""
        return any(span.present for span in self._spans(self.newest_number))

    def older_pages(self, size: int) -> list[Numbers]:
        """The older pages there are, newest first."""
        first = self._first_on_newest_page(size)
        if first == 1:
            return []
        below = (span for span in self._spans(first - 1) if span.present and span.number < first)
        return list(dict.fromkeys(range_of(span.number, size) for span in below))

    @cached_property
    def newest_number(self) -> int:
        """The newest number that is public; 0 if none is."""
        newest = self.versions.newest_public(self.at)
        return newest.approval.number if newest is not None else 0

    def _first_on_newest_page(self, size: int) -> int:
        first, count = 1, 0
        for span in self._spans(self.newest_number):
            begin = range_of(span.number, size).first
            if count >= size and begin < first:
                return first
            first, count = begin, count + span.present
        return 1

    def _from_above(self, number: int) -> int:
        """Where to begin, so that no row of versions with one wording is cut at a number."""
        top = number
        while (above := self._next_number(top)) is not None:
            top = above
            first = next(self._wordings(top), None)
            if first is None or first.number > number:
                break
        return top

    def _next_number(self, number: int) -> int | None:
        """The next higher number with which a wording came that can be read."""
        rows = self._rows().filter(kind=REWORDED).order_by("version_id")
        found = rows.values_list("version__approval__number", "version")
        key = self._key(number)
        while row := found.filter(version__gt=key).first():
            later, key = row
            if self.readable.filter(approval__number=later).exists():
                return int(later)
        return None

    def _wordings(self, top: int) -> Iterator[Wording]:
        """Each wording that came with a number up to `top`, newest first."""
        newest: Wording | None = None
        for span in self._spans(top):
            document = span.version.to_document() if span.present else None
            question = document.question(self.key) if document else None
            same = newest and question and question.says_the_same_as(newest.question)
            if newest is not None and not same:
                yield newest
                newest = None
            if document is not None and question is not None:
                stands = span.stands or (newest is not None and newest.stands)
                newest = Wording(span.version, document, question, stands)
        if newest is not None:
            yield newest

    def _spans(self, top: int) -> Iterator[_Span]:
        """The spans that begin with a number up to `top` and can be seen, newest first."""
        key = self._key(top)
        above = self._rows().filter(version__gt=key).order_by("version_id")
        end = above.values_list("version__approval__number", flat=True).first()
        end = (end or self.newest_number + 1) - 1
        below = self._rows(up_to=min(top, self.newest_number)).order_by("-version_id")
        rows = below.values_list("version__approval__number", "kind", "version")
        while True:
            batch = list(rows[:_BATCH])
            firsts = {
                version.approval.number: version
                for version in self.readable.filter(
                    approval__number__in=[number for number, _kind, _key in batch]
                )
            }
            for number, kind, _key in batch:
                version = firsts.get(number) or self._first_within(Numbers(number, end))
                if version is not None:
                    stands = self._stands(version, end)
                    yield _Span(version, kind == REWORDED, stands)
                end = number - 1
            if len(batch) < _BATCH:
                return
            rows = rows.filter(version__lt=batch[-1][2])

    def _stands(self, version: Version, end: int) -> bool:
        """Whether one of the versions from this one to the end of its span was not withdrawn."""
        if not version.withdrawn_by(self.at):
            return True
        standing = self.readable.filter(pk__in=self.versions.approved(self.at).values("pk"))
        return self._within(standing, Numbers(version.approval.number, end)).exists()

    def _first_within(self, numbers: Numbers) -> Version | None:
        found = self._within(self.readable, numbers).order_by("approval__number").first()
        return found if isinstance(found, Version) else None

    def _within(self, versions: VersionQuerySet, numbers: Numbers) -> VersionQuerySet:
        return versions.filter(
            approval__number__gte=numbers.first, approval__number__lte=numbers.last
        )

    def _rows(self, up_to: int | None = None) -> WriteOnceQuerySet:
        """What is noted of the question, up to a number or to the newest public version.

        A version is frozen when the one numbered before has been approved: their keys rise with
        their numbers, and the index of questions and versions has the rows in order.
        """
        rows: WriteOnceQuerySet = Rewording.objects.filter(
            question_id=self.key, version__lte=self._key(up_to or self.newest_number)
        )
        return rows

    def _key(self, number: int) -> int:
        """The key of the version with a number; 0 if there is none."""
        key: int | None = (
            self.versions.numbered()
            .filter(approval__number=number)
            .values_list("pk", flat=True)
            .first()
        )
        return key or 0
