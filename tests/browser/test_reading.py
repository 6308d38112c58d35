"""Reading in a real browser: links land, nothing is cut off or hidden, nobody else is asked."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from faq.models import Policy
from tests.factory import DAY_1, make_policy, make_question, make_record, make_section, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
TABLET = {"width": 768, "height": 1024}
DESKTOP = {"width": 1280, "height": 800}
SCREENS = pytest.mark.parametrize("screen", [PHONE, TABLET, DESKTOP], ids=lambda s: s["width"])
PAGES = (
    "/",
    "/privacy/",
    "/privacy/versions/",
    "/privacy/versions/1/",
    "/privacy/versions/2/",
    "/privacy/versions/3/",
    "/privacy/versions/5/",
    "/privacy/versions/6/",
    "/privacy/versions/7/",
    "/privacy/versions/?on=never",
    "/privacy/?q=cookies",
    "/privacy/versions/1/?q=nothing",
    "/privacy/versions/1...5/",
    "/privacy/when-do-we-use-cookies/",
    "/privacy/when-do-we-use-cookies/versions/",
    "/privacy/do-we-sell-your-data/",
    "/developers/",
)

PARAGRAPH = (
    "We keep your name and your address for as long as you are with us, and for six years after "
    "you have left, because a claim under a contract can be made for that long. "
)

#: Where an element's top stands in the window, as a share of the window's height.
TOP = "element => element.getBoundingClientRect().top / window.innerHeight"


@pytest.fixture
def policy() -> Policy:
    """A policy of three sections with five long answers each."""
    policy = make_policy(contact="Write to [us](mailto:us@example.org).")
    for number in range(1, 4):
        section = make_section(policy, f"Section {number}", introduction="About this section.")
        for part in "abcde":
            make_question(
                policy,
                f"What about {part} of section {number}, and is it long enough for two lines?",
                "\n\n".join([PARAGRAPH * 3] * 4),
                anchor=f"question-{number}-{part}",
                older_names=f"older-{number}-{part}",
                section=section,
                in_short="In a word, yes.",
            )
    publish(policy, DAY_1)
    return policy


@SCREENS
def test_every_link_of_the_contents_lands_on_its_heading(page, live_server, policy, screen):
    page.set_viewport_size(screen)
    page.goto(f"{live_server.url}/privacy/")
    links = page.get_by_role("navigation", name="Contents").get_by_role("link").all()
    assert len(links) == 3 + 15 + 1
    for link in links:
        title, href = link.inner_text(), link.get_attribute("href")
        link.click()
        assert page.url == f"{live_server.url}/privacy/{href}"
        heading = page.locator("h2:target, h2:has(> :target), h3:has(> :target)")
        assert heading.inner_text() == title
        assert -0.01 <= heading.evaluate(TOP) < 0.9
        if not href.startswith("#_contact"):  # after the last there is nothing to scroll to
            assert heading.evaluate(TOP) < 0.1
        page.evaluate("window.scrollTo(0, 0)")


@SCREENS
def test_every_return_to_top_returns(page, live_server, policy, screen):
    page.set_viewport_size(screen)
    page.goto(f"{live_server.url}/privacy/")
    links = page.get_by_role("link", name="Return to top").all()
    assert len(links) == 15
    contents = page.get_by_role("heading", name="Contents")
    for link in links:
        link.click()
        assert 0 <= contents.evaluate(TOP) < 0.5
        assert page.evaluate("document.activeElement.id") == "_contents"
        assert page.evaluate("window.scrollY") < screen["height"]


def test_after_returning_the_next_tabs_are_the_field_and_the_contents(page, live_server, policy):
    page.goto(f"{live_server.url}/privacy/")
    page.get_by_role("link", name="Return to top").nth(3).click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "_q"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Section 1"


@SCREENS
def test_a_link_by_an_older_name_lands_on_the_question_and_marks_it(
    page, live_server, policy, screen
):
    page.set_viewport_size(screen)
    plain = "rgba(0, 0, 0, 0)"
    colour = "element => getComputedStyle(element).backgroundColor"
    for name in ("older-2-c", "question-3-a"):
        page.goto("about:blank")
        page.goto(f"{live_server.url}/privacy/#{name}")
        heading = page.locator(f"h3:has(#{name})")
        assert abs(heading.evaluate(TOP)) < 0.1
        assert heading.locator(".title").evaluate(colour) != plain
        assert page.locator("h3:has(#question-1-a) .title").evaluate(colour) == plain


def test_the_mark_on_a_heading_moves_nothing(page, live_server, policy):
    page.goto(f"{live_server.url}/privacy/")
    height = "document.documentElement.scrollHeight"
    before = page.evaluate(height)
    page.goto(f"{live_server.url}/privacy/#question-2-c")
    assert page.evaluate(height) == before


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280])
def test_no_page_scrolls_sideways(page, live_server, width):
    make_record()
    page.set_viewport_size({"width": width, "height": 600})
    for path in PAGES:
        page.goto(f"{live_server.url}{path}")
        assert page.locator("h1").is_visible()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path


def test_no_page_scrolls_sideways_with_the_spacing_that_some_readers_need(page, live_server):
    make_record()
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(f"{live_server.url}/privacy/")
    page.evaluate(  # the values of WCAG 1.4.12, set as a reader's own style would be
        """for (const [name, value] of Object.entries({"line-height": "1.5",
             "letter-spacing": "0.12em", "word-spacing": "0.16em"})) {
             for (const each of document.querySelectorAll("body, body *")) {
               each.style.setProperty(name, value, "important");
             }
           }"""
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    cut = page.evaluate(
        """[...document.querySelectorAll("h1, h2, h3, p, li, dd, a")].filter(
             each => !each.closest(".table-scroll, .skip") && each.getClientRects().length &&
                     each.getBoundingClientRect().right > 320).map(each => each.textContent)"""
    )
    assert cut == []


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_words_that_cannot_be_broken_do_not_make_a_page_wider(page, live_server, direction):
    policy = make_policy(title=f"Policy {'W' * 60}")
    title = f"What is {'Donaudampfschiff' * 12}?"
    make_question(policy, title, anchor="long", section=make_section(policy, "W" * 60))
    make_question(policy, f"And {title}", anchor="longer")
    publish(policy, DAY_1)
    page.set_viewport_size({"width": 320, "height": 600})
    for path in (
        "/privacy/",
        "/privacy/#longer",
        "/privacy/versions/",
        "/privacy/versions/1...1/",
        "/privacy/long/",
        "/privacy/long/versions/#_v1",
        "/nothing/",
    ):
        page.goto("about:blank")
        page.goto(f"{live_server.url}{path}")
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, path


def test_a_wide_table_scrolls_within_itself(page, live_server):
    make_record()
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(f"{live_server.url}/privacy/")
    box = page.locator(".table-scroll")
    assert box.evaluate("element => element.scrollWidth > element.clientWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    for _wait in range(100):
        if box.evaluate("element => element.scrollLeft") > 0:
            break
        page.wait_for_timeout(20)
    assert box.evaluate("element => element.scrollLeft") > 0


def test_every_request_stays_on_the_host_and_no_cookie_is_kept(page, live_server):
    make_record()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in PAGES:
        page.goto(f"{live_server.url}{path}")
    host = urlsplit(live_server.url).netloc
    assert len(asked) >= len(PAGES) + 3
    assert {urlsplit(url).netloc for url in asked} == {host}
    scripts = {url for url in asked if urlsplit(url).path.rpartition(".")[2] == "js"}
    names = ("links", "filter", "contents")
    assert scripts == {f"{live_server.url}/static/js/{name}.js" for name in names}
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    # What the browser complains of is the pages that are no answers, and nothing else.
    assert [text for text in said if not any(code in text for code in ("400", "404", "410"))] == []


@SCREENS
def test_nothing_hides_what_has_the_focus(page, live_server, policy, screen):
    page.set_viewport_size(screen)
    page.goto(f"{live_server.url}/privacy/")
    stops = 0
    while stops < 100:
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                 const element = document.activeElement;
                 if (element === document.body) { return null; }
                 const box = element.getClientRects()[0];
                 const there = document.elementFromPoint(box.left + 4, box.top + box.height / 2);
                 return element === there || element.contains(there) ? "" : element.outerHTML;
               }"""
        )
        if hidden is None:
            break
        assert hidden == ""
        stops += 1
    # The skip link, the date's, field and button, the contents, two at each question, the contact,
    # the foot; and where the contents do not stand beside the text, what folds them.
    assert stops == 1 + 1 + 2 + (screen != DESKTOP) + (3 + 15 + 1) + 2 * 15 + 1 + 6


