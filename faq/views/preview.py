"""A draft or a candidate for someone without an account: the text, and what changed in it.

The token in the address is all that a visitor has, and all that is needed. So nothing here meets
a session or a cookie, and nobody keeps a copy: no cache, no search engine, no other site by a
Referer. A link that expired, that was revoked or that never was gets one and the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq import images, reviewing
from faq.document import Document
from faq.models import Image, PreviewLink
from faq.page import frame, lay_out
from faq.redline import redline
from faq.views import Asked
from faq.views.images import picture

HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def for_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand a view the link that the token in its address stands for, if it still works."""

    @wraps(view)
    def answer(request: Asked, token: str, **more: str) -> HttpResponse:
        link = reviewing.find_link(token, request.at)
        if link is None or hasattr(link.version, "withholding"):
            return _gone(request)
        return _kept_to_visitor(view(request, token, link, **more))

    return answer


@require_safe
@for_link
def preview(request: Asked, token: str, link: PreviewLink) -> HttpResponse:
    """The whole text, laid out as readers will see it."""
    pictures = f"{reverse('faq:preview', args=[token])}images/"
    page = lay_out(document_of(link), settings.POLICY_LANGUAGE, image_base=pictures)
    return render(request, "faq/preview.html", {**shown(link, token), "page": page})


@require_safe
@for_link
def changes(request: Asked, token: str, link: PreviewLink) -> HttpResponse:
    """What would change of what is in force, word by word."""
    document, language = document_of(link), settings.POLICY_LANGUAGE
    base = reverse("faq:preview", args=[token])
    live = link.policy.version_set.with_facts().in_force(request.at)
    hidden = hasattr(live, "withholding")
    context = {
        **shown(link, token),
        "page": frame(document, language, link_base=base),
        "live": live,
        "hidden": hidden,
    }
    if not hidden:
        context["redline"] = redline(
            live.to_document() if live else None,
            document,
            language,
            old_base=reverse("faq:policy", args=[link.policy.slug]),
            new_base=base,
        )
    return render(request, "faq/preview_changes.html", context)


@require_safe
@for_link
def preview_image(
    request: Asked, token: str, link: PreviewLink, sha256: str, extension: str
) -> HttpResponse:
    """A picture that the text shows, whether or not readers may have it yet."""
    found = Image.objects.filter(sha256=sha256, extension=extension).first()
    if found is None or sha256 not in images.shown_by(document_of(link)):
        return _gone(request)
    return picture(request, found)


@require_safe
def no_preview(request: Asked, rest: str) -> HttpResponse:
    """Any other address below /preview/ leads nowhere, in the same words."""
    return _gone(request)


def document_of(link: PreviewLink) -> Document:
    """What a link shows: the candidate it was made for, or the draft as it is now."""
    return link.version.to_document() if link.version else link.policy.to_document()


def shown(link: PreviewLink, token: str) -> dict[str, Any]:
    """What the banner on every page of a link says."""
    version = link.version
    decided = version is not None and (
        hasattr(version, "approval") or hasattr(version, "rejection")
    )
    return {"link": link, "token": token, "decided": decided}


def _gone(request: Asked) -> HttpResponse:
    return _kept_to_visitor(render(request, "faq/preview_gone.html", status=404))


def _kept_to_visitor(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
