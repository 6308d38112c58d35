"""Whole addresses, for what is read away from the site: JSON, feeds, headers, link lists."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

#: What a fragment may hold as it is (RFC 3986), as far as a link name may hold it.
_IN_FRAGMENT = "!$()*+,;=:@"


def origin(request: HttpRequest) -> str:
    """Where the site is, the same for every reader: that of SITE_URL.

    Only a site on this machine has several names, all of which work: then the one asked for. A desk
    on a host of its own asks for the site as everybody reaches it.
    """
    site = settings.SITE_URL
    several = site.is_loopback and not settings.ADMIN_HOST
    found: str = site.origin_for(request.get_host()) if several else site.origin
    return found


def absolute(request: HttpRequest, path: str) -> str:
    """The whole address of a path of this site."""
    return f"{origin(request)}{path}"


def address(request: HttpRequest, name: str, *args: object) -> str:
    """The whole address of a page by its name in `faq.urls`, such as "version", slug, 3."""
    return absolute(request, reverse(f"faq:{name}", args=args))


def images_base() -> str:
    """The path below which readers find pictures."""
    return _images_base(get_script_prefix())


@lru_cache(maxsize=8)
def _images_base(prefix: str) -> str:
    """The same, found once: it is asked for each answer of a page."""
    return reverse("faq:image", args=["0" * 64, "webp"]).rpartition("/")[0] + "/"


def place_in(page: str, name: str) -> str:
    """The address of a named place in a page."""
    return f"{page}#{quote(name, safe=_IN_FRAGMENT)}"
