"""Finding questions by words: what is found, in which order, in any language."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq import search
from faq.page import Page, PageQuestion, PageSection
from faq.search import MOST_CHARACTERS, find, stem, tidy, words
from tests.finding import CASES, make_page


def anchors(page: Page, query: str) -> list[str]:
    return [question.anchor for question in find(page, query).questions]


@pytest.mark.parametrize(("policy", "query", "found", "has_all"), CASES)
def test_a_query_finds_what_the_table_says(policy, query, found, has_all):
    result = find(make_page(policy), query)
    assert [question.anchor for question in result.questions] == found
    assert result.has_all is has_all


@pytest.mark.parametrize(
    "family",
    [
        ("cookie", "cookies"),
        ("policy", "policies"),
        ("delete", "deletes", "deleted", "deleting"),
        ("share", "shares", "shared", "sharing"),
        ("transfer", "transferred", "transferring"),
        ("cancel", "cancelled", "cancelling"),
        ("process", "processes", "processed", "processing"),
        ("recording", "recordings", "recorded"),
        ("carry", "carries", "carried", "carrying"),
        ("Frage", "Fragen"),
        ("droit", "droits"),
    ],
)
def test_inflections_of_a_word_have_one_stem(family):
    assert len({stem(words(word)[0]) for word in family}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("police", "policy"), ("use", "us"), ("share", "short"), ("data", "date")]
)
def test_different_words_have_different_stems(one, other):
    assert stem(words(one)[0]) != stem(words(other)[0])


# Laws

LETTERS = st.characters(categories=("Ll", "Lu", "Lo", "Lm", "Mn", "Nd"), codec="utf-8")
WORDS = st.lists(
    st.text(LETTERS | st.sampled_from("aàeéßİıςΣ"), min_size=1, max_size=8), max_size=4
)
TEXTS = WORDS.map(" ".join)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A page of up to six questions with any words in any script."""
    questions = tuple(
        PageQuestion(
            id=str(number),
            anchor=str(number),
            ids=(),
            title=draw(TEXTS),
            in_short=draw(TEXTS),
            answer=f"<p>{draw(TEXTS)}</p>",
            level=2,
            also_asked=tuple(draw(st.lists(TEXTS, max_size=2))),
        )
        for number in range(draw(st.integers(1, 6)))
    )
    return Page("en", "", "", "", (PageSection("", (), "", "", questions),), (), ())


def texts_of(question: PageQuestion) -> list[str]:
    return [question.title, question.in_short, *question.also_asked]


@given(pages())
def test_every_question_is_found_by_each_of_its_words_and_by_its_whole_title(page):
    for question in page.questions:
        for text in texts_of(question):
            for word in words(text)[:20]:
                found = find(page, word)
                assert found.has_all
                assert question in found.questions
        if 0 < len(question.title) <= MOST_CHARACTERS and words(question.title):
            assert question in find(page, question.title).questions


@given(pages())
def test_what_is_also_asked_in_just_these_words_comes_first(page):
    for question in page.questions:
        for phrase in question.also_asked:
            asked = words(phrase)
            if asked and len(phrase) <= MOST_CHARACTERS:
                best = find(page, phrase).questions[0]
                assert asked in [words(each) for each in best.also_asked]


@given(pages(), TEXTS)
def test_case_and_the_form_of_unicode_change_nothing(page, query):
    found = anchors(page, query)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert anchors(page, unicodedata.normalize(form, query)) == found
    section = page.sections[0]
    decomposed = tuple(
        replace(
            question,
            title=unicodedata.normalize("NFD", question.title),
            in_short=unicodedata.normalize("NFD", question.in_short),
            answer=unicodedata.normalize("NFD", question.answer),
        )
        for question in section.questions
    )
    other = replace(page, sections=(replace(section, questions=decomposed),))
    assert anchors(other, query) == found


@given(pages(), st.permutations(["data", "a", "ete", "Ω", "開"]))
def test_the_order_of_words_changes_nothing_that_is_found(page, query):
    found = find(page, " ".join(query))
    other = find(page, " ".join(sorted(query)))
    assert set(found.questions) == set(other.questions)
    assert found.has_all == other.has_all


@given(pages(), TEXTS)
def test_where_questions_stand_decides_only_between_equals(page, query):
    section = page.sections[0]
    backwards = replace(page, sections=(replace(section, questions=section.questions[::-1]),))
    assert set(anchors(backwards, query)) == set(anchors(page, query))
    apart = [replace(page, sections=(replace(section, questions=(q,)),)) for q in page.questions]
    assert len(anchors(page, query)) <= len(apart)


@given(st.text())
def test_whatever_is_typed_is_one_line_that_is_shown_whole(text):
    tidied = tidy(text)
    assert len(tidied) <= MOST_CHARACTERS
    assert tidy(tidied) == tidied
    assert not any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in tidied)
    tidied.encode()


@given(st.text())
def test_folding_twice_is_folding_once(text):
    once = words(text)
    assert words(" ".join(once)) == once


def test_a_long_query_is_read_up_to_its_bound():
    page = make_page("english")
    found = find(page, f"cookies {' ' * 500}" + "x" * 500)
    assert len(found.query) == MOST_CHARACTERS
    assert [question.anchor for question in found.questions] == ["cookies", "off"]
    assert not found.has_all


def test_queries_of_rare_signs_do_not_fill_the_memory():
    letters = "".join(map(chr, range(0x2_0000, 0x2_0100)))
    assert words(f"{letters} \U0001f36a") == [letters]
    assert max(search._SEPARATORS) < 0x1_0000
