"""What may be a link name, and what is suggested as one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.anchors import SUGGESTED_LENGTH, fault, suggest

#: A machine that is busy with other things is no fault.
unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    "name",
    [
        *("who-are-we", "a", "2018", "who.us", "cookies,and;more", "a:b", "A-b_c", "x" * 200),
        *(
            "données",
            "我们是谁",
            "мы",
            "من-نحن",
            "é",
            "versions2",
            "versions.html",
            "json",
            "a.jsonx",
        ),
        *("...", "-", "a@b", "(a)", "a+b", "a=b", "😀"),
    ],
)
def test_it_accepts(name: str) -> None:
    assert fault(name) is None


@pytest.mark.parametrize(
    ("name", "saying"),
    [
        ("", "cannot be empty"),
        ("x" * 201, "at most 200 characters"),
        ("e\u0301", "accents are stored in an unusual form"),
        *((f"a{c}b", "has no spaces or control characters") for c in " \t\n\r\x0b\x1f\x7f\x85"),
        *((f"a{c}b", "has no spaces or control characters") for c in "\u00a0\u2003\u2028\u3000"),
        *((f"a{c}b", "has no spaces or control characters") for c in "\x00\x80\ud800\uffff"),
        *((f"a{c}b", "no invisible direction marks") for c in "\u061c\u200e\u200f"),
        *((f"a{c}b", "no invisible direction marks") for c in "\u202a\u202e\u2066\u2069"),
        *((f"a{c}b", "none of these characters") for c in "/?#%<>\"'&\\"),
        ("_top", "does not start with an underscore"),
        ("_", "does not start with an underscore"),
        ("versions", "needed for another address"),
        (".", "needed for another address"),
        ("..", "needed for another address"),
        ("privacy.json", "needed for another address"),
        (".json", "needed for another address"),
        ("versions.atom", "needed for another address"),
    ],
)
def test_it_refuses_and_says_why(name: str, saying: str) -> None:
    said = fault(name)
    assert said is not None
    assert saying in said


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("When do we use cookies?", "when-do-we-use-cookies"),
        ("  Who   are\nwe? ", "who-are-we"),
        ("What's your “legal basis” – Article 6(1)(c)?", "whats-your-legal-basis-article-6-1-c"),
        ("We don’t sell data", "we-dont-sell-data"),
        ("Données personnelles", "données-personnelles"),
        ("Donne\u0301es", "données"),
        ("Wer sind wir? ÜBER UNS", "wer-sind-wir-über-uns"),
        ("我们是谁？", "我们是谁"),
        ("من نحن؟", "من-نحن"),
        ("हम कौन हैं", "हम-कौन-हैं"),
        ("<script>alert(1)</script>", "script-alert-1-script"),
        ("a/b?c#d%e", "a-b-c-d-e"),
        ("_top", "top"),
        ("Versions", "versions-2"),
        ("", "question"),
        ("???", "question"),
        ("😀", "question"),
        ("İstanbul", "i\u0307stanbul"),
    ],
)
def test_it_suggests_a_name_for_a_title(title: str, name: str) -> None:
    assert suggest(title) == name


def test_a_suggestion_stays_clear_of_names_that_are_taken() -> None:
    assert suggest("Cookies?", {"cookies"}) == "cookies-2"
    assert suggest("Cookies?", {"cookies", "cookies-2", "cookies-3"}) == "cookies-4"


def test_a_long_title_is_cut_between_words() -> None:
    title = "How can I find out what personal information you hold about me and my family today?"
    assert suggest(title) == (
        "how-can-i-find-out-what-personal-information-you-hold-about-me-and-my-family"
    )
    assert suggest("a " + "b" * 100) == "a"


def test_only_a_single_long_word_is_cut_within() -> None:
    assert suggest("x" * 300 + " y") == "x" * SUGGESTED_LENGTH


@unhurried
@given(st.text(max_size=120), st.sets(st.sampled_from(["question", "a", "a-2", "1"])))
def test_a_suggestion_is_always_a_free_name(title: str, taken: set[str]) -> None:
    name = suggest(title, taken)
    assert fault(name) is None
    assert name not in taken
    assert len(name) <= SUGGESTED_LENGTH + 4


@unhurried
@given(st.text(max_size=60))
def test_what_it_accepts_stands_in_an_address_as_it_is(name: str) -> None:
    if fault(name) is None:
        assert name == unicodedata.normalize("NFC", name)
        assert name.split() == [name]
        assert not set(name) & set("/?#%<>\"'&")


@unhurried
@given(st.text(max_size=60))
def test_the_same_title_in_another_unicode_form_gives_the_same_name(title: str) -> None:
    assert suggest(unicodedata.normalize("NFD", title)) == suggest(
        unicodedata.normalize("NFC", title)
    )
