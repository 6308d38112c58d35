"""Finding a question in a real browser: as one types, by keyboard, with and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from faq.models import Policy
from tests.factory import DAY_1, make_policy, make_question, make_section, publish
from tests.finding import CASES, QUESTIONS, make_findable

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}

#: Types each query, as far as the page can tell, and takes down what is listed and said.
ASK_ALL = """queries => {
  const field = document.querySelector("#_q");
  return queries.map(query => {
    field.value = query;
    field.dispatchEvent(new Event("input"));
    const links = document.querySelectorAll(".found > ul > li > a");
    return [...links].map(link => decodeURIComponent(link.hash.slice(1)));
  });
}"""


@pytest.fixture
def plain_page(browser):
    """A page of a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def english(live_server) -> str:
    """The address of a policy in English."""
    make_findable("english")
    return f"{live_server.url}/english/"


def field(page):
    return page.get_by_label("Find a question")


def results(page):
    return page.locator(".found > ul > li > a")


def contents(page):
    return page.locator(".contents").get_by_role("link", name="When do we use cookies?")


def start(page, address: str) -> None:
    """Open a page and wait until all that is searched is there."""
    with page.expect_response("**/versions/1.json") as answer:
        page.goto(address)
        field(page).focus()
    answer.value.finished()
    # The first question's own words, also asked, are not on the page: they come with the document.
    also = next(also for _title, also, _short, _text in QUESTIONS["english"].values())
    if address.endswith("/english/"):
        field(page).fill(also.partition(",")[0])
        results(page).first.wait_for()
        field(page).fill("")


