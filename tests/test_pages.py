"""The public pages: what stands on them, in which order, and where their links lead."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.conf import settings
from django.test import RequestFactory

from faq import publishing
from faq.models import Withholding
from faq.views.errors import server_error
from tests.factory import (
    DAY,
    DAY_1,
    DAY_2,
    DAY_3,
    DAY_4,
    DAY_5,
    DAY_6,
    FAR_AHEAD,
    make_policy,
    make_question,
    make_record,
    make_section,
    publish,
    reword,
)

SCRIPTS = [f"/static/js/{name}.js" for name in ("links", "filter", "contents")]
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: Every kind of page of a policy made by make_record, with its status code.
PAGES = {
    "/privacy/": 200,
    "/privacy/versions/": 200,
    "/privacy/versions/1/": 200,
    "/privacy/versions/2/": 410,
    "/privacy/versions/3/": 200,
    "/privacy/versions/4/": 404,
    "/privacy/versions/5/": 200,
    "/privacy/versions/6/": 200,
    "/privacy/versions/?on=never": 400,
    "/privacy/versions/?from=1&to=1": 400,
    "/privacy/?q=company": 200,
    "/privacy/versions/1/?q=nothing": 200,
    "/privacy/versions/1...5/": 200,
    "/privacy/who-are-we/": 200,
    "/privacy/who-are-we/versions/": 200,
    "/privacy/when-do-we-use-cookies/": 200,
    "/privacy/when-do-we-use-cookies/versions/": 200,
    "/privacy/do-we-sell-your-data/": 200,
    "/developers/": 200,
    "/nothing/": 404,
}


class Page:
    """A page as a browser reads it; one that is not well-formed HTML fails the test."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
            html
        )

    def all(self, *tags: str) -> list[Element]:
        return [each for each in self.root.iter() if each.tag in tags]

    def ids(self) -> list[str]:
        return [each.get("id") for each in self.root.iter() if each.get("id") is not None]

    def by_id(self, name: str) -> Element:
        found = [each for each in self.root.iter() if each.get("id") == name]
        assert len(found) == 1, f"{len(found)} elements have the id {name}"
        return found[0]

    def heading_of(self, name: str) -> Element:
        """The heading that an id is, or stands in."""
        element = self.by_id(name)
        for heading in self.all(*HEADINGS):
            if element in heading.iter():
                return heading
        raise AssertionError(f"{name} is not at a heading")

    def links(self) -> list[str]:
        return [each.get("href") for each in self.all("a")]

    def link(self, words: str) -> str:
        found = {each.get("href") for each in self.all("a") if said(each) == words}
        assert len(found) == 1, f"{words}: {found}"
        return found.pop()

    def meta(self, name: str) -> str | None:
        return next((m.get("content") for m in self.all("meta") if m.get("name") == name), None)

    def status(self) -> str:
        """The words above the text that say what applies."""
        return " ".join(said(each) for each in self.all("aside"))


def said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def read(client, path: str, status: int = 200) -> Page:
    response = client.get(path)
    assert response.status_code == status, path
    return Page(response.content.decode())


