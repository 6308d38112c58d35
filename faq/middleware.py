"""Middleware: headers, the clock, the desk's host, and the machinery of logging in.

Public pages never meet sessions, cookies or CSRF tokens: Django answers even a made-up session
cookie with Set-Cookie, and the same bytes must serve every reader.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.middleware import AccountMiddleware
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils import timezone

from faq import headers, logs
from faq.views import AT, UNAVAILABLE
from faq.views.errors import unavailable
from faq.views.showing import leads_to


def is_private(request: HttpRequest) -> bool:
    """Whether the address stands under a prefix that needs logging in, on the desk's host."""
    return request.path_info.startswith(settings.PRIVATE_PREFIXES) and is_for_the_desk(request)


def is_for_the_desk(request: HttpRequest) -> bool:
    """Whether a request came to the host of the desk; any, where the desk has none of its own."""
    host, _port = split_domain_port(request.headers.get("Host", ""))
    return not settings.ADMIN_HOST or host == settings.ADMIN_HOST


class RequestId:
    """Gives each request an id, by which the lines of the log that are about it are found.

    A proxy may have given one (X-Request-ID). Only letters of hexadecimal numbers are taken, so
    that it can hold no address. Answers to readers do not show it: they are the same for everybody.
    """

    GIVEN = re.compile("[0-9a-f-]{16,64}", re.ASCII | re.IGNORECASE)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        request.id = given if self.GIVEN.fullmatch(given) else secrets.token_hex(8)
        token = logs.request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            logs.request_id.reset(token)
        if is_private(request):
            response.headers["X-Request-ID"] = request.id
        return response


class Headers:
    """Gives every answer its headers, be it a page, a file, a redirect or an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers.complete(response, private=is_private(request))
        return response


class Clock:
    """Reads the clock once, at the edge: views answer for `request.at`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The layer that keeps finished pages has read it already, and knows what it keeps them for.
        request.at = request.META.get(AT) or timezone.now()  # type: ignore[attr-defined]
        return self.get_response(request)


class DesksHost:
    """Where ADMIN_HOST names one, the desk answers on that host alone, and nothing else does.

    Any other address leads from there to the public site, so that a link from the desk arrives.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        root = f"{settings.SITE_URL.path}/"
        if not settings.ADMIN_HOST or request.path_info.startswith(f"{root}health/"):
            return self.get_response(request)
        below = request.path_info.startswith(settings.PRIVATE_PREFIXES)
        if not is_for_the_desk(request):
            if below:
                raise Http404
        elif request.path_info == root:
            return leads_to(reverse("admin:index"))
        elif not below:
            return leads_to(f"{settings.SITE_URL.origin}{request.get_full_path()}")
        return self.get_response(request)


class Unavailable:
    """Says at once that a page cannot be made, where the layer around Django knows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(UNAVAILABLE):
            return unavailable(request)
        return self.get_response(request)


class PrivateOnly:
    """Mixed into one of Django's middleware classes, leaves public addresses alone."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_private(request):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)


class PrivateSession(PrivateOnly, SessionMiddleware):
    """Sessions for private pages."""


class PrivateAuthentication(PrivateOnly, AuthenticationMiddleware):
    """Who is logged in, on private pages."""


class PrivateMessages(PrivateOnly, MessageMiddleware):
    """Messages to the editor, on private pages."""


class PrivateAccounts:
    """What allauth needs around a request, on private pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.with_accounts = AccountMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self.with_accounts if is_private(request) else self.get_response)(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Ask for the password again where a page demands it, and then come back to the page.

        allauth's own answer also writes the whole request into the session to repeat it, with the
        sender's address and whatever was posted.
        """
        if isinstance(error, ImmediateHttpResponse):
            return error.response
        if isinstance(error, ReauthenticationRequired):
            methods = get_adapter().get_reauthentication_methods(request.user)
            ask = methods[0]["url"] if methods else reverse("account_login")
            return redirect_to_login(request.get_full_path(), ask)
        return None


class PrivateCsrf(PrivateOnly, CsrfViewMiddleware):
    """Protection of forms, on private pages; public pages have none that change anything."""

    def process_view(self, request: HttpRequest, *args: Any) -> Any:
        """Check the token of a private page's form."""
        return super().process_view(request, *args) if is_private(request) else None
