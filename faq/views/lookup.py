"""Addresses that lead to a version: the one of a day, and the next one."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from faq.models import Version
from faq.moments import end_of_day
from faq.views import Asked
from faq.views.access import versions_of
from faq.views.showing import leads_to


@require_safe
def on_day(request: Asked, slug: str, day: date) -> HttpResponse:
    """Lead to the version in force as a legal day ended; of today and later days, as of now."""
    answer = _lead_to(version_on(request, slug, day), slug)
    if day > _today(request):
        answer.headers["Cache-Control"] = "no-store"  # there is no end of days to come
    return answer


@require_safe
def upcoming(request: Asked, slug: str) -> HttpResponse:
    """Lead to the announced version that applies next."""
    announced = versions_of(slug).public(request.at).scheduled(request.at)
    return _lead_to(announced.defer("document").first(), slug)


def version_on(request: Asked, slug: str, day: date) -> Version | None:
    """The version in force as a legal day ended, or now if it has not ended yet."""
    versions = versions_of(slug).defer("document")
    if day < _today(request):
        return versions.in_force(end_of_day(day, timezone.get_default_timezone()))
    return versions.in_force(request.at)


def _today(request: Asked) -> date:
    """The legal day of a request."""
    return request.at.astimezone(timezone.get_default_timezone()).date()


def _lead_to(version: Version | None, slug: str) -> HttpResponse:
    if version is None:
        raise Http404
    return leads_to(reverse("faq:version", args=[slug, version.approval.number]))
