"""What templates may use besides what their view gives them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from faq.theme import served_as
from faq.views.addresses import origin


def site(request: HttpRequest) -> dict[str, Any]:
    """The organisation's name, its own colours and logo, and where the site and the desk are.

    `readers_at` stands before a path that readers see and `desk_at` before one of the desk. Both
    are empty unless the desk has a host of its own.
    """
    apart = bool(settings.ADMIN_HOST)
    return {
        "organisation": settings.ORGANISATION,
        "theme": settings.THEME and served_as(settings.THEME),
        "logo": settings.LOGO and served_as(settings.LOGO),
        "site_url": origin(request),
        "readers_at": settings.SITE_URL.origin if apart else "",
        "desk_at": settings.ADMIN_ORIGIN if apart else "",
    }
