"""A policy of as many questions as one likes, in words that people have really written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from faq.exchange.markdown import decode, read
from faq.models import Policy
from tests import corpus
from tests.factory import DAY_1, make_policy, make_question, make_section, publish

SAMPLE = Path(settings.BASE_DIR) / "faq" / "sample"
#: About as long as the sample's answers are, in characters.
LENGTH = 900


def make_long_policy(questions: int, slug: str = "long") -> Policy:
    """Publish it, ten questions in a section.

    The answers are those of the real policies in the shared folder, none of them twice, the
    long ones in parts; where there are none, those of the sample, again and again.
    """
    policy = make_policy(slug, "A long policy", contact="Write to us.")
    texts = list(real_answers()) or list(sample_answers())
    for place in range(questions):
        title, answer = texts[place % len(texts)]
        if place % 10 == 0:
            section = make_section(policy, f"Part {place // 10 + 1}")
        make_question(policy, title, answer, anchor=f"question-{place}", section=section)
    publish(policy, DAY_1)
    return policy


def real_answers() -> Iterator[tuple[str, str]]:
    """Titles and answers of the real policies in English, no part of which stands there twice."""
    seen = set()
    for row in corpus.newest():
        if row["lang"] == "en":
            for question in read(decode(corpus.data_of(row))).questions():
                for part in parts_of(question.answer):
                    if part not in seen:
                        seen.add(part)
                        yield question.title, part


def sample_answers() -> Iterator[tuple[str, str]]:
    """Titles and answers of all versions of the sample."""
    for file in sorted(SAMPLE.glob("2*.md")):
        for question in read(file.read_text(encoding="utf-8")).questions():
            yield question.title, without_links(question.answer)


def parts_of(answer: str) -> Iterator[str]:
    """A long answer in parts, each of whole paragraphs."""
    part: list[str] = []
    for paragraph in without_links(answer).split("\n\n"):
        part.append(paragraph)
        if sum(map(len, part)) >= LENGTH:
            yield "\n\n".join(part)
            part = []
    if part:
        yield "\n\n".join(part)


def without_links(text: str) -> str:
    """The text without links to other questions, which may not be there."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|\{#[^}]*\}", r"\1", text)
