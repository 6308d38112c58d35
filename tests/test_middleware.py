"""Public pages meet no session, no cookie and no token; private ones do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from faq.middleware import is_private
from tests.factory import make_policy, make_question, publish, reword

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/",
    "/privacy/",
    "/privacy/versions/",
    "/privacy/versions/1/",
    "/privacy/versions/1.json",
    "/privacy/versions/99/",
    "/nothing/",
    "/admin",
    "/health/live",
    "/health/ready",
    "/static/nothing.css",
]
JUNK = {
    settings.SESSION_COOKIE_NAME: "junk",
    settings.CSRF_COOKIE_NAME: "junk",
    "sessionid": "junk",
    "csrftoken": "junk",
    "messages": "junk",
    "__Host-session": "junk",
}


@pytest.fixture
def published() -> None:
    """A policy long in force: pages answer for the moment at which they are asked."""
    policy = make_policy()
    question = make_question(policy)
    publish(policy, datetime(2020, 1, 1, tzinfo=UTC))
    reword(question, "A draft.")


def with_junk() -> Client:
    client = Client()
    for name, value in JUNK.items():
        client.cookies[name] = value
    return client


def varies_by(response: Any) -> set[str]:
    return {name.strip().lower() for name in response.headers.get("Vary", "").split(",")} - {""}


@pytest.mark.parametrize("address", PUBLIC)
def test_junk_cookies_are_not_looked_at_on_public_pages(published: None, address: str) -> None:
    plain, junk = Client().get(address), with_junk().get(address)
    assert "Set-Cookie" not in junk.headers
    assert not junk.cookies
    assert "cookie" not in varies_by(junk)
    assert (junk.status_code, junk.getvalue()) == (plain.status_code, plain.getvalue())
    # An answer that nobody may keep says the second at which it was given.
    kept = [{k: v for k, v in each.items() if k != "Expires"} for each in (junk, plain)]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_ask_no_database_for_sessions_or_people(
    published: None, address: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(20) as queries:
        with_junk().get(address)
    asked = " ".join(each["sql"] for each in queries.captured_queries)
    assert "django_session" not in asked
    assert "auth_user" not in asked


def test_public_pages_do_not_know_who_is_logged_in(published: None, admin_client: Client) -> None:
    for address in PUBLIC:
        response, strangers = admin_client.get(address), Client().get(address)
        assert response.getvalue() == strangers.getvalue()
        assert not hasattr(response.wsgi_request, "session")
        assert not hasattr(response.wsgi_request, "user")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_public_pages_cannot_be_posted_to(published: None, method: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in ("/", "/privacy/", "/privacy/versions/1.json", "/health/ready"):
        response = getattr(strict, method)(address)
        assert response.status_code == 405
        assert "Set-Cookie" not in response.headers


def test_private_pages_have_sessions_and_people(admin_client: Client) -> None:
    response = admin_client.get("/admin/")
    assert response.status_code == 200
    assert response.wsgi_request.user.is_authenticated
    assert "cookie" in varies_by(response)


def test_forms_on_private_pages_need_their_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 403
    strict.get("/admin/login/")
    token = strict.cookies[settings.CSRF_COOKIE_NAME].value
    form = {"username": "a", "password": "b", "csrfmiddlewaretoken": token}
    assert strict.post("/admin/login/", form).status_code == 200


@pytest.mark.parametrize("address", ["/", "/privacy/", "/nothing/", "/health/live"])
def test_public_pages_send_no_referrer(published: None, address: str) -> None:
    assert Client().get(address).headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/nothing/"])
def test_private_pages_send_their_origin_to_themselves(address: str) -> None:
    assert Client().get(address).headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "private"),
    [
        ("/admin/", True),
        ("/admin/faq/policy/", True),
        ("/admin", False),
        ("/administration/", False),
        ("/privacy/", False),
        ("/privacy/admin/", False),
        ("//admin/", False),
        ("/ADMIN/", False),
        ("/", False),
    ],
)
def test_what_is_private(path: str, private: bool) -> None:
    request = RequestFactory().get("/")
    request.path_info = path
    assert is_private(request) is private


def test_the_clock_is_read_once_for_each_request(published: None) -> None:
    client = Client()
    first = client.get("/privacy/").wsgi_request.at
    second = client.get("/privacy/").wsgi_request.at
    assert first < second
    assert first.tzinfo is not None


def test_a_strange_host_is_refused(published: None) -> None:
    response = Client(raise_request_exception=False).get("/privacy/", headers={"host": "evil.org"})
    assert response.status_code == 400
    assert "Set-Cookie" not in response.headers
