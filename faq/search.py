"""Finding questions by words that a reader types, in any language.

`static/js/filter.js` has the same rule for while they type, and one table of cases holds both to
it: tests/finding.py. So the rule is one that both can have whole, without a stemmer's tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

import nh3

from faq.page import Page, PageQuestion

#: What is read of a query.
MOST_CHARACTERS = 200

#: What a word counts by where it stands: the title, what is also asked, the short answer, the
#: answer. It is doubled for the whole word; a mere beginning nearer the top still counts more.
WEIGHTS = (27, 9, 3, 1)

#: Signs that readers leave out: accents, vowel points, the stroke that lengthens Arabic words,
#: soft hyphens, joiners and marks of direction.
_LEFT_OUT = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f"
    "\u0670\u06d6-\u06ed\u200c-\u200f\u2060\ufeff]"
)
#: Scripts in which a word is looked for inside others, too: Hebrew and Arabic, which write articles
#: and prepositions at its front, and those without spaces (Thai to Tibetan, Burmese, Khmer,
#: Japanese, Chinese).
_INSIDE = re.compile(
    "([\u0590-\u06ff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]+)"
)
_ENDINGS = ("INGS", "ING", "ED", "EN", "ES", "S", "E")
_DOUBLED = re.compile(r"([A-Z])\1$")


@dataclass(frozen=True)
class Found:
    """What a query found, best first: questions with all of its words, or else with some."""

    query: str
    questions: tuple[PageQuestion, ...]
    has_all: bool


class _Separators(dict[int, str]):
    """For `str.translate`: a space for whatever is no letter, mark or number.

    Rare signs are not remembered: queries with each of them would fill a hundred megabytes.
    """

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        found = sign if unicodedata.category(sign)[0] in "LMN" else " "
        if code < 0x1_0000:
            self[code] = found
        return found


_SEPARATORS = _Separators()


def find(page: Page, query: str) -> Found:
    """The questions of a page that a query asks for, in the order of relevance.

    All of its words must stand somewhere in a question, whole, inflected or unfinished. Those
    that tell nothing need not, unless there are no others: "how", "do", and whatever most of the
    questions have, in any language. If no question has all, those are found that have some. What
    is also asked in just these words comes first; then a rare word counts more than a common one,
    and each counts by where it stands. Of a query, 200 characters are read.
    """
    query = tidy(query)
    asked = words(query)
    questions = page.questions
    vocabulary = _vocabulary(questions)
    places_of = {word: _points(word, vocabulary) for word in asked}
    telling = [
        places
        for word, places in places_of.items()
        if word not in _FILLING and 2 * len(places) <= len(questions)
    ]
    needed = telling or list(places_of.values())
    every = range(len(questions))
    found = [place for place in every if all(place in places for places in needed)]
    has_all = bool(needed and found)
    if not has_all:
        found = [place for place in every if any(place in places for places in needed)]

    def relevance(place: int) -> tuple[int, int]:
        counts = (
            places[place] * (len(questions) // len(places))
            for places in places_of.values()
            if place in places
        )
        return _as_also_asked(asked, questions[place].also_asked), sum(counts)

    found.sort(key=relevance, reverse=True)  # a stable sort, in reverse too
    return Found(query, tuple(questions[place] for place in found), has_all)


def tidy(query: str) -> str:
    """What is read and shown of a query: one line of bounded length, no control characters."""
    signs = (" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in query)
    return " ".join("".join(signs).split())[:MOST_CHARACTERS]


def fold(text: str) -> str:
    """A text as it is compared: without difference of case, width, ligatures and accents."""
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text))
    # Capitals have fewer forms than small letters: one sigma, and no sharp s.
    return unicodedata.normalize("NFC", plain.lower().upper())


def words(text: str) -> list[str]:
    """The words of a text, folded; of scripts without spaces, what stands between others."""
    return _INSIDE.sub(r" \1 ", fold(text).translate(_SEPARATORS)).split()


#: English words that tell nothing of what is looked for, unless there are no others.
_FILLING = frozenset(
    words(
        "a about am an and any are as at be by can could did do does for from has have how i if "
        "in is it its me my of on or our please s shall should t that the their them there they "
        "this to us want was we were what when where which who why will with would you your"
    )
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What the simple inflections of an English word have in common, and many of its cousins."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            word = word.removesuffix(ending)
            break
    if word.endswith("Y"):
        word = f"{word[:-1]}I"
    return _DOUBLED.sub(r"\1", word)


def _vocabulary(questions: Sequence[PageQuestion]) -> dict[str, dict[int, int]]:
    """For each word the questions that have it, each with the best place where it stands."""
    vocabulary: dict[str, dict[int, int]] = defaultdict(dict)
    for place, question in enumerate(questions):
        texts = (question.title, " ".join(question.also_asked), question.in_short)
        for field, text in enumerate((*texts, _text_of(question.answer))):
            for word in words(text):
                vocabulary[word].setdefault(place, field)
    return vocabulary


def _points(asked: str, vocabulary: dict[str, dict[int, int]]) -> dict[int, int]:
    """The questions that have a word of a query, each with what it counts there."""
    points: dict[int, int] = {}
    root, inside = stem(asked), _INSIDE.search(asked) is not None
    for word, places in vocabulary.items():
        whole = word == asked or stem(word) == root
        if whole or word.startswith(asked) or (inside and asked in word):
            for place, field in places.items():
                weight = WEIGHTS[field] * (2 if whole else 1)
                points[place] = max(points.get(place, 0), weight)
    return points


def _as_also_asked(asked: Sequence[str], phrases: Iterable[str]) -> int:
    """2 if a phrase is the query, 1 if one of several words holds the other, else 0."""
    query = f" {' '.join(asked)}"
    best = 0
    for phrase in (f" {' '.join(words(each))}" for each in phrases):
        if phrase == query:
            return 2
        unfinished = len(asked) > 1 and query in phrase
        if unfinished or (phrase.count(" ") > 1 and f"{phrase} " in f"{query} "):
            best = 1
    return best


def _text_of(html: str) -> str:
    """The text of frozen wording, as a browser reads it from the page."""
    return unescape(nh3.clean(html, tags=set()))
