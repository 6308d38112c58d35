"""A policy as readers see it: the version in force, every version, one version, its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from faq.models import Policy, Version
from faq.page import Page, frame, lay_out
from faq.public_record import newest_change, public_head
from faq.rendering import place
from faq.search import find
from faq.views import Asked
from faq.views.access import base_of, public_version, speaking_version, versions_of
from faq.views.answers import hidden_answer
from faq.views.history import page_in_history
from faq.views.memento import memento, original
from faq.views.showing import ask_each_time, leads_to, show, show_hidden


@require_safe
def home(request: Asked) -> HttpResponse:
    """The only policy, or a list of policies: of those in force, and of those that will be."""
    listed, others = list(policies_in_force(request)), list(policies_not_in_force(request))
    if len(listed) == 1 and not others:
        return leads_to(listed[0]["url"])
    return show(request, "home", {"policies": listed, "others": others})


@require_safe
@original
def in_force(request: Asked, slug: str) -> HttpResponse:
    """The version in force, with every name that ever led into it."""
    live = versions_of(slug).select_related("withholding").in_force(request.at)
    if live is None:
        return _nothing_in_force(request, slug)
    if hasattr(live, "withholding"):
        return show_hidden(request, slug, live, live)
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
        "upcoming": announced.select_related("approval", "withholding").defer("document").first(),
        "head": public_head(versions_of(slug), request.at),
        "change": newest_change(versions_of(slug), live, request.at),
    }
    return _show_policy(request, context)


@require_safe
@memento
def version(request: Asked, slug: str, number: int) -> HttpResponse:
    """One version, whole, from its Document alone."""
    version = public_version(request, slug, number)
    live = versions_of(slug).defer("document").in_force(request.at)
    if hasattr(version, "withholding"):
        return show_hidden(request, slug, version, live)
    context = {
        "slug": slug,
        "version": version,
        "status": version.status(request.at, live=live),
        "live": live,
        "page": lay_out(version.to_document(), settings.POLICY_LANGUAGE),
        "at_its_own_address": True,
        "head": public_head(versions_of(slug), request.at),
    }
    return _show_policy(request, context)


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


def _show_policy(request: Asked, context: dict[str, Any]) -> HttpResponse:
    """The page of a version; with `?q=` also the questions that a reader looks for.

    What somebody looked for is nobody's to keep: no cache, no search engine.
    """
    number = context["version"].approval.number
    history = page_in_history(context["slug"], number, context["head"].number)
    context = {**context, "history": f"{history}#_v{number}"}
    if "q" not in request.GET:
        return show(request, "policy", context)
    page = context["page"]
    found = find(page, request.GET["q"])
    # It stands at the foot, too, and no id may stand twice.
    contact = "" if found.questions else place(page.contact, id_prefix="_found.")
    response = show(request, "policy", {**context, "found": found, "contact_again": contact})
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def policies_in_force(
    request: Asked, policies: Iterable[Policy] | None = None
) -> Iterator[dict[str, Any]]:
    """Every policy, or each of these, with a version in force.

    Its `slug`, `url`, `version`, and `page` (None if hidden). The pages are for contents: without
    introductions and answers.
    """
    for policy in Policy.objects.all() if policies is None else policies:
        live = policy.version_set.select_related("withholding").in_force(request.at)
        if live is not None:
            url = reverse("faq:policy", args=[policy.slug])
            yield {"slug": policy.slug, "url": url, "version": live, "page": _contents(live)}


def policies_not_in_force(
    request: Asked, policies: Iterable[Policy] | None = None
) -> Iterator[dict[str, Any]]:
    """Every policy, or each of these, of which readers know versions, none of them in force.

    Its `slug`, the `version` that is announced (or None), its `url`, and its `page` (None if
    there is no announced version, or its wording is hidden), without introductions and answers.
    """
    for policy in Policy.objects.all() if policies is None else policies:
        if entry := _not_in_force(request, policy.slug):
            yield entry


def _not_in_force(request: Asked, slug: str) -> dict[str, Any] | None:
    versions = versions_of(slug)
    bare = versions.defer("document")
    if bare.in_force(request.at) is not None or bare.newest_public(request.at) is None:
        return None
    coming = versions.public(request.at).scheduled(request.at).with_facts().first()
    if coming is None:
        url, page = reverse("faq:history", args=[slug]), None
    else:
        url, page = reverse("faq:version", args=[slug, coming.approval.number]), _contents(coming)
    return {"slug": slug, "version": coming, "url": url, "page": page}


def _nothing_in_force(request: Asked, slug: str) -> HttpResponse:
    """404: what comes, or came, if readers know of any version."""
    entry = _not_in_force(request, slug)
    if entry is None:
        raise Http404
    if speaking := speaking_version(request, slug, None):
        base = base_of(slug, speaking, None)
        entry["page"] = frame(speaking.to_document(), settings.POLICY_LANGUAGE, link_base=base)
    return show(request, "not_in_force", entry, status=404)


def _contents(version: Version) -> Page | None:
    """The titles and names of a version's Document, unless its wording is hidden."""
    if hasattr(version, "withholding"):
        return None
    return lay_out(version.to_document(), settings.POLICY_LANGUAGE, texts=False)