@pytest.mark.django_db
class TestThePolicy:
    def test_it_is_in_the_order_that_readers_need(self, client):
        make_record()
        page = read(client, "/privacy/")
        text = said(page.by_id("_top"))
        parts = [
            "Privacy policy",
            "In force since 5 March 2020 · What changed",
            "What we do with what we know about you.",
            "Contents",
            "Who are we?",
            "Your rights",
            "When do we use cookies?",
            "Who are we? Link In short A company in Harrowmere. A small company. Return to top",
            "Your rights What you may ask of us.",
            "When do we use cookies? Link Words with",
            "Removed from this policy",
            "How to reach us Write to us.",
            "Version 5 In force since 5 March 2020, 12:00 Fingerprint (SHA-256)",
            "JSON",
            "All versions",
        ]
        places = []
        for part in parts:
            places.append(text.index(part, places[-1] + 1 if places else 0))
        assert places == sorted(places)

    def test_its_contents_name_every_question_by_section_and_lead_to_each(self, client):
        make_record()
        page = read(client, "/privacy/")
        nav = next(each for each in page.all("nav"))
        assert said(page.by_id(nav.get("aria-labelledby"))) == "Contents"
        links = {said(a): a.get("href") for a in nav.iter("a")}
        assert links == {
            "Who are we?": "#who-are-we",
            "Your rights": "#your-rights",
            "When do we use cookies?": "#when-do-we-use-cookies",
            "How to reach us": "#_contact",
        }
        for title, href in links.items():
            assert said(page.heading_of(href[1:])) == title
        grouped = next(li for li in nav.iter("li") if said(li).startswith("Your rights"))
        assert [a.get("href") for a in grouped.iter("a")][1:] == ["#when-do-we-use-cookies"]

    def test_older_names_lead_to_the_same_heading(self, client):
        make_record()
        page = read(client, "/privacy/")
        for old, title in {
            "about-us": "Who are we?",
            "do-we-send-faxes": "Who are we?",  # removed; this one answers for it
            "do-we-use-cookies": "When do we use cookies?",
            "do-we-use-cookies.which-ones": "Which ones?",
            "rights": "Your rights",
        }.items():
            assert said(page.heading_of(old)) == title
            assert page.by_id(old).get("tabindex") is None

    def test_return_to_top_stands_after_every_question_and_leads_to_what_can_take_focus(
        self, client
    ):
        make_record()
        page = read(client, "/privacy/")
        back = [a for a in page.all("a") if said(a) == "Return to top"]
        assert [a.get("href") for a in back] == ["#_contents"] * 2
        assert page.by_id("_contents").get("tabindex") == "-1"

    def test_a_removed_question_is_named_with_its_reason_and_its_last_version(self, client):
        policy = make_policy()
        make_question(policy)
        gone = make_question(policy, "Do we sell your data?", older_names="sale")
        publish(policy, DAY_1)
        publishing.retire(gone, at=DAY_2, reason="We <never> did.")
        publish(policy, DAY_2)
        page = read(client, "/privacy/")
        entry = next(li for li in page.all("li") if "sell" in said(li))
        assert said(entry) == "Do we sell your data? We <never> did. Read it in version 1"
        assert {"do-we-sell-your-data", "sale"} <= {each.get("id") for each in entry.iter()}
        path, _hash, name = page.link("Read it in version 1").partition("#")
        assert "Do we sell" in said(read(client, path).heading_of(name))

    def test_names_of_a_withdrawn_version_go_on_working(self, client):
        policy = make_policy()
        who = make_question(policy)
        publish(policy, DAY_1)
        who.anchor = "who-we-are"
        who.save()
        fly = make_question(policy, "Do we fly?", "Yes.\n\n### Where\n\nThere.")
        publish(policy, DAY_2)
        publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_3, reason="No.")
        fly.title = "A title in the draft"
        fly.save()
        page = read(client, "/privacy/")
        assert said(page.heading_of("who-we-are")) == "Who are we?"
        entry = next(li for li in page.all("li") if page.by_id("do-we-fly") in li.iter())
        assert said(entry) == "Do we fly? Read it in version 2"
        assert page.by_id("do-we-fly.where") in entry.iter()
        path, _hash, name = page.link("Read it in version 2").partition("#")
        assert said(read(client, path).heading_of(name)) == "Do we fly?"

    def test_names_of_a_question_that_was_back_for_a_while_lead_to_its_successor(self, client):
        policy = make_policy()
        heir = make_question(policy)
        gone = make_question(policy, "Do we fly?")
        publish(policy, DAY_1)
        publishing.retire(gone, at=DAY_2, reason="No.", successor=heir)
        publish(policy, DAY_2)
        publishing.unretire(gone, at=DAY_2)
        gone.refresh_from_db()
        reword(gone, "Yes.\n\n### Where\n\nThere.")
        publish(policy, DAY_3)
        publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_4, reason="No.")
        page = read(client, "/privacy/")
        for name in ("do-we-fly", "do-we-fly.where"):
            assert said(page.heading_of(name)) == "Who are we?"

    def test_a_hidden_version_lends_no_title_to_the_names_it_brought(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, DAY_1)
        make_question(policy, "Does Zebulon fly?", anchor="flying")
        publish(policy, DAY_2)
        newest = policy.version_set.newest()
        publishing.withdraw(newest, by="alice", at=DAY_3, reason="No.")
        publishing.withhold(newest, by="alice", at=DAY_3, reason="It named a person.")
        page = read(client, "/privacy/")
        entry = next(li for li in page.all("li") if page.by_id("flying") in li.iter())
        assert said(entry) == "flying Read it in version 2"
        assert "Zebulon" not in page.html

    @pytest.mark.parametrize("path", ["/privacy/", "/privacy/versions/5/"])
    def test_beside_each_question_stands_a_link_to_it_whose_name_has_the_title(self, client, path):
        make_record()
        page = read(client, path)
        links = {a.get("href"): a for a in page.all("a") if a.get("class") == "copy"}
        assert {href: a.get("aria-label") for href, a in links.items()} == {
            "#who-are-we": "Link to “Who are we?”",
            "#when-do-we-use-cookies": "Link to “When do we use cookies?”",
        }
        assert {said(a) for a in links.values()} == {"Link"}  # the name begins with what is seen
        assert not any(a in page.heading_of(href[1:]).iter() for href, a in links.items())

    @pytest.mark.parametrize(
        ("path", "scripts"),
        [
            ("/privacy/", SCRIPTS),
            ("/privacy/versions/5/", SCRIPTS),
            ("/privacy/versions/", []),
            ("/privacy/who-are-we/", []),
        ],
    )
    def test_the_only_scripts_wait_for_the_page(self, client, path, scripts):
        make_record()
        found = [each for each in read(client, path).all("script") if each.get("src")]
        assert [each.get("src") for each in found] == scripts
        assert all(each.get("defer") is not None for each in found)
        assert [each.get("data-copied") for each in found[:1]] == ["Copied"] * len(scripts[:1])

    def test_questions_without_a_section_stand_one_level_higher(self, client):
        make_record()
        page = read(client, "/privacy/")
        levels = {said(each): each.tag for each in page.all(*HEADINGS)}
        assert levels["Who are we?"] == "h2"
        assert levels["Your rights"] == "h2"
        assert levels["When do we use cookies?"] == "h3"
        assert levels["Which ones?"] == "h4"

    def test_nothing_tells_of_other_versions_while_there_are_none(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, DAY_1)
        page = read(client, "/privacy/")
        assert page.status() == ""
        assert "Removed" not in page.html
        assert "How to reach us" not in page.html

    def test_an_announced_version_is_named_with_its_date_and_what_will_change(self, client):
        make_record()
        page = read(client, "/privacy/")
        assert page.status() == (
            "Applies from 2 March 2999, 12:00: version 6. "
            "Something changed. What will change · Read version 6"
        )
        assert page.link("Read version 6") == "/privacy/versions/6/"
        assert page.link("What will change") == "/privacy/versions/5...6/"

    def test_an_announced_version_that_is_hidden_is_named_without_its_note(self, client):
        policy = make_record()
        upcoming = policy.version_set.get(approval__number=6)
        Withholding.objects.create(
            version=upcoming, reason="A court.", withheld_by="a", recorded_at=DAY_5
        )
        page = read(client, "/privacy/")
        assert page.status() == "Applies from 2 March 2999, 12:00: version 6."

    def test_its_foot_names_the_version_and_its_fingerprint(self, client):
        policy = make_record()
        page = read(client, "/privacy/")
        foot = said(page.all("footer")[0])
        digest = policy.version_set.get(approval__number=5).digest
        assert f"Fingerprint (SHA-256) {digest}" in foot
        assert page.link("JSON") == "/privacy/versions/5.json"
        assert page.link("All versions") == "/privacy/versions/"
        assert page.link("5") == "/privacy/versions/5/"

    def test_dates_are_those_of_the_legal_day(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, datetime(2020, 6, 30, 23, 30, tzinfo=UTC))
        page = read(client, "/privacy/")
        time = page.all("time")[0]
        assert said(time) == "1 July 2020"
        assert time.get("datetime") == "2020-07-01T00:30:00+01:00"

    def test_words_of_editors_are_shown_as_words(self, client):
        policy = make_policy(title="Policy <b>&amp;")
        section = make_section(policy, "A <i>section</i>", anchor="a-section")
        make_question(
            policy, "<script>alert(1)</script>", anchor="q", in_short="<u>&", section=section
        )
        publish(policy, DAY_1, note="<p>&note")
        page = read(client, "/privacy/")
        assert said(page.all("h1")[0]) == "Policy <b>&amp;"
        assert said(page.heading_of("q")) == "<script>alert(1)</script>"
        assert "In short <u>&" in said(page.by_id("_policy"))
        assert said(page.heading_of("a-section")) == "A <i>section</i>"
        assert "<p>&note" in said(read(client, "/privacy/versions/").by_id("_v1"))
        assert "alert(1)" in said(read(client, "/nothing/", 404).by_id("_main"))

    def test_a_name_in_any_script_leads_to_its_question(self, client):
        policy = make_policy()
        make_question(policy, "Wer wären wir?", anchor="wer-wären-wir-誰")
        publish(policy, DAY_1)
        page = read(client, "/privacy/")
        assert said(page.heading_of(page.link("Wer wären wir?")[1:])) == "Wer wären wir?"