def said(page, text: str) -> None:
    """Wait until this is said, for screen readers as well."""
    page.locator(".find [role=status]", has_text=text).wait_for()


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_script_finds_what_the_table_says(page, live_server, name):
    make_findable(name)
    cases = [case for case in CASES if case[0] == name]
    page.goto(f"{live_server.url}/{name}/")
    with page.expect_response("**/versions/1.json"):
        field(page).focus()
    queries = [query for _name, query, _found, _all in cases]
    expected = [found for _name, _query, found, _all in cases]
    # What is also asked arrives a moment later.
    for _wait in range(100):
        if page.evaluate(ASK_ALL, queries) == expected:
            break
        page.wait_for_timeout(20)
    assert page.evaluate(ASK_ALL, queries) == expected


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_script_and_the_server_find_the_same_for_every_word(page, live_server, client, name):
    make_findable(name)
    text = " ".join(part for parts in QUESTIONS[name].values() for part in parts)
    singles = list(dict.fromkeys(text.split()))
    pairs = [f"{one} {other}" for one, other in zip(singles, singles[3:], strict=False)]
    parts = [word[: len(word) // 2 + 1] for word in singles]
    queries = [*singles, *pairs, *parts][:: 1 if name != "english" else 2]
    page.goto(f"{live_server.url}/{name}/")
    with page.expect_response("**/versions/1.json"):
        field(page).focus()
    expected = [server_finds(client, name, query) for query in queries]
    for _wait in range(100):
        if page.evaluate(ASK_ALL, queries) == expected:
            break
        page.wait_for_timeout(20)
    assert page.evaluate(ASK_ALL, queries) == expected


def server_finds(client, name: str, query: str) -> list[str]:
    found = client.get(f"/{name}/", {"q": query}).context["found"]
    return [question.anchor for question in found.questions]


def test_typing_shows_what_is_found_in_place_of_the_contents(page, english):
    page.goto(english)
    field(page).press_sequentially("cook")
    # What is also asked arrives a moment later.
    expect(results(page)).to_have_text(["When do we use cookies?", "How do you turn them off?"])
    said(page, "Questions found: 2")
    assert page.locator(".contents").get_by_role("link", name="Who are we?").count() == 0
    # The text itself stays whole, so that the browser's own search finds everything.
    for title, *_more in QUESTIONS["english"].values():
        assert page.get_by_role("heading", name=title).is_visible()
    results(page).first.click()
    assert page.url == f"{english}#cookies"


def test_what_is_also_asked_is_found_first(page, english):
    start(page, english)
    for query in ("get my data", "subject access", "SAR"):
        field(page).fill(query)
        assert results(page).first.inner_text() == "How can I find out what you hold about me?"


def test_until_what_is_also_asked_is_there_titles_and_answers_are_found(page, english):
    said_wrong = []
    page.on("pageerror", lambda error: said_wrong.append(str(error)))
    page.route("**/versions/1.json", lambda route: route.abort())
    page.goto(english)
    field(page).fill("SAR")
    said(page, "No question has these words.")
    field(page).fill("harrowmere")
    said(page, "Questions found: 1")
    assert results(page).all_inner_texts() == ["Who are we?"]
    assert said_wrong == []


def test_escape_brings_the_contents_back(page, english):
    start(page, english)
    field(page).fill("cookies")
    said(page, "Questions found: 2")
    page.keyboard.press("Escape")
    assert field(page).input_value() == ""
    assert results(page).count() == 0
    assert contents(page).is_visible()
    assert page.locator(".find [role=status]").inner_text() == ""
    field(page).fill("cookies")
    field(page).press("Enter")
    page.keyboard.press("Escape")  # from what was found, too
    assert field(page).evaluate("field => field === document.activeElement")
    assert contents(page).is_visible()


def test_enter_goes_to_the_best_and_enter_again_to_its_answer(page, english):
    start(page, english)
    field(page).fill("delete")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Can you delete what you have?"
    assert page.url == english
    page.keyboard.press("Enter")
    assert page.url == f"{english}#delete"
    page.get_by_label("Find a question").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Find"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Can you delete what you have?"


def test_where_nothing_is_found_it_says_what_to_do_and_whom_to_ask(page, english):
    start(page, english)
    field(page).fill("fax")
    said(page, "No question has these words. Try others, or fewer")
    assert page.locator(".found").get_by_role("link", name="us").is_visible()
    assert contents(page).is_visible()
    field(page).press("Enter")  # which calls or writes to nobody
    assert field(page).evaluate("field => field === document.activeElement")
    field(page).fill("SAR fax")
    said(page, "No question has all of these words. Questions with some of them: 1")


def test_nothing_that_is_typed_leaves_the_browser(page, english):
    asked = []
    start(page, english)
    page.on("request", lambda request: asked.append(request.url))
    field(page).press_sequentially("secret word")
    said(page, "No question has these words.")
    page.keyboard.press("Enter")
    assert asked == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_without_scripts_the_form_does_the_same(plain_page, english):
    plain_page.goto(english)
    field(plain_page).fill("SAR")
    field(plain_page).press("Enter")
    assert plain_page.url == f"{english}?q=SAR#_contents"
    assert results(plain_page).all_inner_texts() == ["How can I find out what you hold about me?"]
    assert field(plain_page).input_value() == "SAR"
    results(plain_page).click()
    assert plain_page.url == f"{english}?q=SAR#copy"
    plain_page.get_by_role("link", name="Show all questions").click()
    assert plain_page.url == f"{english}#_contents"
    assert field(plain_page).input_value() == ""


def test_typing_on_takes_over_from_what_the_server_found(page, english):
    page.goto(f"{english}?q=cookies#_contents")
    assert results(page).count() == 2
    assert contents(page).count() == 2
    field(page).fill("delete what")
    said(page, "Questions found:")
    assert results(page).first.inner_text() == "Can you delete what you have?"
    assert page.locator(".found").count() == 1
    page.keyboard.press("Escape")
    assert contents(page).count() == 1


def test_a_browser_that_cannot_leaves_it_to_the_server(page, english):
    said_wrong = []
    page.on("pageerror", lambda error: said_wrong.append(str(error)))
    page.add_init_script("delete String.prototype.normalize; delete window.fetch;")
    page.goto(english)
    field(page).fill("SAR")
    field(page).press("Enter")
    page.wait_for_url("**/?q=SAR#_contents")
    assert results(page).count() == 1
    assert said_wrong == []


@pytest.mark.parametrize(
    ("name", "query", "direction"), [("semitic", "بيانات", "rtl"), ("unspaced", "個人情報", "ltr")]
)
def test_it_works_in_other_scripts_and_directions(page, live_server, name, query, direction):
    make_findable(name)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/{name}/")
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    field(page).fill(query)
    said(page, "Questions found: 1")
    box, button = field(page).bounding_box(), page.get_by_role("button", name="Find").bounding_box()
    first, second = (button, box) if direction == "rtl" else (box, button)
    assert first["x"] + first["width"] <= second["x"]
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_field_is_large_enough_to_touch_and_nothing_is_cut(page, english, width):
    page.set_viewport_size({"width": width, "height": 740})
    for address in (english, f"{english}?q=cookies", f"{english}?q=fax"):
        page.goto(address)
        place, button = field(page), page.get_by_role("button", name="Find")
        for each in (place, button):
            box = each.bounding_box()
            assert box["height"] >= 44 and box["width"] >= 44
            assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert place.bounding_box()["y"] == button.bounding_box()["y"]
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_the_field_shows_its_edge_where_the_reader_chooses_all_colours(page, english):
    page.emulate_media(forced_colors="active")
    page.goto(english)
    field(page).focus()
    edge = "element => getComputedStyle(element).borderTopColor"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for each in (field(page), page.get_by_role("button", name="Find")):
        assert each.evaluate(edge) != ground
    assert field(page).evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_on_paper_stand_the_contents(page, english):
    start(page, english)
    field(page).fill("cookies")
    said(page, "Questions found: 2")
    page.emulate_media(media="print")
    assert field(page).is_hidden()
    assert results(page).first.is_hidden()
    assert contents(page).last.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=lambda s: s["width"])
def test_axe_finds_nothing(page, english, screen, scheme):
    page.set_viewport_size(screen)
    page.emulate_media(color_scheme=scheme)
    for address in (english, f"{english}?q=cookies", f"{english}?q=fax", f"{english}?q=SAR+fax"):
        page.goto(address)
        assert Axe().run(page).response["violations"] == [], address
    page.goto(english)
    for query in ("cookies", "fax"):
        field(page).fill(query)
        page.locator(".find [role=status]:not(:empty)").wait_for()
        assert Axe().run(page).response["violations"] == [], query


def test_a_screen_reader_is_told_what_the_field_is_and_what_was_found(page, english):
    start(page, english)
    field(page).fill("cookies")
    said(page, "Questions found: 2")
    tree = page.get_by_role("navigation", name="Contents").aria_snapshot()
    lines = [line.strip(" -") for line in tree.splitlines()]
    assert lines[:4] == [
        'navigation "Contents":',
        'heading "Contents" [level=2]',
        "search:",
        "text: Find a question",
    ]
    assert any(line.startswith('searchbox "Find a question"') for line in lines)
    assert 'status: "Questions found: 2"' in lines


@pytest.fixture
def long_policy() -> Policy:
    """250 questions in ten sections, with answers of two hundred words."""
    policy = make_policy()
    for number in range(250):
        if number % 25 == 0:
            section = make_section(policy, f"Part {number // 25}")
        text = f"We keep matter {number} for {number} days, and tell nobody of it{number}. " * 15
        make_question(
            policy,
            f"What about matter {number}?",
            f"{text}\n\n- Point\n- Another",
            anchor=f"matter-{number}",
            section=section,
            also_asked=f"affair {number}",
        )
    publish(policy, DAY_1)
    return policy


def test_every_one_of_250_questions_is_found(page, live_server, long_policy):
    page.goto(f"{live_server.url}/privacy/")
    with page.expect_response("**/versions/1.json"):
        field(page).focus()
    queries = [f"affair {number}" for number in (0, 99, 249)]
    for _wait in range(300):
        found = page.evaluate(ASK_ALL, queries)
        if all(found):
            break
        page.wait_for_timeout(20)
    assert [each[0] for each in found] == ["matter-0", "matter-99", "matter-249"]
    [everything] = page.evaluate(ASK_ALL, ["matter"])
    assert everything == [f"matter-{number}" for number in range(250)]


@pytest.mark.parametrize("query", ["?q=fax#_contents", ""])
def test_whom_to_ask_keeps_its_list(page, live_server, query):
    policy = make_policy(contact="Reach us:\n\n- by telephone\n- by post")
    make_question(policy)
    publish(policy, DAY_1)
    start(page, f"{live_server.url}/privacy/{query}")
    field(page).fill("fax")
    said(page, "No question has these words.")
    points = page.locator(".found .answer ul")
    assert points.evaluate("list => getComputedStyle(list).listStyleType") == "disc"
