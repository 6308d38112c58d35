"""Editing in a real browser: from the login to what readers see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from faq.models import Policy
from tests.factory import make_policy, make_question, make_section, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def policy() -> Policy:
    """A policy with one version in force, and Alice, who may do everything."""
    User.objects.create_superuser("alice", password="a long pass phrase")
    policy = make_policy()
    section = make_section(policy)
    make_question(policy, section=section)
    make_question(policy, "When do we use cookies?", "Hardly ever.", section=section)
    publish(policy, timezone.now() - timedelta(hours=1))
    return policy


def log_in(page, site) -> None:
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Log in").click()


def open_question(page, title: str = "Who are we?") -> None:
    page.get_by_role("link", name="Edit questions").click()
    page.get_by_role("link", name=title, exact=True).click()


def test_an_editor_changes_an_answer_previews_it_publishes_it_and_readers_see_it(
    page, live_server, policy
):
    problems = []
    page.on("console", lambda m: m.type == "error" and problems.append(m.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    log_in(page, live_server)
    open_question(page)
    page.get_by_label("Answer").fill("We are **Example Ltd**.")
    page.locator(".markdownx-preview strong", has_text="Example Ltd").wait_for()
    previewed = page.locator(".markdownx-preview").inner_html()
    page.get_by_role("button", name="Save as draft").click()
    page.get_by_text("Saved as draft. Readers still see version 1.").wait_for()
    page.get_by_role("link", name="Publish…").click()
    assert "Reworded" in page.locator(".desk-changes").inner_text()
    page.get_by_label("Readers must know").check()
    page.get_by_label("What changed, in words for readers").fill("We have a name now.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("Version 2 is in force. Readers see it now.").wait_for()
    page.goto(f"{live_server.url}/privacy/#who-are-we")
    assert previewed.strip() in page.content()
    assert problems == []


def test_from_the_login_to_a_published_version_it_takes_three_screens(page, live_server, policy):
    policy.question_set.filter(anchor="who-are-we").update(answer="Changed.")
    log_in(page, live_server)
    page.get_by_role("link", name="Publish…").click()
    page.get_by_label("Wording only").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("Version 2 is in force.").wait_for()


def test_a_double_click_on_publish_publishes_once(page, live_server, policy):
    policy.question_set.filter(anchor="who-are-we").update(answer="Changed.")
    log_in(page, live_server)
    page.get_by_role("link", name="Publish…").click()
    page.get_by_label("Wording only").check()
    page.get_by_role("button", name="Publish", exact=True).dblclick()
    page.get_by_text("Version 2 is in force.").wait_for()
    assert policy.approval_set.count() == 2


def test_a_scheduled_version_appears_at_its_moment_by_itself(page, live_server, policy):
    policy.question_set.filter(anchor="who-are-we").update(answer="From the third second.")
    moment = timezone.now() + timedelta(seconds=3)
    publish(policy, timezone.now(), effective_at=moment)
    page.goto(f"{live_server.url}/privacy/")
    assert "From the third second." not in page.content()
    page.wait_for_timeout((moment - timezone.now()).total_seconds() * 1000 + 50)
    page.reload()
    assert "From the third second." in page.content()


def test_tab_and_shift_tab_leave_the_editor(page, live_server, policy):
    log_in(page, live_server)
    open_question(page)
    answer = page.get_by_label("Answer")
    answer.focus()
    page.keyboard.press("Tab")
    assert not answer.evaluate("field => field === document.activeElement")
    page.keyboard.press("Shift+Tab")
    assert answer.evaluate("field => field === document.activeElement")
    page.keyboard.press("Shift+Tab")
    assert not answer.evaluate("field => field === document.activeElement")
    assert "\t" not in answer.input_value()


@pytest.mark.parametrize(
    ("button", "written"),
    [
        ("Bold", "**words**"),
        ("Heading", "### words"),
        ("List", "- words"),
        ("Numbered list", "1. words"),
        ("Link", "[words](https://)"),
        ("Contact block", "::: contact\nwords\n:::"),
        ("Important", "::: important\nwords\n:::"),
    ],
)
def test_a_button_writes_its_mark_around_what_is_selected(
    page, live_server, policy, button, written
):
    log_in(page, live_server)
    open_question(page)
    answer = page.get_by_label("Answer")
    answer.fill("words")
    answer.select_text()
    page.get_by_role("button", name=button, exact=True).click()
    assert answer.input_value().strip() == written


def test_the_table_button_and_the_question_picker_insert_what_renders(page, live_server, policy):
    log_in(page, live_server)
    open_question(page)
    page.get_by_label("Answer").fill("")
    page.get_by_role("button", name="Table").click()
    page.locator(".markdownx-preview table").wait_for()
    page.get_by_label("Answer").fill("See ")
    page.get_by_label("Link to a question").select_option("When do we use cookies?")
    page.get_by_role("button", name="Insert").click()
    page.locator(".markdownx-preview a", has_text="When do we use cookies?").wait_for()


def test_what_a_button_wrote_is_taken_back_by_undo(page, live_server, policy):
    log_in(page, live_server)
    open_question(page)
    answer = page.get_by_label("Answer")
    before = answer.input_value()
    answer.select_text()
    page.get_by_role("button", name="Bold").click()
    assert answer.input_value() != before
    page.keyboard.press("Control+z")
    assert answer.input_value() == before


def test_a_dropped_file_goes_nowhere_and_the_editor_says_so(page, live_server, policy):
    log_in(page, live_server)
    open_question(page)
    posted = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    page.get_by_label("Answer").evaluate(
        """field => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "x.html", { type: "text/html" }));
            field.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }"""
    )
    page.get_by_text("Files cannot be added here.").wait_for()
    page.wait_for_timeout(300)
    assert [url for url in posted if "preview-text" not in url] == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_of_the_desk_scrolls_sideways(page, live_server, policy, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, live_server)
    question = policy.question_set.first()
    for path in (
        "",
        "start/",
        f"faq/policy/{policy.pk}/questions/",
        f"faq/policy/{policy.pk}/change/",
        f"faq/policy/{policy.pk}/publish/",
        f"faq/policy/{policy.pk}/versions/",
        f"faq/question/{question.pk}/change/",
        f"faq/question/{question.pk}/delete/",
    ):
        page.goto(f"{live_server.url}/admin/{path}")
        overflow = page.evaluate(
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        assert overflow <= 0, (path, overflow)
