"""Which question is nearest to a wrong address."""

from __future__ import annotations

import pytest

from faq.nearest import nearest_question
from faq.page import Page, PageQuestion, PageSection

TITLES = {
    "who-are-we": "Who are we?",
    "when-do-we-use-cookies": "When do we use cookies?",
    "how-do-you-disable-cookies": "How do you disable cookies?",
    "how-do-you-complain": "How do you complain?",
    "your-rights": "What are your rights?",
    "keeping": "For how long do we keep personal information?",
    "websites": "Does this policy protect me when I use your websites?",
    "schutz": "Wie schützen wir Ihre Daten?",
}


def page(titles: dict[str, str], ids: dict[str, tuple[str, ...]] | None = None) -> Page:
    questions = tuple(
        PageQuestion(anchor, anchor, (ids or {}).get(anchor, ()), title, "", "", 2)
        for anchor, title in titles.items()
    )
    section = PageSection("", (), "", "", questions)
    return Page("en", "Policy", "", "", (section,), (), ())


@pytest.mark.parametrize(
    ("address", "anchor"),
    [
        ("cookie-use/", "when-do-we-use-cookies"),
        ("cookies/disable.html", "how-do-you-disable-cookies"),
        ("Complaints", "how-do-you-complain"),
        ("complian/", "how-do-you-complain"),
        ("my_rights", "your-rights"),
        ("how-long-do-you-keep-it/", "keeping"),
        ("wie-schuetzen-wir/", "schutz"),
        ("ihre daten", "schutz"),
    ],
)
def test_the_words_of_an_address_find_the_question(address: str, anchor: str) -> None:
    found = nearest_question(address, page(TITLES))
    assert found is not None
    assert found.anchor == anchor


@pytest.mark.parametrize("address", ["", "nothing/", "9/", "wp-login.php", "a&<b>/"])
def test_where_no_word_says_anything_there_is_none(address: str) -> None:
    assert nearest_question(address, page(TITLES)) is None


def test_older_names_count_as_well() -> None:
    found = nearest_question("company/", page(TITLES, {"who-are-we": ("about-the-company",)}))
    assert found is not None
    assert found.anchor == "who-are-we"


def test_a_policy_without_questions_has_none() -> None:
    assert nearest_question("cookies", page({})) is None


def test_of_a_long_address_only_the_beginning_is_read() -> None:
    padding = "zzzz-" * 60
    found = nearest_question(f"cookies-disable-{padding}", page(TITLES))
    assert found is not None
    assert found.anchor == "how-do-you-disable-cookies"
    assert nearest_question(f"{padding}cookies-disable", page(TITLES)) is None
