"""Reading a policy file: from Markdown to plain values.

The file is cut at its headings, which the Markdown parser finds, so that one in a code block or
a quotation is none. What stands between two headings is kept as it was written.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from faq.exchange.definitions import Definitions
from faq.exchange.links import in_file_links
from faq.exchange.naming import Naming
from faq.exchange.notices import notices
from faq.exchange.outline import Part, outline
from faq.exchange.policy_file import (
    BadPolicyFile,
    FileQuestion,
    FileRemoved,
    FileSection,
    Name,
    PolicyFile,
    where,
)
from faq.exchange.syntax import (
    ALSO_ASKED,
    CONTACT,
    IN_SHORT,
    REMOVED,
    WORDING,
    Block,
    Heading,
    Source,
    parse,
)
from faq.models import Policy, Question
from faq.models.working_copy import split_words
from faq.rendering import FROZEN_LEVEL

REMOVED_FIELDS = ("title", "reason", "successor", "last-version")


def read(text: str) -> PolicyFile:
    """Read a policy file; raises BadPolicyFile with the line and what to do about it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise BadPolicyFile(
            _("There is a zero byte here. Save the policy as plain text."),
            text.count("\n", 0, text.index("\0")) + 1,
        )
    if not text.strip():
        raise BadPolicyFile(_("The file is empty."))
    return _Reader(parse(text)).read()


