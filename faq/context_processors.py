"""What templates may use besides what their view gives them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from faq.views.addresses import origin


def site(request: HttpRequest) -> dict[str, Any]:
    """The organisation's name and the site's root address."""
    return {"organisation": settings.ORGANISATION, "site_url": origin(request)}
