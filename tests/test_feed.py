"""The Atom feed of a policy's versions, and each version as Markdown."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import html5lib
import pytest
from django.test import Client

from faq import feeds, publishing
from faq.models import Policy, Version
from faq.rendering import place
from tests.asking import ask
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_section,
    publish,
    reword,
)

FEED = "/privacy/versions.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
AFTER = NOON + 30 * DAY
MARKER = "Zebulon"

#: RFC 4287, 4.1.1 and 4.1.2: how often each child may stand: (least, most).
ANY = 1_000_000
OF_FEED = {
    "author": (1, ANY),  # at least one, as the entries have none of their own
    "category": (0, ANY),
    "contributor": (0, ANY),
    "generator": (0, 1),
    "icon": (0, 1),
    "id": (1, 1),
    "link": (1, ANY),
    "logo": (0, 1),
    "rights": (0, 1),
    "subtitle": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "entry": (0, ANY),
}
OF_ENTRY = {
    "author": (0, ANY),
    "category": (0, ANY),
    "content": (0, 1),
    "contributor": (0, ANY),
    "id": (1, 1),
    "link": (1, ANY),
    "published": (0, 1),
    "rights": (0, 1),
    "source": (0, 1),
    "summary": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}
ATTRIBUTES = {
    "feed": {XML_LANG},
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "category": {"term", "scheme", "label"},
    "title": {"type"},
    "summary": {"type"},
    "content": {"type", "src"},
}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def fetch(at: datetime = AFTER) -> bytes:
    response = ask(FEED, at)
    assert response.status_code == 200
    return response.content


def entries(at: datetime = AFTER) -> list[ElementTree.Element]:
    return ElementTree.fromstring(fetch(at)).findall(f"{ATOM}entry")


def text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def link(entry: ElementTree.Element, rel: str) -> str | None:
    return next((e.get("href") for e in entry.findall(f"{ATOM}link") if e.get("rel") == rel), None)


def change(policy: Policy, answer: str = "") -> None:
    question = policy.question_set.first() or make_question(policy)
    reword(question, answer or f"A company, seen {policy.version_set.count()} times.")


def version(policy: Policy, number: int):
    return policy.version_set.with_facts().get(approval__number=number)


def assert_children(element: ElementTree.Element, allowed: dict[str, tuple[int, int]]) -> None:
    """Hold an element against a table of what RFC 4287 lets it contain."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(allowed)
    for name, (least, most) in allowed.items():
        assert least <= names.count(name) <= most, name


def assert_is_atom(data: bytes) -> None:
    """Hold a feed against the rules of RFC 4287."""
    feed = ElementTree.fromstring(data)
    assert feed.tag == f"{ATOM}feed"
    assert_children(feed, OF_FEED)
    found = feed.findall(f"{ATOM}entry")
    for entry in found:
        assert_children(entry, OF_ENTRY)
    for element in feed.iter():
        name = element.tag.removeprefix(ATOM)
        assert set(element.attrib) <= ATTRIBUTES.get(name, set()), name
        if name in {"updated", "published"}:
            assert RFC_3339.fullmatch(element.text or "")
        if name in {"id", "uri"}:
            assert urlsplit(element.text or "").scheme
        if name == "link":
            assert urlsplit(element.get("href", "")).scheme in {"http", "https"}
        if name in {"author", "contributor"}:
            assert text(element, "name")
        if element.get("type") == "html":
            assert len(element) == 0
    for holder in (feed, *found):
        alternates = [e for e in holder.findall(f"{ATOM}link") if e.get("rel") == "alternate"]
        kinds = [(e.get("type"), e.get("hreflang")) for e in alternates]
        assert len(kinds) == len(set(kinds)) == 1
    assert [e.get("rel") for e in feed.findall(f"{ATOM}link")].count("self") == 1
    ids = [text(holder, "id") for holder in (feed, *found)]
    assert len(ids) == len(set(ids))
    assert text(feed, "updated") == max((text(e, "updated") for e in found), key=_moment)
    for entry in found:
        assert _moment(text(entry, "published")) <= _moment(text(entry, "updated"))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def rich() -> Policy:
    """A policy with links of every kind, sub-headings, footnotes and sections."""
    policy = make_policy(
        introduction="See [our terms](/terms/) and [who](#who-are-we).",
        contact="Write to [us](mailto:us@example.org).",
    )
    section = make_section(policy, introduction="About [cookies](#cookies).")
    make_question(policy, in_short="A < company.", older_names="about-us")
    make_question(
        policy,
        "Cookies?",
        "We do[^1]. See [who](#about-us), [below](#cookies.kinds), [them](https://example.org/)."
        "\n\n### Kinds\n\nTwo & more.\n\n[^1]: Or not.",
        anchor="cookies",
        section=section,
    )
    publish(policy, NOON)
    for day in (1, 2):
        change(policy)
        publish(policy, NOON + day * DAY, material=day == 1, note="A < B & C.\n\nAnd more.")
    return policy


