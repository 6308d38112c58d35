"""The list of kinds of pages is complete: whoever adds a public address adds it there, too."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from tests.factory import make_record
from tests.kinds import EMPTY, NO_PAGES, Kind, make_kinds, public_routes

pytestmark = pytest.mark.django_db


def test_every_public_route_has_a_kind_of_page_or_answers_with_no_page():
    kinds = {kind.route for kind in make_kinds(timezone.now())} - {""}
    assert kinds | NO_PAGES == set(public_routes())
    assert not kinds & NO_PAGES


def test_each_kind_is_what_it_says():
    for kind in EMPTY:
        check(kind)
    kinds = make_kinds(timezone.now())
    for kind in kinds:
        check(kind)
    names = [kind.name for kind in [*EMPTY, *kinds]]
    assert len(names) == len(set(names))


def check(kind: Kind) -> None:
    response = Client().get(kind.path)
    assert response.status_code == kind.status, kind
    assert response.headers["Content-Type"] == "text/html; charset=utf-8", kind
    assert (response.resolver_match.url_name if kind.route else "") == kind.route, kind


def test_what_is_called_no_page_is_none():
    make_record()
    given = {"<policy:slug>": "privacy", "<number:number>": "1", "<day:day>": "2020-03-06"}
    not_here = {
        "image",
        "preview-image",
        "security-txt",
    }  # nobody has put one in, or named a contact
    for name in NO_PAGES - not_here:
        path = str(public_routes()[name].pattern)
        for argument, value in given.items():
            path = path.replace(argument, value)
        response = Client().get(f"/{path}")
        html = response.headers["Content-Type"].startswith("text/html")
        assert response.status_code == 302 or (response.status_code == 200 and not html), name
