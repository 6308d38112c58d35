"""What public pages keep to themselves: readers are not watched, and drafts are not shown."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from faq import publishing
from faq.models import Policy
from tests.factory import (
    DAY_5,
    FAR_AHEAD,
    make_question,
    make_record,
    make_section,
    publish,
)

pytestmark = pytest.mark.django_db

#: Every public address there is, and some that there are not.
ADDRESSES = (
    "/",
    "/privacy/",
    "/privacy",
    "/privacy/versions/",
    *(f"/privacy/versions/{number}/" for number in range(9)),
    *(f"/privacy/versions/{number}.json" for number in range(9)),
    *(f"/privacy/versions/{number}.md" for number in range(9)),
    *(f"/privacy/versions/2020-01-0{number}/" for number in range(9)),
    "/privacy/versions/2998-01-01/",
    "/privacy/versions/timegate/",
    "/privacy/versions/timemap/",
    "/privacy/versions.atom",
    "/privacy/versions/?on=2020-01-01",
    "/privacy/versions/?on=no",
    "/privacy/?q=company",
    "/privacy/?q=Zebulon",
    "/privacy/versions/1/?q=company",
    "/privacy/versions/?from=1&to=4",
    "/privacy/versions/?from=1&to=5",
    *(f"/privacy/versions/{old}...{old + 1}/" for old in range(8)),
    "/privacy/who-are-we/",
    "/privacy/who-are-we/versions/",
    "/privacy/a-name/",
    "/privacy/a-name/versions/",
    "/privacy/versions/upcoming/",
    "/privacy.json",
    "/privacy/versions.json",
    "/privacy/anchors.json",
    "/openapi.json",
    "/sitemap.xml",
    "/robots.txt",
    "/other/",
    "/nothing",
    "/health/live",
    "/health/ready",
    "/static/css/page.css",
    "/static/nothing.css",
)
JUNK = "session=junk; csrf=junk; sessionid=junk; csrftoken=junk; messages=junk"
#: Stands in everything that readers may not see.
MARKER = "Zebulon"


def finish(response: Any) -> None:
    """Close a static file. Closing the response would close the test's database connection."""
    if response.streaming:
        response.file_to_stream.close()


def fetch_all(client: Client) -> dict[str, str]:
    """Headers and body of every address, as one text each."""
    fetched = {}
    for address in ADDRESSES:
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        headers = "\n".join(f"{k}: {v}" for k, v in response.items() if k != "Expires")
        fetched[address] = f"{headers}\n\n{body.decode()}"
        finish(response)
    return fetched


@pytest.fixture
def record() -> Policy:
    """A policy with a version in every state, and another one."""
    make_record("other")
    return make_record()


class TestReaders:
    def test_no_cookie_is_set_or_looked_at(self, record):
        client = Client(headers={"Cookie": JUNK})
        for address in ADDRESSES:
            response = client.get(address)
            assert "Set-Cookie" not in response.headers, address
            assert not response.cookies, address
            assert "cookie" not in response.headers.get("Vary", "").lower(), address
            finish(response)

    def test_every_reader_gets_the_same_bytes(self, record):
        plain = Client()
        other = Client(
            headers={
                "Cookie": JUNK,
                "Accept-Language": "cy, de;q=0.5",
                "User-Agent": "Another/1.0",
                "Referer": "https://elsewhere.example/",
                "DNT": "1",
            }
        )
        pages = [address for address in ADDRESSES if "static" not in address]
        for address in pages:
            assert plain.get(address).content == other.get(address).content, address

    def test_an_editor_who_is_logged_in_is_a_reader_like_any_other(self, record, admin_client):
        response = admin_client.get("/privacy/")
        assert response.content == Client().get("/privacy/").content
        assert "Set-Cookie" not in response.headers

    def test_only_files_of_the_site_may_be_loaded_and_nothing_inline_run(self, client, record):
        for address in ADDRESSES:
            response = client.get(address)
            policy = response.headers["Content-Security-Policy"]
            rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
            assert rules["default-src"] == rules["frame-ancestors"] == "'none'", address
            assert set(rules.values()) <= {"'none'", "'self'"}, address
            assert response.headers["Referrer-Policy"] == "no-referrer", address
            finish(response)

    def test_no_page_has_an_inline_script_or_style_or_a_form_that_sends_anything(
        self, client, record
    ):
        for address in ADDRESSES:
            if not address.partition("?")[0].endswith("/"):
                continue
            response = client.get(address)
            if response.status_code == 302 or address.endswith("/timemap/"):
                continue
            text = response.content.decode()
            assert text.startswith("<!doctype html>"), address
            # Data in words of schema.org is not run: browsers look at the type first.
            text = text.replace('<script type="application/ld+json">', "")
            ours = r'<script src="/static/js/\w+\.js" defer(?: data-copied="\w+")?>'
            text = re.sub(ours, "", text)
            assert not re.search(r"<(script|style|iframe|img|object|embed)\b", text), address
            for form in re.findall(r"<form[^>]*>", text):
                own = 'action="/privacy/versions/" method="get"' in form
                assert own or ' action="#_contents"' in form, address
                assert "post" not in form, address
            assert not re.search(r"<[^>]*\s(style|on\w+|ping)\s*=", text), address
            for link in re.findall(r"<link[^>]*>", text):
                own = re.search(r'rel="(canonical|alternate)"|href="/static/[^"]+"', link)
                assert own, link


class TestDrafts:
    def test_nothing_an_editor_types_changes_what_readers_see(self, client, record):
        before = fetch_all(client)
        record.title = record.introduction = record.contact = MARKER
        record.save()
        for model in (record.question_set, record.section_set):
            for item in model.all():
                item.title = f"{MARKER} {item.pk}"
                item.anchor = f"{MARKER}-{item.pk}"
                item.older_names = f"old-{MARKER}-{item.pk}"
                item.position += 10
                item.save()
        for question in record.question_set.all():
            question.answer = question.in_short = question.also_asked = MARKER
            question.save()
        make_section(record, MARKER, position=0)
        make_question(record, MARKER, position=0)
        for question in record.question_set.filter(retired_at=None):
            publishing.retire(question, at=DAY_5, reason=MARKER)
        assert fetch_all(client) == before

    def test_a_version_that_waits_for_approval_is_nowhere(self, client, record):
        before = fetch_all(client)
        self.draft(record)
        publishing.freeze(record, by="alice", at=DAY_5)
        assert fetch_all(client) == before

    def test_a_version_that_was_sent_back_is_nowhere(self, client, record):
        before = fetch_all(client)
        self.draft(record)
        version = publishing.freeze(record, by="alice", at=DAY_5)
        publishing.reject(version, by="bob", at=DAY_5, reason=MARKER)
        assert fetch_all(client) == before

    def test_a_version_that_is_scheduled_quietly_is_nowhere(self, client, record):
        before = fetch_all(client)
        self.draft(record)
        later = FAR_AHEAD.replace(month=12)
        publish(record, DAY_5.replace(month=4), effective_at=later, announce=False, note=MARKER)
        assert fetch_all(client) == before

    def test_the_bytes_in_force_hold_nothing_but_the_document(self, client, record):
        value = json.loads(client.get("/privacy/versions/5.json").content)
        assert set(value) == {
            *("format", "policy", "languages", "title", "introduction", "contact", "prevails"),
            *("sections", "retired"),
        }

    @staticmethod
    def draft(policy: Policy) -> None:
        """Put the marker into every kind of text there is."""
        policy.title = policy.introduction = policy.contact = MARKER
        policy.save()
        make_question(policy, MARKER, MARKER, anchor="a-name", in_short=MARKER)
