"""Link names made from titles of every kind, followed in a real browser."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from faq.anchors import SUGGESTED_LENGTH
from faq.models import Policy
from tests.factory import DAY_1, make_policy, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = ("How long do we keep what you have told us, and why? " * 6)[:300].strip().ljust(300, "!")
TITLES = (
    "Who are we?",
    "Who are we?",
    "?! … — *** ¿",
    LONG,
    "W" + "o" * 298 + "?",
    "متى نستخدم ملفات تعريف الارتباط؟",
    "هل نبيع بياناتك، و«لماذا»؟",
    "クッキーはいつ使いますか？",
    "なぜ🍪を使うのか",
    "When do we use 🍪 & 👩‍👩‍👧?",
    "🍪🎉",
    "Versions",
    "100% of <b>your</b> data/files #1?",
)
TYPED = ("🍪-cookies", "a;b,c=(d)@e!$*+:~", "¿qué-es")

#: What the address asks for: its fragment, the title it leads to, and whether that is in sight.
TARGET = """() => {
    const target = document.querySelector(":target");
    const top = target ? target.getBoundingClientRect().top : -1;
    return {
        name: decodeURIComponent(location.hash.slice(1)),
        id: target && target.id,
        title: target && target.parentElement.textContent.trim(), // an empty mark in its heading
        isInSight: top >= -1 && top < window.innerHeight / 3,
    };
}"""


@pytest.fixture
def policy() -> Policy:
    """A published policy whose questions were added at the desk, one after the other."""
    policy = make_policy(contact="Write to us.")
    editor = Client()
    editor.force_login(User.objects.create_superuser("alice"))
    address = f"{reverse('admin:faq_question_add')}?policy={policy.pk}"
    answer = "\n\n".join(["We say the same again and again, so that the page is long."] * 30)
    for title in TITLES:
        editor.post(address, {"title": title, "answer": answer})
    for name in TYPED:
        editor.post(address, {"title": f"Named {name}", "answer": answer, "anchor": name})
    publish(policy, DAY_1)
    return policy


@pytest.fixture
def names(policy) -> dict[str, str]:
    """The title of every question by its link name."""
    questions = dict(policy.question_set.values_list("anchor", "title"))
    assert sorted(questions.values()) == sorted((*TITLES, *(f"Named {name}" for name in TYPED)))
    return questions


def shown(title: str) -> str:
    return " ".join(title.split())


def test_every_title_gets_a_name_of_its_own(names):
    assert {"who-are-we", "who-are-we-2", "question", "versions-2", *TYPED} <= names.keys()
    assert all(len(name) <= SUGGESTED_LENGTH + 3 for name in names)
    by_title = {title: name for name, title in names.items()}
    assert by_title[LONG].endswith(("-how", "-do", "-we", "-you", "-us", "-and", "-why", "-told"))
    assert by_title["クッキーはいつ使いますか？"] == "クッキーはいつ使いますか"
    assert by_title["متى نستخدم ملفات تعريف الارتباط؟"] == "متى-نستخدم-ملفات-تعريف-الارتباط"


def test_every_link_of_the_contents_lands_on_its_question(page, live_server, names):
    page.goto(f"{live_server.url}/privacy/")
    contents = page.get_by_role("navigation", name="Contents")
    for name, title in names.items():
        contents.locator(f'a[href$="#{name}"], a[href$="#{quote(name)}"]').click()
        assert page.evaluate(TARGET) == {
            "name": name,
            "id": name,
            "title": shown(title),
            "isInSight": True,
        }
        page.evaluate("window.scrollTo(0, 0)")


def test_every_address_lands_on_its_question_as_typed_or_as_copied(page, live_server, names):
    for name, title in names.items():
        landed = {"name": name, "id": name, "title": shown(title), "isInSight": True}
        page.goto("about:blank")
        page.goto(f"{live_server.url}/privacy/#{name}")
        assert page.evaluate(TARGET) == landed
        copied = page.evaluate("location.href")
        for address in (copied, f"{live_server.url}/privacy/#{quote(name)}"):
            page.goto("about:blank")
            page.goto(address)
            assert page.evaluate(TARGET) == landed


def test_every_question_has_a_page_by_address_and_by_click(page, live_server, names):
    for name, title in names.items():
        for written in (name, quote(name, safe="")):
            answer = page.goto(f"{live_server.url}/privacy/{written}/")
            assert answer.status == 200
            assert page.locator("h1").inner_text() == shown(title)
        answer = page.goto(f"{live_server.url}/privacy/{quote(name)}/versions/")
        assert answer.status == 200
        with page.expect_navigation() as opened:
            page.locator("main").get_by_role("link", name=shown(title), exact=True).click()
        assert opened.value.status == 200
        assert unquote(page.url) == f"{live_server.url}/privacy/{name}/"
        assert page.locator("h1").inner_text() == shown(title)
