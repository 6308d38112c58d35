"""What machines ask about a policy: what is in force, its versions, its link names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from faq.digest import fingerprint, stamp
from faq.models import Version
from faq.page import said
from faq.public_record import KnownName, KnownVersion, known_names, known_versions
from faq.views import Asked
from faq.views.access import live_version, versions_of
from faq.views.addresses import address, place_in
from faq.views.answers import hidden_answer, json_answer, withheld
from faq.views.showing import ask_each_time

#: The description of all this for machines; the address of the site is added to it.
OPENAPI = json.loads((Path(__file__).parents[1] / "openapi.json").read_text(encoding="utf-8"))


@require_safe
def in_force(request: Asked, slug: str) -> HttpResponse:
    """What is in force now, for a form that records a consent."""
    live = live_version(request, slug)
    if hasattr(live, "withholding"):
        return hidden_answer(request, live)
    document = live.to_document()
    announced = versions_of(slug).public(request.at).scheduled(request.at)
    number, following = live.approval.number, announced.select_related("approval").first()
    value = {
        "policy": slug,
        "number": number,
        "title": said(document.title, document.prevails, document),
        "effective_at": stamp(live.approval.effective_at),
        "digest": live.digest,
        "url": address(request, "policy", slug),
        "version_url": address(request, "version", slug, number),
        "document_url": address(request, "version-json", slug, number),
        "languages": document.languages,
        "next": None if following is None else _next(request, slug, following),
    }
    return json_answer(request, value)


@require_safe
def versions(request: Asked, slug: str) -> HttpResponse:
    """Every version that readers know of, with the chain that ties them together."""
    known = known_versions(versions_of(slug), request.at)
    if not known:
        raise Http404
    return json_answer(request, [_version(request, slug, entry) for entry in known])


@require_safe
def anchors(request: Asked, slug: str) -> HttpResponse:
    """Every public link name, and where it leads now."""
    known = known_names(versions_of(slug), request.at)
    if not known:
        raise Http404
    return json_answer(request, [_name(request, slug, entry) for entry in known])


@require_safe
def verify(request: Asked, slug: str) -> HttpResponse:
    """A program that checks the record from what anyone can download, with nothing of ours."""
    if not versions_of(slug).public(request.at).exists():
        raise Http404
    body = render_to_string("faq/verify.py")
    etag = f'"{fingerprint(body.encode())}"'
    answer = HttpResponse(body, content_type="text/plain; charset=utf-8")
    answer.headers["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=answer) or answer
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return ask_each_time(answer)


@require_safe
def openapi(request: Asked) -> HttpResponse:
    """The description of these answers."""
    root = address(request, "home").rstrip("/")
    return json_answer(request, {**OPENAPI, "servers": [{"url": root}]})


def _next(request: Asked, slug: str, version: Version) -> dict[str, Any]:
    approval = version.approval
    return {
        "number": approval.number,
        "effective_at": stamp(approval.effective_at),
        "url": address(request, "version", slug, approval.number),
    }


def _version(request: Asked, slug: str, entry: KnownVersion) -> dict[str, Any]:
    version, approval = entry.version, entry.version.approval
    hidden = withheld(version)
    return {
        "number": approval.number,
        "effective_at": stamp(approval.effective_at),
        "approved_at": stamp(approval.recorded_at),
        "material": approval.material if entry.public else None,
        "note": version.note() if entry.public and not hidden else None,
        "digest": version.digest,
        "status": entry.status,
        "url": address(request, "version", slug, approval.number) if entry.public else None,
        "withheld": hidden if entry.public else None,
        "seq": approval.seq,
        "previous": approval.previous,
        "chain": approval.chain,
        "withdrawal": _withdrawal(entry),
    }


def _withdrawal(entry: KnownVersion) -> dict[str, Any] | None:
    if entry.withdrawal is None:
        return None
    chained = entry.in_public_chain
    return {
        "recorded_at": stamp(entry.withdrawal.recorded_at),
        "seq": entry.withdrawal.seq if chained else None,
        "previous": entry.withdrawal.previous if chained else None,
        "chain": entry.withdrawal.chain if chained else None,
    }


def _name(request: Asked, slug: str, entry: KnownName) -> dict[str, Any]:
    page = (
        address(request, "policy", slug)
        if entry.page is None
        else address(request, "version", slug, entry.page)
    )
    return {
        "anchor": entry.lead.name,
        "current": entry.lead.current,
        "status": entry.lead.status,
        "url": place_in(page, entry.lead.fragment),
        "successor": entry.lead.successor,
    }