@pytest.mark.django_db
class TestAVersion:
    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (1, "Replaced. This is version 1. It no longer applies."),
            (3, "Withdrawn on 4 March 2020. This is version 3. It does not apply."),
            (
                6,
                "Applies from 2 March 2999, 12:00. This is version 6. It is not in force yet.",
            ),
        ],
    )
    def test_one_that_is_not_in_force_says_so_and_leads_to_the_one_that_is(
        self, client, number, words
    ):
        make_record()
        page = read(client, f"/privacy/versions/{number}/")
        assert page.status() == f"{words} Read the version in force"
        assert page.link("Read the version in force") == "/privacy/"

    def test_the_one_in_force_has_nothing_above_it(self, client):
        make_record()
        page = read(client, "/privacy/versions/5/")
        assert page.status() == ""
        assert "In force since 5 March 2020" in said(page.by_id("_policy"))

    def test_one_that_waits_alone_promises_no_version_in_force(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, DAY_1, effective_at=FAR_AHEAD)
        page = read(client, "/privacy/versions/1/")
        assert "Applies from 2 March 2999" in page.status()
        assert "/privacy/" not in page.links()

    def test_it_keeps_the_words_and_names_it_had(self, client):
        make_record()
        page = read(client, "/privacy/versions/1/")
        assert said(page.heading_of("do-we-use-cookies")) == "Do we use cookies?"
        assert said(page.heading_of("do-we-send-faxes")) == "Do we send faxes?"
        assert "Version 1 of 1 March 2020" in said(page.by_id("_policy"))

    def test_what_changed_leads_to_its_note(self, client):
        make_record()
        for path in ("/privacy/", "/privacy/versions/5/"):
            target, _hash, name = read(client, path).link("What changed").partition("#")
            assert "One word more." in said(read(client, target).by_id(name))

    def test_a_hidden_one_says_why_and_shows_its_fingerprint(self, client):
        policy = make_record()
        page = read(client, "/privacy/versions/2/", 410)
        text = said(page.by_id("_main"))
        assert "Wording hidden Version 2 of 2 March 2020" in text
        assert "It named a person." in text
        assert policy.version_set.get(approval__number=2).digest in text
        assert page.link("Read the version in force") == page.link("Privacy policy") == "/privacy/"
        assert "cookies" not in page.html

    def test_a_hidden_one_says_how_to_reach_us_in_the_words_in_force(self, client):
        policy = make_record()
        policy.contact = "Ring us."
        policy.save()
        publish(policy, DAY_6, effective_at=FAR_AHEAD + DAY)
        for path in ("/privacy/versions/2/", "/privacy/versions/1...2/"):
            page = read(client, path, 410)
            assert page.link("us") == "mailto:us@example.org"
            assert page.link("Read the version in force") == "/privacy/"
            assert "Ring us." not in page.html

    def test_a_hidden_one_stays_hidden_even_when_it_is_in_force(self, client):
        policy = make_policy(title="Zebulon's policy", introduction="Zebulon.")
        make_question(policy, "Who is Zebulon?")
        publish(policy, DAY_1)
        Withholding.objects.create(
            version=policy.version_set.get(), reason="A court.", withheld_by="a", recorded_at=DAY_2
        )
        pages = {"/privacy/": 410, "/privacy/versions/1/": 410, "/privacy/versions/": 200}
        for path, status in {**pages, "/nothing/": 404}.items():
            assert "Zebulon" not in read(client, path, status).html
        assert client.get("/").headers["Location"] == "/privacy/"


