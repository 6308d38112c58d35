"""Writing a Document as a policy file that reads back to the same Document."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator

from faq.document import Document, Question, Retired, Section, Wordings
from faq.exchange.policy_file import BadPolicyFile
from faq.exchange.reading import read
from faq.exchange.syntax import ALSO_ASKED, CONTACT, IN_SHORT, REMOVED, WORDING, parse
from faq.page import said
from faq.rendering import FROZEN_LEVEL

#: The levels of headings in a file; a question without a section stands where sections do.
TITLE, SECTION, QUESTION = 1, 2, 3
#: Instead of a level, for a text that can have no headings of its own.
INTRODUCTION = 0
_ESCAPES = str.maketrans({character: f"\\{character}" for character in string.punctuation})


def write(document: Document, language: str) -> str:
    """Return the Document's wording in one language as a policy file.

    Sub-headings are levelled to fit the file. A text that would not read back exactly as it is
    (a code block left open, headings of an unusual kind) stands in a `::: wording` block.
    """
    first = _Writer(document, language, frozenset())
    apart = {anchor for anchor, text, level in first.texts() if not _reads_back(text, level)}
    second = _Writer(document, language, apart)
    # What one text means can hang on another (a link reference), so the whole is read as well.
    return _Writer(document, language, apart | second.misread()).write()


class _Writer:
    """Writes one Document; `apart` has the anchors of the texts for wording blocks.

    The introduction's anchor is empty.
    """

    def __init__(self, document: Document, language: str, apart: set[str] | frozenset[str]) -> None:
        self.document, self.language, self.apart = document, language, apart
        self.loose = [
            each for section in document.sections if not section.title for each in section.questions
        ]
        self.sections = [section for section in document.sections if section.title]

    def texts(self) -> Iterator[tuple[str, str, int]]:
        """Every Markdown text with its anchor and the level of the question it answers."""
        yield "", self._source(self.document.introduction), INTRODUCTION
        for question in self.loose:
            yield question.anchor, self._source(question.answer), SECTION
        for section in self.sections:
            yield section.anchor or "", self._source(section.introduction or {}), INTRODUCTION
            for question in section.questions:
                yield question.anchor, self._source(question.answer), QUESTION

    def write(self) -> str:
        """The file."""
        document = self.document
        parts = [_heading(TITLE, self._said(document.title), ())]
        parts += self._text("", document.introduction, INTRODUCTION)
        for question in self.loose:
            parts += self._question(question, SECTION)
        for section in self.sections:
            parts += self._section(section)
        if contact := self._source(document.contact):
            parts.append(_block(CONTACT, contact))
        parts += [self._retired(entry) for entry in document.retired if entry.anchors]
        return "\n\n".join(parts) + "\n"

    def misread(self) -> set[str]:
        """The anchors of the texts that read back as something else."""
        try:
            file = read(self.write())
        except BadPolicyFile:
            return {anchor for anchor, text, _level in self.texts() if text}
        found = {"": file.introduction}
        found |= {section.name.anchor: section.introduction for section in file.sections}
        found |= {question.name.anchor: question.answer for question in file.questions()}
        return {anchor for anchor, text, _level in self.texts() if found.get(anchor) != text}

    def _section(self, section: Section) -> Iterator[str]:
        names = _names(section.anchor, section.aliases)
        yield _heading(SECTION, self._said(section.title or {}), (*names, ".section"))
        yield from self._text(section.anchor or "", section.introduction or {}, INTRODUCTION)
        for question in section.questions:
            yield from self._question(question, QUESTION)

    def _question(self, question: Question, level: int) -> Iterator[str]:
        # Ids of sub-headings start with the question's first name. Where that is not its name
        # now, a new policy would make others; the old ones then lead to the question.
        inner = [id_ for id_ in question.inner_ids() if not id_.startswith(f"{question.anchor}.")]
        names = _names(question.anchor, (*question.aliases, *inner))
        yield _heading(level, self._said(question.title), names)
        if in_short := self._said(question.in_short):
            yield _block(IN_SHORT, in_short)
        words = question.also_asked.get(self.language) or question.also_asked.get(
            self.document.prevails
        )
        if words:
            yield _block(ALSO_ASKED, ", ".join(words))
        yield from self._text(question.anchor, question.answer, level)

    def _text(self, anchor: str, wordings: Wordings, level: int) -> Iterator[str]:
        if source := self._source(wordings):
            apart = anchor in self.apart
            yield _block(WORDING, source) if apart else _levelled(source, level) or source

    def _retired(self, entry: Retired) -> str:
        lines = [f"title: {self._said(entry.title)}"]
        lines.append("reason: " + self._said(entry.reason).replace("\n", "\n  "))
        if successor := self._anchor_of(entry.successor):
            lines.append(f"successor: #{successor}")
        if entry.last_version:
            lines.append(f"last-version: {entry.last_version}")
        names = " ".join(f"#{name}" for name in entry.anchors)
        return _block(f"{REMOVED} {names}", "\n".join(lines))

    def _anchor_of(self, key: str | None) -> str | None:
        anchors = {section.id: section.anchor for section in self.sections}
        anchors |= {question.id: question.anchor for question in self.document.questions()}
        anchors |= {each.id: each.anchors[0] for each in self.document.retired if each.anchors}
        return anchors.get(key)

    def _said(self, text: dict[str, str]) -> str:
        return said(text, self.language, self.document)

    def _source(self, wordings: Wordings) -> str:
        wording = wordings.get(self.language) or wordings.get(self.document.prevails)
        return wording.source if wording else ""


def _names(anchor: str | None, others: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"#{name}" for name in dict.fromkeys((anchor, *others)) if name)


def _heading(level: int, title: str, attributes: tuple[str, ...]) -> str:
    """A heading line whose title reads back as it is; escaped only where it would not."""
    title = " ".join(title.split("\n"))
    end = f" {{{' '.join(attributes)}}}" if attributes else ""
    marks = "#" * level
    plain = f"{marks} {title}{end}"
    found = parse(plain).headings
    if len(found) == 1 and found[0].title == title and bool(found[0].names) == bool(attributes):
        return plain
    return f"{marks} {title.translate(_ESCAPES)}{end}"


def _block(name: str, text: str) -> str:
    """A block whose marker is longer than any in its text."""
    longest = max((len(run) for run in re.findall(r"^\s*(:+)", text, re.MULTILINE)), default=0)
    marker = ":" * max(3, longest + 1)
    return f"{marker} {name}\n{text}\n{marker}"


def _levelled(source: str, level: int) -> str | None:
    """The text with its sub-headings below a heading of that level; None where that cannot be."""
    lines = source.split("\n")
    for heading in parse(source).headings:
        if not heading.top:
            continue
        new = heading.level - FROZEN_LEVEL + 1 + level
        usual = heading.markup.startswith("#") and heading.level >= FROZEN_LEVEL and new <= 6
        if level == INTRODUCTION or not usual:
            return None
        lines[heading.start] = re.sub("#+", "#" * new, lines[heading.start], count=1)
    return "\n".join(lines)


def _reads_back(source: str, level: int) -> bool:
    """Whether a text reads back as it is when it stands under a heading of that level."""
    text = _levelled(source, level)
    if text is None:
        return False
    if not source:
        return True
    heads = {
        INTRODUCTION: "# a",
        SECTION: "# a\n\n## b {#b}",
        QUESTION: "# a\n\n## b {#b .section}\n\n### c {#c}",
    }
    try:
        file = read(f"{heads[level]}\n\n{text}\n\n## z {{#z .section}}\n\nz\n")
    except BadPolicyFile:
        return False
    questions = file.questions()
    texts = [file.introduction, *(each.answer for each in questions)]
    alone = all(
        (not each.name.aliases and not each.in_short and not each.also_asked) for each in questions
    )
    return (
        alone
        and [each for each in texts if each] == [source]
        and len(questions) == (level != INTRODUCTION)
        and [each.introduction for each in file.sections][-1:] == ["z"]
        and not (file.contact or file.removed)
    )
