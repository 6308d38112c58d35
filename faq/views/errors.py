"""What readers see when there is nothing at an address, or when something broke."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from faq.middleware import Asked
from faq.models import Policy
from faq.page import lay_out


@requires_csrf_token
def not_found(request: Asked, exception: Exception) -> HttpResponse:
    """The address leads nowhere: show the contents of the policy it was about, or of the first."""
    pages = [
        lay_out(version.to_document(), settings.POLICY_LANGUAGE)
        for policy in Policy.objects.all()
        if (version := policy.version_set.in_force(request.at))
    ]
    return render(request, "404.html", {"pages": pages}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: a page that needs neither the database nor any context."""
    return render(request, "500.html", status=500)
