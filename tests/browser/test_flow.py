"""From a draft to what readers see, with the keyboard alone; axe finds nothing on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faq.models import Policy, Version
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR
from tests.factory import make_policy, make_question, make_section, publish, reword

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What one field or button may take at most; there is always an end to a journey.
MOST_TABS = 120


class Keyboard:
    """Somebody at a browser who has no mouse."""

    def __init__(self, page: Any, site: str) -> None:
        self.page, self.site = page, site

    def log_in(self, name: str, *roles: str) -> Keyboard:
        """Log somebody in, whatever the login page asks for: it has tests of its own."""
        user = User.objects.filter(username=name).first()
        if user is None:
            user = User.objects.create_user(name, is_staff=True, is_superuser=not roles)
            user.groups.set(Group.objects.filter(name__in=roles))
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.site}
        self.page.context.add_cookies([cookie])
        return self

    def open(self, name: str, *args: object) -> None:
        """Open a page of the desk and check it."""
        self.page.goto(self.site + reverse(f"admin:{name}", args=args))
        self.check()

    def check(self) -> None:
        """axe finds nothing, and nothing scrolls sideways, at both ends of the widths."""
        for width in (400, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width

    def to(self, role: str, name: str) -> None:
        """Tab to something, as its role and name are spoken."""
        self._tab_to(self.page.get_by_role(role, name=name, exact=True))

    def to_field(self, label: str) -> None:
        """Tab to a field."""
        self._tab_to(self.page.get_by_label(label))

    def press(self, role: str, name: str, key: str = "Enter") -> None:
        """Tab to a link or a button, press it, and check the page that comes."""
        self.to(role, name)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.check()

    def type(self, label: str, words: str) -> None:
        """Tab to a field and type into it, over what stands there."""
        self.to_field(label)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def choose(self, group: str, name: str) -> None:
        """Choose one of several with the arrow keys."""
        place = self.page.get_by_role("group", name=group)
        wanted = place.get_by_role("radio", name=name)
        self._tab_to(place.get_by_role("radio"))
        self.page.keyboard.press("Space")
        for _step in range(6):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name} was not reached")

    def says(self, words: str) -> None:
        """Wait until the page says something."""
        self.page.get_by_text(words).first.wait_for()

    def _tab_to(self, wanted: Any) -> None:
        """Tab from the top of the page until one of them has the focus."""
        wanted = wanted.filter(visible=True)
        wanted.first.wait_for()
        self.page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
        has_focus = "those => those.some(each => each === document.activeElement)"
        for _tab in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate_all(has_focus):
                return
        raise AssertionError(f"{wanted} is not reached with Tab")


@pytest.fixture
def keyboard(page: Any, live_server: Any) -> Keyboard:
    return Keyboard(page, live_server.url)


@pytest.fixture
def others(browser: Any, live_server: Any) -> Any:
    """Makes more people, each in a browser of their own."""
    contexts: list[Any] = []

    def another() -> Keyboard:
        contexts.append(browser.new_context())
        return Keyboard(contexts[-1].new_page(), live_server.url)

    yield another
    for context in contexts:
        context.close()


@pytest.fixture
def policy() -> Policy:
    """A policy with one version in force, whose draft has not changed."""
    made = make_policy()
    section = make_section(made)
    make_question(made, section=section)
    make_question(made, "When do we use cookies?", "Hardly ever.", section=section)
    publish(made, timezone.now() - timedelta(hours=1))
    return made


def readers_see(keyboard: Keyboard, words: str) -> bool:
    keyboard.page.goto(f"{keyboard.site}/privacy/")
    return words in keyboard.page.content()


def change(keyboard: Keyboard, policy: Policy, words: str) -> None:
    """Change an answer, as an editor does."""
    question = policy.question_set.get(anchor="when-do-we-use-cookies")
    keyboard.page.goto(keyboard.site + reverse("admin:faq_question_change", args=[question.pk]))
    keyboard.type("Answer", words)
    keyboard.to("button", "Save as draft")
    with keyboard.page.expect_navigation():
        keyboard.page.keyboard.press("Enter")
    keyboard.says("Saved as draft.")


def type_moment(keyboard: Keyboard, moment: datetime) -> None:
    """Type into the browser's own picker, part by part, as its American English wants it."""
    keyboard.to_field("Date and time")
    keyboard.page.keyboard.type(f"{moment:%m%d%Y}")
    keyboard.page.keyboard.press("ArrowRight")
    keyboard.page.keyboard.type(f"{moment:%I%M%p}")


