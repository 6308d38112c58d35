"""What is said when there is nothing at an address, when something broke, or a form failed.

People get a page, and programs the form of answer that they asked for by the address.
"""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from faq.views import Asked
from faq.views.answers import json_answer, text_answer
from faq.views.policies import policies_in_force
from faq.views.showing import ask_each_time

#: How addresses end whose answers are read by programs: as JSON, and as other text.
_JSON = ".json"
_TEXT = (".md", ".txt", ".xml", ".atom", "/timegate/", "/timemap/")


def not_found(request: Asked, exception: Exception) -> HttpResponse:
    """The address leads nowhere: say so, and show people the contents of each policy in force.

    The policy below whose address it is comes first. Nothing here asks for a CSRF token: public
    pages set no cookie, whatever a browser sends.
    """
    # Only pages of the desk know who is there.
    if getattr(getattr(request, "user", None), "is_staff", False):
        return render(request, "admin/404.html", admin.site.each_context(request), status=404)
    if request.path.endswith(_JSON):
        return json_answer(request, {"error": "not found"}, status=404)
    if request.path.endswith(_TEXT):
        return text_answer(_("There is nothing at this address."), status=404)
    policies = [entry for entry in policies_in_force(request) if entry["page"]]
    policies.sort(key=lambda entry: not request.path.startswith(entry["url"]))
    response = render(request, "404.html", {"policies": policies}, status=404)
    # A version's address is one of these until the moment at which it is not.
    return ask_each_time(response)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: say so, with neither the database nor any context."""
    if request.path.endswith(_JSON):
        return json_answer(request, {"error": "server error"}, status=500)
    if request.path.endswith(_TEXT):
        return text_answer(_("Something went wrong. Please try again later."), status=500)
    return HttpResponse(render_to_string("500.html"), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database cannot be asked, and this page was not kept: try again soon."""
    response = server_error(request)
    response.status_code = 503
    response.headers["Retry-After"] = "10"
    return response


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of a form is missing or too old: say how to send the form again."""
    return render(request, "403_csrf.html", status=403)
