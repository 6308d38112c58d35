"""Cutting an answer at its sub-headings."""

from __future__ import annotations

from faq.exchange.parts import Piece, cut, headings

ANSWER = """\
Two kinds.

### Which ones?

These[^1].

#### In detail

More.

### How long?

See [the law].

[^1]: A note.

[the law]: https://example.org/law
"""


def test_an_answer_is_cut_at_its_highest_sub_headings():
    assert headings(ANSWER) == ["Which ones?", "How long?"]
    assert headings("Nothing to cut.") == []


def test_each_piece_takes_the_notes_and_references_it_uses():
    first, which, long = cut(ANSWER)
    assert first == Piece("", "Two kinds.")
    assert which.title == "Which ones?"
    assert which.source.startswith("These[^1].\n\n#### In detail\n\nMore.")
    assert "[^1]: A note." in which.source
    assert "law" not in which.source
    assert long.source.startswith("See [the law].")
    assert "[the law]: https://example.org/law" in long.source


def test_one_cut_leaves_the_other_sub_headings_where_they_are():
    first, second = cut(ANSWER, 1)
    assert "### Which ones?" in first.source
    assert "[^1]: A note." in first.source
    assert second.title == "How long?"


def test_headings_in_code_lists_and_quotations_are_no_place_to_cut():
    source = "Text.\n\n```\n# Code\n```\n\n> # Quoted\n\n- # Listed\n"
    assert headings(source) == []
    assert cut(source)[0].source == source.strip()


def test_text_that_browsers_sent_is_cut_too():
    assert cut("A\r\n\r\n# B\r\n\r\nC") == [Piece("", "A"), Piece("B", "C")]