@pytest.mark.django_db
class TestTheBytes:
    def test_they_are_those_that_were_hashed(self, client):
        policy = make_record()
        for number in (1, 3, 5, 6):
            response = client.get(f"/privacy/versions/{number}.json")
            version = policy.version_set.get(approval__number=number)
            assert response.content == version.data()
            assert hashlib.sha256(response.content).hexdigest() == version.digest
            assert response.headers["ETag"] == f'"{version.digest}"'
            assert response.headers["Content-Type"] == "application/json"
            assert version.digest in client.get("/privacy/versions/").content.decode()

    @pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"', "*"])
    def test_who_has_them_gets_none(self, client, form):
        digest = make_record().version_set.get(approval__number=5).digest
        response = client.get(
            "/privacy/versions/5.json", headers={"If-None-Match": form.format(digest)}
        )
        assert response.status_code == 304
        assert response.content == b""
        assert response.headers["ETag"] == f'"{digest}"'

    def test_who_has_others_gets_them(self, client):
        make_record()
        response = client.get("/privacy/versions/5.json", headers={"If-None-Match": '"other"'})
        assert response.status_code == 200

    def test_hidden_ones_are_gone_and_say_why(self, client):
        policy = make_record()
        response = client.get("/privacy/versions/2.json")
        assert response.status_code == 410
        text = response.content.decode()
        assert "It named a person." in text
        assert policy.version_set.get(approval__number=2).digest in text
        assert "cookies" not in text

    @pytest.mark.parametrize("number", ["0", "4", "7", "99999999999999999999999"])
    def test_there_are_none_for_other_numbers(self, client, number):
        make_record()
        assert client.get(f"/privacy/versions/{number}.json").status_code == 404


