"""The question that somebody with a wrong address most likely looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from faq.page import Page, PageQuestion

#: What is read of an address.
_MOST_CHARACTERS = 200
#: From this likeness on (of 100) two words are the same, but for an ending or a slip of the hand.
_SAME = 80
#: What a question must score: as much as one word that it shares with two others.
_ENOUGH = 0.3


def nearest_question(address: str, page: Page) -> PageQuestion | None:
    """The question whose title and names share most with the words of an address; None if none.

    A word counts the less, the more questions have it: "we" says nothing, "faxes" nearly all. Of
    an address, 200 characters are read: each of its words is compared with every other.
    """
    known = [(question, _words(question.title, *_names(question))) for question in page.questions]
    scores = [0.0] * len(known)
    for word in _words(address[:_MOST_CHARACTERS]):
        likeness = [_likeness(word, words) for _question, words in known]
        having = sum(1 for each in likeness if each)
        for place, each in enumerate(likeness):
            scores[place] += each / having if each else 0
    best = max(range(len(known)), key=scores.__getitem__, default=None)
    return known[best][0] if best is not None and scores[best] >= _ENOUGH else None


def _names(question: PageQuestion) -> Iterable[str]:
    return (question.anchor, *question.ids)


def _words(*texts: str) -> set[str]:
    """The words of some texts; those of one or two letters say nothing."""
    found = re.findall(r"[^\W\d_]{3,}", " ".join(texts).casefold())
    return set(found)


def _likeness(word: str, words: Iterable[str]) -> float:
    """How like a word is to the likest of some others, from 0 to 1; 0 if to none of them."""
    return max((fuzz.ratio(word, each, score_cutoff=_SAME) for each in words), default=0) / 100
