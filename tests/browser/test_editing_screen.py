"""The screen on which an answer is written, in a real browser: nothing that was typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone

from faq import editing
from faq.models import Image, Policy, Question
from tests.browser.test_editing import log_in, open_question
from tests.factory import make_policy, make_question, make_section, picture, publish, reword
from tests.test_pasting import WORD, WORD_AS_MARKDOWN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """(field, [html, plain]) => {
    const data = new DataTransfer();
    if (html) { data.setData("text/html", html); }
    data.setData("text/plain", plain);
    const paste = new ClipboardEvent(
        "paste", { clipboardData: data, bubbles: true, cancelable: true });
    return field.dispatchEvent(paste);
}"""
KEPT = "Object.keys(localStorage).filter(key => key.startsWith('desk-text:')).length"


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


@pytest.fixture
def answer(page, live_server, policy):
    """The answer of the first question, in the form that was opened on it."""
    log_in(page, live_server)
    open_question(page)
    page.locator(".markdownx-preview p").wait_for()
    return page.locator("#id_answer")


def question() -> Question:
    return Question.objects.get(anchor="who-are-we")


def faults(page) -> list[tuple[str, list[str]]]:
    """What axe finds: each rule with the elements that break it."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


def save(page) -> None:
    page.get_by_role("button", name="Save and go on editing").click()


def test_what_is_pasted_from_word_becomes_markdown_and_undo_takes_it_back(page, answer):
    answer.fill("Before.")
    assert answer.evaluate(PASTE, [WORD, "plain"]) is False
    page.get_by_text("Pasted as Markdown. Undo takes it back.").wait_for()
    assert answer.input_value() == f"Before.\n\n{WORD_AS_MARKDOWN}"
    page.keyboard.press("Control+z")
    assert answer.input_value() == "Before."


def test_what_is_pasted_as_plain_text_is_left_to_the_browser(page, answer):
    asked = []
    page.on("request", lambda request: "/paste/" in request.url and asked.append(request.url))
    assert answer.evaluate(PASTE, ["", "*as it is*"]) is True
    assert answer.evaluate(PASTE, ["<span style='color:red'>code</span>", "code"]) is True
    assert asked == []


def test_without_an_answer_from_the_site_the_plain_text_is_pasted(page, answer):
    page.route("**/admin/paste/", lambda route: route.abort())
    answer.fill("")
    answer.evaluate(PASTE, ["<p><b>Words</b></p>", "Words"])
    page.get_by_text("Pasted as plain text").wait_for()
    assert answer.input_value() == "Words"
    assert answer.is_editable()


def test_the_preview_says_that_it_is_new_and_does_not_read_itself_out(page, answer):
    said = page.locator(".editor-said")
    assert said.inner_text() == ""
    answer.fill("Something else.")
    page.locator(".editor-said", has_text=re.compile("^Preview updated$")).wait_for()
    assert page.locator(".markdownx-preview").get_attribute("aria-live") is None


def test_the_picker_works_by_keyboard_alone(page, answer):
    answer.fill("See ")
    page.get_by_label("Link to a question").focus()
    page.keyboard.type("When")
    page.keyboard.press("Enter")
    assert answer.input_value() == "See [](#when-do-we-use-cookies)"
    assert answer.evaluate("field => field === document.activeElement")


def test_what_was_typed_is_offered_back_after_a_reload(page, answer):
    page.on("dialog", lambda dialog: dialog.accept())
    answer.fill("Typed, and never saved.")
    page.reload()
    page.get_by_text(re.compile(r"You have unsaved text from \d\d:\d\d")).wait_for()
    assert answer.input_value() == "A company."
    page.get_by_role("button", name="Restore it").click()
    assert answer.input_value() == "Typed, and never saved."
    page.locator(".markdownx-preview", has_text="never saved").wait_for()
    save(page)
    page.get_by_text("Saved as draft.").wait_for()
    assert question().answer == "Typed, and never saved."
    assert page.evaluate(KEPT) == 0
    assert not page.get_by_text("You have unsaved text").is_visible()


def test_what_was_typed_can_be_discarded(page, answer):
    page.on("dialog", lambda dialog: dialog.accept())
    answer.fill("Typed.")
    page.reload()
    page.get_by_role("button", name="Discard it").click()
    assert page.evaluate(KEPT) == 0
    assert answer.input_value() == "A company."


def test_a_restored_text_does_not_go_over_what_was_saved_since(page, answer):
    page.on("dialog", lambda dialog: dialog.accept())
    answer.fill("Mine.")
    page.wait_for_timeout(600)
    assert page.evaluate(KEPT) == 1
    editing.save(question(), {"answer": "Bob's."}, revision=0, by="bob", at=timezone.now())
    page.reload()
    page.get_by_text("The saved text has changed since").wait_for()
    page.get_by_role("button", name="Restore it").click()
    save(page)
    page.get_by_role("heading", name="bob saved this meanwhile").wait_for()
    assert question().answer == "Bob's."
    assert answer.input_value() == "Mine."