def test_edit_and_publish_now(keyboard, policy):
    keyboard.log_in("alice")
    change(keyboard, policy, "Never.")
    keyboard.open("faq_policy_publish", policy.pk)
    keyboard.choose("Do readers have to know?", "Yes: readers must know")
    keyboard.press("button", "Publish")
    keyboard.says("write what changed")
    keyboard.type("What changed, in words for readers", "We stopped.")
    keyboard.press("button", "Publish")
    keyboard.says("Version 2 is in force. Readers see it now.")
    assert readers_see(keyboard, "Never.")


def test_edit_send_comment_send_back_send_again_approve_for_tomorrow_withdraw(
    keyboard, others, policy
):
    Policy.objects.update(second_person=True)
    eve, ann = keyboard.log_in("eve", EDITOR), others().log_in("ann", APPROVER)
    change(eve, policy, "Never, we swear.")
    eve.open("faq_policy_send", policy.pk)
    eve.type("For whoever decides: what is this about?", "We stopped.")
    eve.press("button", "Send for approval")
    eve.says("Sent for approval.")

    ann.open("faq_policy_versions", policy.pk)
    first = Version.objects.candidates().get()
    ann.page.goto(ann.site + reverse("admin:faq_policy_candidate", args=[policy.pk, first.pk]))
    ann.says("We stopped.")
    ann._tab_to(ann.page.locator(".flow-comment summary", has_text="Comment on this"))
    ann.page.keyboard.press("Enter")
    ann.type("The words that it is about, if some", "we swear")
    ann.type("Comment", "Not in a policy.")
    ann.press("button", "Add comment on When do we use cookies?")
    ann.says("1 comment is not resolved.")
    ann.press("link", "Send back…")
    ann.type("Reason", "Leave out the oath.")
    ann.press("button", "Send back")
    ann.says("Sent back, with your reason.")

    eve.open("faq_policy_candidate", policy.pk, first.pk)
    eve.says("Leave out the oath.")
    eve.press("button", "Resolve the comment: Not in a policy.")
    eve.says("Resolved by eve")
    change(eve, policy, "Never.")
    eve.open("faq_policy_send", policy.pk)
    eve.choose("Do readers have to know?", "Yes: readers must know")
    eve.type("What changed, in words for readers", "We stopped.")
    eve.press("button", "Send for approval")

    second = Version.objects.candidates().get()
    ann.open("faq_policy_candidate", policy.pk, second.pk)
    ann.press("link", "Approve…")
    ann.choose("From when does it apply?", "From a date and time")
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(hour=9, minute=30)
    type_moment(ann, tomorrow)
    ann.press("button", "Approve")
    ann.says("Version 2 is approved. It applies from")
    moment = timezone.localtime(policy.approval_set.get(number=2).effective_at)
    assert (moment.date(), moment.hour, moment.minute) == (tomorrow.date(), 9, 30)
    assert not readers_see(eve, "Never.")

    ann.press("link", "Withdraw… version 2")
    ann.says("This version will not come into force.")
    ann.type("Reason", "Too soon.")
    ann.press("button", "Withdraw")
    ann.says("Version 2 is withdrawn.")


def test_copy_version_1_into_the_draft_and_publish(keyboard, policy):
    keyboard.log_in("alice")
    reword(policy.question_set.get(anchor="when-do-we-use-cookies"), "All the time.")
    publish(policy, timezone.now())
    assert readers_see(keyboard, "All the time.")
    keyboard.open("faq_policy_versions", policy.pk)
    keyboard.press("link", "Copy into draft… version 1")
    keyboard.says("Nothing is published by this.")
    keyboard.press("button", "Copy into draft")
    keyboard.says("The draft has the wording of version 1.")
    assert readers_see(keyboard, "All the time.")
    keyboard.open("faq_policy_publish", policy.pk)
    keyboard.choose("Do readers have to know?", "No: wording only")
    keyboard.press("button", "Publish")
    keyboard.says("Version 3 is in force.")
    assert readers_see(keyboard, "Hardly ever.")


