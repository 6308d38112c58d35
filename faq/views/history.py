"""Every version of a policy, and the two questions that readers ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.models import Version
from faq.models.record import LIVE
from faq.page import Page, lay_out
from faq.public_record import KnownVersion, known_versions
from faq.timeline import predecessor
from faq.views import Asked
from faq.views.access import versions_of
from faq.views.forms import CompareForm, DayForm
from faq.views.lookup import version_on
from faq.views.showing import leads_to, show


@require_safe
def history(request: Asked, slug: str) -> HttpResponse:
    """Every version readers may know of, newest first; `on`, or `from` and `to`, ask about them.

    What can be answered leads to the address of its answer; what cannot comes back, with a 400.
    """
    known = known_versions(versions_of(slug), request.at)[::-1]
    if not known:
        raise Http404
    live = next((each.version for each in known if each.status == LIVE), None)
    public = [each.version for each in known if each.public]
    readable = [each for each in public if not hasattr(each, "withholding")]
    begun = [each for each in public if each.was_ever_in_force(request.at)]
    asks_day, asks_pair = "on" in request.GET, "from" in request.GET or "to" in request.GET
    day = DayForm(
        request.GET if asks_day else None,
        applied=lambda day: version_on(request, slug, day) is not None,
        first=begun[-1] if begun else None,
    )
    pair = CompareForm(
        request.GET if asks_pair else None,
        versions=readable,
        initial=_likely_pair(readable, public, live),
    )
    if asks_day and day.is_valid():
        return leads_to(reverse("faq:day", args=[slug, day.cleaned_data["on"]]))
    if asks_pair and pair.is_valid():
        return leads_to(reverse("faq:redline", args=[slug, *pair.pair()]))
    refused = asks_day or asks_pair
    context = {
        "slug": slug,
        "live": live,
        "page": _newest_wording(readable, live, begun),
        "entries": [_entry(each, public) for each in known],
        "day_form": day if asks_day or len(begun) > 1 else None,
        "pair_form": pair if len(readable) > 1 else None,
        "refused": refused,
    }
    return show(request, "history", context, status=400 if refused else 200)


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


def _newest_wording(
    readable: Sequence[Version], live: Version | None, begun: Sequence[Version]
) -> Page | None:
    """The page whose title and contact stand on this one; None if every wording is hidden."""
    best = sorted(readable, key=lambda each: (each == live, each in begun), reverse=True)
    return lay_out(best[0].to_document(), settings.POLICY_LANGUAGE) if best else None


def _entry(known: KnownVersion, public: Sequence[Version]) -> dict[str, Any]:
    """What the list says of one version: its wording, notes and redline only if they are shown."""
    version = known.version
    readable = known.public and not hasattr(version, "withholding")
    replaced = predecessor(version, public) if readable else None
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
