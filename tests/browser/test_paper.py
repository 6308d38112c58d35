"""The pages on paper, printed by a real browser and read back from the PDF's own layout."""

from __future__ import annotations

import pytest

from tests.factory import DAY_1, DAY_2, make_policy, make_question, make_record, publish, reword

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: A sheet of A4 without its margins, in CSS pixels.
SHEET = {"width": 642, "height": 980}
PAGES = (
    "/privacy/",
    "/privacy/versions/1/",
    "/privacy/versions/",
    "/privacy/versions/1...5/",
    "/privacy/when-do-we-use-cookies/",
    "/privacy/when-do-we-use-cookies/versions/",
    "/privacy/do-we-sell-your-data/",
    "/developers/",
)


@pytest.fixture
def sheet(page):
    """A page as wide as the paper, in the style for paper."""
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")
    return page


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_the_paper(sheet, live_server, path):
    make_record()
    sheet.goto(f"{live_server.url}{path}")
    assert sheet.evaluate("document.scrollingElement.scrollWidth") <= SHEET["width"]
    cut = sheet.evaluate(
        """width => [...document.querySelectorAll("p, li, td, dd, pre, h1, h2, h3")].filter(
             each => each.getClientRects().length && !each.closest(".spoken") &&
                     each.getBoundingClientRect().right > width + 1).map(each => each.outerHTML)""",
        SHEET["width"],
    )
    assert cut == []


def test_a_table_of_long_addresses_fits_on_the_paper(sheet, live_server):
    policy = make_policy()
    address = f"https://supplier.example/{'a' * 60}"
    row = f"| Maps | {address} | {address} | {address} |"
    make_question(policy, answer=f"| Who | One | Two | Three |\n|---|---|---|---|\n{row}")
    publish(policy, DAY_1)
    sheet.goto(f"{live_server.url}/privacy/")
    right = sheet.locator("td").last.evaluate("cell => cell.getBoundingClientRect().right")
    assert right <= SHEET["width"]


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("/privacy/", ("Version 5", "In force since 5 March 2020, 12:00")),
        ("/privacy/versions/1/", ("Version 1", "Dated 1 March 2020, 12:00")),
        ("/privacy/versions/6/", ("Version 6", "Applies from 2 March 2999, 12:00")),
        ("/privacy/who-are-we/", ("Version 5", "In force since 5 March 2020, 12:00")),
        ("/privacy/who-are-we/versions/", ("Version 5", "In force since 5 March 2020, 12:00")),
        ("/privacy/versions/1...5/", ("Version 1 of 1 March 2020", "Version 5 of 5 March 2020")),
    ],
)
def test_the_foot_says_which_words_these_are(sheet, live_server, path, facts):
    policy = make_record()
    sheet.goto(f"{live_server.url}{path}")
    foot = " ".join(sheet.locator(".foot").inner_text().split())
    for fact in facts:
        assert fact in foot
        number = fact.split()[1]
        if fact.startswith("Version"):
            digest = policy.version_set.get(approval__number=number).digest
            assert digest in foot
            assert sheet.get_by_text(digest).is_visible()


def test_the_list_of_versions_has_every_fingerprint(sheet, live_server):
    policy = make_record()
    sheet.goto(f"{live_server.url}/privacy/versions/")
    for number in (1, 3, 5, 6):
        digest = policy.version_set.get(approval__number=number).digest
        assert sheet.get_by_text(digest).is_visible()


def test_the_short_answer_keeps_its_distance_from_the_line_beside_it(sheet, live_server):
    make_record()
    for path in ("/privacy/", "/privacy/who-are-we/", "/privacy/who-are-we/versions/"):
        sheet.goto(f"{live_server.url}{path}")
        box = sheet.locator(".in-short").first
        assert box.evaluate("each => parseFloat(getComputedStyle(each).paddingLeft)") > 5


def test_contents_stand_in_columns_and_what_is_of_no_use_on_paper_is_gone(sheet, live_server):
    make_record()
    sheet.goto(f"{live_server.url}/privacy/")
    assert sheet.locator(".contents a").first.is_visible()
    columns = "each => getComputedStyle(each).columnCount"
    assert sheet.locator(".contents-list > details > ul").evaluate(columns) == "2"
    for gone in (".copy", ".return", ".contents summary"):
        assert sheet.locator(gone).first.is_hidden(), gone


def test_what_changed_is_printed_though_it_is_folded(sheet, live_server):
    policy = make_policy()
    who = make_question(policy)
    publish(policy, DAY_1)
    reword(who, "Another company.")
    publish(policy, DAY_2, note="Another company answers.")
    sheet.goto(f"{live_server.url}/privacy/")
    box = sheet.get_by_text("Another company answers.").bounding_box()
    assert box is not None
    assert box["height"] > 5


def test_dark_is_for_screens_only(sheet, live_server):
    make_record()
    sheet.emulate_media(media="print", color_scheme="dark")
    sheet.goto(f"{live_server.url}/privacy/")
    assert sheet.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--paper').trim()"
    assert sheet.evaluate(paper) == "#fff"


def test_every_page_of_paper_can_be_made(page, live_server):
    make_record()
    page.goto(f"{live_server.url}/privacy/")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
