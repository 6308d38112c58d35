"""Asking for an address as of a moment: what `request.at` is for."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from faq.views.errors import not_found


def ask(address: str, at: datetime, **headers: str) -> HttpResponse:
    """What the site answers at that moment, by its real addresses, views and templates."""
    request = RequestFactory().get(address, headers=headers)
    request.at = at
    found = resolve(address)
    try:
        return found.func(request, *found.args, **found.kwargs)
    except Http404 as error:
        return not_found(request, error)


def leads_to(response: HttpResponse) -> str:
    """Where a redirect leads; fails if it is none."""
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]
