"""The link beside each question, and the forms of the list of versions, in a real browser."""

from __future__ import annotations

import pytest

from tests.factory import make_record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain_page(browser):
    """A page of a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def link_to(page, title):
    return page.get_by_role("link", name=f"Link to “{title}”")


def test_the_link_beside_a_question_copies_its_address_and_says_so(page, live_server):
    make_record()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    for path in ("/privacy/", "/privacy/versions/1/"):
        page.goto(f"{live_server.url}{path}")
        status = page.get_by_role("status")
        assert status.inner_text() == ""
        link = link_to(page, "Who are we?")
        link.click()
        page.wait_for_function("document.querySelector('[role=status]').textContent === 'Copied'")
        assert link.inner_text() == "Copied"
        address = f"{live_server.url}{path}#who-are-we"
        assert page.evaluate("navigator.clipboard.readText()") == address
        assert page.url == address


def test_only_the_link_that_was_pressed_last_says_that_it_copied(page, live_server):
    make_record()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(f"{live_server.url}/privacy/")
    first, second = (link_to(page, each) for each in ("Who are we?", "When do we use cookies?"))
    for pressed, other in ((first, second), (second, first)):
        pressed.press("Enter")
        page.wait_for_function(
            "element => element.textContent === 'Copied'", arg=pressed.element_handle()
        )
        assert other.inner_text() == "Link"
    page.wait_for_function(
        "element => element.textContent === 'Link'", arg=second.element_handle(), timeout=20000
    )


def test_where_copying_is_refused_it_is_still_a_link(page, live_server):
    make_record()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'));")
    page.goto(f"{live_server.url}/privacy/")
    link = link_to(page, "Who are we?")
    link.click()
    assert page.url == f"{live_server.url}/privacy/#who-are-we"
    assert link.inner_text() == "Link"
    assert said == []


def test_without_scripts_the_link_leads_to_its_question(plain_page, live_server):
    make_record()
    plain_page.goto(f"{live_server.url}/privacy/")
    link_to(plain_page, "When do we use cookies?").click()
    assert plain_page.url == f"{live_server.url}/privacy/#when-do-we-use-cookies"


def test_without_scripts_a_day_leads_to_what_applied_on_it(plain_page, live_server):
    make_record()
    plain_page.goto(f"{live_server.url}/privacy/versions/")
    plain_page.get_by_label("What did it say on").fill("2020-03-01")
    plain_page.get_by_role("button", name="Show", exact=True).click()
    assert plain_page.url == f"{live_server.url}/privacy/versions/1/"


def test_without_scripts_a_day_before_the_first_comes_back_with_the_reason(plain_page, live_server):
    make_record()
    plain_page.goto(f"{live_server.url}/privacy/versions/")
    plain_page.get_by_label("What did it say on").fill("2019-03-01")
    plain_page.get_by_role("button", name="Show", exact=True).click()
    field = plain_page.get_by_label("What did it say on")
    assert field.input_value() == "2019-03-01"
    reason = plain_page.locator(f"#{field.get_attribute('aria-describedby')}")
    assert reason.is_visible()
    assert reason.inner_text().startswith("No version applied on that day.")


def test_without_scripts_two_versions_lead_to_what_changed(plain_page, live_server):
    make_record()
    plain_page.goto(f"{live_server.url}/privacy/versions/")
    plain_page.get_by_label("Compare").select_option("5")
    plain_page.get_by_label("with").select_option("1")
    plain_page.get_by_role("button", name="Show changes").click()
    assert plain_page.url == f"{live_server.url}/privacy/versions/1...5/"
    assert plain_page.get_by_role("heading", name="What changed").is_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_words_for_screen_readers_are_not_seen_in_how_an_answer_changed(page, live_server, width):
    make_record()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/privacy/who-are-we/versions/")
    spoken = page.locator(".spoken").all()
    assert spoken
    for each in spoken:
        assert each.bounding_box()["width"] <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/privacy/who-are-we/", "/privacy/versions/"])
def test_what_names_the_policy_keeps_its_distance_from_the_title(page, live_server, path, scheme):
    make_record()
    page.emulate_media(color_scheme=scheme)
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}{path}")
        above = page.locator(".crumbs").bounding_box()
        title = page.locator("h1").bounding_box()
        assert title["y"] - above["y"] - above["height"] >= 8