class _Reader:
    """Reads one file. `number` is always that of a part in the outline."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.blocks = source.blocks
        self.in_blocks = {n for each in self.blocks for n in range(each.start, each.end)}
        self.definitions = Definitions.of(source, [b for b in self.blocks if b.name == WORDING])
        self.outline = outline(source, self._has_text())
        self.parts = self.outline.parts
        self._check_titles()
        self.own_blocks = [self._blocks_of(part) for part in self.parts]
        self.bodies = [self._body(number) for number in range(len(self.parts))]

    def read(self) -> PolicyFile:
        removed = tuple(self._removed(each) for each in self.blocks if each.name == REMOVED)
        apart = {n for b in self.blocks if b.name != WORDING for n in range(b.start, b.end)}
        headings = [each for each in self.source.headings if each.start not in apart]
        inner = {
            number: [each for each in headings if part.start <= each.start < part.end]
            for number, part in enumerate(self.parts)
            if part.is_question
        }
        naming = Naming(self.outline, headings, inner, self.bodies, removed)
        return PolicyFile(
            title=self.outline.title,
            introduction="\n\n".join(
                body
                for part, body in zip(self.parts, self.bodies, strict=True)
                if part.heading is None and body
            ),
            contact=self._contact(),
            loose=self._questions(None, naming.names),
            sections=tuple(
                FileSection(
                    line=part.heading.start + 1,
                    title=part.heading.title,
                    name=naming.names[number],
                    introduction=self.bodies[number],
                    questions=self._questions(part, naming.names),
                )
                for number, part in enumerate(self.parts)
                if part.heading and part.is_section
            ),
            removed=removed,
            links=naming.links,
            unknown=tuple(
                (name, line + 1)
                for name, line in in_file_links(self.source)
                if name not in naming.known
            ),
            notices=(*self._late(), *notices(self.source, self._title_lines())),
        )

    def _has_text(self) -> bool:
        """Whether there is more than headings and blocks."""
        _matter, first = self.source.front_matter()
        headings = {n for each in self.source.headings for n in range(each.start, each.end)}
        return any(
            line.strip() and number not in headings and number not in self.in_blocks
            for number, line in enumerate(self.source.lines[first:], first)
        )

    def _questions(self, section: Part | None, names: list[Name]) -> tuple[FileQuestion, ...]:
        return tuple(
            FileQuestion(
                line=part.heading.start + 1,
                title=part.heading.title,
                name=names[number],
                answer=self.bodies[number],
                in_short=" ".join(self._inside(number, IN_SHORT).split()),
                also_asked=split_words(self._inside(number, ALSO_ASKED)),
            )
            for number, part in enumerate(self.parts)
            if part.heading and part.is_question and part.section is section
        )

    def _inside(self, number: int, name: str) -> str:
        block = self.own_blocks[number].get(name)
        return self.source.inside(block) if block else ""

    def _blocks_of(self, part: Part) -> dict[str, Block]:
        """The blocks that say something about a part, by name."""
        found: dict[str, Block] = {}
        for block in self.blocks:
            if not part.start <= block.start < part.end or block.name in {CONTACT, REMOVED}:
                continue
            if block.name != WORDING and not part.is_question:
                raise BadPolicyFile(
                    _("“::: %(name)s” stands under no question.") % {"name": block.name},
                    block.start + 1,
                )
            if block.name in found:
                raise BadPolicyFile(
                    _("A second “::: %(name)s” in one place. Make one of the two.")
                    % {"name": block.name},
                    block.start + 1,
                )
            found[block.name] = block
        return found

    def _body(self, number: int) -> str:
        """The text of a part with every definition it uses; a wording block stays as it is."""
        part, wording = self.parts[number], self.own_blocks[number].get(WORDING)
        replaced = {block.start: (block.end, "") for block in self.blocks}
        replaced |= {
            each.start: (each.end, _levelled(each, part, self.source)) for each in part.subs
        }
        if wording:
            replaced[wording.start] = (wording.end, self.source.inside(wording))
        lines, line = [], part.start
        while line < part.end:
            line, text = replaced.get(line, (line + 1, self.source.lines[line]))
            lines.append(text)
        body = "\n".join(lines).strip()
        return body if wording else self.definitions.complete(body)

    def _contact(self) -> str:
        found = [each for each in self.blocks if each.name == CONTACT]
        if len(found) > 1:
            raise BadPolicyFile(
                _("A second “::: policy-contact”. Make one of the two."), found[1].start + 1
            )
        return self.source.inside(found[0]).strip() if found else ""

    def _removed(self, block: Block) -> FileRemoved:
        names = tuple(dict.fromkeys(each.lstrip("#") for each in block.arguments.split()[1:]))
        if not names:
            raise BadPolicyFile(
                _("Say which link names were removed: ::: removed #old-name"), block.start + 1
            )
        fields = self._removed_fields(block)
        return FileRemoved(
            line=block.start + 1,
            names=names,
            title=fields.get("title", ""),
            reason=fields.get("reason", ""),
            successor=fields.get("successor", "").lstrip("#") or None,
        )

    def _removed_fields(self, block: Block) -> dict[str, str]:
        """`name: value` lines; an indented or empty line goes on with the value before."""
        fields: dict[str, str] = {}
        last = ""
        for number in range(block.start + 1, block.end - 1):
            line = self.source.lines[number]
            name, colon, value = line.partition(":")
            if colon and name in REMOVED_FIELDS:
                fields[name], last = value, name
            elif last and (not line.strip() or line.startswith(" ")):
                fields[last] += f"\n{line.removeprefix('  ')}"
            elif line.strip():
                raise BadPolicyFile(
                    _("A line of a removed block starts with one of these and a colon: %(names)s.")
                    % {"names": ", ".join(REMOVED_FIELDS)},
                    number + 1,
                )
        return {name: value.strip() for name, value in fields.items()}

    def _title_lines(self) -> set[int]:
        headings = (self.outline.heading, *(part.heading for part in self.parts))
        return {heading.start for heading in headings if heading}

    def _late(self) -> list[str]:
        """A notice of questions that will not stand where the file has them."""
        lines: list[int] = []
        after_section = False
        for part in self.parts:
            after_section |= part.is_section
            if part.heading and part.is_question and part.section is None and after_section:
                lines.append(part.heading.start + 1)
        text = _("Questions without a section stand before the sections")
        return [f"{text}: {where(lines)}."] if lines else []

    def _check_titles(self) -> None:
        for part in self.parts:
            for heading in (*([part.heading] if part.heading else []), *part.subs):
                if not heading.title:
                    raise BadPolicyFile(
                        _("This heading has no text. Write it, or take the line out."),
                        heading.start + 1,
                    )
            if part.heading:
                _check_length(part.heading.title, Question, part.heading.start + 1)
        title = self.outline.heading
        _check_length(self.outline.title, Policy, title.start + 1 if title else 1)


def _check_length(title: str, model: type[Policy] | type[Question], line: int) -> None:
    most = model._meta.get_field("title").max_length or 0
    if len(title) > most:
        raise BadPolicyFile(
            _("This title has %(long)d characters and may have %(most)d. Shorten it.")
            % {"long": len(title), "most": most},
            line,
        )


def _levelled(heading: Heading, part: Part, source: Source) -> str:
    """A sub-heading as an answer has it: ### for the highest, without its ids."""
    base = part.heading.level if part.heading else 1
    marks = "#" * min(heading.level - base + FROZEN_LEVEL - 1, 6)
    if heading.markup.startswith("#") and not heading.names and not heading.is_section:
        return re.sub("#+", marks, source.lines[heading.start], count=1)
    text = " ".join(line.strip() for line in heading.source.split("\n"))
    return f"{marks} {text}{' #' if text.endswith('#') else ''}"