@pytest.mark.django_db
class TestTheHistory:
    def test_it_lists_every_version_newest_first(self, client):
        make_record()
        page = read(client, "/privacy/versions/")
        assert [said(h) for h in page.all("h2")][:-1] == [f"Version {n}" for n in range(6, 0, -1)]

    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (
                6,
                "Applies from 2 March 2999, 12:00 · Readers must know · Announced on 6 March 2020 "
                "Something changed. What changed since version 5",
            ),
            (5, "In force since 5 March 2020 · Wording only One word more."),
            (3, "Withdrawn on 4 March 2020; dated 3 March 2020 · Readers must know Something"),
            (1, "Replaced; in force from 1 March 2020 · Readers must know Something changed."),
        ],
    )
    def test_it_says_when_each_applies_and_what_changed(self, client, number, words):
        policy = make_record()
        entry = read(client, "/privacy/versions/").by_id(f"_v{number}")
        assert said(entry).startswith(f"Version {number} {words}")
        assert policy.version_set.get(approval__number=number).digest in said(entry)
        links = [a.get("href") for a in entry.iter("a") if "..." not in a.get("href")]
        assert links == [f"/privacy/versions/{number}{end}" for end in ("/", ".json", ".md")]

    def test_one_that_never_was_public_has_its_dates_and_no_more(self, client):
        make_record()
        entry = read(client, "/privacy/versions/").by_id("_v4")
        assert said(entry) == "Version 4 Withdrawn on 5 March 2020; dated 2 March 2999"
        assert list(entry.iter("a")) == []

    def test_a_hidden_one_says_so_and_leads_nowhere(self, client):
        policy = make_record()
        entry = read(client, "/privacy/versions/").by_id("_v2")
        digest = policy.version_set.get(approval__number=2).digest
        assert said(entry) == (
            "Version 2 Replaced; in force from 2 March 2020 · Readers must know "
            f"Wording hidden. It named a person. Fingerprint (SHA-256) {digest}"
        )
        assert list(entry.iter("a")) == []

    def test_how_to_reach_us_stands_on_it_too(self, client):
        make_record()
        page = read(client, "/privacy/versions/")
        assert "How to reach us Write to us." in said(page.by_id("_main"))
        assert page.link("Privacy policy") == "/privacy/"


