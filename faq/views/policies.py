"""A policy as readers see it: the version in force, every version, one version, its bytes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from faq.models import Policy, Version
from faq.page import Page, lay_out
from faq.public_record import public_head
from faq.views import Asked
from faq.views.access import live_version, public_version, versions_of
from faq.views.answers import hidden_answer
from faq.views.memento import memento, original
from faq.views.showing import ask_each_time, leads_to, show, show_hidden


@require_safe
def home(request: Asked) -> HttpResponse:
    """The only policy, or a list of policies."""
    listed = policies_in_force(request)
    if len(listed) == 1:
        return leads_to(listed[0]["url"])
    return show(request, "home", {"policies": listed})


@require_safe
@original
def in_force(request: Asked, slug: str) -> HttpResponse:
    """The version in force, with every name that ever led into it."""
    live = live_version(request, slug)
    if hasattr(live, "withholding"):
        return show_hidden(request, slug, live)
    document = live.to_document()
    extra_ids, later = live.names_made_public_later(document, request.at)
    page = lay_out(document, settings.POLICY_LANGUAGE, extra_ids=extra_ids, later=later)
    announced = versions_of(slug).public(request.at).scheduled(request.at)
    context = {
        "slug": slug,
        "version": live,
        "status": "live",
        "live": live,
        "page": page,
        "upcoming": announced.with_facts().defer("document").first(),
        "head": public_head(versions_of(slug), request.at),
    }
    return show(request, "policy", context)


@require_safe
@memento
def version(request: Asked, slug: str, number: int) -> HttpResponse:
    """One version, whole, from its Document alone."""
    version = public_version(request, slug, number)
    live = versions_of(slug).in_force(request.at)
    if hasattr(version, "withholding"):
        return show_hidden(request, slug, version, live=live)
    context = {
        "slug": slug,
        "version": version,
        "status": version.status(request.at, live=live),
        "live": live,
        "page": _wording(version),
        "at_its_own_address": True,
        "head": public_head(versions_of(slug), request.at),
    }
    return show(request, "policy", context)


@require_safe
def version_json(request: Asked, slug: str, number: int) -> HttpResponse:
    """The stored bytes of a version, exactly as they were hashed."""
    version = public_version(request, slug, number)
    if hasattr(version, "withholding"):
        return hidden_answer(request, version)
    etag = f'"{version.digest}"'
    response = HttpResponse(version.data(), content_type="application/json")
    response.headers["ETag"] = etag
    response = get_conditional_response(request, etag=etag, response=response) or response
    response.headers["Access-Control-Allow-Origin"] = "*"
    return ask_each_time(response)


def policies_in_force(request: Asked) -> list[dict[str, Any]]:
    """Every policy with a version in force: `url`, `version` and `page`, None if it is hidden."""
    return [
        {
            "url": reverse("faq:policy", args=[policy.slug]),
            "version": live,
            "page": _wording(live),
        }
        for policy in Policy.objects.all()
        if (live := policy.version_set.select_related("withholding").in_force(request.at))
    ]


def _wording(version: Version) -> Page | None:
    """A version's Document laid out, unless its wording is hidden."""
    if hasattr(version, "withholding"):
        return None
    return lay_out(version.to_document(), settings.POLICY_LANGUAGE)
