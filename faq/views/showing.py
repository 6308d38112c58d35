"""How public views answer: a page from a template, a way to another, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render

from faq.models import Version
from faq.page import frame
from faq.views import Asked
from faq.views.access import base_of, speaking_version


def show(
    request: Asked, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page that a template of `templates/faq/` makes."""
    return ask_each_time(render(request, f"faq/{template}.html", dict(context), status=status))


def show_hidden(request: Asked, slug: str, version: Version, live: Version | None) -> HttpResponse:
    """410 for a page that needs the wording of a version that is hidden: which, and why.

    `live` is the version in force, which may be the same.
    """
    speaking = speaking_version(request, slug, live)
    context = {"slug": slug, "version": version, "live": live, "page": None}
    if speaking is not None:
        base = base_of(slug, speaking, live)
        context["page"] = frame(speaking.to_document(), settings.POLICY_LANGUAGE, link_base=base)
    return show(request, "withheld", context, status=410)


def leads_to(address: str, *, permanent: bool = False) -> HttpResponse:
    """A redirect to another page of the site."""
    return ask_each_time(redirect(address, permanent=permanent))


def ask_each_time(response: HttpResponse) -> HttpResponse:
    """The same answer, which caches may keep if they ask before they give it out.

    What is public changes at a moment that nobody can cache past.
    """
    response.headers["Cache-Control"] = "no-cache"
    return response