def test_an_emergency_approval_is_confirmed_by_another_person(keyboard, others, policy):
    Policy.objects.update(second_person=True)
    ada, ann = keyboard.log_in("ada", ADMINISTRATOR), others().log_in("ann", APPROVER)
    change(ada, policy, "Never.")
    ada.open("faq_policy_publish", policy.pk)
    ada.press("button", "Send for approval")
    ada.press("link", "Approve alone in an emergency…")
    ada.choose("Do readers have to know?", "No: wording only")
    ada.type("Why can nobody else approve it in time?", "A leak, on a Sunday.")
    ada.press("button", "Approve alone")
    ada.says("Version 2 is in force.")
    ada.says("Nobody has confirmed it yet.")
    assert readers_see(ada, "Never.")
    ann.open("faq_policy_versions", policy.pk)
    ann.says("A leak, on a Sunday.")
    ann.press("button", "Confirm version 2")
    ann.says("You have confirmed version 2.")
    assert not policy.version_set.unconfirmed().exists()


def test_words_that_were_selected_are_put_into_the_comment(keyboard, policy):
    keyboard.log_in("alice")
    reword(policy.question_set.get(anchor="when-do-we-use-cookies"), "Never, on the whole.")
    keyboard.open("faq_policy_send", policy.pk)
    keyboard.press("button", "Send for approval")
    keyboard.page.locator("[data-item] .answer ins").first.evaluate(
        "words => getSelection().selectAllChildren(words)"
    )
    words = keyboard.page.evaluate("getSelection().toString().trim()")
    keyboard._tab_to(keyboard.page.locator(".flow-comment summary", has_text="Comment on this"))
    keyboard.page.keyboard.press("Enter")
    quote = keyboard.page.locator("[data-item] [name=quote]")
    keyboard.page.wait_for_function("field => field.value", arg=quote.element_handle())
    assert words and quote.input_value() == words
    assert "added" not in words


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_other_pages_of_a_version_pass_axe(keyboard, policy, scheme):
    keyboard.page.emulate_media(color_scheme=scheme)
    keyboard.log_in("alice")
    reword(policy.question_set.get(anchor="when-do-we-use-cookies"), "Never.")
    publish(policy, timezone.now())
    first = policy.version_set.get(approval__number=1)
    reword(policy.question_set.get(anchor="when-do-we-use-cookies"), "Never at all.")
    for name in ("candidate", "hide", "note", "withdraw", "copy"):
        keyboard.open(f"faq_policy_{name}", policy.pk, first.pk)
    for name in ("send", "publish", "versions"):
        keyboard.open(f"faq_policy_{name}", policy.pk)


def presses(button: str) -> Callable[[Keyboard], None]:
    return lambda keyboard: keyboard.page.get_by_role("button", name=button, exact=True).dblclick()


def test_a_double_click_sends_approves_and_notes_once(keyboard, policy):
    keyboard.log_in("alice")
    reword(policy.question_set.get(anchor="when-do-we-use-cookies"), "Never.")
    keyboard.open("faq_policy_send", policy.pk)
    presses("Send for approval")(keyboard)
    keyboard.says("Sent for approval.")
    version = Version.objects.candidates().get()
    keyboard.page.goto(
        keyboard.site + reverse("admin:faq_policy_approve", args=[policy.pk, version.pk])
    )
    keyboard.page.get_by_label("No: wording only").check()
    presses("Approve")(keyboard)
    keyboard.says("Version 2 is in force.")
    assert policy.approval_set.count() == 2
    keyboard.page.goto(
        keyboard.site + reverse("admin:faq_policy_note", args=[policy.pk, version.pk])
    )
    keyboard.page.get_by_label("What changed, in words for readers").fill("Nothing much.")
    presses("Correct the note")(keyboard)
    keyboard.says("Readers now see this note of version 2.")
    assert version.notes.count() == 1
