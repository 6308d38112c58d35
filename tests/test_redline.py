"""What changed between two Documents, question by question."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.document import Document, Question, Retired, Section, Wording
from faq.redline import Change, compare, summary

#: A machine that is busy with other things is no fault.
unhurried = settings(deadline=None)


def wording(text: str, html: str | None = None) -> dict[str, Wording]:
    return {"en": Wording(text, html or f"<p>{text}</p>\n")}


def question(key: str, **fields: Any) -> Question:
    fields.setdefault("answer", wording(f"About {key}."))
    return Question(**{"id": key, "anchor": key, "title": {"en": f"{key}?"}, **fields})


def section(key: str, *questions: Question, **fields: Any) -> Section:
    return Section(
        **{"id": key, "anchor": key, "title": {"en": key}, "questions": questions, **fields}
    )


def gone(key: str, **fields: Any) -> Retired:
    return Retired(
        **{
            "id": key,
            "anchors": (key,),
            "title": {"en": f"{key}?"},
            "reason": {"en": "Why."},
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


def loose(*questions: Question, **fields: Any) -> Document:
    """A document whose questions stand without a section."""
    return document(Section(id=None, anchor=None, title=None, questions=questions), **fields)


def changes(old: Document | None, new: Document) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.subject, each.id, each.kinds) for each in compare(old, new)]


A, B, C = question("a"), question("b"), question("c")


def test_equal_documents_have_no_changes() -> None:
    assert compare(loose(A, B), loose(A, B)) == []


def test_without_an_old_document_everything_is_added() -> None:
    assert changes(None, document(section("s", A, B))) == [
        ("section", "s", ("added",)),
        ("question", "a", ("added",)),
        ("question", "b", ("added",)),
    ]


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        (replace(A, title={"en": "Other?"}), ("retitled",)),
        (replace(A, answer=wording("Other.")), ("reworded",)),
        (replace(A, in_short={"en": "Other."}), ("reworded",)),
        (replace(A, anchor="other", aliases=("a",)), ("relinked",)),
        (replace(A, aliases=("older",)), ("relinked",)),
        (replace(A, also_asked={"en": ("SAR",)}), ("researched",)),
        (replace(A, disclosures=("gdpr-13-1-a",)), ("researched",)),
        (
            replace(A, title={"en": "Other?"}, answer=wording("Other."), anchor="other"),
            ("retitled", "reworded", "relinked"),
        ),
    ],
)
def test_how_a_question_may_have_changed(new: Question, kinds: tuple[str, ...]) -> None:
    assert compare(loose(A, B), loose(new, B)) == [
        Change("question", "a", new.title, kinds, {"en": "a?"})
    ]


def test_a_new_release_of_the_renderer_is_no_change_of_wording() -> None:
    rendered_anew = replace(A, answer=wording("About a.", "<p>About a.</p>"))
    assert compare(loose(A), loose(rendered_anew)) == []


def test_a_sub_heading_that_became_an_alias_is_only_a_rewording() -> None:
    old = replace(A, answer=wording("# X", '<h3 id="a.x">X</h3>'))
    new = replace(A, aliases=("a.x",))
    assert changes(loose(old), loose(new)) == [("question", "a", ("reworded",))]


def test_added_and_removed_questions() -> None:
    new = loose(A, C, retired=(gone("b"),))
    assert changes(loose(A, B), new) == [
        ("question", "c", ("added",)),
        ("question", "b", ("retired",)),
    ]
    assert changes(new, loose(A, B, C)) == [("question", "b", ("added",))]


@pytest.mark.parametrize(
    "now",
    [
        gone("z", successor="a"),
        gone("z", reason={"en": "Another reason."}),
        gone("z", anchors=("y", "z")),
    ],
)
def test_another_reason_or_successor_for_a_removed_question_is_a_change(now: Retired) -> None:
    assert changes(loose(A, retired=(gone("z"),)), loose(A, retired=(now,))) == [
        ("question", "z", ("relinked",))
    ]


def test_a_removed_question_that_only_a_withdrawn_version_had_is_a_change() -> None:
    assert changes(loose(A), loose(A, retired=(gone("z"),))) == [("question", "z", ("relinked",))]


def test_a_removed_section_is_named_once() -> None:
    old = document(section("s", A), section("t"))
    assert changes(old, document(section("s", A), retired=(gone("t"),))) == [
        ("section", "t", ("retired",))
    ]


@pytest.mark.parametrize(
    ("after", "moved"),
    [
        ("abcde", ""),
        ("bacde", "a|b"),
        ("eabcd", "e"),
        ("bcdea", "a"),
        ("acbed", "bd|bc|ed|ec|be|ce|cd"),
        ("abxcde", ""),
        ("acde", ""),
        ("edcba", "4"),
    ],
)
def test_the_fewest_questions_that_explain_the_new_order_have_moved(after: str, moved: str) -> None:
    old = loose(*(question(key) for key in "abcde"))
    new = loose(*(question(key) for key in after))
    found = "".join(sorted(each.id for each in compare(old, new) if "moved" in each.kinds))
    if moved == "4":
        assert len(found) == 4
    else:
        assert found in {"".join(sorted(each)) for each in moved.split("|")}


def test_a_question_in_another_section_has_moved() -> None:
    old = document(section("s", A, B), section("t", C))
    new = document(section("s", A), section("t", B, C))
    assert changes(old, new) == [("question", "b", ("moved",))]


def test_sections_change_like_questions() -> None:
    old = document(section("s", A), section("t", B))
    new = document(
        section("t", B, title={"en": "T"}, introduction=wording("Hello.")),
        section("s", A, anchor="new", aliases=("s",)),
    )
    found = {key: kinds for subject, key, kinds in changes(old, new) if subject == "section"}
    kinds = set(found["t"]) | set(found["s"])
    assert kinds == {"retitled", "reworded", "relinked", "moved"}


def test_the_policys_own_texts_count() -> None:
    old = loose(A)
    new = loose(A, title={"en": "Other"}, contact=wording("Here."))
    assert changes(old, new) == [("policy", "", ("retitled", "reworded"))]
    assert changes(old, loose(A, introduction=wording("Hi."))) == [("policy", "", ("reworded",))]


def test_the_summary_counts_questions() -> None:
    old = document(section("s", A, B))
    new = document(section("s", replace(A, title={"en": "?"}, answer=wording("?")), C))
    assert summary(compare(old, new)) == {
        "retitled": 1,
        "reworded": 1,
        "added": 1,
        "retired": 1,
    }


keys = st.permutations("abcdefg").flatmap(
    lambda order: st.integers(0, 7).map(lambda size: order[:size])
)


@unhurried
@given(keys, keys)
def test_moving_what_is_named_and_nothing_else_gives_the_new_order(
    before: list[str], after: list[str]
) -> None:
    old, new = (loose(*(question(key) for key in order)) for order in (before, after))
    found = compare(old, new)
    kinds = {each.id: each.kinds for each in found}
    assert {key for key in kinds if "added" in kinds[key]} == set(after) - set(before)
    assert {key for key in kinds if "retired" in kinds[key]} == set(before) - set(after)
    stayed = [key for key in before if key in after and key not in kinds]
    assert stayed == [key for key in after if key in stayed]
    # Nothing smaller would do: any longer list that keeps its order would be a better answer.
    assert len(stayed) == longest_common(before, after)


def longest_common(one: list[str], two: list[str]) -> int:
    """The length of the longest common subsequence, by brute force."""
    if not one or not two:
        return 0
    if one[0] == two[0]:
        return 1 + longest_common(one[1:], two[1:])
    return max(longest_common(one[1:], two), longest_common(one, two[1:]))
