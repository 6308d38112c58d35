"""A desk on a host of its own answers there and nowhere else, and nothing else answers there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from faq import reviewing
from faq.mail import absolute
from privacy_site.environment import SiteUrl
from tests.factory import make_record
from tests.logging_in import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SITE, DESK = "privacy.example.org", "desk.example.org"
READERS_AT, DESK_AT = f"https://{SITE}", f"https://{DESK}"


@pytest.fixture(autouse=True)
def _apart(settings: Any) -> None:
    settings.SITE_URL = SiteUrl("https", SITE, READERS_AT, "")
    settings.ADMIN_HOST, settings.ADMIN_ORIGIN = DESK, DESK_AT
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = [SITE, DESK], [DESK_AT]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True


def browser(host: str, **options: Any) -> Client:
    client = Client(headers={"Host": host}, **options)
    client.defaults["wsgi.url_scheme"] = "https"
    return client


@pytest.fixture
def reader() -> Client:
    return browser(SITE)


@pytest.fixture
def editor() -> Client:
    client = browser(DESK)
    client.force_login(User.objects.create_superuser("alice", "alice@example.org", "secret"))
    return client


def test_the_desk_answers_on_its_own_host_only(reader, editor):
    make_record()
    for path in ("/admin/", "/admin/login/", "/admin/faq/policy/", "/admin/account/", "/admin/x/"):
        assert editor.get(path).status_code in {200, 302, 404}, path
        response = reader.get(path)
        assert response.status_code == 404, path
        assert "Set-Cookie" not in response.headers
        assert "cookie" not in response.headers.get("Vary", "").lower()
        assert response.headers["Referrer-Policy"] == "no-referrer"
    assert editor.get("/admin/").status_code == 200


def test_there_a_session_of_the_desk_opens_nothing_on_the_public_host(editor):
    stolen = browser(SITE)
    stolen.cookies = editor.cookies
    assert stolen.get("/admin/").status_code == 404
    posted = stolen.post("/admin/login/", {"login": "alice", "password": "secret"})
    assert posted.status_code == 404


def test_whatever_else_is_asked_of_the_desks_host_leads_to_the_public_site(editor):
    make_record()
    for path in ("/privacy/", "/privacy.json", "/nothing/", "/robots.txt", "/@evil.example/"):
        for client in (editor, browser(DESK)):
            response = client.get(path)
            assert response.status_code == 302, path
            assert response.headers["Location"] == f"{READERS_AT}{path}"
    asked = editor.get("/privacy/versions/?on=2020-03-01").headers["Location"]
    assert asked == f"{READERS_AT}/privacy/versions/?on=2020-03-01"


def test_its_first_page_leads_to_the_desk():
    assert browser(DESK).get("/").headers["Location"] == "/admin/"


def test_files_and_health_are_on_both(reader, editor):
    for client in (reader, editor):
        assert client.get("/health/live").status_code == 200
        response = client.get("/static/css/page.css")
        assert response.status_code == 200
        response.close()


def test_a_third_host_gets_nothing():
    for path in ("/admin/", "/privacy/"):
        assert browser("example.org").get(path).status_code == 400


def test_links_lead_from_each_to_the_other(reader, editor):
    assert f'href="{DESK_AT}/admin/"' in reader.get("/").content.decode()
    policy = make_record()
    pages = [
        "/admin/",
        *(f"/admin/faq/policy/{policy.pk}/{of}/" for of in ("questions", "versions")),
    ]
    for page in pages:
        text = editor.get(page).content.decode()
        assert re.search(rf'href="{READERS_AT}/privacy/(versions/)?"', text), page
        assert f'<a href="{READERS_AT}/">View site</a>' in text
        # Nothing on the desk needs the way round over the redirect.
        for path in re.findall(r'(?:href|src|action)="(/[^"]*)"', text):
            assert path.startswith(("/admin/", "/static/")), (page, path)


def test_a_preview_link_is_one_of_the_public_site(editor, reader):
    policy = make_record()
    at = policy.version_set.latest("pk").frozen_at.replace(year=2090)
    link = reviewing.make_link(policy, by="alice", at=at, name="Dora")
    token = reviewing.token_of(link)
    text = editor.get(f"/admin/faq/policy/{policy.pk}/links/").content.decode()
    assert f'value="{READERS_AT}/preview/{token}/"' in text
    assert reader.get(f"/preview/{token}/").status_code == 200


def test_mails_lead_to_the_desk(settings):
    assert absolute("/admin/") == f"{DESK_AT}/admin/"
    settings.MAIL_SERVER = object()
    User.objects.create_user("bob", "bob@example.org", "secret", is_staff=True)
    browser(DESK).post("/admin/account/password/reset/", {"email": "bob@example.org"})
    [sent] = mail.outbox
    assert f"{DESK_AT}/admin/account/password/reset/" in sent.body
    assert SITE not in sent.body


def test_a_form_of_the_public_host_is_not_trusted():
    strict = browser(DESK, enforce_csrf_checks=True)
    page = strict.get("/admin/login/").content.decode()
    [token] = set(re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', page))
    fields = {"login": "a", "password": "b", "csrfmiddlewaretoken": token}
    for origin, status in ((DESK_AT, 200), (READERS_AT, 403)):
        headers = {"Origin": origin}
        assert strict.post("/admin/login/", fields, headers=headers).status_code == status


def test_passkeys_belong_to_the_desks_host():
    make_user("bob")
    editor = browser(DESK)
    editor.post("/admin/login/", {"login": "bob", "password": PASSWORD})
    response = editor.get("/admin/account/passkeys/add/")
    assert response.status_code == 200
    assert response.context["js_data"]["creation_options"]["publicKey"]["rp"]["id"] == DESK
