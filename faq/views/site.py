"""Whole addresses, for what is read away from the site: headers, feeds, link lists."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def site_root(request: HttpRequest) -> str:
    """The site's origin. On this machine it answers to several names: then the one asked for."""
    if settings.SITE_URL.is_loopback:
        return f"{request.scheme}://{request.get_host()}"
    return settings.SITE_URL.origin


def whole(request: HttpRequest, name: str, *args: object) -> str:
    """The whole address of one of our pages, such as `whole(request, "version", slug, 3)`."""
    return site_root(request) + reverse(f"faq:{name}", args=args)
