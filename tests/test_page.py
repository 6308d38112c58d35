"""A Document laid out for a page: levels, ids, links, and what became of removed questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faq.document import Document, Question, Retired, Section, Wording
from faq.page import Later, Removed, lay_out
from faq.rendering import render


def answer(source: str, prefix: str = "q") -> dict[str, Wording]:
    return {"en": Wording(source, render(source, prefix=prefix))}


def question(key: str, **fields: Any) -> Question:
    fields.setdefault("answer", answer(f"About {key}.", key))
    return Question(**{"id": f"id-{key}", "anchor": key, "title": {"en": f"{key}?"}, **fields})


def section(*questions: Question, **fields: Any) -> Section:
    return Section(
        **{
            "id": "id-s",
            "anchor": "s",
            "title": {"en": "Rights"},
            "questions": questions,
            **fields,
        }
    )


def document(*sections: Section, **fields: Any) -> Document:
    return Document(
        **{
            "policy": "privacy",
            "languages": ("en",),
            "title": {"en": "Privacy"},
            "introduction": {},
            "contact": {},
            "prevails": "en",
            "sections": sections,
            **fields,
        }
    )


def gone(key: str, **fields: Any) -> Retired:
    return Retired(
        **{
            "id": f"id-{key}",
            "anchors": (key, f"{key}-2"),
            "title": {"en": f"{key}?"},
            "reason": {"en": "Why."},
            "last_version": 3,
            **fields,
        }
    )


def test_questions_keep_their_order_titles_and_answers() -> None:
    page = lay_out(document(section(question("a", in_short={"en": "Yes."}), question("b"))), "en")
    [group] = page.sections
    assert (page.title, page.language, group.title, group.anchor) == (
        "Privacy",
        "en",
        "Rights",
        "s",
    )
    assert [(each.anchor, each.title) for each in group.questions] == [("a", "a?"), ("b", "b?")]
    assert group.questions[0].in_short == "Yes."
    assert group.questions[0].answer == "<p>About a.</p>\n"


def test_headings_follow_one_another_without_a_gap() -> None:
    headed = question("a", answer=answer("# X\n\n## Y", "a"))
    grouped = lay_out(
        document(section(headed, introduction=answer("# Z")), introduction=answer("# W")), "en"
    )
    assert grouped.introduction.startswith("<h2")
    assert grouped.sections[0].introduction.startswith("<h3")
    [shown] = grouped.sections[0].questions
    assert shown.level == 3
    assert shown.answer == '<h4 id="a.x">X</h4>\n<h5 id="a.y">Y</h5>\n'
    loose = lay_out(document(Section(id=None, anchor=None, title=None, questions=(headed,))), "en")
    [shown] = loose.sections[0].questions
    assert shown.level == 2
    assert shown.answer == '<h3 id="a.x">X</h3>\n<h4 id="a.y">Y</h4>\n'


def test_every_older_name_is_an_id_once() -> None:
    page = lay_out(
        document(section(question("a", aliases=("old", "older")), aliases=("group",))),
        "en",
        extra_ids={"id-a": ["later", "old"], "id-s": ["later-group"]},
    )
    [group] = page.sections
    assert group.ids == ("group", "later-group")
    assert group.questions[0].ids == ("old", "older", "later")


def test_names_of_a_removed_question_move_to_the_one_that_answers_now() -> None:
    page = lay_out(
        document(
            section(question("a"), question("b")),
            retired=(
                gone("x", successor="id-y"),
                gone("y", successor="id-b"),
                gone("t", successor="id-s"),
            ),
        ),
        "en",
    )
    assert page.removed == ()
    assert page.sections[0].ids == ("t", "t-2")
    assert [each.ids for each in page.sections[0].questions] == [(), ("x", "x-2", "y", "y-2")]


def test_later_names_of_a_removed_question_go_where_its_others_go() -> None:
    moved = lay_out(
        document(section(question("a")), retired=(gone("x", successor="id-a"),)),
        "en",
        extra_ids={"id-x": ["later"]},
    )
    assert moved.sections[0].questions[0].ids == ("x", "x-2", "later")
    listed = lay_out(
        document(section(question("a")), retired=(gone("x"),)),
        "en",
        extra_ids={"id-x": ["later"]},
    )
    assert listed.removed[0].ids == ("x", "x-2", "later")


def test_removed_questions_without_a_successor_are_listed() -> None:
    page = lay_out(
        document(section(question("a")), retired=(gone("x"), gone("y", successor="id-x"))), "en"
    )
    assert page.removed == (
        Removed(("x", "x-2"), "x?", "Why.", 3),
        Removed(("y", "y-2"), "y?", "Why.", 3),
    )


def test_links_between_questions_take_the_base_and_links_within_do_not() -> None:
    source = "# X\n\n[there](#b) [here](#a.x)"
    page = lay_out(
        document(section(question("a", answer=answer(source, "a")), question("b"))),
        "en",
        link_base="/privacy/",
    )
    html = page.sections[0].questions[0].answer
    assert 'href="/privacy/#b"' in html
    assert 'href="#a.x"' in html


def test_names_of_withdrawn_versions_are_passed_on() -> None:
    later = Later("name", "Title?", 4)
    assert lay_out(document(), "en", later=[later]).later == (later,)


def test_what_is_not_translated_stands_in_the_language_that_prevails() -> None:
    both = {"en": "English", "cy": "Cymraeg"}
    page = lay_out(
        document(
            section(question("a"), question("b", title=both), title={"en": "Only"}),
            languages=("en", "cy"),
            title=both,
        ),
        "cy",
    )
    assert page.title == "Cymraeg"
    assert page.sections[0].title == "Only"
    assert [each.title for each in page.sections[0].questions] == ["a?", "Cymraeg"]
    assert page.sections[0].questions[0].answer == "<p>About a.</p>\n"


def test_the_page_needs_nothing_but_the_document() -> None:
    whole = document(section(question("a", aliases=("old",))), retired=(gone("x"),))
    again = Document.from_json(whole.to_json())
    assert lay_out(again, "en") == lay_out(whole, "en")
    assert lay_out(replace(whole, policy="other"), "en") == lay_out(whole, "en")


def test_contents_without_the_texts_have_every_title_and_name() -> None:
    whole = document(
        section(question("a", aliases=("old",)), introduction=answer("About these.")),
        introduction=answer("About us."),
        contact=answer("Write to us."),
    )
    page, contents = lay_out(whole, "en"), lay_out(whole, "en", texts=False)
    assert contents.introduction == contents.sections[0].introduction == ""
    [only] = contents.questions
    assert only == replace(page.questions[0], answer="")
    assert (contents.title, contents.contact) == (page.title, page.contact)
    assert contents.sections[0].ids == page.sections[0].ids
