"""Where to report a security problem (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from faq.views import Asked
from faq.views.addresses import absolute, address

#: Where it is looked for, at the root of a host.
PATH = ".well-known/security.txt"
#: For how long whoever keeps a copy may rely on it.
GOOD_FOR = timedelta(days=180)


@require_safe
def security_txt(request: Asked) -> HttpResponse:
    """Whom to tell; 404 where nobody was named."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    # By the day, so that it is the same for all who ask on one.
    expires = request.at.astimezone(UTC) + GOOD_FOR
    addresses = dict.fromkeys((absolute(request, f"/{PATH}"), address(request, "security-txt")))
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {expires:%Y-%m-%d}T00:00:00Z",
        f"Preferred-Languages: {settings.POLICY_LANGUAGE}",
        *(f"Canonical: {each}" for each in addresses),
    ]
    body = "".join(f"{line}\n" for line in lines)
    response = HttpResponse(body, content_type="text/plain; charset=utf-8")
    # Not until the record changes: the day on which it expires goes on meanwhile.
    patch_cache_control(response, public=True, max_age=3600)
    return response
