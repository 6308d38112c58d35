"""Addresses that lead to a version: the one of a day, and the next one."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from faq.models import Version
from faq.moments import end_of_day
from faq.querysets import VersionQuerySet
from faq.views import Asked


@require_safe
def on_day(request: Asked, slug: str, day: date) -> HttpResponse:
    """Lead to the version in force as a legal day ended; of today and later days, as of now."""
    return _lead_to(version_on(request, slug, day), slug)


@require_safe
def upcoming(request: Asked, slug: str) -> HttpResponse:
    """Lead to the announced version that applies next."""
    return _lead_to(_versions(slug).public(request.at).scheduled(request.at).first(), slug)


def version_on(request: Asked, slug: str, day: date) -> Version | None:
    """The version in force as a legal day ended, or now if it has not ended yet."""
    zone = timezone.get_default_timezone()
    past = day < request.at.astimezone(zone).date()
    return _versions(slug).in_force(end_of_day(day, zone) if past else request.at)


def _versions(slug: str) -> VersionQuerySet:
    versions: VersionQuerySet = Version.objects.filter(policy__slug=slug).defer("document")
    return versions


def _lead_to(version: Version | None, slug: str) -> HttpResponse:
    if version is None:
        raise Http404
    response = redirect("faq:version", slug, version.approval.number)
    response.headers["Cache-Control"] = "no-cache"
    return response