@pytest.mark.django_db
class TestTheFeed:
    def test_it_follows_the_rules_of_atom(self, rich):
        assert_is_atom(fetch())

    def test_it_follows_them_with_versions_in_every_state(self, rich):
        publishing.withhold(version(rich, 1), by="alice", at=NOON + 3 * DAY, reason="A < name.")
        publishing.withdraw(version(rich, 3), by="alice", at=NOON + 4 * DAY, reason="Too soon.")
        change(rich)
        publish(rich, NOON + 5 * DAY, effective_at=AFTER + DAY)
        assert_is_atom(fetch())
        assert len(entries()) == 4

    def test_feed_readers_read_it_without_complaint(self, rich):
        read = feedparser.parse(fetch(), response_headers={"content-type": _type()})
        assert (read.bozo, read.version) == (False, "atom10")
        assert read.feed.title == "Privacy policy: all versions"
        assert [entry.title for entry in read.entries] == [
            "Privacy policy, version 3",
            "Privacy policy, version 2",
            "Privacy policy, version 1",
        ]
        assert read.entries[0].content[0].type == "text/html"
        assert read.entries[0].updated_parsed[:5] == (2026, 3, 4, 12, 0)

    def test_it_says_where_it_is_and_what_it_is_about(self, rich):
        feed = ElementTree.fromstring(fetch())
        assert feed.get(XML_LANG) == "en"
        assert link(feed, "self") == f"http://127.0.0.1:8000{FEED}"
        assert link(feed, "alternate") == "http://127.0.0.1:8000/privacy/versions/"
        assert text(feed.find(f"{ATOM}author"), "name") == "127.0.0.1"

    def test_its_author_is_the_organisation(self, rich, settings):
        settings.ORGANISATION = "Smith & Sons"
        feed = ElementTree.fromstring(fetch())
        assert text(feed.find(f"{ATOM}author"), "name") == "Smith & Sons"

    def test_a_policy_without_public_versions_has_none(self):
        assert ask(FEED, NOON).status_code == 404
        policy = make_policy()
        make_question(policy)
        publish(policy, NOON, effective_at=NOON + DAY, announce=False)
        assert ask(FEED, NOON).status_code == 404
        assert ask(FEED, NOON + DAY).status_code == 200

    def test_whoever_has_it_already_is_told_so(self, rich):
        first = ask(FEED, AFTER)
        again = ask(FEED, AFTER, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        change(rich)
        publish(rich, AFTER)
        assert ask(FEED, AFTER, **{"If-None-Match": first.headers["ETag"]}).status_code == 200
        assert first.headers["Cache-Control"] == "no-cache"

    def test_it_holds_the_newest_fifty(self, monkeypatch):
        assert feeds.MOST == 50
        monkeypatch.setattr(feeds, "MOST", 3)
        make_published(5)
        found = entries()
        assert [link(entry, "alternate")[-3:] for entry in found] == ["/5/", "/4/", "/3/"]
        assert link(found[-1], "related").endswith("/2...3/")

    def test_it_holds_fewer_if_their_texts_are_long_but_always_the_newest(self, monkeypatch):
        make_published(5)
        size = len(Version.objects.get(approval__number=5).data())
        for most, numbers in ((3.5 * size, "543"), (1.5 * size, "5"), (1, "5")):
            monkeypatch.setattr(feeds, "LARGEST", most)
            assert "".join(link(each, "alternate")[-2] for each in entries()) == numbers
        assert link(entries()[-1], "related").endswith("/4...5/")

    def test_its_number_of_queries_does_not_grow(self, django_assert_num_queries):
        make_published(6)
        with django_assert_num_queries(7):
            fetch()
        with django_assert_num_queries(6):  # no wording is read that was read before
            fetch()

    def test_its_links_are_for_whoever_asks_also_where_its_texts_are_remembered(self, rich):
        for host, other in (("127.0.0.1:8000", "//localhost"), ("localhost:8000", "//127")):
            feed = ask(FEED, AFTER, Host=host).content.decode()
            assert f"http://{host}/privacy/versions/3/#who-are-we" in feed
            assert other not in feed

    def test_hidden_wording_takes_no_room_from_the_others(self, rich, monkeypatch):
        sizes = [len(version(rich, number).data()) for number in (2, 3)]
        monkeypatch.setattr(feeds, "LARGEST", sum(sizes))
        assert len(entries()) == 2
        publishing.withhold(version(rich, 2), by="bob", at=AFTER, reason="It named a person.")
        assert len(entries()) == 3

    def test_policy_pages_name_it_in_their_head(self, rich, client):
        for address in ("/privacy/", "/privacy/versions/", "/privacy/versions/1/"):
            page = html5lib.parse(ask(address, AFTER).content, namespaceHTMLElements=False)
            found = [
                (element.get("rel"), element.get("href"))
                for element in page.find("head").iter("link")
                if element.get("type") == "application/atom+xml"
            ]
            assert found == [("alternate", FEED)]

    def test_it_can_only_be_read(self, client, rich):
        assert client.post(FEED).status_code == 405


def _type() -> str:
    return ask(FEED, AFTER).headers["Content-Type"]


@pytest.mark.django_db
class TestAnEntry:
    def test_its_summary_is_the_change_note(self, rich):
        assert text(entries()[0], "summary") == "<p>A &lt; B &amp; C.</p>\n\n<p>And more.</p>"

    def test_a_correction_of_the_note_updates_it(self, rich):
        at = NOON + 5 * DAY
        publishing.write_note(version(rich, 2), by="alice", at=at, text="Corrected.")
        found = entries()
        assert text(found[1], "summary") == "<p>Corrected.</p>"
        assert _moment(text(found[1], "updated")) == at
        assert [_moment(text(e, "updated")) for e in (found[0], found[2])] == [NOON + 2 * DAY, NOON]

    def test_a_material_change_has_a_category_and_a_minor_one_has_none(self, rich):
        terms = [[e.get("term") for e in entry.findall(f"{ATOM}category")] for entry in entries()]
        assert terms == [[], ["material"], ["material"]]

    def test_it_links_its_page_and_what_changed(self, rich):
        site = "http://127.0.0.1:8000/privacy/versions/"
        assert [(link(e, "alternate"), link(e, "related")) for e in entries()] == [
            (f"{site}3/", f"{site}2...3/"),
            (f"{site}2/", f"{site}1...2/"),
            (f"{site}1/", None),
        ]

    def test_what_changed_is_told_from_the_version_that_it_replaced(self, rich):
        publishing.withdraw(version(rich, 3), by="alice", at=NOON + 3 * DAY, reason="Too soon.")
        change(rich)
        publish(rich, NOON + 4 * DAY)
        assert link(entries()[0], "related").endswith("/2...4/")

    def test_nothing_is_compared_with_hidden_wording(self, rich):
        publishing.withhold(version(rich, 2), by="alice", at=NOON + 3 * DAY, reason="A name.")
        assert [link(entry, "related") for entry in entries()] == [None, None, None]

    def test_it_holds_the_whole_text_in_order(self, rich):
        words = "".join(_html(entries()[0]).itertext())
        parts = [
            "Version 3 applies from 4 March 2026, 12:00. What changed since version 2",
            "See our terms and who.",
            "Who are we?",
            "A < company.",
            "seen 2 times",
            "Your rights",
            "About cookies.",
            "Cookies?",
            "Kinds",
            "Two & more.",
            "Or not.",
            "How to reach us",
            "Write to us.",
        ]
        places = [words.find(part) for part in parts]
        assert -1 not in places and places == sorted(places)

    def test_every_link_in_it_works_from_anywhere(self, rich):
        page = "http://127.0.0.1:8000/privacy/versions/2/"
        found = {"".join(e.itertext()): e.get("href") for e in _html(entries()[1]).iter("a")}
        assert found.pop("What changed since version 1").endswith("/1...2/")
        assert found == {
            "our terms": "http://127.0.0.1:8000/terms/",
            "who": f"{page}#about-us",
            "cookies": f"{page}#cookies",
            "below": "#privacy-v2-cookies.kinds",
            "them": "https://example.org/",
            "us": "mailto:us@example.org",
            "1": "#privacy-v2-_cookies.fn1",
            "\u21a9\ufe0e": "#privacy-v2-_cookies.fn1-ref",
        }

    def test_no_id_stands_in_two_entries_and_every_inner_link_lands(self, rich):
        every = []
        for entry in entries():
            html = _html(entry)
            ids = [e.get("id") for e in html.iter() if e.get("id")]
            inner = [e.get("href")[1:] for e in html.iter("a") if e.get("href").startswith("#")]
            assert set(inner) <= set(ids) and len(inner) == 3
            every += ids
        assert len(every) == len(set(every)) > 0

    def test_its_headings_start_below_the_title_and_skip_no_level(self, rich):
        levels = [
            (e.tag, "".join(e.itertext()))
            for e in _html(entries()[0]).iter()
            if re.fullmatch("h[1-6]", e.tag)
        ]
        assert levels == [
            ("h2", "Who are we?"),
            ("h2", "Your rights"),
            ("h3", "Cookies?"),
            ("h4", "Kinds"),
            ("h2", "How to reach us"),
        ]

    def test_its_id_is_made_from_the_record_and_stays_when_the_site_moves(self, rich, settings):
        before = [text(entry, "id") for entry in entries()]
        settings.SITE_URL = type(settings.SITE_URL)(
            "https", "example.org", "https://example.org", ""
        )
        publishing.withhold(version(rich, 1), by="alice", at=NOON + 3 * DAY, reason="A name.")
        publishing.withdraw(version(rich, 3), by="alice", at=NOON + 4 * DAY, reason="Too soon.")
        moved = entries()
        assert [text(entry, "id") for entry in moved] == before
        assert link(moved[0], "alternate") == "https://example.org/privacy/versions/3/"
        assert "127.0.0.1" not in fetch().decode()

    def test_characters_that_xml_cannot_hold_are_left_out(self):
        policy = make_policy(title="A\x08 policy")
        make_question(policy, answer="One\x0btwo \ufffe three.")
        publish(policy, NOON, note="A\x1f note.")
        assert_is_atom(fetch())
        (entry,) = entries()
        assert text(entry, "title") == "A policy, version 1"
        assert text(entry, "summary") == "<p>A note.</p>"
        assert "Onetwo" in text(entry, "content")

    def test_without_a_note_its_summary_names_the_version(self):
        policy = make_policy()
        change(policy)
        publish(policy, NOON, note="")
        assert text(entries()[0], "summary") == "<p>Version 1</p>"


@pytest.mark.django_db
class TestWhenAnEntryIsDated:
    def test_a_version_is_published_and_updated_as_it_begins(self, rich):
        assert [(text(e, "published"), text(e, "updated")) for e in entries()] == [
            (f"2026-03-0{day}T12:00:00+00:00", f"2026-03-0{day}T12:00:00+00:00")
            for day in (4, 3, 2)
        ]

    def test_an_announced_one_is_published_as_it_is_announced_and_updated_as_it_begins(self):
        policy = make_published(1)
        change(policy)
        publish(policy, NOON + DAY, effective_at=NOON + 9 * DAY)
        soon = entries(NOON + 2 * DAY)[0]
        assert _moment(text(soon, "published")) == NOON + DAY
        assert _moment(text(soon, "updated")) == NOON + DAY
        begun = entries(NOON + 9 * DAY)[0]
        assert _moment(text(begun, "published")) == NOON + DAY
        assert _moment(text(begun, "updated")) == NOON + 9 * DAY

    def test_one_announced_later_is_published_then(self):
        policy = make_published(1)
        change(policy)
        publish(policy, NOON + DAY, effective_at=NOON + 9 * DAY, announce=False)
        assert len(entries(NOON + 2 * DAY)) == 1
        publishing.announce(version(policy, 2), by="alice", at=NOON + 3 * DAY)
        assert _moment(text(entries(NOON + 4 * DAY)[0], "published")) == NOON + 3 * DAY

    def test_an_imported_history_has_the_dates_it_really_had(self):
        policy = make_policy()
        steps = [
            publishing.PastVersion(
                lambda: change(policy), NOON - years * 365 * DAY, False, "As it was."
            )
            for years in (9, 3)
        ]
        publishing.replay(policy, steps, by="alice", at=NOON)
        assert [_moment(text(entry, "updated")) for entry in entries()] == [
            NOON - 3 * 365 * DAY,
            NOON - 9 * 365 * DAY,
        ]

    def test_a_withdrawal_updates_it_and_is_told(self, rich):
        at = NOON + 5 * DAY
        publishing.withdraw(version(rich, 3), by="alice", at=at, reason="Too soon.")
        entry = entries()[0]
        assert _moment(text(entry, "updated")) == at
        assert "It was withdrawn on 7 March 2026." in "".join(_html(entry).itertext())

    def test_one_withdrawn_before_it_applied_is_not_updated_on_its_day(self):
        policy = make_published(1)
        change(policy)
        publish(policy, NOON + DAY, effective_at=NOON + 9 * DAY)
        publishing.withdraw(version(policy, 2), by="alice", at=NOON + 2 * DAY, reason="No.")
        assert _moment(text(entries()[0], "updated")) == NOON + 2 * DAY


@pytest.mark.django_db
class TestHiddenWording:
    def test_it_has_an_entry_with_its_reason_and_without_its_text_title_or_note(self):
        policy = make_policy(title=f"{MARKER} policy")
        make_question(policy, f"{MARKER}?", f"{MARKER}.", anchor="who")
        publish(policy, NOON, note=f"{MARKER} began.")
        policy.title = "Privacy policy"
        policy.save()
        question = policy.question_set.get()
        question.title = "Who?"
        reword(question, "A company.")
        publish(policy, NOON + DAY)
        assert MARKER in fetch().decode()
        at = NOON + 2 * DAY
        publishing.withhold(version(policy, 1), by="bob", at=at, reason="It named < a person.")
        assert MARKER not in fetch().decode()
        entry = entries()[1]
        assert text(entry, "title") == "Privacy policy, version 1"
        assert text(entry, "summary") == "<p>Wording hidden</p>"
        assert _moment(text(entry, "updated")) == at
        words = "".join(_html(entry).itertext())
        assert "Wording hidden." in words and "It named < a person." in words

    def test_a_feed_of_nothing_but_hidden_wording_has_the_address_for_a_title(self):
        policy = make_policy(title=MARKER)
        change(policy)
        publish(policy, NOON, effective_at=NOON + DAY)
        publishing.withdraw(version(policy, 1), by="bob", at=NOON, reason="A name.")
        publishing.withhold(version(policy, 1), by="bob", at=NOON, reason="A name.")
        assert_is_atom(fetch())
        assert MARKER not in fetch().decode()
        assert text(entries()[0], "title") == "privacy, version 1"


@pytest.mark.django_db
class TestWhatIsNotPublic:
    @pytest.fixture
    def policy(self) -> Policy:
        """Version 1 is in force; 2 was withdrawn unseen, 3 is not announced; more is undecided."""
        policy = make_policy()
        make_question(policy, answer="A company.")
        publish(policy, NOON)
        for number in (2, 3):
            change(policy, f"{MARKER} {number}.")
            policy.title = f"{MARKER} policy"
            policy.save()
            publish(policy, NOON, effective_at=AFTER + DAY, note=MARKER, announce=False)
            if number == 2:
                publishing.withdraw(version(policy, 2), by=MARKER, at=NOON, reason=MARKER)
        change(policy, f"{MARKER}, sent back.")
        rejected = publishing.freeze(policy, by=MARKER, at=NOON + HOUR)
        publishing.reject(rejected, by=MARKER, at=NOON + HOUR, reason=MARKER)
        change(policy, f"{MARKER}, waiting.")
        publishing.freeze(policy, by=MARKER, at=NOON + HOUR)
        change(policy, f"{MARKER}, a draft.")
        return policy

    ADDRESSES = (FEED, *(f"/privacy/versions/{number}.md" for number in range(1, 6)))

    def test_the_one_withdrawn_unseen_never_gets_an_entry(self, policy):
        later = AFTER + 2 * DAY
        assert [link(entry, "alternate")[-3:] for entry in entries(later)] == ["/3/", "/1/"]
        assert link(entries(later)[0], "related").endswith("/1...3/")

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_cookie_is_set_or_looked_at(self, policy, address):
        junk = "session=junk; csrf=junk; sessionid=junk; csrftoken=junk; messages=junk"
        response = Client(headers={"Cookie": junk}).get(address)
        assert "Set-Cookie" not in response.headers
        assert "cookie" not in response.headers.get("Vary", "").lower()


@pytest.mark.django_db
class TestMarkdown:
    def test_it_is_the_wording_of_that_version_as_text(self):
        make_published(2)
        response = ask("/privacy/versions/1.md", AFTER)
        assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert response.content.decode() == (
            "# Privacy policy\n\n## Who are we? {#who-are-we}\n\nA company.\n"
        )

    def test_letters_of_every_script_arrive_as_they_are(self):
        policy = make_policy()
        make_question(
            policy, "\u8ab0\u3067\u3059\u304b", "Th\u00e9\u00e2tre \U0001f36a.", anchor="\u8ab0"
        )
        publish(policy, NOON)
        text = ask("/privacy/versions/1.md", AFTER).content.decode()
        assert (
            "\u8ab0\u3067\u3059\u304b {#\u8ab0}" in text and "Th\u00e9\u00e2tre \U0001f36a." in text
        )

    def test_it_is_written_once_while_pages_are_made(self, monkeypatch):
        make_published(2)
        texts = [ask(f"/privacy/versions/{n}.md", AFTER).content for n in (1, 2)]
        monkeypatch.delattr(Version, "to_document")
        assert [ask(f"/privacy/versions/{n}.md", AFTER).content for n in (1, 2)] == texts
        assert len(set(texts)) == 2

    def test_whoever_has_it_already_is_told_so(self):
        make_published(2)
        first, second = (ask(f"/privacy/versions/{n}.md", AFTER) for n in (1, 2))
        assert first.headers["ETag"] != second.headers["ETag"]
        known = {"If-None-Match": first.headers["ETag"]}
        again = ask("/privacy/versions/1.md", AFTER, **known)
        assert (again.status_code, again.content) == (304, b"")
        assert ask("/privacy/versions/2.md", AFTER, **known).status_code == 200
        assert again.headers["Cache-Control"] == "no-cache"

    def test_hidden_wording_is_gone_and_says_why(self):
        policy = make_policy()
        make_question(policy, answer=MARKER)
        publish(policy, NOON)
        change(policy)
        publish(policy, NOON + DAY)
        ask("/privacy/versions/1.md", AFTER)
        one = version(policy, 1)
        publishing.withhold(one, by="bob", at=NOON + 2 * DAY, reason="It named a person.")
        response = ask("/privacy/versions/1.md", AFTER)
        assert response.status_code == 410
        assert response.content.decode() == (
            "The wording of version 1 is hidden: It named a person.\n"
            f"Fingerprint (SHA-256): {one.digest}\n"
        )
        assert "ETag" not in response.headers

    def test_an_announced_version_has_it_and_one_that_is_not_there_has_none(self):
        policy = make_published(1)
        change(policy)
        publish(policy, NOON + HOUR, effective_at=AFTER + DAY)
        assert ask("/privacy/versions/2.md", AFTER).status_code == 200
        assert ask("/privacy/versions/3.md", AFTER).status_code == 404
        assert ask("/other/versions/1.md", AFTER).status_code == 404

    def test_it_is_among_the_formats_of_each_version(self):
        make_published(2)
        for address in ("/privacy/", "/privacy/versions/2/", "/privacy/versions/"):
            page = html5lib.parse(ask(address, AFTER).content, namespaceHTMLElements=False)
            found = [e.get("href") for e in page.iter("a") if e.get("href", "").endswith(".md")]
            assert "/privacy/versions/2.md" in found

    def test_it_can_only_be_read(self, client):
        make_published(1)
        assert client.post("/privacy/versions/1.md").status_code == 405


class TestPlacing:
    """What a feed needs of `place`, which fits an answer to where it stands."""

    def test_a_whole_base_makes_links_within_the_site_whole(self):
        html = '<a href="/terms/?a=1&amp;b=2">t</a> <a href="#other">o</a> <a href="tel:1">c</a>'
        assert place(html, link_base="https://example.org/privacy/") == (
            '<a href="https://example.org/terms/?a=1&amp;b=2">t</a> '
            '<a href="https://example.org/privacy/#other">o</a> <a href="tel:1">c</a>'
        )

    def test_a_path_for_a_base_leaves_them_as_they_are(self):
        html = '<a href="/terms/">t</a> <a href="#other">o</a>'
        assert place(html, link_base="/privacy/") == (
            '<a href="/terms/">t</a> <a href="/privacy/#other">o</a>'
        )


def _html(entry: ElementTree.Element) -> ElementTree.Element:
    """The content of an entry as a browser reads it."""
    return html5lib.parseFragment(text(entry, "content"), namespaceHTMLElements=False)
