"""The Document: the whole wording of a policy as one plain value.

The working copy gives one and so does every frozen version. Page, comparison, digest, JSON and
Markdown are made from a Document and nothing else. Its JSON form is format 1 of the design; a
key may only be added with a default that older documents may lack.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from faq.remembered import ids_in

FORMAT = 1

#: Text by language code.
Text = dict[str, str]


class BadDocument(ValueError):
    """Bytes that are not a Document of a format this code reads."""


def in_language(text: Text, language: str) -> str:
    """The text in this language, or in the first that it has; empty if it has none."""
    return text.get(language) or next(iter(text.values()), "")


@dataclass(frozen=True)
class Wording:
    """Markdown as the editor wrote it, and the sanitised HTML it gave when it was rendered."""

    source: str
    html: str


#: Wording by language code.
Wordings = dict[str, Wording]


@dataclass(frozen=True)
class Question:
    """One question with its answer, under its current anchor and its older names."""

    id: str
    anchor: str
    title: Text
    answer: Wordings
    aliases: tuple[str, ...] = ()
    in_short: Text = field(default_factory=dict)
    also_asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    disclosures: tuple[str, ...] = ()

    def inner_ids(self) -> tuple[str, ...]:
        """The promised ids inside the answer: those of its sub-headings."""
        return tuple(name for wording in self.answer.values() for name in ids_in(wording.html))

    def names(self) -> tuple[str, ...]:
        """Every name that leads to this question: anchor, aliases, ids of its sub-headings."""
        return (self.anchor, *self.aliases, *self.inner_ids())

    def says_the_same_as(self, other: Question) -> bool:
        """Whether title, short answer and answer are the same, as their editors wrote them."""
        return self._said() == other._said()

    def _said(self) -> tuple[object, ...]:
        sources = {code: wording.source for code, wording in self.answer.items()}
        return self.title, self.in_short, sources


@dataclass(frozen=True)
class Section:
    """A heading that groups questions; without id and title it holds those that need none."""

    id: str | None
    anchor: str | None
    title: Text | None
    questions: tuple[Question, ...] = ()
    aliases: tuple[str, ...] = ()
    introduction: Wordings | None = None

    def names(self) -> tuple[str, ...]:
        """Every name that leads to this section."""
        inner = (
            name for wording in (self.introduction or {}).values() for name in ids_in(wording.html)
        )
        return (*((self.anchor,) if self.anchor else ()), *self.aliases, *inner)


@dataclass(frozen=True)
class Retired:
    """A question, once published, that the policy no longer has; its names go on working."""

    id: str
    anchors: tuple[str, ...]
    title: Text
    reason: Text
    successor: str | None = None
    last_version: int | None = None


@dataclass(frozen=True)
class Document:
    """The whole wording of a policy."""

    policy: str
    languages: tuple[str, ...]
    title: Text
    introduction: Wordings
    contact: Wordings
    prevails: str
    sections: tuple[Section, ...] = ()
    retired: tuple[Retired, ...] = ()

    def questions(self) -> Iterator[Question]:
        """Every question in the order of the contents."""
        for section in self.sections:
            yield from section.questions

    def holders(self) -> Iterator[tuple[str, str]]:
        """Every name in the document with the id of the question or section that holds it."""
        for section in self.sections:
            for name in section.names():
                yield name, section.id or ""
            for question in section.questions:
                for name in question.names():
                    yield name, question.id
        for retired in self.retired:
            for name in retired.anchors:
                yield name, retired.id

    def find(self, name: str) -> Question | Section | Retired | None:
        """What a name leads to here: a question, a section, something removed, or nothing."""
        for section in self.sections:
            if name in section.names():
                return section
            for question in section.questions:
                if name in question.names():
                    return question
        return next((entry for entry in self.retired if name in entry.anchors), None)

    def question(self, key: str) -> Question | None:
        """The question with this id, if the document has it."""
        return next((question for question in self.questions() if question.id == key), None)

    def rewordings(self, before: Document | None) -> dict[str, str]:
        """The questions whose wording is another than in a document before, or than in none.

        By their ids: "reworded" if this document has the question, "gone" if it has it no longer.
        """
        old = {question.id: question for question in before.questions()} if before else {}
        found = {
            question.id: "reworded"
            for question in self.questions()
            if question.id not in old or not question.says_the_same_as(old[question.id])
        }
        here = {question.id for question in self.questions()}
        return found | {key: "gone" for key in old if key not in here}

    def successor_of(self, retired: Retired) -> str | None:
        """The id of what answers for a retired question or section now, however many steps on."""
        living = {question.id for question in self.questions()}
        living |= {section.id for section in self.sections if section.id}
        gone = {entry.id: entry for entry in self.retired}
        seen: set[str] = set()
        target = retired.successor
        while target and target not in living:
            if target in seen or target not in gone:
                return None
            seen.add(target)
            target = gone[target].successor
        return target

    def to_json(self) -> bytes:
        """The canonical bytes: UTF-8, keys sorted, no insignificant space, no floats.

        Raises BadDocument for text that has no UTF-8 form (a lone surrogate).
        """
        value = {"format": FORMAT, **asdict(self)}
        text = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadDocument(
                f"The text holds a character that cannot be stored: {error}"
            ) from None

    @classmethod
    def from_json(cls, data: bytes) -> Document:
        """Read a Document of any format ever written; raises BadDocument."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadDocument(f"This is not JSON: {error}") from None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise BadDocument("This is not a policy document of format 1.")
        try:
            return _document(value)
        except (KeyError, TypeError, AttributeError) as error:
            raise BadDocument(f"A part of the document is missing or wrong: {error}") from None


def _document(value: dict[str, Any]) -> Document:
    return Document(
        policy=value["policy"],
        languages=tuple(value["languages"]),
        title=value["title"],
        introduction=_wordings(value["introduction"]),
        contact=_wordings(value["contact"]),
        prevails=value["prevails"],
        sections=tuple(_section(entry) for entry in value["sections"]),
        retired=tuple(
            Retired(
                id=entry["id"],
                anchors=tuple(entry["anchors"]),
                title=entry["title"],
                reason=entry["reason"],
                successor=entry["successor"],
                last_version=entry["last_version"],
            )
            for entry in value["retired"]
        ),
    )


def _section(value: dict[str, Any]) -> Section:
    introduction = value["introduction"]
    return Section(
        id=value["id"],
        anchor=value["anchor"],
        aliases=tuple(value["aliases"]),
        title=value["title"],
        introduction=None if introduction is None else _wordings(introduction),
        questions=tuple(_question(entry) for entry in value["questions"]),
    )


def _question(value: dict[str, Any]) -> Question:
    return Question(
        id=value["id"],
        anchor=value["anchor"],
        aliases=tuple(value["aliases"]),
        title=value["title"],
        in_short=value["in_short"],
        answer=_wordings(value["answer"]),
        also_asked={code: tuple(words) for code, words in value["also_asked"].items()},
        disclosures=tuple(value["disclosures"]),
    )


def _wordings(value: dict[str, Any]) -> Wordings:
    return {code: Wording(entry["source"], entry["html"]) for code, entry in value.items()}
