"""Addresses as other sites see them: absolute, below SITE_URL, whatever host a request came by."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.urls import NoReverseMatch, reverse

#: What a fragment may hold as it is (RFC 3986), as far as a link name may hold it.
_IN_FRAGMENT = "!$()*+,;=:@"


def absolute(path: str) -> str:
    """The whole address of a path of this site."""
    return f"{settings.SITE_URL.origin}{path}"


def address(name: str, *args: object) -> str:
    """The whole address of a page by its name in `faq.urls`."""
    return absolute(reverse(f"faq:{name}", args=args))


def images_base() -> str:
    """The path below which readers find pictures."""
    return reverse("faq:image", args=["0" * 64, "webp"]).rpartition("/")[0] + "/"


def place_in(page: str, name: str) -> str:
    """The address of a named place in a page."""
    return f"{page}#{quote(name, safe=_IN_FRAGMENT)}"


def question_path(slug: str, anchor: str) -> str | None:
    """The path of a question's own page; None where there are no such pages."""
    try:
        return reverse("faq:question", args=[slug, anchor])
    except NoReverseMatch:
        return None
