"""A policy's desk in a real browser: by keyboard alone, by mouse, and for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from faq import editing, publishing, reviewing
from faq.models import Policy, Question
from faq.roles import EDITOR
from tests.factory import make_policy, make_question, make_section, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (400, 768, 1280)


@pytest.fixture
def policy() -> Policy:
    """Five questions in two sections, in force since a year ago."""
    policy = make_policy(introduction="Welcome.")
    rights, cookies = make_section(policy), make_section(policy, "Cookies")
    for title in ("One?", "Two?", "Three?"):
        make_question(policy, title, f"{title}\n\n### Where\n\nHere.", section=rights)
    for title in ("Four?", "Five?"):
        make_question(policy, title, section=cookies)
    publish(policy, timezone.now() - timedelta(days=365))
    return policy


def log_in(context, site) -> None:
    """Give a browser the cookie of Alice, who may do everything."""
    client, name = Client(), settings.SESSION_COOKIE_NAME
    client.force_login(User.objects.create_superuser("alice"))
    cookie = {"name": name, "value": client.cookies[name].value, "url": site.url}
    context.add_cookies([cookie])


@pytest.fixture
def desk(page, live_server, policy) -> Callable[..., Any]:
    """Opens pages of the desk for Alice."""
    log_in(page.context, live_server)

    def go(path: str = f"faq/policy/{policy.pk}/questions/") -> Any:
        page.goto(f"{live_server.url}/admin/{path}")
        return page

    return go


@pytest.fixture
def no_problems(page) -> Iterator[None]:
    """The browser complains about nothing: no error in a script, no rule for content broken."""
    problems: list[str] = []
    page.on("console", lambda m: m.type == "error" and problems.append(m.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield
    assert problems == []


def order(policy: Policy) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for question in policy.question_set.filter(retired_at=None).select_related("section"):
        found.setdefault(str(question.section or ""), []).append(question.title)
    return found


def get(title: str) -> Question:
    return Question.objects.get(title=title)


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def tab_to(page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _press in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()") == name:
            return
    raise AssertionError(f"Tab does not reach “{name}”")


def press_and_load(page, key: str) -> None:
    """Press a key that sends a form."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_question_is_moved_by_keyboard_alone(desk, policy, no_problems):
    page = desk()
    one = get("One?")
    tab_to(page, "Move down: One?")
    press_and_load(page, "Enter")
    assert focused(page) == f"down-{one.pk}"
    page.get_by_role("status").filter(has_text="number 2 of 3 in “Your rights”").wait_for()
    press_and_load(page, "Space")
    assert focused(page) == f"down-{one.pk}"
    assert order(policy)["Your rights"] == ["Two?", "Three?", "One?"]
    press_and_load(page, "Enter")
    page.get_by_role("status").filter(has_text="stands at the end already").wait_for()
    page.keyboard.press("Shift+Tab")
    press_and_load(page, "Enter")
    assert focused(page) == f"up-{one.pk}"
    assert order(policy)["Your rights"] == ["Two?", "One?", "Three?"]


def test_a_question_is_moved_to_another_section_by_keyboard_alone(desk, policy, no_problems):
    page = desk()
    two = get("Two?")
    tab_to(page, "More: Two?")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Cook")
    page.keyboard.press("Tab")
    press_and_load(page, "Enter")
    assert order(policy) == {
        "Your rights": ["One?", "Three?"],
        "Cookies": ["Four?", "Five?", "Two?"],
    }
    assert focused(page) == f"item-{two.pk}"
    page.get_by_role("status").filter(has_text="number 3 of 3 in “Cookies”").wait_for()


def drag(page, title: str, onto: str, *, below: bool = False) -> None:
    """Drag a question by its handle onto the upper or the lower part of another row."""
    row = page.locator("[data-question]").filter(has=page.get_by_role("link", name=title))
    target = page.locator(".desk-row").filter(has=page.get_by_role("link", name=onto, exact=True))
    box = target.bounding_box()
    place = {"x": 60, "y": box["height"] - 4 if below else 4}
    with page.expect_navigation():
        row.locator(".desk-handle").drag_to(target, target_position=place)