@pytest.mark.django_db
class TestTheFirstPage:
    def test_the_only_policy_is_where_it_leads(self, client):
        make_record()
        response = client.get("/")
        assert response.status_code == 302
        assert response.headers["Location"] == "/privacy/"

    def test_several_policies_are_listed(self, client):
        make_record()
        make_record("cookies")
        page = read(client, "/")
        links = [a.get("href") for a in page.all("a")]
        assert links[-3:] == ["/privacy/", "/cookies/", "/developers/"]
        assert said(page.by_id("_main")).count("In force since 5 March 2020") == 2

    def test_an_empty_site_says_what_to_do(self, client):
        page = read(client, "/")
        assert "Nothing is published yet" in said(page.by_id("_main"))
        assert page.link("Log in to edit and publish") == "/admin/"

    def test_a_policy_without_a_version_is_not_there_yet(self, client):
        make_question(make_policy())
        assert "Nothing is published yet" in read(client, "/").html
        assert read(client, "/privacy/", 404)


@pytest.mark.django_db
class TestErrors:
    @pytest.mark.parametrize(
        "path",
        [
            "/nothing/",
            "/privacy/versions/4/",
            "/privacy/versions/7/",
            "/privacy/versions/0/",
            "/privacy/versions/99999999999999999999999/",
            "/privacy/versions/first/",
            "/privacy/no/such/page",
            "/a&<b>/",
        ],
    )
    def test_an_unknown_address_shows_the_contents_of_the_policy(self, client, path):
        make_record()
        page = read(client, path, 404)
        assert f"There is nothing at {path}" in said(page.by_id("_main"))
        assert page.link("When do we use cookies?") == "/privacy/#when-do-we-use-cookies"
        assert page.link("Who are we?") == "/privacy/#who-are-we"

    def test_of_several_policies_the_one_that_was_asked_for_comes_first(self, client):
        make_record()
        make_record("staff")
        for first, other in (("privacy", "staff"), ("staff", "privacy")):
            links = read(client, f"/{first}/nothing/", 404).links()
            assert links.index(f"/{first}/") < links.index(f"/{other}/")

    def test_a_long_address_is_shown_in_part(self, client):
        page = read(client, f"/{'a' * 5000}/", 404)
        assert len(page.html) < 4000

    def test_a_site_without_policies_has_it_too(self, client):
        assert "Nothing is published here yet." in read(client, "/nothing/", 404).html

    def test_other_ways_to_ask_are_refused(self, client):
        make_record()
        for path in ("/", "/privacy/", "/privacy/versions/", "/privacy/versions/1.json"):
            assert client.post(path).status_code == 405
            assert client.head(path).status_code in (200, 302)


