"""No answer goes out without its headers, whoever made it: what it may load, who may use it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client

from faq import headers, reviewing
from tests.factory import DAY, make_record, picture

pytestmark = pytest.mark.django_db

EVERYWHERE = {
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}
#: Addresses with what is answered there.
ANSWERS = {
    "/privacy/": 200,
    "/privacy/who-are-we/": 200,
    "/privacy/versions/5.json": 200,
    "/privacy/versions/5.md": 200,
    "/privacy/versions.atom": 200,
    "/sitemap.xml": 200,
    "/robots.txt": 200,
    "/health/live": 200,
    "/static/css/page.css": 200,
    "/static/favicon.svg": 200,
    "/": 302,
    "/privacy": 301,
    "/privacy/versions/2020-03-06/": 302,
    "/privacy/versions/?on=no": 400,
    "/privacy/versions/timegate/": 302,
    "/nothing/": 404,
    "/nothing.json": 404,
    "/nothing.txt": 404,
    "/static/css/nothing.css": 404,
    "/preview/nothing/": 404,
    "/privacy/versions/2/": 410,
    "/privacy/versions/2.json": 410,
    "/admin/login/": 200,
    "/admin/": 302,
    "/admin": 301,
}


def finish(response: Any) -> None:
    """Close a static file, but not the test's connection to the database with it."""
    if response.streaming:
        request_finished.disconnect(close_old_connections)
        response.close()
        request_finished.connect(close_old_connections)


def check(response: Any) -> None:
    assert not EVERYWHERE - {*response.headers}
    rules = response.headers["Content-Security-Policy"]
    assert rules.startswith("default-src 'none'; ")
    assert rules.endswith("; frame-ancestors 'none'")
    assert not {"unsafe", "nonce", "http", "*", "data:"} & {*rules.replace("-", " ").split()}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.fixture
def client(settings: Any) -> Client:
    """A browser that gets an error as readers do, and static files from where they are written."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    return Client(raise_request_exception=False)


def test_every_kind_of_answer_has_all_of_them(client):
    make_record()
    for address, status in ANSWERS.items():
        response = client.get(address)
        assert response.status_code == status, address
        check(response)
        finish(response)


def test_so_has_an_answer_that_nothing_has_changed(client):
    make_record()
    for address in ("/privacy.json", "/privacy/versions/5.json", "/privacy/versions.atom"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        check(again)
    css = client.get("/static/css/page.css")
    again = client.get(
        "/static/css/page.css", headers={"If-Modified-Since": css.headers["Last-Modified"]}
    )
    finish(css)
    assert again.status_code == 304
    check(again)


def test_so_has_a_refusal_of_a_method(client):
    for method in ("post", "put", "patch", "delete", "options", "trace"):
        response = getattr(client, method)("/privacy/")
        assert response.status_code == 405
        check(response)


@pytest.mark.parametrize("address", ["/privacy/", "/privacy.json", "/admin/"])
def test_so_has_what_broke(client, settings, address):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_errors.breaks"]
    response = client.get(address)
    assert response.status_code == 500
    check(response)


def test_so_has_a_form_that_was_refused():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"login": "a"})
    assert response.status_code == 403
    check(response)


class TestAHostThatIsNotOurs:
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "[::"])
    def test_gets_a_plain_sentence(self, client, host):
        response = client.get("/privacy/", headers={"Host": host})
        assert response.status_code == 400
        check(response)
        text = response.content.decode()
        assert "<h1>This request cannot be answered</h1>" in text
        assert "evil" not in text
        assert "Django" not in text

    def test_is_told_so_in_the_form_that_was_asked_for(self, client):
        evil = {"Host": "evil.example"}
        assert client.get("/privacy.json", headers=evil).json() == {"error": "bad request"}
        said = client.get("/privacy/versions.atom", headers=evil)
        assert said.content == b"This request cannot be answered.\n"

    def test_is_not_sent_to_https_either(self, client, settings):
        settings.SECURE_SSL_REDIRECT = True
        response = client.get("/privacy/", headers={"Host": "evil.example"})
        assert response.status_code == 400
        check(response)


def test_https_is_promised_with_every_answer(client, settings):
    settings.SECURE_HSTS_SECONDS = 63_072_000
    make_record()
    for address in ANSWERS:
        response = client.get(address, secure=True)
        assert response.headers["Strict-Transport-Security"] == "max-age=63072000", address
        finish(response)


def test_a_redirect_to_https_has_them_as_well(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/privacy/")
    assert response.status_code == 301
    check(response)


def test_what_is_no_page_may_load_and_send_nothing_at_all(client):
    make_record()
    for address in ("/privacy/versions/5.json", "/privacy/versions.atom", "/robots.txt"):
        assert client.get(address).headers["Content-Security-Policy"] == headers.NO_PAGE, address
    assert "'self'" not in headers.NO_PAGE
    assert client.get("/privacy/").headers["Content-Security-Policy"] == headers.PAGE


def test_only_pictures_may_stand_in_pages_of_other_sites(client, settings):
    settings.IMAGES = True
    make_record()
    rule = "Cross-Origin-Resource-Policy"
    response = client.get("/static/favicon.svg")
    assert response.headers[rule] == "cross-origin"
    finish(response)
    for address in ("/privacy/", "/privacy.json", "/static/css/page.css", "/admin/login/"):
        response = client.get(address)
        assert response.headers[rule] == "same-origin", address
        finish(response)


def test_a_preview_sends_no_referrer_and_is_kept_by_nobody(client):
    policy = make_record()
    at = policy.version_set.latest("pk").frozen_at.replace(year=2090)
    link = reviewing.make_link(policy, by="alice", at=at, name="Dora")
    response = client.get(f"/preview/{reviewing.token_of(link)}/")
    assert response.status_code == 200
    check(response)
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]


def test_passkeys_are_for_the_desk_alone(client):
    make_record()
    public, desk = (
        client.get(address).headers["Permissions-Policy"] for address in ("/privacy/", "/admin/")
    )
    assert "publickey-credentials-get=()" in public
    assert "publickey-credentials-get=(self)" in desk
    assert "camera=()" in public
    assert "camera=()" in desk


def test_a_picture_at_the_desk_is_for_the_desk(settings, admin_client):
    from faq import images
    from tests.factory import NOON

    settings.IMAGES = True
    image = images.add(picture(), by="alice", at=NOON + DAY)
    response = admin_client.get(f"/admin{image.address}")
    assert response.status_code == 200
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
