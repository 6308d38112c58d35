"""The contents in a real browser: beside the text or folded above it, and where one is in them."""

from __future__ import annotations

import pytest

from faq.models import Policy
from tests.factory import DAY_1, make_policy, make_question, make_section, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
CURRENT = "[...document.querySelectorAll('[aria-current]')].map(each => each.textContent)"


@pytest.fixture
def policy() -> Policy:
    """A policy of sixty questions in three sections, each a screen long, and a contact."""
    policy = make_policy(contact="Write to us.")
    for number in range(1, 4):
        section = make_section(policy, f"Section {number}")
        for part in range(1, 21):
            make_question(
                policy,
                f"Question {number}.{part}?",
                "\n\n".join(["A word. " * 60] * 5),
                anchor=f"question-{number}-{part}",
                section=section,
            )
    publish(policy, DAY_1)
    return policy


def comes_to_be_current(page, title):
    for _wait in range(250):  # the pages' rules let nobody wait for a text of a script
        if page.evaluate(CURRENT) == [title]:
            return
        page.wait_for_timeout(20)
    assert page.evaluate(CURRENT) == [title]


def test_on_a_small_screen_they_are_open_and_can_be_folded_away(page, live_server, policy):
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/privacy/")
    first = page.get_by_role("link", name="Question 1.1?", exact=True)
    assert first.is_visible()
    page.get_by_text("60 questions").click()
    assert first.is_hidden()
    assert page.get_by_role("heading", name="Contents").is_visible()
    page.get_by_text("60 questions").click()
    assert first.is_visible()


def test_they_fold_by_keyboard(page, live_server, policy):
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/privacy/#_contents")
    for _stop in ("the field to find a question", "its button", "the fold"):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "60 questions"
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Question 1.1?", exact=True).is_hidden()


def test_beside_the_text_there_is_nothing_to_fold_unless_they_were_folded(
    page, live_server, policy
):
    page.set_viewport_size(DESKTOP)
    page.goto(f"{live_server.url}/privacy/")
    fold = page.get_by_text("60 questions")
    assert fold.is_hidden()
    page.set_viewport_size(PHONE)
    fold.click()
    page.set_viewport_size(DESKTOP)
    assert fold.is_visible()
    fold.click()
    assert page.get_by_role("link", name="Question 1.1?", exact=True).is_visible()


def test_folded_contents_are_printed_all_the_same(page, live_server, policy):
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/privacy/")
    page.get_by_text("60 questions").click()
    page.emulate_media(media="print")
    box = page.get_by_role("link", name="Question 1.1?", exact=True).bounding_box()
    assert box is not None
    assert box["height"] > 5


def test_the_question_that_is_being_read_is_marked(page, live_server, policy):
    page.goto(f"{live_server.url}/privacy/")
    assert page.evaluate(CURRENT) == []
    for title, place in (("Question 1.3?", "question-1-3"), ("Question 2.7?", "question-2-7")):
        page.locator(f"#{place}").evaluate("each => each.scrollIntoView()")
        comes_to_be_current(page, title)
    page.mouse.move(900, 400)
    page.mouse.wheel(0, 600)  # within the same long answer
    page.wait_for_timeout(200)
    assert page.evaluate(CURRENT) == ["Question 2.7?"]


def test_where_a_link_led_is_marked_though_the_page_ends_first(page, live_server, policy):
    page.goto(f"{live_server.url}/privacy/")
    page.get_by_role("link", name="How to reach us").click()
    comes_to_be_current(page, "How to reach us")
    page.goto("about:blank")
    page.goto(f"{live_server.url}/privacy/#question-3-20")
    comes_to_be_current(page, "Question 3.20?")


def test_what_is_marked_stays_in_sight_of_long_contents_and_moves_no_page(
    page, live_server, policy
):
    page.set_viewport_size(DESKTOP)
    page.goto(f"{live_server.url}/privacy/")
    page.mouse.move(900, 400)
    page.locator("#question-3-15").evaluate("each => each.scrollIntoView()")
    comes_to_be_current(page, "Question 3.15?")
    before = page.evaluate("scrollY")
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == before
    box = page.locator("[aria-current]").bounding_box()
    assert 0 <= box["y"] <= DESKTOP["height"] - box["height"]


def test_contents_that_are_in_use_are_left_where_they_are(page, live_server, policy):
    page.set_viewport_size(DESKTOP)
    page.goto(f"{live_server.url}/privacy/")
    page.mouse.move(900, 400)
    page.get_by_role("link", name="Question 1.1?", exact=True).focus()
    page.locator("#question-3-15").evaluate("each => each.scrollIntoView()")
    comes_to_be_current(page, "Question 3.15?")
    assert page.locator(".contents-list").evaluate("each => each.scrollTop") == 0


def test_names_in_any_script_are_marked_too(page, live_server):
    policy = make_policy()
    for word in ("wären", "誰"):
        make_question(policy, f"{word}?", "\n\n".join(["A word. " * 60] * 6), anchor=word)
    publish(policy, DAY_1)
    page.goto(f"{live_server.url}/privacy/")
    for title in ("誰?", "wären?"):
        page.get_by_role("link", name=title, exact=True).click()
        comes_to_be_current(page, title)


def test_everything_is_there_without_scripts(browser, live_server, policy):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{live_server.url}/privacy/")
    page.get_by_text("60 questions").click()
    assert page.get_by_role("link", name="Question 1.1?", exact=True).is_hidden()
    context.close()
