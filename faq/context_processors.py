"""What templates may use besides what their view gives them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from faq.theme import served_as
from faq.views.addresses import origin


def site(request: HttpRequest) -> dict[str, Any]:
    """The organisation's name, its own colours and logo, and the site's root address."""
    return {
        "organisation": settings.ORGANISATION,
        "theme": settings.THEME and served_as(settings.THEME),
        "logo": settings.LOGO and served_as(settings.LOGO),
        "site_url": origin(request),
    }
