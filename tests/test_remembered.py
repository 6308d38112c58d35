"""What is remembered says the same as what is rendered anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faq import remembered, rendering

from .factory import EVERYTHING


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    remembered.forget()
    yield
    remembered.forget()


def test_a_text_is_remembered_and_reads_the_same():
    options = {"prefix": "who", "titles": {"who-are-we": "Who are we?"}, "heading_ids": True}
    first, second = (remembered.render(EVERYTHING, **options) for _ in range(2))
    assert first == second == rendering.render(EVERYTHING, **options)
    assert len(remembered._rendered) == 1


def test_another_prefix_or_no_heading_ids_is_another_text():
    source, titles = "### Where\n\nHere.", {}
    one = remembered.render(source, prefix="who", titles=titles)
    two = remembered.render(source, prefix="how", titles=titles)
    none = remembered.render(source, prefix="who", titles=titles, heading_ids=False)
    assert ('id="who.where"' in one, 'id="how.where"' in two, "id=" in none) == (True, True, False)


def test_an_answer_stands_on_each_page_as_if_nothing_had_been_remembered():
    html = rendering.render("See [it](#who).\n\n### Where\n\nHere.", prefix="q", titles={})
    for where in ({"level": 2, "link_base": "/privacy/"}, {"level": 4, "link_base": "/cookies/"}):
        for _time in range(2):
            assert remembered.place(html, **where) == rendering.place(html, **where)


@pytest.mark.parametrize("before", [{}, {"who": "Who?"}, {"other": "Other?"}])
def test_a_link_without_text_shows_the_title_of_today(before):
    source = "See [](#who)."
    remembered.render(source, prefix="q", titles=before)
    assert "Who are we?" in remembered.render(source, prefix="q", titles={"who": "Who are we?"})
    assert "#who</a>" in remembered.render(source, prefix="q", titles={})


def test_titles_that_a_text_does_not_show_do_not_matter():
    for how in ("How?", "Why?"):
        remembered.render("See [](#who).", prefix="q", titles={"who": "Who?", "how": how})
    (known,) = remembered._rendered.values()
    assert known.titles == {"who": "Who?"}


def test_only_so_many_texts_are_remembered(monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 3)
    for number in range(5):
        remembered.render(f"{number}", prefix="q", titles={})
    assert len(remembered._rendered) == 3


def test_ids_are_those_of_the_sub_headings():
    html = rendering.render("### Where\n\nA note[^1].\n\n[^1]: Foot.", prefix="who")
    assert remembered.ids_in(html) == ("who.where",)


def test_what_was_made_of_documents_is_known_by_a_small_key_until_pages_are_made():
    known = remembered.ByFingerprint(20, len)
    for key in ("a", "b"):
        assert known.get(key) is None
        assert known.keep(key, f"made of {key}") == f"made of {key}"
    assert known.get("a") == "made of a"
    known.keep("c", "made of c")
    assert [known.get(key) for key in "abc"] == ["made of a", None, "made of c"]
    known.keep("c", "made of c")
    assert known.get("a") == "made of a"
    known.keep("d", "made of more than there is room for")
    assert [known.get(key) for key in "acd"] == ["made of a", "made of c", None]
    remembered.forget_what_pages_need()
    assert known.get("a") is None
    known.keep("b", "as long as there is.")
    assert known.get("b") == "as long as there is."
