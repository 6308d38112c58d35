"""What readers see when there is nothing at an address, or when something broke."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from faq.views import Asked
from faq.views.policies import policies_in_force
from faq.views.showing import ask_each_time


def not_found(request: Asked, exception: Exception) -> HttpResponse:
    """The address leads nowhere: say so, and show the contents of each policy in force.

    The policy below whose address it is comes first. Nothing here asks for a CSRF token: public
    pages set no cookie, whatever a browser sends.
    """
    policies = [entry for entry in policies_in_force(request) if entry["page"]]
    policies.sort(key=lambda entry: not request.path.startswith(entry["url"]))
    response = render(request, "404.html", {"policies": policies}, status=404)
    # A version's address is one of these until the moment at which it is not.
    return ask_each_time(response)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: a page that needs neither the database nor any context."""
    return HttpResponse(render_to_string("500.html"), status=500)
