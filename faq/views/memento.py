"""RFC 7089 (Memento) with RFC 5829: which version applied when, for machines.

The live page is the Original Resource and version pages are its Mementos. The TimeGate has an
address of its own, so that the live page needs no `Vary` and stays cacheable.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.memento import (
    LINK_FORMAT,
    BadHttpDate,
    Link,
    header,
    http_date,
    link_format,
    read_http_date,
)
from faq.models import Version
from faq.shown import Around, around, first
from faq.timeline import intervals, last_moment
from faq.views import Asked
from faq.views.access import versions_of
from faq.views.addresses import address
from faq.views.answers import text_answer
from faq.views.showing import ask_each_time, leads_to

View = Callable[..., HttpResponse]


def original(view: View) -> View:
    """Say on a policy's live page where its TimeGate and TimeMap are."""

    @wraps(view)
    def answer(request: Asked, slug: str) -> HttpResponse:
        response = view(request, slug)
        response.headers["Link"] = header(_framework(request, slug))
        return response

    return answer


def memento(view: View) -> View:
    """Say on a version's page when it applied and which versions stand around it.

    Only wording that was in force and is shown is a Memento. The answer for hidden wording has
    the links but no `Memento-Datetime`, which would say that the policy itself was gone then.
    """

    @wraps(view)
    def answer(request: Asked, slug: str, number: int) -> HttpResponse:
        response = view(request, slug, number)
        versions = versions_of(slug)
        public = versions.public(request.at).defer("document")
        version = public.select_related("approval", "withdrawal").get(approval__number=number)
        shown = around(versions, version, request.at)
        links = _framework(request, slug) if shown.first else []
        if version.was_ever_in_force(request.at):
            links += _mementos_around(request, slug, version, shown)
            if response.status_code != 410:
                moment = http_date(version.approval.effective_at)
                response.headers["Memento-Datetime"] = moment
        if shown.first:
            links.append(Link(address(request, "policy", slug), "latest-version"))
        links += _version_links(request, slug, version)
        response.headers["Link"] = header(links)
        return response

    return answer


@require_safe
def timegate(request: Asked, slug: str) -> HttpResponse:
    """Lead to the version that was in force at the moment in `Accept-Datetime`.

    HTTP counts in seconds, so a second means its end. Before the first version it is the first;
    without the header, or in the future, it is the one in force now.
    """
    versions = versions_of(slug)
    earliest = first(versions, request.at)
    if earliest is None:
        raise Http404
    links = _framework(request, slug)
    try:
        at = _moment_asked_for(request)
    except BadHttpDate:
        response = _bad_moment()
    else:
        version = versions.defer("document").in_force(at) or earliest
        response = leads_to(reverse("faq:version", args=[slug, version.approval.number]))
        shown = around(versions, version, request.at)
        links += _mementos_around(request, slug, version, shown)
    response.headers["Link"] = header(links)
    response.headers["Vary"] = "accept-datetime"
    return response


@require_safe
def timemap(request: Asked, slug: str) -> HttpResponse:
    """List every version that the TimeGate may lead to, with the moment it began.

    It is whole, as the list of the chain is: of each version it reads a number and its moments.
    Hidden versions are among them, because they were in force; their pages say why.
    """
    mementos = _mementos(request, slug)
    if not mementos:
        raise Http404
    period = {
        "from": http_date(mementos[0].approval.effective_at),
        "until": http_date(mementos[-1].approval.effective_at),
    }
    roles = {"first": mementos[:1], "": mementos, "last": mementos[-1:]}
    links = [
        *(link for link in _framework(request, slug) if link.rel != "timemap"),
        Link(address(request, "timemap", slug), "self", {"type": LINK_FORMAT, **period}),
        *_memento_links(request, slug, roles),
    ]
    return ask_each_time(HttpResponse(link_format(links), content_type=LINK_FORMAT))


def _mementos(request: Asked, slug: str) -> list[Version]:
    """The versions that the TimeGate may lead to, oldest first; of each its number and moments."""
    begun = versions_of(slug).begun(request.at).order_by("approval__number")
    facts = begun.select_related("approval", "withdrawal").only(
        "approval__number", "approval__effective_at", "withdrawal__recorded_at"
    )
    shown = {each.version for each in intervals(facts, request.at) if each.outlasts_its_second()}
    return sorted(shown, key=lambda version: version.approval.number)


def _moment_asked_for(request: Asked) -> datetime:
    wanted = request.headers.get("Accept-Datetime")
    if wanted is None:
        return request.at
    return min(last_moment(read_http_date(wanted)), request.at)


def _bad_moment() -> HttpResponse:
    text = _("Write Accept-Datetime like this: %(example)s") % {
        "example": "Fri, 25 May 2018 00:00:00 GMT"
    }
    return text_answer(text, status=400)


def _framework(request: Asked, slug: str) -> list[Link]:
    """Where the policy, its TimeGate and its TimeMap are."""
    return [
        Link(address(request, "policy", slug), "original"),
        Link(address(request, "timegate", slug), "timegate"),
        Link(address(request, "timemap", slug), "timemap", {"type": LINK_FORMAT}),
    ]


def _mementos_around(request: Asked, slug: str, version: Version, shown: Around) -> list[Link]:
    roles = {
        "first": shown.first,
        "prev": shown.before,
        "": version,
        "next": shown.after,
        "last": shown.last,
    }
    return _memento_links(request, slug, {role: [v] for role, v in roles.items() if v})


def _memento_links(request: Asked, slug: str, roles: dict[str, list[Version]]) -> list[Link]:
    """One link for each version, with all of its roles, in the order of the first ones."""
    rels: dict[Version, list[str]] = {}
    for role, versions in roles.items():
        for version in versions:
            rels.setdefault(version, []).append(role)
    return [
        Link(
            address(request, "version", slug, version.approval.number),
            " ".join([*filter(None, rel), "memento"]),
            {"datetime": http_date(version.approval.effective_at)},
        )
        for version, rel in rels.items()
    ]


def _version_links(request: Asked, slug: str, version: Version) -> list[Link]:
    """The relations of RFC 5829. An upcoming version is named once it is announced."""
    links = [Link(address(request, "history", slug), "version-history")]
    public = versions_of(slug).public(request.at).defer("document")
    for rel, other in (
        ("predecessor-version", public.replaced_by(version)),
        ("successor-version", public.following(version, request.at)),
    ):
        if other is not None:
            links.append(Link(address(request, "version", slug, other.approval.number), rel))
    return links