def test_the_first_tab_offers_to_skip_to_the_text(page, live_server, policy):
    page.goto(f"{live_server.url}/privacy/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    assert skip.evaluate("element => element.getBoundingClientRect().left >= 0")
    page.keyboard.press("Enter")
    assert page.url.endswith("/privacy/#_policy")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "What changed"


def test_the_contents_stand_beside_the_text_where_there_is_room(page, live_server, policy):
    nav, question = page.locator("nav"), page.locator("#question-1-a")
    page.set_viewport_size(DESKTOP)
    page.goto(f"{live_server.url}/privacy/")
    beside, text = nav.bounding_box(), question.bounding_box()
    assert beside["x"] + beside["width"] < text["x"]
    question.scroll_into_view_if_needed()
    page.evaluate("window.scrollBy(0, 3000)")
    first = page.get_by_role("link", name="Section 1", exact=True)
    assert page.locator("#question-1-a").evaluate(TOP) < -1
    assert 0 <= first.evaluate(TOP) < 0.2
    page.set_viewport_size(PHONE)
    above, text = nav.bounding_box(), question.bounding_box()
    assert above["y"] + above["height"] <= text["y"]


def test_lines_are_of_a_length_that_is_easy_to_read(page, live_server, policy):
    page.set_viewport_size(DESKTOP)
    page.goto(f"{live_server.url}/privacy/")
    paragraph = page.locator(".answer p", has_text=PARAGRAPH[:40]).first
    lines = paragraph.evaluate(
        """element => {
             const style = getComputedStyle(element);
             return element.getBoundingClientRect().height / parseFloat(style.lineHeight);
           }"""
    )
    assert 58 <= len(PARAGRAPH * 3) / round(lines) <= 76
    assert paragraph.evaluate("element => parseFloat(getComputedStyle(element).fontSize)") >= 18


@pytest.mark.parametrize(("scheme", "paper"), [("light", 240), ("dark", 40)])
def test_it_is_light_or_dark_as_the_reader_likes(page, live_server, policy, scheme, paper):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/privacy/")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [int(part) for part in colour.strip("rgb()").split(",")]
    assert all(part > paper if scheme == "light" else part < paper for part in parts)


def test_a_theme_of_ones_own_gives_light_and_dark_what_it_says_of_each(
    page, live_server, policy, settings, tmp_path
):
    settings.THEME = tmp_path / "own.css"
    dark = "@media screen and (prefers-color-scheme: dark) { html:root { --ink: #ffffee } }"
    settings.THEME.write_text(f":root {{ --ink: #001100; --link: #002200 }} {dark}")
    colour = "element => getComputedStyle(element).color"
    for scheme, ink, link in (
        ("light", "rgb(0, 17, 0)", "rgb(0, 34, 0)"),
        ("dark", "rgb(255, 255, 238)", "rgb(156, 202, 255)"),  # of dark links it says nothing
    ):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{live_server.url}/privacy/")
        assert page.locator("body").evaluate(colour) == ink
        assert page.get_by_role("link", name="What changed").evaluate(colour) == link


def test_the_reader_may_choose_all_colours(page, live_server, policy):
    page.emulate_media(forced_colors="active")
    page.goto(f"{live_server.url}/privacy/#question-1-b")
    title = page.locator("h3:has(#question-1-b) .title")
    assert title.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_on_paper_nothing_is_cut_and_addresses_are_shown(page, live_server):
    make_record()
    policy = make_policy("links")
    make_question(policy, answer="See [the site](https://example.org/page).")
    publish(policy, DAY_1)
    page.emulate_media(media="print")
    page.goto(f"{live_server.url}/privacy/")
    assert page.get_by_text("Return to top").first.is_hidden()
    table = page.locator(".table-scroll")
    assert table.evaluate("element => getComputedStyle(element).overflowX") == "visible"
    for code in page.locator(".foot code").all():
        assert code.is_visible()
    page.goto(f"{live_server.url}/links/")
    shown = "element => getComputedStyle(element, '::after').content"
    link = page.get_by_role("link", name="the site")
    assert "https://example.org/page" in link.evaluate(shown)


def test_it_reads_without_any_style(page, live_server, policy):
    page.route("**/*.css", lambda route: route.abort())
    page.goto(f"{live_server.url}/privacy/")
    contents = page.get_by_role("navigation", name="Contents")
    contents.get_by_role("link", name="What about c of section 2").click()
    assert page.locator("#question-2-c").evaluate(TOP) < 0.1
