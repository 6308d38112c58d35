"""A policy as readers see it: the version in force, every version, one version, its bytes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from faq.middleware import Asked
from faq.models import Policy, Version
from faq.page import lay_out
from faq.querysets import VersionQuerySet

# These pages change at a moment nobody can cache past, so caches ask each time.
ASK_EACH_TIME = "no-cache"


@require_safe
def home(request: Asked) -> HttpResponse:
    """The only policy, or a list of policies."""
    live = [
        version
        for policy in Policy.objects.all()
        if (version := policy.version_set.in_force(request.at))
    ]
    if len(live) == 1:
        return _ask_each_time(redirect("faq:policy", slug=live[0].policy.slug))
    listed = [
        {"page": lay_out(each.to_document(), settings.POLICY_LANGUAGE), "version": each}
        for each in live
    ]
    return _ask_each_time(render(request, "faq/home.html", {"policies": listed}))


@require_safe
def in_force(request: Asked, slug: str) -> HttpResponse:
    """The version in force, with every name that ever led into it."""
    live = _versions(slug).in_force(request.at)
    if live is None:
        raise Http404
    version = _fetch(slug, live.approval.number)
    document = version.to_document()
    extra_ids, later = version.names_made_public_later(document, request.at)
    page = lay_out(document, settings.POLICY_LANGUAGE, extra_ids=extra_ids, later=later)
    upcoming = _versions(slug).public(request.at).scheduled(request.at).first()
    context = {"page": page, "version": version, "status": "live", "upcoming": upcoming}
    return _ask_each_time(render(request, "faq/policy.html", context))


@require_safe
def history(request: Asked, slug: str) -> HttpResponse:
    """Every version readers may know of, newest first."""
    versions = list(_versions(slug).listed(request.at).with_facts())
    if not versions:
        raise Http404
    live = _versions(slug).in_force(request.at)
    newest_public = next(each for each in versions if each.is_public(request.at))
    shown = live or newest_public
    entries = [
        {
            "version": each,
            "status": each.status(request.at, live=live),
            "public": each.is_public(request.at),
        }
        for each in versions
    ]
    page = lay_out(shown.to_document(), settings.POLICY_LANGUAGE)
    context = {"page": page, "slug": slug, "entries": entries, "live": live}
    return _ask_each_time(render(request, "faq/history.html", context))


@require_safe
def version(request: Asked, slug: str, number: int) -> HttpResponse:
    """One version, whole, from its Document alone."""
    version = _public_version(request, slug, number)
    live = _versions(slug).in_force(request.at)
    context = {
        "version": version,
        "status": version.status(request.at, live=live),
        "live": live,
    }
    if hasattr(version, "withholding"):
        response = render(request, "faq/withheld.html", context, status=410)
        return _ask_each_time(response)
    context["page"] = lay_out(version.to_document(), settings.POLICY_LANGUAGE)
    return _ask_each_time(render(request, "faq/policy.html", context))


@require_safe
def version_json(request: Asked, slug: str, number: int) -> HttpResponse:
    """The stored bytes of a version, exactly as they were hashed."""
    version = _public_version(request, slug, number)
    if hasattr(version, "withholding"):
        return _ask_each_time(
            HttpResponse(
                f"The wording of version {number} is hidden: {version.withholding.reason}\n"
                f"Fingerprint (SHA-256): {version.digest}\n",
                status=410,
                content_type="text/plain; charset=utf-8",
            )
        )
    etag = f'"{version.digest}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(version.data(), content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Access-Control-Allow-Origin"] = "*"
    return _ask_each_time(response)


def _versions(slug: str) -> VersionQuerySet:
    return Version.objects.filter(policy__slug=slug)


def _fetch(slug: str, number: int) -> Version:
    return _versions(slug).with_facts().get(approval__number=number)


def _public_version(request: Asked, slug: str, number: int) -> Version:
    """A version readers may see; nothing tells the others from those that never were."""
    found = _versions(slug).public(request.at).with_facts().filter(approval__number=number).first()
    if found is None:
        raise Http404
    return found


def _ask_each_time(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return response