def test_the_page_for_a_failure_needs_no_database():
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    page = Page(response.content.decode())
    assert said(page.all("h1")[0]) == "Something went wrong"
    assert [each.get("href") for each in page.all("link")] == [
        "/static/css/tokens.css",
        "/static/css/page.css",
    ]


@pytest.mark.django_db
class TestEveryPage:
    @pytest.fixture
    def pages(self, client) -> list[Page]:
        make_record()
        pages = [read(client, path, status) for path, status in PAGES.items()]
        make_record("staff")
        return [*pages, read(client, "/"), read(client, "/nothing/", 404)]

    def test_it_has_every_id_once(self, pages):
        for page in pages:
            ids = page.ids()
            assert len(ids) == len(set(ids))

    def test_every_link_within_it_lands(self, pages):
        for page in pages:
            ids = page.ids()
            for href in page.links():
                assert not href.startswith("#") or href[1:] in ids, href

    def test_its_headings_skip_no_level(self, pages):
        for page in pages:
            levels = [int(each.tag[1]) for each in page.all(*HEADINGS)]
            assert levels[0] == 1
            assert levels.count(1) == 1
            steps = zip(levels, levels[1:], strict=False)
            assert all(later <= level + 1 for level, later in steps)

    def test_it_has_one_main_part_and_a_link_past_what_stands_before_it(self, pages):
        for page in pages:
            (main,) = page.all("main")
            assert page.all("a")[0].get("href") == f"#{main.get('id')}"

    def test_its_head_is_complete(self, pages):
        for page in pages:
            assert page.root.get("lang") in ("en", "en-gb")
            assert len(said(page.all("title")[0])) >= 8
            assert page.meta("viewport") == "width=device-width, initial-scale=1"
            assert page.meta("color-scheme") == "light dark"

    def test_its_ids_and_classes_stay_clear_of_what_blockers_hide(self, pages):
        blocked = {"cookie", "cookies", "consent", "gdpr", "privacy", "notice", "banner", "popup"}
        blocked |= {"ad", "ads", "social", "share", "newsletter"}
        for page in pages:
            own = {name for name in page.ids() if name.startswith("_")}
            own -= {name for name in own if ".fn" in name}  # a footnote has its question's name
            for each in page.root.iter():
                own.update((each.get("class") or "").split())
            words = {word for name in own for word in re.split(r"[^a-z]+", name.lower())}
            assert words & blocked == set()

    def test_its_own_ids_cannot_be_those_of_a_question(self, pages):
        names = ("who-are-we", "about-us", "your-rights", "rights", "do-we-", "when-do-we-")
        for page in pages:
            own = {name for name in page.ids() if not name.startswith(names)}
            assert all(name.startswith("_") for name in own), own


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "title", "canonical", "description"),
    [
        (
            "/privacy/",
            "Privacy policy – Tarnwhistle",
            "/privacy/",
            "What we do with what we know about you.",
        ),
        (
            "/privacy/versions/1/",
            "Privacy policy, version 1 – Tarnwhistle",
            "/privacy/versions/1/",
            "What we do with what we know about you.",
        ),
        (
            "/privacy/versions/",
            "Privacy policy: all versions – Tarnwhistle",
            "/privacy/versions/",
            "Every version of “Privacy policy”, when it applied and what changed.",
        ),
    ],
)
def test_the_head_says_what_the_page_is(client, settings, path, title, canonical, description):
    settings.ORGANISATION = "Tarnwhistle"
    make_record()
    page = read(client, path)
    assert said(page.all("title")[0]) == title
    links = {each.get("rel"): each.get("href") for each in page.all("link")}
    assert links["canonical"] == f"{settings.SITE_URL.origin}{canonical}"
    assert page.meta("description") == description


