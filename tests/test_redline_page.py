"""The redline of two Documents: every section and question in its place, and what readers get."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.conf import settings
from django.template.loader import render_to_string

from faq.document import Document, Question, Retired, Section, Wording
from faq.redline import DELETED, INSERTED, SAME, Redline, redline
from faq.rendering import render

CSS = Path(settings.BASE_DIR) / "static" / "css"


def wording(source: str, prefix: str = "q") -> dict[str, Wording]:
    return {"en": Wording(source, render(source, prefix=prefix))}


def question(name: str, answer: str = "An answer.", title: str = "", **fields: Any) -> Question:
    return Question(name, name, {"en": title or f"{name}?"}, wording(answer, name), **fields)


def section(name: str | None, *questions: Question, title: str = "") -> Section:
    heading = {"en": title or f"About {name}"} if name else None
    return Section(name, name, heading, tuple(questions))


def document(*sections: Section, **fields: Any) -> Document:
    fields.setdefault("title", {"en": "Privacy policy"})
    fields.setdefault("introduction", wording("Welcome."))
    fields.setdefault("contact", wording("Write to us."))
    return Document("privacy", ("en",), prevails="en", sections=tuple(sections), **fields)


def compared(old: Document | None, new: Document, **options: str) -> Redline:
    return redline(old, new, "en", **options)


def outline(found: Redline) -> list[tuple[str, list[str]]]:
    """Sections with their questions in order."""
    return [(each.id, [q.id for q in each.questions]) for each in found.sections]


def only_question(found: Redline) -> Any:
    [each] = found.sections
    [asked] = each.questions
    return asked


def test_a_document_is_unchanged_from_itself() -> None:
    same = document(section(None, question("a", "1. b\n2. c")), section("s", question("d")))
    found = compared(same, same)
    assert not found.changed and found.counts == {} and found.kinds == ()
    assert not any(q.changed or q.marked for each in found.sections for q in each.questions)
    assert found.title == ((SAME, "Privacy policy"),)


def test_everything_is_added_to_nothing() -> None:
    found = compared(None, document(section("s", question("a"), question("b"))))
    assert found.counts == {"added": 2}
    assert found.sections[0].kinds == ("added",)
    assert found.sections[0].title == ((INSERTED, "About s"),)
    assert found.sections[0].questions[0].title == ((INSERTED, "a?"),)
    assert found.sections[0].questions[0].answer == "<p>An answer.</p>"


def test_it_counts_the_questions_of_each_kind() -> None:
    old = document(section(None, *(question(name) for name in "abcde")))
    new = document(
        section(None, question("c"), question("a", "Another answer."), question("b", title="B?")),
        section("s", question("d"), question("f")),
    )
    found = compared(old, new)
    assert found.counts == {"reworded": 1, "retitled": 1, "moved": 2, "added": 1, "retired": 1}
    assert found.changed_sections == 1


def test_words_are_marked_in_titles_and_answers() -> None:
    old = document(section(None, question("a", "We keep it for 40 days.", in_short={"en": "Yes"})))
    new = document(
        section(
            None,
            question("a", "We keep it for 30 days.", "How long?", in_short={"en": "Yes, we do"}),
        )
    )
    asked = only_question(compared(old, new))
    assert asked.answer == "<p>We keep it for <del>40</del> <ins>30</ins> days.</p>"
    assert asked.title == ((DELETED, "a"), (INSERTED, "How long"), (SAME, "?"))
    assert asked.in_short == ((SAME, "Yes"), (INSERTED, ", we do"))
    assert asked.kinds == ("retitled", "reworded") and asked.changed and asked.marked


def test_another_rendering_of_the_same_source_is_no_change() -> None:
    old = document(section(None, question("a")))
    answer = {"en": Wording("An answer.", "<p><em>An</em> answer.</p>")}
    new = document(section(None, replace(question("a"), answer=answer)))
    asked = only_question(compared(old, new))
    assert not asked.changed and asked.answer == "<p><em>An</em> answer.</p>"


def test_a_source_written_in_another_way_is_reworded_without_marks() -> None:
    old = document(section(None, question("a", "- one\n- two")))
    new = document(section(None, question("a", "* one\n* two")))
    asked = only_question(compared(old, new))
    assert asked.kinds == ("reworded",) and not asked.marked


def test_what_readers_cannot_see_does_not_count() -> None:
    old = document(section(None, question("a")))
    new = document(section(None, question("a", aliases=("b",), also_asked={"en": ("x",)})))
    found = compared(old, new)
    assert not found.changed and found.counts == {}


def test_a_retired_question_stands_where_it_stood() -> None:
    old = document(section("s", question("a"), question("b"), question("c")), section("t"))
    new = document(
        section("t", question("d")),
        section("s", question("c"), question("a")),
        retired=(Retired("b", ("b",), {"en": "b?"}, {"en": "We never did."}),),
    )
    found = compared(old, new)
    assert outline(found) == [("t", ["d"]), ("s", ["c", "a", "b"])]
    gone = found.sections[1].questions[2]
    assert gone.kinds == ("retired",) and gone.reason == "We never did."
    assert gone.title == ((DELETED, "b?"),) and gone.answer == "<p>An answer.</p>"


def test_a_retired_question_stays_at_the_head_of_its_section() -> None:
    old = document(section("s", question("a"), question("b")))
    assert outline(compared(old, document(section("s", question("b"))))) == [("s", ["a", "b"])]


def test_a_retired_section_keeps_its_place_and_its_lost_questions() -> None:
    old = document(
        section(None, question("a")),
        section("s", question("b"), question("c")),
        section("t", question("d")),
    )
    new = document(section(None, question("a"), question("c")), section("t", question("d")))
    found = compared(old, new)
    assert outline(found) == [("", ["a", "c"]), ("s", ["b"]), ("t", ["d"])]
    assert found.sections[1].kinds == ("retired",)
    assert found.sections[1].title == ((DELETED, "About s"),)


def test_every_question_of_either_document_appears_once() -> None:
    old = document(section("s", *map(question, "abc")), section("t", *map(question, "def")))
    new = document(section("u", *map(question, "ebx")), section("s", *map(question, "fay")))
    ids = [asked for _section, asked_ids in outline(compared(old, new)) for asked in asked_ids]
    assert sorted(ids) == sorted("abcdefxy")


def test_the_policys_own_texts_are_compared() -> None:
    old = document()
    new = document(
        title={"en": "Our privacy policy"}, introduction=wording("Welcome!"), contact=wording("")
    )
    found = compared(old, new)
    assert found.kinds == ("retitled", "reworded") and found.changed
    assert found.title[:3] == ((DELETED, "Privacy"), (SAME, " "), (INSERTED, "Our privacy"))
    assert found.introduction.html == "<p>Welcome<del>.</del><ins>!</ins></p>"
    assert found.contact.html == '<p class="deleted"><del>Write to us.</del></p>'


def test_sub_headings_and_links_fit_where_they_stand() -> None:
    old = document(section("s", question("a", "# One\n\nSee [b](#b).")))
    new = document(section("s", question("a", "# One\n\nSee [c](#c).")))
    found = compared(old, new, old_base="/privacy/versions/1/", new_base="/privacy/versions/2/")
    answer = only_question(found).answer
    assert answer.startswith("<h4>One</h4>") and " id=" not in answer
    assert 'href="/privacy/versions/1/#b"' in answer and 'href="/privacy/versions/2/#c"' in answer


def test_only_one_language_is_compared_and_the_prevailing_one_stands_in() -> None:
    words = {"en": Wording("Hello", "<p>Hello</p>"), "cy": Wording("Helo", "<p>Helo</p>")}
    old = document(section(None, replace(question("a"), answer=words)))
    changed = {**words, "en": Wording("Hello you", "<p>Hello you</p>")}
    new = document(section(None, replace(question("a"), answer=changed)))
    assert not redline(old, new, "cy").changed
    assert only_question(redline(old, new, "de")).answer == "<p>Hello <ins>you</ins></p>"


# The page.


def shown(found: Redline) -> str:
    return render_to_string("faq/_redline.html", {"redline": found})


def everything_changed() -> Redline:
    """A redline with every kind of change, and with something unchanged."""
    old = document(
        section(None, question("a"), question("b"), question("e", "One | two")),
        section("s", question("c", "We ask [you](#b).", in_short={"en": "No"}), question("d")),
    )
    new = document(
        section(None, question("b"), question("f", "New & <good>."), question("g")),
        section("t", question("d", title="D & more?")),
        section("s", question("c", "We ask [them](#b) all.", in_short={"en": "Yes"})),
        title={"en": "Our policy"},
        contact=wording("Call us."),
        retired=(Retired("a", ("a",), {"en": "a?"}, {"en": "No more."}),),
    )
    return compared(old, new)


def test_the_page_is_well_formed_and_its_headings_skip_no_level() -> None:
    page = shown(everything_changed())
    html5lib.HTMLParser(strict=True).parseFragment(page)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 2
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_the_page_says_in_words_what_is_added_and_deleted() -> None:
    page = shown(everything_changed())
    assert page.count("<del>") == page.count('<del><span class="spoken">deleted: </span>') + 1
    assert page.count("<ins>") == page.count('<ins><span class="spoken">added: </span>') + 1
    assert "No more." in page and "New &amp; &lt;good&gt;." in page


def test_the_summary_stands_on_top() -> None:
    page = shown(everything_changed())
    summary = page[: page.index("</section>")]
    for words in ("2 questions added", "2 questions removed", "1 question retitled"):
        assert words in summary


def test_unchanged_questions_are_folded_together() -> None:
    questions = [question(name) for name in "abcd"]
    old = document(section(None, *questions))
    new = document(section(None, *questions[:3], question("d", "Another.")))
    page = shown(compared(old, new))
    assert page.count("<details") == 3  # the introduction, the three questions, the contact
    assert "3 unchanged questions" in page
    folded = re.findall("<details.*?</details>", page, re.DOTALL)
    assert not any("<del>" in each or "<ins>" in each for each in folded)


def test_nothing_changed_is_said_in_words() -> None:
    same = document(section(None, question("a")))
    assert "No wording changed." in shown(compared(same, same))


def test_its_class_names_are_none_that_content_blockers_hide() -> None:
    css = (CSS / "redline.css").read_text()
    names = {
        word
        for value in re.findall('class="([^"]*)"', shown(everything_changed()))
        for word in value.split()
    }
    names |= set(re.findall(r"\.([a-z][a-z-]*)", css))
    parts = {part for name in names for part in name.split("-")}
    assert parts.isdisjoint(
        {"ad", "ads", "banner", "cookie", "consent", "notice", "popup", "social", "share"}
    )


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_differ_without_colour_and_words_reach_only_those_who_listen(
    page: Any, scheme: str
) -> None:
    styles = "".join((CSS / f"{name}.css").read_text() for name in STYLES)
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    page.set_content(f"<style>{styles}</style><main>{shown(everything_changed())}</main>")
    line = "element => getComputedStyle(element).textDecorationLine"
    assert page.locator(".answer del").first.evaluate(line) == "line-through"
    assert page.locator(".answer ins").first.evaluate(line) == "underline"
    spoken = page.locator(".answer .spoken").first
    assert spoken.evaluate("element => element.getBoundingClientRect().width") <= 1
    assert "deleted:" in page.locator(".answer del").first.aria_snapshot()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_on_paper_what_is_folded_says_that_it_is_left_out(page: Any) -> None:
    styles = "".join((CSS / f"{name}.css").read_text() for name in STYLES)
    page.set_content(f"<style>{styles}</style><main>{shown(everything_changed())}</main>")
    folded = page.locator("details .on-paper").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    page.locator("details").first.evaluate("element => { element.open = true }")
    assert not folded.is_visible()


STYLES = ("tokens", "page", "answer", "redline")