def test_leaving_unsaved_text_is_warned_about_and_leaving_saved_text_is_not(page, answer):
    warned = []

    def stay(dialog):
        warned.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    answer.fill("Typed.")
    page.get_by_role("link", name="Policies").first.click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert warned == ["beforeunload"]
    assert answer.input_value() == "Typed."
    save(page)
    page.get_by_text("Saved as draft.").wait_for()
    page.get_by_role("link", name="Policies").first.click()
    page.wait_for_url("**/admin/")
    assert warned == ["beforeunload"]


def test_logging_out_leaves_no_text_behind(page, answer):
    page.on("dialog", lambda dialog: dialog.accept())
    answer.fill("Typed.")
    page.wait_for_timeout(600)
    assert page.evaluate(KEPT) == 1
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda url: "/question/" not in url)
    assert page.evaluate(KEPT) == 0


def test_two_editors_in_two_browsers_lose_nothing(page, browser, live_server, answer):
    context = browser.new_context()
    other = context.new_page()
    User.objects.create_superuser("bob", password="a long pass phrase")
    other.goto(f"{live_server.url}/admin/")
    other.get_by_label("Username").fill("bob")
    other.get_by_label("Password").fill("a long pass phrase")
    other.get_by_role("button", name="Log in").click()
    open_question(other)
    other.locator("#id_answer").fill("A company that Bob knows.")
    save(other)
    other.get_by_text("Saved as draft.").wait_for()
    context.close()

    answer.fill("A company that Alice knows.")
    save(page)
    box = page.locator(".desk-stale")
    box.get_by_role("heading", name="bob saved this meanwhile").wait_for()
    assert "Bob" in box.locator(".redline del").inner_text()
    assert "Alice" in box.locator(".redline ins").inner_text()
    assert box.locator("textarea").input_value() == "A company that Bob knows."
    assert answer.input_value() == "A company that Alice knows."
    assert question().answer == "A company that Bob knows."
    assert faults(page) == []
    save(page)
    page.get_by_text("Saved as draft.").wait_for()
    assert question().answer == "A company that Alice knows."


def test_an_earlier_wording_is_brought_back_and_saved_only_when_it_is_saved(page, answer, policy):
    reword(question(), "A company with a name.")
    publish(policy, timezone.now())
    page.reload()
    page.get_by_role("link", name="Earlier wordings of this question").click()
    assert page.locator(".desk-wording").count() == 2
    assert faults(page) == []
    page.get_by_role("link", name=re.compile("Bring this back.*Version 1")).click()
    page.get_by_text("This is the wording of version 1.").wait_for()
    assert answer.input_value() == "A company."
    assert question().answer == "A company with a name."
    save(page)
    page.get_by_text("Saved as draft.").wait_for()
    assert question().answer == "A company."


def test_a_picture_is_added_with_its_words(page, live_server, policy, settings, tmp_path):
    settings.IMAGES = True
    file = tmp_path / "map.png"
    file.write_bytes(picture(size=(40, 30)))
    log_in(page, live_server)
    open_question(page)
    answer = page.locator("#id_answer")
    answer.fill("Look:")
    page.get_by_role("button", name="Picture…").click()
    page.get_by_label("Picture (PNG, JPEG or WebP)").set_input_files(file)
    page.get_by_role("button", name="Add the picture").click()
    page.get_by_text("Say what the picture shows, for readers").wait_for()
    assert not Image.objects.exists()
    page.get_by_label("What it shows, in words").fill("Where our [offices] are")
    page.keyboard.press("Enter")
    shown = page.locator(".markdownx-preview img")
    shown.wait_for()
    image = Image.objects.get()
    assert answer.input_value() == f"Look:\n\n![Where our \\[offices\\] are]({image.address})\n"
    shown.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert shown.evaluate("image => image.naturalWidth") == 40
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_the_form_and_it_does_not_scroll_sideways(
    page, answer, policy, scheme, width
):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    reword(question(), "A company, *reworded*, with [a link](#when-do-we-use-cookies).")
    page.reload()
    page.locator(".markdownx-preview a").wait_for()
    page.get_by_text("What changed since version 1").click()
    page.get_by_text("How to format").click()
    assert faults(page) == []
    overflow = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(overflow) <= 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_editor_fits_into_the_form_beside_a_wide_table(page, answer, width):
    page.set_viewport_size({"width": width, "height": 800})
    heads = " | ".join(f"Purpose{number}" for number in range(12))
    answer.fill(f"| {heads} |\n|{' --- |' * 12}\n| {heads} |")
    page.locator(".markdownx-preview table").wait_for()
    sticks_out = """editor => {
        const end = editor.closest("fieldset").getBoundingClientRect().right;
        const buttons = editor.querySelectorAll(".editor-buttons button, .markdownx-preview");
        return [editor, ...buttons].filter(each => each.getBoundingClientRect().right > end + 1)
            .map(each => each.className || each.textContent);
    }"""
    assert page.locator(".editor").evaluate(sticks_out) == []