def test_a_question_is_dragged_with_a_mouse(desk, policy, no_problems):
    page = desk()
    drag(page, "Three?", "One?")
    assert order(policy)["Your rights"] == ["Three?", "One?", "Two?"]
    page.get_by_role("status").filter(has_text="number 1 of 3").wait_for()
    assert focused(page) == f"item-{get('Three?').pk}"
    drag(page, "Three?", "Five?", below=True)
    assert order(policy) == {
        "Your rights": ["One?", "Two?"],
        "Cookies": ["Four?", "Five?", "Three?"],
    }
    drag(page, "Five?", "Your rights")
    assert order(policy)["Your rights"] == ["Five?", "One?", "Two?"]


def test_a_question_dropped_where_it_stands_sends_nothing(desk, policy):
    page = desk()
    posted = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request.url))
    row = page.locator("[data-question]").filter(has=page.get_by_role("link", name="Two?"))
    row.locator(".desk-handle").drag_to(row, target_position={"x": 60, "y": 4})
    page.wait_for_timeout(200)
    assert posted == []


def test_without_a_mouse_there_are_no_handles(browser, live_server, policy):
    context = browser.new_context(java_script_enabled=False)
    log_in(context, live_server)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/faq/policy/{policy.pk}/questions/")
    assert page.locator(".desk-handle").count() == 0
    page.locator(f"#up-{get('Two?').pk}").click()
    assert order(policy)["Your rights"][0] == "Two?"
    context.close()


def test_a_question_is_split_and_another_merged_by_keyboard_alone(desk, policy, no_problems):
    page = desk()
    tab_to(page, "More: One?")
    page.keyboard.press("Enter")
    tab_to(page, "Split… One?")
    press_and_load(page, "Enter")
    tab_to(page, "Split at “Where”")
    press_and_load(page, "Enter")
    tab_to(page, "Split")
    press_and_load(page, "Enter")
    assert order(policy)["Your rights"] == ["One?", "Where", "Two?", "Three?"]
    tab_to(page, "More: Four?")
    page.keyboard.press("Enter")
    tab_to(page, "Merge into another… Four?")
    press_and_load(page, "Enter")
    page.get_by_label("Which question answers both?").focus()
    page.keyboard.type("Five")
    tab_to(page, "Go on")
    press_and_load(page, "Enter")
    assert page.get_by_label("The answer to both").input_value() == "A company.\n\nA company."
    tab_to(page, "Merge")
    press_and_load(page, "Enter")
    assert order(policy)["Cookies"] == ["Five?"]
    assert get("Four?").successor == get("Five?")


def make_busy(policy: Policy) -> None:
    """Something for every part of the pages to show."""
    at = timezone.now()
    policy.second_person, policy.review_months = True, 12
    policy.save()
    by = {"by": "bob", "at": at}
    editing.save(get("One?"), {"answer": "Other words.\n\n# Where\n\nThere."}, revision=0, **by)
    editing.save(policy, {"introduction": "Hello."}, revision=policy.revision, **by)
    publishing.retire(get("Two?"), reason="Gone.", successor=get("One?"), **by)
    make_question(policy, "Aside?", retired_at=at, set_aside=True)
    sent = publishing.freeze(policy, summary="For you", **by)
    reviewing.comment(sent, text="Is that so?", **by)
    carol = User.objects.create_user("carol", is_staff=True)
    carol.groups.add(Group.objects.get(name=EDITOR))


def paths(policy: Policy) -> list[str]:
    """Every page that is looked at here."""
    one, two = get("One?"), get("Two?")
    here = f"faq/policy/{policy.pk}"
    return [
        "",
        "reports/",
        f"{here}/questions/",
        f"{here}/split/{one.pk}/?at=all",
        f"{here}/merge/{one.pk}/",
        f"{here}/merge/{one.pk}/?into={get('Five?').pk}",
        f"{here}/removed/question/{two.pk}/",
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{User.objects.get(username='carol').pk}/change/",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_the_desk(desk, policy, scheme):
    make_busy(policy)
    for path in paths(policy):
        page = desk(path)
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        results = Axe().run(page)
        assert results.violations_count == 0, (path, results.generate_report())


def test_no_page_of_the_desk_is_wider_than_the_screen(desk, policy):
    make_busy(policy)
    for path in paths(policy):
        page = desk(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            assert wide <= width, (path, width, wide)
