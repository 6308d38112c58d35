"""A question as it stands on a page is made once, and is never another's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string

from faq import remembered
from faq.page import PageQuestion
from faq.templatetags import wording

QUESTION = PageQuestion(
    id="1",
    anchor="who-are-we",
    ids=("about-us",),
    title="Who are <we>?",
    in_short="A shop.",
    answer="<p>A <em>shop</em>.</p>",
    level=2,
)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    remembered.forget()
    yield
    remembered.forget()


def test_it_is_what_the_template_makes_of_it():
    made = render_to_string("faq/_question.html", {"question": QUESTION})
    assert wording.shown(QUESTION) == made
    assert "Who are &lt;we&gt;?" in made and "<p>A <em>shop</em>.</p>" in made


def test_it_is_made_once_while_pages_are_made():
    first = wording.shown(QUESTION)
    assert wording.shown(replace(QUESTION)) is first
    remembered.forget_what_pages_need()
    assert wording.shown(QUESTION) is not first


@pytest.mark.parametrize(
    "changed",
    [
        {"anchor": "who-we-are"},
        {"ids": ()},
        {"ids": ("about-us", "us")},
        {"title": "Who is this?"},
        {"in_short": ""},
        {"answer": "<p>A school.</p>"},
        {"level": 3},
    ],
    ids=lambda changed: " ".join(changed),
)
def test_whatever_differs_it_is_another(changed: dict[str, Any]):
    wording.shown(QUESTION)
    other = replace(QUESTION, **changed)
    shown = wording.shown(other)
    assert shown != wording.shown(QUESTION)
    assert shown == render_to_string("faq/_question.html", {"question": other})


def test_its_pictures_are_below_the_path_of_the_site(monkeypatch: pytest.MonkeyPatch):
    with_picture = replace(QUESTION, answer='<p><img src="/images/a.png" alt="A"></p>')
    wording.shown(with_picture)
    monkeypatch.setattr(wording, "images_base", lambda: "/legal/images/")
    assert wording.shown(with_picture) == render_to_string(
        "faq/_question.html", {"question": with_picture}
    )


def test_whoever_changes_the_template_with_debug_on_sees_it_at_once(settings: Any):
    settings.DEBUG = True
    assert wording.shown(QUESTION) is not wording.shown(QUESTION)
