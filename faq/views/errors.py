"""What is said when there is nothing at an address, when something broke, or a form failed.

People get a page, and programs the form of answer that they asked for by the address.
"""

from __future__ import annotations

import sys
from typing import Any

from django.contrib import admin
from django.db import Error as DatabaseFault
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from faq.models import Policy
from faq.nearest import nearest_question
from faq.views import COPY, Asked
from faq.views.answers import json_answer, text_answer
from faq.views.policies import policies_in_force, policies_not_in_force
from faq.views.showing import ask_each_time

#: How addresses end whose answers are read by programs: as JSON, and as other text.
_JSON = ".json"
_TEXT = (".md", ".py", ".txt", ".xml", ".atom", "/timegate/", "/timemap/")

#: How many policies' contents stand on one page.
MOST = 5


def not_found(request: Asked, exception: Exception) -> HttpResponse:
    """The address leads nowhere: say so, and show people the contents of each policy.

    The policy below whose address it is comes first, and the question of it that the words of
    the address are nearest to. In a copy of the site no address is named, and it is said what a
    copy lacks. Nothing here asks for a CSRF token: public pages set no cookie, whatever a browser
    sends.
    """
    # Only pages of the desk know who is there.
    if getattr(getattr(request, "user", None), "is_staff", False):
        return render(request, "admin/404.html", admin.site.each_context(request), status=404)
    if request.path.endswith(_JSON):
        return json_answer(request, {"error": "not found"}, status=404)
    if request.path.endswith(_TEXT):
        return text_answer(_("There is nothing at this address."), status=404)
    asked, more = _policies_for(request.path)
    listed = [*policies_in_force(request, asked), *policies_not_in_force(request, asked)]
    policies = [entry for entry in listed if entry["page"]]
    others = [entry for entry in listed if not entry["page"]]
    policies.sort(key=lambda entry: not request.path.startswith(_home_of(entry)))
    in_copy = bool(request.META.get(COPY))
    nearest = None if in_copy else _nearest(request.path, policies)
    context = {"policies": policies, "others": others, "nearest": nearest, "more": more}
    response = render(request, "404.html", {**context, "in_copy": in_copy}, status=404)
    # A version's address is one of these until the moment at which it is not.
    return ask_each_time(response)


def _policies_for(path: str) -> tuple[list[Policy], bool]:
    """The policies to look in, the one below whose address a path is first; whether there are more.

    Anybody may ask for addresses that lead nowhere, so what one costs is bounded.
    """
    own = path.removeprefix(reverse("faq:home")).partition("/")[0]
    own = own.replace("\0", "")  # PostgreSQL compares no text that has it
    found = Policy.objects.order_by(Case(When(slug=own, then=0), default=1), "pk")[: MOST + 1]
    policies = list(found)
    return policies[:MOST], len(policies) > MOST


def _home_of(entry: dict[str, Any]) -> str:
    return reverse("faq:policy", args=[entry["slug"]])


def _nearest(path: str, policies: list[dict[str, Any]]) -> dict[str, str] | None:
    """The question nearest to an address: its `url` and `title`.

    If it is below a policy's address, that policy is the first, and its name is not looked for.
    """
    home = _home_of(policies[0]) if policies else ""
    asked = path.removeprefix(home).removeprefix("versions/")
    for entry in policies:
        found = nearest_question(asked, entry["page"])
        if found is not None:
            return {"url": f"{entry['url']}#{found.anchor}", "title": found.title}
    return None


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke: say so, with neither the database nor any context.

    If the database would not take what somebody sent, they are told what became of it; and if the
    cache that CACHE_URL names does not answer, that nobody can log in until it does.
    """
    if isinstance(sys.exception(), _faults_of_redis()):
        response = HttpResponse(render_to_string("not_counted.html"), status=503)
        response.headers["Retry-After"] = "30"
        return ask_each_time(response)
    if request.method == "POST" and isinstance(sys.exception(), DatabaseFault):
        return ask_each_time(HttpResponse(render_to_string("not_saved.html"), status=503))
    said = _("Something went wrong. Please try again later.")
    return _without_context(request, 500, "server error", said)


def _faults_of_redis() -> tuple[type[Exception], ...]:
    """What Redis may raise; its package is there only where it is used."""
    module = sys.modules.get("redis.exceptions")
    return (module.RedisError,) if module else ()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself is at fault, for instance its host: nothing of it is said back."""
    return _without_context(request, 400, "bad request", _("This request cannot be answered."))


def _without_context(request: HttpRequest, status: int, code: str, said: str) -> HttpResponse:
    """An error that asks nothing of the database, nor of the request but which form it wants."""
    if request.path.endswith(_JSON):
        return json_answer(request, {"error": code}, status=status)
    if request.path.endswith(_TEXT):
        return text_answer(said, status=status)
    return ask_each_time(HttpResponse(render_to_string(f"{status}.html"), status=status))


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database cannot be asked, and this page was not kept: try again soon."""
    response = server_error(request)
    response.status_code = 503
    response.headers["Retry-After"] = "10"
    return response


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of a form is missing or too old: say how to send the form again."""
    return render(request, "403_csrf.html", status=403)
