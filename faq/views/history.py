"""Every version of a policy, and the two questions that readers ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.models import Version
from faq.page import Page, frame
from faq.paging import Numbers, is_older_page, newest_page, page_of
from faq.public_record import KnownVersion, known_versions
from faq.shown import first_begun
from faq.timeline import predecessor
from faq.views import Asked
from faq.views.access import base_of, speaking_version, versions_of
from faq.views.forms import CompareForm, CompareNumbersForm, DayForm
from faq.views.lookup import version_on
from faq.views.showing import leads_to, show

#: Up to one less than twice as many versions stand on one page.
SIZE = 50


@require_safe
def history(request: Asked, slug: str) -> HttpResponse:
    """The newest versions readers may know of; `on`, or `from` and `to`, ask about any of them.

    What can be answered leads to the address of its answer; what cannot comes back, with a 400.
    """
    newest = _newest(request, slug)
    asks_day, asks_pair = "on" in request.GET, "from" in request.GET or "to" in request.GET
    shown = _Shown(request, slug, newest, newest_page(newest, SIZE))
    day = shown.day_form(request.GET if asks_day else None)
    pair = shown.pair_form(request.GET if asks_pair else None)
    if asks_day and day.is_valid():
        return leads_to(reverse("faq:day", args=[slug, day.cleaned_data["on"]]))
    if asks_pair and pair.is_valid():
        return leads_to(reverse("faq:redline", args=[slug, *pair.pair()]))
    refused = asks_day or asks_pair
    context = {
        **shown.context(),
        "day_form": day if asks_day or shown.are_several_days else None,
        "pair_form": pair if shown.are_several else None,
        "refused": refused,
    }
    return show(request, "history", context, status=400 if refused else 200)


@require_safe
def older(request: Asked, slug: str, numbers: Numbers) -> HttpResponse:
    """Older versions, a fixed range of numbers; 404 for a range that is no page."""
    newest = _newest(request, slug)
    if not is_older_page(numbers, newest, SIZE):
        raise Http404
    shown = _Shown(request, slug, newest, numbers)
    context = {
        **shown.context(),
        "numbers": numbers,
        "day_form": shown.day_form(None),
        "pair_form": shown.pair_form(None),
    }
    return show(request, "history", context)


def page_in_history(slug: str, number: int, newest: int) -> str:
    """The path of the page on which a version stands, given the newest number of all."""
    return _path(slug, page_of(number, newest, SIZE))


def _path(slug: str, numbers: Numbers | None) -> str:
    if numbers is None:
        return reverse("faq:history", args=[slug])
    return reverse("faq:history-older", args=[slug, numbers])


def _newest(request: Asked, slug: str) -> int:
    newest = versions_of(slug).newest_public(request.at)
    if newest is None:
        raise Http404
    number: int = newest.approval.number
    return number


class _Shown:
    """What stands on one page of the list: the versions with these numbers."""

    def __init__(self, request: Asked, slug: str, newest: int, numbers: Numbers) -> None:
        self.request, self.slug, self.newest, self.numbers = request, slug, newest, numbers
        self.versions = versions_of(slug)
        span = (numbers.first, numbers.last)
        self.known = known_versions(self.versions, request.at, span)[::-1]
        self.public = [each.version for each in self.known if each.public]
        self.readable = [each for each in self.public if not hasattr(each, "withholding")]
        self.live = self.versions.select_related("withholding").in_force(request.at)

    @property
    def is_all(self) -> bool:
        """Whether the page has all versions."""
        return self.numbers == Numbers(1, self.newest)

    @property
    def are_several(self) -> bool:
        """Whether there are two versions to compare."""
        return len(self.readable) > 1 or not self.is_all

    @property
    def are_several_days(self) -> bool:
        """Whether it depends on the day which version applied."""
        begun = [each for each in self.public if each.was_ever_in_force(self.request.at)]
        return len(begun) > 1 or not self.is_all

    def context(self) -> dict[str, Any]:
        """What the page shows, but for the forms."""
        older = (
            page_of(self.numbers.first - 1, self.newest, SIZE) if self.numbers.first > 1 else None
        )
        newer = None
        if self.numbers.last < self.newest:
            newer = _path(self.slug, page_of(self.numbers.last + 1, self.newest, SIZE))
        return {
            "slug": self.slug,
            "live": self.live,
            "page": self._page(),
            "entries": [self._entry(each) for each in self.known],
            "older": older and _path(self.slug, older),
            "newer": newer,
        }

    def day_form(self, data: QueryDict | None) -> DayForm:
        """*What did it say on* a day?"""
        return DayForm(
            data,
            applied=lambda day: version_on(self.request, self.slug, day) is not None,
            first=first_begun(self.versions, self.request.at),
        )

    def pair_form(self, data: QueryDict | None) -> CompareForm | CompareNumbersForm:
        """*Compare* two versions: chosen from a list of all, or by their numbers."""
        initial = _likely_pair(self.readable, self.public, self.live)
        if self.is_all:
            return CompareForm(data, versions=self.readable, initial=initial)
        readable = self.versions.readable(self.request.at)
        return CompareNumbersForm(
            data,
            can_be_read=lambda number: readable.filter(approval__number=number).exists(),
            newest=self.newest,
            initial=initial,
        )

    def _page(self) -> Page | None:
        """What has the title and the contact of this one; None if every wording is hidden."""
        best = speaking_version(self.request, self.slug, self.live)
        if best is None:
            return None
        base = base_of(self.slug, best, self.live)
        return frame(best.to_document(), settings.POLICY_LANGUAGE, link_base=base)

    def _entry(self, known: KnownVersion) -> dict[str, Any]:
        """What the list says of a version: wording, notes and redline only if they are shown."""
        version = known.version
        readable = known.public and not hasattr(version, "withholding")
        replaced = self._replaced(version) if readable else None
        notes = sorted(version.notes.all(), key=lambda note: note.pk) if readable else []
        return {
            "version": version,
            "approval": version.approval,
            "status": known.status,
            "public": known.public,
            "readable": readable,
            "announcement": getattr(version, "announcement", None) if known.public else None,
            "note": notes[-1] if notes else None,
            # Each earlier wording with the row that corrected it.
            "corrected": list(zip(notes, notes[1:], strict=False))[::-1],
            "replaced": None if hasattr(replaced, "withholding") else replaced,
        }

    def _replaced(self, version: Version) -> Version | None:
        """What a version replaced: it is on the page, but for the first ones there."""
        found = predecessor(version, self.public)
        if found is None and not self.is_all:
            public = self.versions.public(self.request.at).select_related("withholding")
            found = public.defer("document").replaced_by(version)
        return found


def _likely_pair(
    readable: Sequence[Version], public: Sequence[Version], live: Version | None
) -> dict[str, int]:
    """The numbers that readers most likely want to compare: what applies, and what it replaced."""
    if len(readable) < 2:
        return {}
    newer = next((each for each in readable if each == live), readable[0])
    older = predecessor(newer, public)
    if older is None or older not in readable:
        place = readable.index(newer)
        if place + 1 < len(readable):
            older = readable[place + 1]
        else:
            older, newer = newer, readable[place - 1]
    return {"from": older.approval.number, "to": newer.approval.number}