@pytest.mark.django_db
def test_the_description_is_plain_text_and_not_too_long(client):
    policy = make_policy(introduction='### Hello\n\n"R&D" *and* ' + "so on " * 60)
    make_question(policy)
    publish(policy, DAY_5)
    description = read(client, "/privacy/").meta("description")
    assert description.startswith("Hello “R&D” and so on")
    assert len(description) == 160


TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").glob("[0-9]*.html")) + sorted(
    (Path(settings.BASE_DIR) / "templates/faq").glob("*.html")
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
class TestTheTemplates:
    def test_nothing_is_let_through_unescaped_but_frozen_wording(self, template):
        source = template.read_text()
        assert not re.search(r"\|\s*safe|autoescape|safeseq", source)
        frozen = set(re.findall(r"\{\{\s*([\w.]+)\|frozen", source))
        assert frozen <= {
            "page.introduction",
            "section.introduction",
            "question.answer",
            "page.contact",
            "contact_again",
        }
        assert source.count("frozen") == len(re.findall(r"\{\{\s*[\w.]+\|frozen\s*\}\}", source))

    def test_no_style_and_no_script_is_written_into_it(self, template):
        assert not re.search(
            r"<script(?! (type=.application/ld|src=\"{% static [^>]* defer))"
            r"|<style|\sstyle=|\son\w+=|javascript:",
            template.read_text(),
        )

    def test_every_word_in_it_can_be_translated(self, template):
        source = template.read_text()
        for pattern in (
            r"\{% comment %\}.*?\{% endcomment %\}",
            r"\{#.*?#\}",
            r"\{% blocktranslate.*?\{% endblocktranslate %\}",
            r"\{[%{].*?[%}]\}",
            r"<[^>]*>",
        ):
            source = re.sub(pattern, " ", source, flags=re.DOTALL)
        assert re.findall(r"[^\W\d_]+", re.sub(r"JSON|Markdown|\b_\w+", "", source)) == []


STYLES = Path(settings.BASE_DIR) / "static/css"


def rules(css: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Selectors with their declarations, whatever they are nested in."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"([^{};]+)\{([^{}]*)\}", css)
    return [
        (
            selector.strip(),
            [
                (name.strip(), value.strip())
                for name, colon, value in (part.partition(":") for part in body.split(";"))
                if colon
            ],
        )
        for selector, body in found
    ]


def colours(css: str) -> dict[str, str]:
    return {
        name[2:]: value
        for selector, body in rules(css)
        if selector == ":root"
        for name, value in body
    }


@pytest.mark.parametrize("name", ["page.css", "answer.css", "simple.css"])
class TestTheStyle:
    def test_a_browser_without_custom_properties_gets_the_light_colours(self, name):
        tokens = colours((STYLES / "tokens.css").read_text().partition("@media")[0])
        for selector, body in rules((STYLES / name).read_text()):
            for (before, plain), (property_, value) in zip([("", ""), *body], body, strict=False):
                used = re.findall(r"var\(--([\w-]+)\)", value)
                if used and "gradient" not in value:
                    for token in used:
                        value = value.replace(f"var(--{token})", tokens[token])
                    same = (before, plain) == (property_, value)
                    shorthand = property_.startswith(f"{before}-") and plain.endswith(value)
                    assert same or shorthand, f"{selector}: {property_} has no fallback"

    def test_a_browser_without_logical_properties_gets_physical_ones(self, name):
        for selector, body in rules((STYLES / name).read_text()):
            for property_, _value in body:
                if "-inline" in property_:
                    physical = property_.replace("-inline", "")
                    names = [each for each, _value in body]
                    assert names.index(physical) < names.index(property_), selector

    def test_it_needs_nothing_that_is_newer(self, name):
        css = (STYLES / name).read_text()
        assert not re.search(r"@layer|@import|@container|@scope|:has\(|:is\(|&|url\(", css)
        assert not re.search(r"\b(min|max|clamp)\(", css)

    def test_nothing_moves(self, name):
        css = (STYLES / name).read_text()
        assert not re.search(r"animation|transition|scroll-behavior", css)
