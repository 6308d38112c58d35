"""The list of versions: what each entry says, and the two forms that work without a script."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.conf import settings

from faq import publishing
from faq.models import Policy, Withholding
from tests.factory import (
    DAY,
    DAY_1,
    DAY_2,
    DAY_3,
    DAY_4,
    DAY_5,
    FAR_AHEAD,
    MARKER,
    NOON,
    lengthen,
    make_every_kind_of_version,
    make_policy,
    make_published,
    make_question,
    make_record,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

HERE = "/privacy/versions/"


def page_of(client, query: str = "", status: int = 200) -> Element:
    """The list as a browser reads it; one that is not well-formed HTML fails the test."""
    answer = client.get(f"{HERE}{query}")
    assert answer.status_code == status, query
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(answer.content.decode())


def said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def entry(page: Element, number: int) -> Element:
    (found,) = page.iterfind(f".//*[@id='_v{number}']")
    return found


def asked(page: Element) -> list[str]:
    """What the forms on the page ask, by the words on their buttons."""
    return [said(each) for each in page.iter("button")]


def chosen(page: Element, name: str) -> str:
    (select,) = (each for each in page.iter("select") if each.get("name") == name)
    return next(option.get("value") for option in select if "selected" in option.attrib)


def faults(page: Element) -> dict[str, str]:
    """What is wrong, by the name of the field that it is tied to."""
    found = {}
    for field in (*page.iter("input"), *page.iter("select")):
        if field.get("aria-invalid") == "true":
            (text,) = page.iterfind(f".//*[@id='{field.get('aria-describedby')}']")
            found[field.get("name")] = said(text)
    return found


class TestWhatItSaidOnADay:
    def test_a_day_leads_to_the_address_of_that_day(self, client):
        make_record()
        answer = client.get(f"{HERE}?on=2020-03-02")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{HERE}2020-03-02/")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert client.get(answer.headers["Location"]).headers["Location"] == f"{HERE}2/"

    def test_a_day_that_is_still_to_come_leads_on_as_well(self, client):
        make_record()
        answer = client.get(f"{HERE}?on=2998-01-01")
        assert client.get(answer.headers["Location"]).headers["Location"] == f"{HERE}5/"

    @pytest.mark.parametrize("typed", ["5 March", "2020-02-30", "05/03/2020", "2020-13-01"])
    def test_what_is_no_day_comes_back_with_how_to_write_one(self, client, typed):
        make_record()
        page = page_of(client, f"?on={typed}", 400)
        assert faults(page) == {"on": "Write the day like 2018-05-25: year, month, day."}
        assert said(next(page.iter("title"))).startswith("Error: ")
        assert "Something changed." in said(entry(page, 1))

    @pytest.mark.parametrize("query", ["?on=", "?on"])
    def test_no_day_at_all_comes_back(self, client, query):
        make_record()
        assert faults(page_of(client, query, 400)) == {"on": "Choose a day."}

    def test_a_day_before_the_first_says_so(self, client):
        make_record()
        page = page_of(client, "?on=2020-02-29", 400)
        assert faults(page) == {
            "on": "No version applied on that day. The first one applied from 1 March 2020."
        }
        (field,) = (each for each in page.iter("input") if each.get("name") == "on")
        assert (field.get("type"), field.get("value")) == ("date", "2020-02-29")

    def test_a_character_that_no_text_has_breaks_nothing(self, client):
        make_record()
        assert client.get(f"{HERE}?on=%00&from=%00&to=%ff").status_code == 400

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_the_calendar_break_nothing(self, client, day):
        make_record()
        assert client.get(f"{HERE}?on={day}").status_code in (302, 400)

    def test_where_no_version_ever_applied_there_is_no_first(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, DAY_1, effective_at=FAR_AHEAD)
        assert asked(page_of(client)) == []
        page = page_of(client, "?on=2020-03-01", 400)
        assert faults(page) == {"on": "No version applied on that day."}

    def test_what_was_typed_is_no_markup(self, client):
        make_record()
        for query in ('on="><i>never</i>', 'from="><i>never</i>&to=1'):
            assert "<i>never" not in client.get(f"{HERE}?{query}").content.decode()


class TestCompare:
    @pytest.mark.parametrize("query", ["?from=1&to=5", "?from=5&to=1", "?to=5&from=1&on_=x"])
    def test_two_versions_lead_to_their_redline_with_the_older_first(self, client, query):
        make_record()
        answer = client.get(f"{HERE}{query}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{HERE}1...5/")
        assert client.get(answer.headers["Location"]).status_code == 200

    def test_a_version_with_itself_comes_back(self, client):
        make_record()
        page = page_of(client, "?from=3&to=3", 400)
        assert faults(page) == {"to": "Choose two different versions."}
        assert (chosen(page, "from"), chosen(page, "to")) == ("3", "3")

    @pytest.mark.parametrize("number", ["2", "4", "7", "9", "01", "x", "-1", "%D9%A1"])
    def test_a_version_that_cannot_be_read_cannot_be_told_from_one_that_never_was(
        self, client, number
    ):
        make_record()
        page = page_of(client, f"?from={number}&to=5", 400)
        assert faults(page) == {"from": "Choose a version from the list."}

    def test_one_version_alone_asks_for_the_other(self, client):
        make_record()
        assert faults(page_of(client, "?from=1", 400)) == {"to": "Choose a version."}
        assert faults(page_of(client, "?to=1&from=", 400)) == {"from": "Choose a version."}

    def test_it_offers_what_can_be_read_and_begins_with_what_applies_and_what_it_replaced(
        self, client
    ):
        make_every_kind_of_version()
        page = page_of(client)
        offered = [said(option) for option in next(page.iter("select"))]
        assert offered == [
            "Version 7 of 2 March 2999",
            "Version 6 of 8 March 2026",
            "Version 5 of 7 March 2026",
            "Version 3 of 4 March 2026",
            "Version 1 of 2 March 2026",
        ]
        assert (chosen(page, "from"), chosen(page, "to")) == ("3", "5")
        assert MARKER not in said(page)

    def test_what_applies_after_a_withdrawal_is_compared_with_what_it_had_replaced(self, client):
        policy = make_policy()
        question = make_question(policy)
        for number, at in enumerate((DAY_1, DAY_2, DAY_3)):
            reword(question, f"Answer {number}.")
            publish(policy, at)
        newest = policy.version_set.newest()
        publishing.withdraw(newest, by="alice", at=DAY_4, reason="No.")
        page = page_of(client)
        assert (chosen(page, "from"), chosen(page, "to")) == ("1", "2")

    def test_a_first_version_is_compared_with_the_announced_one(self, client):
        policy = make_policy()
        question = make_question(policy)
        publish(policy, DAY_1)
        reword(question, "Another answer.")
        publish(policy, DAY_2, effective_at=FAR_AHEAD)
        page = page_of(client)
        assert asked(page) == ["Show changes"]
        assert (chosen(page, "from"), chosen(page, "to")) == ("1", "2")

    def test_a_hidden_predecessor_gives_way_to_the_next_that_can_be_read(self, client):
        policy = make_policy()
        question = make_question(policy)
        for number, at in enumerate((DAY_1, DAY_2, DAY_3)):
            reword(question, f"Answer {number}.")
            publish(policy, at)
        second = policy.version_set.get(approval__number=2)
        publishing.withhold(second, by="alice", at=DAY_4, reason="A court.")
        page = page_of(client)
        assert (chosen(page, "from"), chosen(page, "to")) == ("1", "3")
        assert "What changed since" not in said(entry(page, 3))


class TestTheForms:
    def test_there_are_none_while_there_is_nothing_to_choose(self, client):
        make_published(1)
        assert asked(page_of(client)) == []

    def test_there_are_both_once_there_are_two_versions(self, client):
        make_published(2)
        assert asked(page_of(client)) == ["Show", "Show changes"]

    def test_each_field_has_its_words(self, client):
        make_record()
        page = page_of(client)
        words = {label.get("for"): said(label) for label in page.iter("label")}
        assert words == {"_on": "What did it say on", "_from": "Compare", "_to": "with"}
        for field in (*page.iter("input"), *page.iter("select")):
            assert field.get("id") in words

    def test_other_words_in_the_address_change_nothing(self, client):
        make_record()
        plain = client.get(HERE).content
        for query in ("?", "?utm_source=x", "?page=2", "?ON=2020-01-01", "?From=1"):
            assert client.get(f"{HERE}{query}").content == plain


class TestAnEntry:
    def test_a_corrected_note_says_so_and_what_it_said_before(self, client):
        policy = make_policy()
        make_question(policy)
        publish(policy, DAY_1, note="A notw.")
        for at, text in ((DAY_2, "A nite."), (DAY_5, "A note.")):
            publishing.write_note(policy.version_set.get(), by="a", at=at, text=text)
        found = entry(page_of(client), 1)
        assert [said(each) for each in found.iterfind("p")][1:] == ["A note."]
        (before,) = found.iter("details")
        assert said(before) == (
            "This note was corrected on 5 March 2020 Until 5 March 2020 it said: A nite. "
            "Until 2 March 2020 it said: A notw."
        )

    def test_a_note_that_stands_as_written_has_no_corrections(self, client):
        make_published(2)
        assert list(page_of(client).iter("details")) == []

    def test_it_leads_to_what_changed_since_the_version_that_it_replaced(self, client):
        make_every_kind_of_version()
        page = page_of(client)
        links = {
            number: [a.get("href") for a in entry(page, number).iter("a") if "..." in a.get("href")]
            for number in range(1, 8)
        }
        # 2 is hidden and 4 was never public; 6 was withdrawn, so 7 follows 5.
        assert links == {
            **{number: [] for number in (1, 2, 3, 4)},
            5: [f"{HERE}3...5/"],
            6: [f"{HERE}5...6/"],
            7: [f"{HERE}5...7/"],
        }
        for each in (*links[5], *links[6], *links[7]):
            assert client.get(each).status_code == 200

    def test_a_version_that_was_announced_says_when(self, client):
        make_record()
        page = page_of(client)
        assert "Announced on 6 March 2020" in said(entry(page, 6))
        assert "Announced" not in said(entry(page, 5))

    def test_a_hidden_one_shows_neither_its_note_nor_the_corrections(self, client):
        policy = make_published(2)
        first = policy.version_set.get(approval__number=1)
        publishing.write_note(first, by="a", at=DAY_5.replace(year=2027), text=MARKER)
        publishing.write_note(first, by="a", at=DAY_5.replace(year=2027), text="Better.")
        hidden_at = DAY_5.replace(year=2028)
        publishing.withhold(first, by="a", at=hidden_at, reason="A court.")
        found = entry(page_of(client), 1)
        assert MARKER not in said(found)
        assert "Better." not in said(found)
        assert "Wording hidden. A court." in said(found)


def hide_the_live_version(policy: Policy) -> None:
    """Let the first version apply again, and hide it: by hand, because no verb would."""
    hidden = policy.version_set.get(approval__number=1)
    publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_3, reason="No.")
    Withholding.objects.create(
        version=hidden, reason="A court.", withheld_by="alice", recorded_at=DAY_4
    )


class TestWithoutWording:
    def test_the_title_is_that_of_a_version_which_can_be_read(self, client):
        policy = make_policy(title=MARKER, contact=f"Write to {MARKER}.")
        question = make_question(policy)
        publish(policy, DAY_1)
        policy.title, policy.contact = "Privacy policy", "Write to us."
        policy.save()
        reword(question, "Another answer.")
        publish(policy, DAY_2)
        hide_the_live_version(policy)
        page = page_of(client)
        assert said(next(page.iter("title"))) == "Privacy policy: all versions"
        assert MARKER not in said(page)
        assert "Write to us." in said(page)

    def test_it_reads_well_when_every_wording_is_hidden(self, client):
        policy = make_policy(title=MARKER)
        make_question(policy)
        publish(policy, DAY_1)
        Withholding.objects.create(
            version=policy.version_set.get(), reason="A court.", withheld_by="a", recorded_at=DAY_2
        )
        page = page_of(client)
        assert said(next(page.iter("title"))) == "All versions"
        texts = [said(each) for each in page.find(".//main")]
        assert texts[:2] == ["Read the version in force", "All versions"]
        assert MARKER not in said(page)
        metas = {meta.get("property"): meta.get("content") for meta in page.iter("meta")}
        assert metas["og:title"] == "All versions"
        assert metas["og:description"] == "Every version, when it applied and what changed."

    def test_its_canonical_address_has_no_question_in_it(self, client):
        make_record()
        page = page_of(client, "?on=never", 400)
        (link,) = (each for each in page.iter("link") if each.get("rel") == "canonical")
        assert link.get("href") == f"{settings.SITE_URL.origin}{HERE}"


@pytest.mark.parametrize(
    "path",
    ["03/", "001/", "0/", "03.json", "03.md", "3...05/", "03...5/", "0...3/", "+3/", "%D9%A3/"],
)
def test_a_version_has_no_second_address(client, path):
    make_record()
    assert client.get(f"{HERE}{path}").status_code == 404


def test_a_number_of_any_length_is_a_404_and_no_error(client):
    make_record()
    assert client.get(f"{HERE}{'9' * 5000}/").status_code == 404


def test_the_list_needs_no_more_queries_for_more_versions(client, django_assert_max_num_queries):
    make_published(12)
    with django_assert_max_num_queries(8):
        client.get(HERE)


class TestOlderPages:
    """With 101 versions the newest page has 51 to 101, and an older one has the others."""

    @pytest.fixture(autouse=True)
    def _many(self):
        policy = make_published(1)
        lengthen(policy, 100)

    def test_the_newest_page_leads_to_the_older_one_and_back(self, client):
        newest = page_of(client)
        numbers = [each.get("id") for each in newest.iter("section") if each.get("id")]
        assert numbers == [f"_v{number}" for number in range(101, 50, -1)]
        assert ways(newest) == {"next": f"{HERE}1-50/"}
        older = read(client, f"{HERE}1-50/")
        numbers = [each.get("id") for each in older.iter("section") if each.get("id")]
        assert numbers == [f"_v{number}" for number in range(50, 0, -1)]
        assert ways(older) == {"prev": HERE}
        assert said(next(older.iter("title"))) == "Policy of day 100: versions 1 to 50"
        assert said(next(older.iter("h1"))) == "Versions 1 to 50"
        (link,) = (each for each in older.iter("link") if each.get("rel") == "canonical")
        assert link.get("href") == f"{settings.SITE_URL.origin}{HERE}1-50/"

    def test_the_first_on_the_page_leads_to_what_it_replaced_on_the_next(self, client):
        page = page_of(client)
        assert f"{HERE}50...51/" in [a.get("href") for a in entry(page, 51).iter("a")]

    @pytest.mark.parametrize(
        "numbers",
        ["51-100", "2-51", "1-49", "1-100", "101-150", "50-1", "0-49", "01-50", "1-050", "1-50x"],
    )
    def test_other_numbers_are_no_page(self, client, numbers):
        assert client.get(f"{HERE}{numbers}/").status_code == 404

    def test_a_version_leads_to_its_place_in_the_list(self, client):
        for number, where in ((101, HERE), (51, HERE), (50, f"{HERE}1-50/"), (1, f"{HERE}1-50/")):
            page = read(client, f"{HERE}{number}/")
            (line,) = (p for p in page.iter("p") if p.get("class") == "dateline")
            address, _hash, place = line.find("a").get("href").partition("#")
            assert (address, place) == (where, f"_v{number}")
            assert entry(read(client, address), number) is not None
        assert f'{HERE}#_v101"' in client.get("/privacy/").content.decode()

    @pytest.mark.parametrize("path", [HERE, f"{HERE}1-50/"])
    def test_both_questions_can_be_asked_of_any_version(self, client, path):
        page = read(client, path)
        assert asked(page) == ["Show", "Show changes"]
        assert {form.get("action") for form in page.iter("form")} == {HERE}
        fields = {each.get("name"): each for each in page.iter("input")}
        assert {fields[name].get("type") for name in ("from", "to")} == {"number"}
        assert fields["to"].get("max") == "101"

    def test_versions_are_compared_by_their_numbers(self, client):
        answer = client.get(f"{HERE}?from=100&to=3")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{HERE}3...100/")
        page = page_of(client, "?from=3&to=3", 400)
        assert faults(page) == {"to": "Choose two different versions."}

    @pytest.mark.parametrize("number", ["102", "0", "01", "x", "-1", "1.0", "%D9%A1", "9" * 5000])
    def test_a_number_that_cannot_be_read_comes_back(self, client, number):
        page = page_of(client, f"?from={number}&to=5", 400)
        assert faults(page) == {"from": "Write the number of a version that can be read."}
        assert faults(page_of(client, "?from=1", 400)) == {"to": "Write the number of a version."}

    def test_of_hidden_wording_the_number_is_refused_as_well(self, client):
        policy = Policy.objects.get()
        hidden = policy.version_set.get(approval__number=7)
        publishing.withhold(hidden, by="alice", at=NOON + 200 * DAY, reason="A court.")
        page = page_of(client, "?from=7&to=5", 400)
        assert faults(page) == {"from": "Write the number of a version that can be read."}
        assert "A court." in said(entry(read(client, f"{HERE}1-50/"), 7))

    def test_words_after_the_address_of_an_older_page_change_nothing(self, client):
        plain = client.get(f"{HERE}1-50/").content
        assert client.get(f"{HERE}1-50/?on=2020-01-01&from=1&to=2").content == plain


def read(client, path: str) -> Element:
    answer = client.get(path)
    assert answer.status_code == 200, path
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(answer.content.decode())


def ways(page: Element) -> dict[str, str]:
    """Where the links to other pages of the list lead, by their relation."""
    links = (a for nav in page.iter("nav") for a in nav.iter("a"))
    return {a.get("rel"): a.get("href") for a in links}
