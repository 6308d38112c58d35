"""A Document laid out for one page in one language: plain values that a template walks through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faq.document import Document, Question, Section, Text, Wordings
from faq.remembered import place
from faq.rendering import FROZEN_LEVEL, IMAGE_BASE

#: The level of the highest sub-heading of each kind of text, by where it stands on the page.
ANSWER_LEVELS = {
    "introduction": 2,
    "contact": FROZEN_LEVEL,
    "section": 3,
    "question": 3,
    "question-in-section": 4,
    "alone": 2,
}


@dataclass(frozen=True)
class PageQuestion:
    """A question where it stands: `ids` are its older names, which must work as well."""

    id: str
    anchor: str
    ids: tuple[str, ...]
    title: str
    in_short: str
    answer: str
    level: int
    also_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageSection:
    """A group of questions; `title` is empty for those that stand without a heading."""

    anchor: str
    ids: tuple[str, ...]
    title: str
    introduction: str
    questions: tuple[PageQuestion, ...]


@dataclass(frozen=True)
class Removed:
    """A question that was removed and has no successor, for the short list at the end."""

    ids: tuple[str, ...]
    title: str
    reason: str
    last_version: int | None


@dataclass(frozen=True)
class Later:
    """A public name that this document lacks, and the newest version that has it."""

    name: str
    title: str
    version: int


@dataclass(frozen=True)
class Page:
    """Everything a policy's page shows of its Document."""

    language: str
    title: str
    introduction: str
    contact: str
    sections: tuple[PageSection, ...]
    removed: tuple[Removed, ...]
    later: tuple[Later, ...]

    @property
    def questions(self) -> tuple[PageQuestion, ...]:
        """Every question of the page, in the order of its contents."""
        return tuple(question for section in self.sections for question in section.questions)


def lay_out(
    document: Document,
    language: str,
    *,
    link_base: str = "",
    id_prefix: str = "",
    image_base: str = IMAGE_BASE,
    extra_ids: Mapping[str, Sequence[str]] | None = None,
    later: Sequence[Later] = (),
    texts: bool = True,
) -> Page:
    """Lay a Document out for a page.

    `link_base` is put before links between questions, if they stand elsewhere, and `id_prefix`
    before ids inside answers, if other versions stand beside this one. `image_base` is where the
    pictures are, if not where every reader finds them. `extra_ids` are further
    names by question or section id, and `later` names without a question here: both are names
    that became public after this document was frozen (a withdrawal brought it back). Without
    `texts` there are no introductions and no answers, which take nearly all of the time.
    """
    extra = extra_ids or {}
    moved = _moved_ids(document, extra)

    def placed(wordings: Wordings, level: int) -> str:
        return _placed(wordings, language, document, level, link_base, id_prefix, image_base)

    def text(wordings: Wordings, level: int) -> str:
        return placed(wordings, level) if texts else ""

    def question(entry: Question, level: int) -> PageQuestion:
        ids = (*entry.aliases, *moved.get(entry.id, ()), *extra.get(entry.id, ()))
        inside = ANSWER_LEVELS["question" if level == 2 else "question-in-section"]
        return PageQuestion(
            id=entry.id,
            anchor=entry.anchor,
            ids=tuple(dict.fromkeys(ids)),
            title=said(entry.title, language, document),
            in_short=said(entry.in_short, language, document),
            answer=text(entry.answer, inside),
            level=level,
            also_asked=_also_asked(entry, language, document),
        )

    def section(entry: Section) -> PageSection:
        title = said(entry.title or {}, language, document)
        level = 3 if title else 2
        key = entry.id or ""
        ids = (*entry.aliases, *moved.get(key, ()), *extra.get(key, ()))
        return PageSection(
            anchor=entry.anchor or "",
            ids=tuple(dict.fromkeys(ids)),
            title=title,
            introduction=text(entry.introduction or {}, ANSWER_LEVELS["section"]),
            questions=tuple(question(each, level) for each in entry.questions),
        )

    return Page(
        language=language,
        title=said(document.title, language, document),
        introduction=text(document.introduction, ANSWER_LEVELS["introduction"]),
        contact=placed(document.contact, ANSWER_LEVELS["contact"]),
        sections=tuple(section(each) for each in document.sections),
        removed=tuple(
            Removed(
                ids=(*entry.anchors, *extra.get(entry.id, ())),
                title=said(entry.title, language, document),
                reason=said(entry.reason, language, document),
                last_version=entry.last_version,
            )
            for entry in document.retired
            if document.successor_of(entry) is None
        ),
        later=tuple(later),
    )


def frame(document: Document, language: str, *, link_base: str) -> Page:
    """What stands around the questions, for a page that shows one of them, or none."""
    return Page(
        language=language,
        title=said(document.title, language, document),
        introduction="",
        contact=_placed(document.contact, language, document, ANSWER_LEVELS["contact"], link_base),
        sections=(),
        removed=(),
        later=(),
    )


def alone(document: Document, question: Question, language: str, *, link_base: str) -> PageQuestion:
    """A question as the only one on its page, under the page's own heading."""
    return PageQuestion(
        id=question.id,
        anchor=question.anchor,
        ids=(),
        title=said(question.title, language, document),
        in_short=said(question.in_short, language, document),
        answer=_placed(question.answer, language, document, ANSWER_LEVELS["alone"], link_base),
        level=1,
    )


def _placed(
    wordings: Wordings,
    language: str,
    document: Document,
    level: int,
    link_base: str,
    prefix: str = "",
    image_base: str = IMAGE_BASE,
) -> str:
    wording = wordings.get(language) or wordings.get(document.prevails)
    if wording is None:
        return ""
    return place(
        wording.html, level=level, link_base=link_base, id_prefix=prefix, image_base=image_base
    )


def said(text: Text, language: str, document: Document) -> str:
    """The text in this language, or in the one that prevails where it is not translated."""
    return text.get(language) or text.get(document.prevails) or ""


def _also_asked(question: Question, language: str, document: Document) -> tuple[str, ...]:
    words = question.also_asked
    return words.get(language) or words.get(document.prevails) or ()


def _moved_ids(
    document: Document, extra: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """The names of retired questions, by the id of the question that answers for them now."""
    moved: dict[str, tuple[str, ...]] = {}
    for entry in document.retired:
        heir = document.successor_of(entry)
        if heir is not None:
            moved[heir] = (*moved.get(heir, ()), *entry.anchors, *extra.get(entry.id, ()))
    return moved
