"""No text attacks, whoever wrote it, in whatever field, wherever it is shown.

The policy has an attack in every field (tests/attacks.py). Every page that can be reached is parsed
as browsers parse it; what is no page must not be taken for one.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import html5lib
import pytest
from django.core import mail
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import Resolver404, resolve, reverse

from faq import remembered, rendering
from faq.admin.trail import harmless
from faq.mail import tell_approvers
from faq.models import Event
from privacy_site.mail import mail_server
from tests.attacks import (
    EVERYWHERE,
    FORMULAS,
    MARKDOWN,
    NAME,
    got_through,
    long_text,
    make_attacked,
    texts,
)
from tests.factory import DAY_1

#: How many pages of one kind are looked at.
OF_A_KIND = 3


SITE = {"IMAGES": True, "ORGANISATION": EVERYWHERE[0]}


@pytest.fixture(scope="module")
def made(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Any]:
    """The policy with its attacks, made once: each test undoes only what it does itself."""
    with django_db_blocker.unblock(), override_settings(**SITE), transaction.atomic():
        yield make_attacked()
        transaction.set_rollback(True)


@pytest.fixture
def attacked(made: Any, db: Any, settings: Any) -> Any:
    for name, value in SITE.items():
        setattr(settings, name, value)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return made


def is_page(response: Any) -> bool:
    return bool(response.headers.get("Content-Type", "").startswith("text/html"))


def check(address: str, response: Any) -> str:
    """Whatever was answered does no harm; return its text."""
    body = b"".join(response) if response.streaming else response.content
    assert response.headers["X-Content-Type-Options"] == "nosniff", address
    for name, value in response.items():
        assert "\n" not in value and "\r" not in value, (address, name)
    if not is_page(response):
        return body.decode(errors="replace")
    text = body.decode()
    assert got_through(text) == [], address
    return text


def crawl(client: Client, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Every page that links lead to from some, a few of each kind: its address and its text."""
    waiting, seen, kinds = list(starts), set(starts), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        response = client.get(address)
        text = check(address, response)
        yield address, text
        if not is_page(response):
            continue
        for link in re.findall(r'(?:href|action)="([^"]*)"', text):
            path = html.unescape(link).removeprefix("http://127.0.0.1:8000").partition("#")[0]
            if not path.startswith("/") or path in seen or "logout" in path:
                continue
            seen.add(path)
            try:
                kind = resolve(urlsplit(path).path).view_name
            except Resolver404:
                continue
            kinds[kind] += 1
            if kinds[kind] <= OF_A_KIND:
                waiting.append(path)


class TestWhoTells:
    """A test that finds nothing must be able to find something."""

    @pytest.mark.parametrize("attack", EVERYWHERE[:4] + EVERYWHERE[7:])
    def test_it_finds_an_attack_that_stands_in_a_page_as_it_is(self, attack):
        page = f'<!doctype html><title>{attack}</title><p title="{attack}">{attack}</p>'
        assert got_through(page)
        assert not got_through(
            f'<!doctype html><title>{html.escape(attack)}</title><p title="{html.escape(attack)}">'
        )

    @pytest.mark.parametrize(
        "harm",
        [
            "<a href='java\nscript:strike()'>",
            "<a href=' &#1;JavaScript:strike()'>",
            "<a href=data:text/html,x>",
            "<img src=//out.example/a>",
            "<img src='\\\\out.example/a'>",
            "<form action=https://out.example/>",
            "<svg><a xlink:href=javascript:strike()>",
            "<p style=color:red>",
            "<button formaction=//out.example>",
            "<script src=//out.example/static/a.js></script>",
            "<script src=/static/a.js>strike()</script>",
            "<meta http-equiv=refresh content=0>",
        ],
    )
    def test_it_finds_every_kind_of_harm(self, harm):
        assert got_through(f"<!doctype html><p>{harm}")

    def test_a_template_that_forgot_to_escape_would_be_found(self, attacked, monkeypatch):
        monkeypatch.setattr("django.template.base.conditional_escape", str)
        remembered.forget()
        try:
            for path in ("/privacy/", "/privacy/q0/", "/privacy/versions/", "/nothing/<script>/"):
                assert got_through(Client().get(path).content.decode()), path
        finally:
            remembered.forget()


