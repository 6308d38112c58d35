"""What is said where there is nothing, in the form that was asked for, and where a form failed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from faq import publishing
from tests.factory import DAY, NOON, make_policy, make_published, make_question

pytestmark = pytest.mark.django_db

JSON = (
    "/nothing.json",
    "/other/versions.json",
    "/privacy/anchors.json/nothing.json",
    "/privacy/versions/9.json",
)
TEXT = (
    "/privacy/versions/9.md",
    "/other/versions.atom",
    "/nothing.xml",
    "/humans.txt",
    "/other/versions/timegate/",
    "/other/versions/timemap/",
)
PAGES = ("/nothing/", "/privacy/nothing/", "/privacy/versions/9/", "/privacy/versions/1999-01-01/")


@pytest.mark.parametrize("path", JSON)
def test_where_json_was_asked_for_the_error_is_json_that_any_site_may_read(client, path):
    make_published()
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.json() == {"error": "not found"}


@pytest.mark.parametrize("path", TEXT)
def test_where_text_was_asked_for_the_error_is_a_line_of_text(client, path):
    make_published()
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.content.decode() == "There is nothing at this address.\n"


@pytest.mark.parametrize("path", PAGES)
def test_for_people_it_is_a_page_with_the_contents(client, path):
    make_published()
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Who are we?" in answer.content.decode()


def test_hidden_wording_is_gone_in_the_same_three_forms(client):
    policy = make_published(2)
    first = policy.version_set.get(approval__number=1)
    publishing.withhold(first, by="bob", at=NOON + 2 * DAY, reason="A court said so.")
    told = {form: client.get(f"/privacy/versions/1{form}") for form in (".json", ".md", "/")}
    kinds = {form: answer.headers["Content-Type"] for form, answer in told.items()}
    assert {answer.status_code for answer in told.values()} == {410}
    assert kinds == {
        ".json": "application/json",
        ".md": "text/plain; charset=utf-8",
        "/": "text/html; charset=utf-8",
    }
    assert told[".json"].json()["error"] == "hidden"
    for answer in told.values():
        assert "A court said so." in answer.content.decode()
        assert first.digest in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/privacy.json", "application/json", '"error": "server error"'),
        ("/privacy/versions/1.md", "text/plain; charset=utf-8", "Something went wrong"),
        ("/privacy/", "text/html; charset=utf-8", "<h1>Something went wrong</h1>"),
    ],
)
def test_what_broke_is_said_in_the_form_that_was_asked_for(settings, path, kind, said):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_errors.breaks"]
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == kind
    assert said in answer.content.decode()
    assert "secret" not in answer.content.decode()


def breaks(get_response: Any) -> Any:
    """Middleware below which everything breaks."""

    def answer(request: Any) -> Any:
        raise RuntimeError("a secret")

    return answer


class TestTheDesk:
    def test_whoever_is_signed_in_sees_the_desk_around_the_error(self, admin_client):
        make_published()
        answer = admin_client.get("/admin/nothing/")
        text = answer.content.decode()
        assert answer.status_code == 404
        assert "Page not found" in text
        assert 'href="/admin/"' in text
        assert "Who are we?" not in text
        assert "There is nothing at" not in text

    def test_it_also_stands_around_a_thing_that_is_not_there(self, admin_client):
        policy = make_policy()
        make_question(policy)
        answer = admin_client.get(f"/admin/faq/policy/{policy.pk + 1}/publish/")
        assert answer.status_code == 404
        assert 'action="/admin/logout/"' in answer.content.decode()

    def test_others_are_asked_to_sign_in(self, client):
        assert client.get("/admin/nothing/").url == "/admin/login/?next=/admin/nothing/"

    def test_whoever_is_signed_in_reads_like_anybody_elsewhere(self, admin_client):
        make_published()
        assert admin_client.get("/nothing/").content == Client().get("/nothing/").content


class TestAFormThatFailed:
    @pytest.fixture
    def refused(self) -> Any:
        User.objects.create_superuser("alice", password="a long password")
        strict = Client(enforce_csrf_checks=True)
        data = {"username": "alice", "password": "a long password"}
        return strict.post("/admin/login/?next=/admin/", data)

    def test_it_says_in_our_words_what_to_do(self, refused):
        text = refused.content.decode()
        assert refused.status_code == 403
        assert "This page was open too long" in text
        assert "reload" in text
        assert "/static/css/page.css" in text
        assert "CSRF" not in text
        assert "Django" not in text

    def test_it_breaks_no_rule_of_our_pages(self, refused):
        assert "default-src 'none'" in refused.headers["Content-Security-Policy"]
        assert "<style" not in refused.content.decode()
        assert refused.headers["Referrer-Policy"] == "same-origin"
