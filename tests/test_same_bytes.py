"""Every public address gives every reader the same bytes, whatever cookies a browser has of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from faq import images, reviewing
from tests.attacks import got_through
from tests.factory import DAY_1, FAR_AHEAD, make_record, picture
from tests.test_leaks import public_routes
from tests.test_public_privacy import ADDRESSES

pytestmark = pytest.mark.django_db

COOKIES = (
    "sessionid=junk",
    "csrftoken=junk",
    "__Host-session=junk; __Host-csrf=junk",
    "session=junk; csrf=junk; messages=junk; django_language=cy",
)


@pytest.fixture
def addresses(settings: Any) -> list[str]:
    """Every address that there is of a policy with versions in every state, and of a preview."""
    settings.IMAGES, settings.SECURITY_CONTACT = True, ["mailto:security@example.org"]
    policy = make_record()
    image = images.add(picture(), by="alice", at=DAY_1)
    at = FAR_AHEAD.replace(year=2998)
    candidate = policy.version_set.newest()
    assert candidate is not None
    link = reviewing.make_link(policy, by="alice", at=at, name="Dora")
    preview = f"/preview/{reviewing.token_of(link)}/"
    return [
        *(each for each in ADDRESSES if not each.startswith("/static/")),
        *(preview, f"{preview}changes/", f"{preview}sign-off/", f"{preview}more/than/that/"),
        *(f"{preview}images/{image.sha256}.{image.extension}", image.address),
        "/.well-known/security.txt",
        "/privacy/versions/verify.py",
        "/developers/",
        "/privacy/versions/1-50/",
        "/privacy/who-are-we/versions/1-20/",
    ]


def headers_of(response: Any) -> dict[str, str]:
    """All but the second at which an answer was given that nobody may keep."""
    return {name: value for name, value in response.items() if name != "Expires"}


def test_the_list_has_an_address_of_every_route(addresses):
    names = set()
    for address in addresses:
        try:
            names.add(resolve(address.partition("?")[0]).url_name)
        except Resolver404:
            continue
    assert names >= public_routes().keys()


def test_no_cookie_changes_a_byte_and_none_is_set(addresses):
    plain, others = Client(), [Client(headers={"Cookie": each}) for each in COOKIES]
    for address in addresses:
        first = plain.get(address)
        for client in others:
            response = client.get(address)
            assert response.status_code == first.status_code, address
            assert response.content == first.content, address
            assert headers_of(response) == headers_of(first), address
            assert not response.cookies, address
        assert "cookie" not in first.headers.get("Vary", "").lower(), address


def test_nothing_is_loaded_from_elsewhere(addresses):
    for address in addresses:
        response = Client().get(address)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert got_through(response.content.decode()) == [], address