class TestReaders:
    def test_no_public_page_lets_one_through(self, attacked):
        pages = dict(crawl(Client(), ["/privacy/", "/", "/developers/", "/sitemap.xml"]))
        assert len(pages) > 18
        shown = sum("strike()" in text for text in pages.values())
        assert shown > 15, "The attacks were not even shown."

    def test_no_address_that_leads_nowhere_says_it_back(self, attacked):
        client = Client(raise_request_exception=False)
        for attack in (*EVERYWHERE, NAME):
            said = quote(attack, safe="/")
            for address in (
                f"/{said}",
                f"/privacy/{said}/versions/",
                f"/privacy/?q={quote(attack)}",
                f"/privacy/versions/?on={quote(attack)}&from={quote(attack)}",
            ):
                check(address, client.get(address))

    def test_a_preview_lets_none_through(self, attacked):
        client = Client()
        for token in attacked.tokens:
            pages = dict(crawl(client, [f"/preview/{token}/", f"/preview/{token}/sign-off/"]))
            assert "strike()" in pages[f"/preview/{token}/"]
            assert f"/preview/{token}/changes/" in pages
        path = f"/preview/{attacked.tokens[0]}/sign-off/"
        for attack in (*EVERYWHERE, *MARKDOWN):
            form = {"answer": attack, "comment": attack, "seen": attack}
            check(path, client.post(path, form))

    def test_the_feed_holds_it_as_text_and_its_wordings_do_no_harm(self, attacked):
        response = Client().get("/privacy/versions.atom")
        assert response.headers["Content-Type"].startswith("application/atom+xml")
        feed = ElementTree.fromstring(response.content)
        atom = "{http://www.w3.org/2005/Atom}"
        entries = feed.findall(f"{atom}entry")
        assert len(entries) == 4
        for entry in entries:
            for name in ("content", "summary"):
                wording = entry.find(f"{atom}{name}")
                assert wording is not None
                assert got_through(f"<!doctype html>{wording.text}") == []
            title = entry.find(f"{atom}title")
            assert title is not None and len(title) == 0 and title.get("type", "text") == "text"
        for link in feed.iter(f"{atom}link"):
            assert link.get("href", "").startswith("http://127.0.0.1:8000/privacy/")

    def test_json_is_json_and_holds_each_text_as_it_was_written(self, attacked):
        client = Client()
        for address in ("/privacy.json", "/privacy/versions.json", "/privacy/anchors.json"):
            response = client.get(address)
            assert response.headers["Content-Type"] == "application/json"
            json.loads(response.content)
        document = json.loads(client.get("/privacy/versions/3.json").content)
        questions = [each for section in document["sections"] for each in section["questions"]]
        titles = {each["title"]["en"] for each in questions}
        assert len(titles & set(EVERYWHERE)) > 4

    def test_markdown_is_text(self, attacked):
        response = Client().get("/privacy/versions/3.md")
        assert response.headers["Content-Type"].startswith(("text/markdown", "text/plain"))
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "strike()" in response.content.decode()

    def test_what_machines_read_in_a_page_cannot_end_its_element(self, attacked):
        text = Client().get("/privacy/").content.decode()
        [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        found = json.loads(data)
        assert not set("<>&") & set(data)
        names = {each["name"] for each in found["mainEntity"]}
        assert len(names & set(EVERYWHERE)) > 4
        assert found["publisher"]["name"] == EVERYWHERE[0]

    def test_links_in_headers_are_addresses_of_the_site(self, attacked):
        client = Client()
        for address in ("/privacy/", "/privacy/versions/3/", "/privacy/versions/timegate/"):
            for link in re.findall(r"<([^>]*)>", client.get(address).headers["Link"]):
                assert link.startswith("http://127.0.0.1:8000/privacy/")
                assert quote(link, safe="/:-") == link


class TestTheDesk:
    def test_no_page_of_the_desk_lets_one_through(self, attacked):
        client = Client()
        client.force_login(attacked.root)
        pages = dict(crawl(client, ["/admin/"]))
        kinds = {resolve(urlsplit(address).path).view_name for address in pages}
        assert len(kinds) > 40, sorted(kinds)
        shown = sum("strike()" in text for text in pages.values())
        assert shown > 60

    def test_no_message_does(self, attacked):
        client = Client()
        client.force_login(attacked.root)
        question = attacked.policy.question_set.get(anchor="q1")
        policy = f"/admin/faq/policy/{attacked.policy.pk}"
        change = reverse("admin:faq_question_change", args=[question.pk])
        shown = 0
        for attack in EVERYWHERE:
            for path, form in (
                (f"{policy}/move/", {"item": f"question:{question.pk}", "to": "up"}),
                (f"{policy}/links/", {"name": attack[:150], "days": "3"}),
                (f"{policy}/links/", {"name": f"{attack}@", "days": attack}),
                (f"{policy}/reviewed/", {}),
                (change, {"title": attack, "anchor": attack, "answer": attack, "position": "x"}),
                (f"{policy}/trail/?who={quote(attack)}&since={quote(attack)}", None),
                ("/admin/paste/", {"html": attack}),
                (f"{policy}/preview-text/question/{question.pk}/", {"content": long_text(0)}),
                ("/admin/account/password/", {"oldpassword": attack}),
                (f"{policy}/versions/{attacked.waiting.pk}/comments/", {"text": attack}),
            ):
                response = (
                    client.get(path) if form is None else client.post(path, form, follow=True)
                )
                shown += "strike()" in check(path, response)
        assert shown > 40

    def test_whoever_is_not_logged_in_is_told_nothing_back(self, attacked):
        client = Client(raise_request_exception=False)
        for attack in (
            *EVERYWHERE,
            NAME,
            "//out.example/",
            "https://out.example/",
            "\\\\out.example",
        ):
            for path in (f"/admin/login/?next={quote(attack)}", f"/admin/{quote(attack)}/"):
                check(path, client.get(path))
                check(path, client.post(path, {"login": attack, "password": attack}))

    def test_the_table_of_the_trail_has_no_formula(self, attacked):
        for formula in FORMULAS:
            Event.objects.create(
                policy=attacked.policy,
                recorded_at=DAY_1,
                who=formula,
                what="edited",
                subject=formula,
                details=formula,
            )
        client = Client()
        client.force_login(attacked.root)
        response = client.get(f"/admin/faq/policy/{attacked.policy.pk}/trail.csv")
        assert response.headers["Content-Type"].startswith("text/csv")
        assert response.headers["Content-Disposition"].startswith("attachment;")
        text = b"".join(response).decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert sum("strike()" in cell for cell in cells) > 20
        assert sum(cell.startswith("'") for cell in cells) >= 3 * len(FORMULAS)
        for cell in cells:
            assert not re.match(r"\s*[=+\-@＝＋－＠]|[\t\r]", cell), cell

    @pytest.mark.parametrize("formula", FORMULAS)
    def test_a_formula_becomes_text(self, formula):
        assert harmless(formula) == f"'{formula}"
        assert harmless(f"Is {formula}") == f"Is {formula}"


class TestMail:
    def test_a_mail_is_text_with_one_subject(self, attacked, settings):
        settings.MAIL_SERVER = mail_server("console:", sender="desk@example.org")
        attacked.policy.title = "Two\r\nBcc: evil@out.example\r\n\r\nlines"
        for title in (*EVERYWHERE, attacked.policy.title):
            attacked.waiting.policy.title = title
            mail.outbox.clear()
            assert tell_approvers(attacked.waiting) == 0
            [sent] = mail.outbox
            message = sent.message()
            assert message.get_content_type() == "text/plain"
            assert sent.recipients() == ["root@example.org"]
            assert not {"Bcc", "Cc"} & set(message.keys())
            assert "\n" not in sent.subject

    def test_the_mail_about_a_password_says_no_more_than_the_name(self):
        text = render_to_string(
            "account/email/password_reset_key_message.txt",
            {"username": texts(0), "password_reset_url": "https://x.example/"},
        )
        assert texts(0) in text


class TestMarkdown:
    @pytest.mark.parametrize("place", range(len(MARKDOWN)))
    def test_no_markdown_becomes_harm(self, place):
        rendered = rendering.render(MARKDOWN[place], prefix="a")
        assert got_through(f"<!doctype html>{rendered}") == []
        assert "out.example" not in re.sub(r"<a [^>]*>|[^<>]*(?=<|$)", "", rendered)

    def test_every_id_of_a_page_is_there_once_and_none_can_be_chosen(self, attacked):
        text = Client().get("/privacy/").content.decode()
        page = html5lib.parse(text, namespaceHTMLElements=False)
        ids = Counter(each.get("id") for each in page.iter() if each.get("id"))
        assert [each for each, count in ids.items() if count > 1] == []
        for name in ("body", "forms", "cookie", "location", "_policy", "_top"):
            rendered = rendering.render(f"# {name}\n\n<p id={name}>x</p>", prefix="a")
            assert f'id="{name}"' not in rendered
            assert name not in ids or name.startswith("_")
