"""No text attacks in a real browser, which is told to forget our Content-Security-Policy.

So it is the pages themselves that must hold. `strike` and what other attacks call are listened for,
events are sent to every element, and whatever is asked of another host is noted (and not sent).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import markdown
import pytest
from django.conf import settings
from django.test import Client

from faq.models import Policy
from tests.attacks import got_through, make_attacked
from tests.factory import DAY_1, DAY_2, make_policy, make_question, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTEN = """
for (const name of ["strike", "alert", "confirm", "prompt", "print", "open", "msgbox"]) {
  window[name] = () => console.log("STRUCK by " + name);
}
"""
PROVOKE = """() => {
  const found = [];
  const kinds = ["click", "mouseover", "mouseenter", "focus", "focusin", "blur", "input", "load",
    "error", "toggle", "keydown", "pointerover", "animationstart", "copy", "scroll", "wheel"];
  for (const element of document.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      if (/^on/i.test(name)) { found.push(element.tagName + "@" + name); }
    }
    for (const name of ["href", "src", "action", "formAction", "data"]) {
      const value = element[name];
      if (typeof value === "string" && /^(javascript|vbscript|data):/i.test(value)) {
        found.push(element.tagName + "@" + name + "=" + value);
      }
    }
    for (const kind of kinds) { element.dispatchEvent(new Event(kind, {bubbles: true})); }
  }
  if (document.cookie) { found.push("cookie " + document.cookie); }
  return found;
}"""


class Watch:
    """A page, and everything that got through on it."""

    def __init__(self, page: Any, root: str) -> None:
        self.page, self.root = page, root
        self.struck: list[str] = []
        page.on("console", lambda said: "STRUCK" in said.text and self.struck.append(said.text))
        page.on("dialog", lambda dialog: (self.struck.append("a dialog"), dialog.dismiss()))
        page.route("**/*", self._pass)

    def _pass(self, route: Any) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(self.root).netloc:
            route.continue_()
        else:
            self.struck.append(f"{route.request.resource_type} {route.request.url}")
            route.abort()

    def visit(self, path: str) -> list[str]:
        """Open a page, provoke it, and say what got through."""
        self.struck.clear()
        self.page.goto(f"{self.root}{path}", wait_until="load")
        found = self.page.evaluate(PROVOKE)
        self.page.wait_for_timeout(50)
        return [*self.struck, *found]


@pytest.fixture
def watch(browser: Any, live_server: Any) -> Iterator[Watch]:
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(LISTEN)
    yield Watch(context.new_page(), live_server.url)
    context.close()


@pytest.fixture
def attacked(settings: Any) -> Any:
    settings.IMAGES, settings.ORGANISATION = True, "'\"><script>strike()</script>"
    return make_attacked()


def test_nothing_gets_through_on_any_page(watch, attacked, browser):
    client = Client()
    client.force_login(attacked.root)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": watch.root}
    preview, policy = (f"/preview/{attacked.tokens[0]}/", f"/admin/faq/policy/{attacked.policy.pk}")
    question = attacked.policy.question_set.get(anchor="q2")
    public = (
        *("/privacy/", "/privacy/q0/", "/privacy/q0/versions/", "/privacy/gone/"),
        *("/privacy/versions/", "/privacy/versions/2/", "/privacy/versions/2...3/"),
        *("/privacy/versions/1/", "/nothing/<script>strike()<%2fscript>/", "/developers/", "/"),
        *(preview, f"{preview}changes/", f"{preview}sign-off/"),
    )
    for path in public:
        assert watch.visit(path) == [], path
    watch.page.context.add_cookies([cookie])
    for path in (
        *("/admin/", "/admin/reports/", "/admin/auth/user/"),
        *(f"{policy}/{each}/" for each in ("questions", "versions", "trail", "links", "preview")),
        f"{policy}/versions/{attacked.waiting.pk}/",
        # The last one, as it asks whether what was typed shall be kept.
        *(f"/admin/faq/question/{question.pk}/{each}/" for each in ("wordings", "change")),
    ):
        found = [each for each in watch.visit(path) if each[:6] != "cookie"]
        assert found == [], path
        assert "/login/" not in watch.page.url


def test_a_template_that_forgot_to_escape_would_be_struck(watch, attacked, monkeypatch):
    monkeypatch.setattr("django.template.base.conditional_escape", str)
    assert "STRUCK by strike" in watch.visit("/privacy/q0/")


# Attacks that others collected: ../shared/security/xss_public.json

OF_ONE_POLICY = 300


@pytest.fixture
def collected(shared: Path) -> list[str]:
    found = json.loads((shared / "security" / "xss_public.json").read_text(encoding="utf-8"))
    # No form takes a NUL.
    return [each["payload"].replace("\0", "") for each in found["payloads"]]


def batches(collected: list[str], size: int = OF_ONE_POLICY) -> Iterator[list[str]]:
    for place in range(0, len(collected), size):
        yield collected[place : place + size]


def publish_all(slug: str, attacks: list[str]) -> Policy:
    """A policy with each of them in all fields of a question, and of the next one in version 2."""
    policy = make_policy(slug, title=attacks[0][:200])
    questions = [
        make_question(policy, "Why?", anchor=f"q{place}", position=place)
        for place in range(len(attacks))
    ]
    for at, turn in ((DAY_1, 0), (DAY_2, 1)):
        for place, question in enumerate(questions):
            attack = attacks[(place + turn) % len(attacks)]
            question.title = " ".join(attack.split())[:300] or "Why?"
            question.in_short = question.also_asked = question.answer = attack
            question.save()
        policy.introduction = policy.contact = "\n\n".join(attacks[turn::10])
        policy.save()
        publish(policy, at, note=attacks[turn])
    return policy


@pytest.mark.shared
@pytest.mark.slow
def test_nothing_that_others_collected_gets_through(watch, collected):
    seen = 0
    for number, attacks in enumerate(batches(collected)):
        root = f"/p{number}"
        publish_all(root[1:], attacks)
        for path in (f"{root}/", f"{root}/versions/1...2/", f"{root}/versions/", f"{root}/q7/"):
            assert watch.visit(path) == [], path
            assert got_through(Client().get(path).content.decode()) == [], path
        seen += len(attacks)
    assert seen == len(collected) > 1400


@pytest.mark.shared
@pytest.mark.slow
def test_most_of_it_gets_through_a_renderer_that_does_not_sanitise(watch, collected):
    bare: Callable[[str], str] = markdown.markdown
    found = [each for each in collected if got_through(f"<!doctype html>{bare(each)}")]
    assert len(found) > 900
    struck = 0
    for attack in found[::20]:
        watch.visit("/")
        watch.page.set_content(f"<div>{bare(attack)}</div>", wait_until="commit")
        watch.page.wait_for_timeout(50)
        struck += bool(watch.struck)
    assert struck > 3
