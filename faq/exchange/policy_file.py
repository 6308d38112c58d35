"""What a policy file says, as plain values: the common ground of reading and applying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

#: Ten times what the longest policies have.
MAX_BYTES = 2_000_000


class BadPolicyFile(ValueError):
    """A file that cannot be read as a policy; the text says what to do, `line` counts from 1."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text, self.line = text, line

    def __str__(self) -> str:
        if self.line is None:
            return self.text
        return _("Line %(line)d: %(text)s") % {"line": self.line, "text": self.text}


@dataclass(frozen=True)
class Link:
    """Where an in-file link leads: to an anchor, or to a sub-heading (`inner`) of its question."""

    anchor: str
    inner: str = ""


@dataclass(frozen=True)
class Name:
    """The link names of a section or question.

    `anchor` is the file's own id if `explicit`, else a suggestion that is unique in the file.
    `aliases` stand in the file. `slugs` are the names under which other Markdown sites link to
    the heading and to those below it, to be kept where they are free.
    """

    anchor: str
    explicit: bool
    aliases: tuple[str, ...] = ()
    slugs: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileQuestion:
    """A question of the file with its answer in Markdown."""

    line: int
    title: str
    name: Name
    answer: str
    in_short: str = ""
    also_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileSection:
    """A section of the file with its questions."""

    line: int
    title: str
    name: Name
    introduction: str
    questions: tuple[FileQuestion, ...]


@dataclass(frozen=True)
class FileRemoved:
    """A question that the policy no longer has, and where its names lead now."""

    line: int
    names: tuple[str, ...]
    title: str = ""
    reason: str = ""
    successor: str | None = None


@dataclass(frozen=True)
class PolicyFile:
    """A whole file. `loose` are the questions without a section, which come first.

    `links` says where in-file links lead whose target is not itself a link name of the file,
    `unknown` the targets that nothing in the file has (name and line), and `notices` what a
    person should look at.
    """

    title: str
    introduction: str
    contact: str
    loose: tuple[FileQuestion, ...]
    sections: tuple[FileSection, ...]
    removed: tuple[FileRemoved, ...]
    links: Mapping[str, Link] = field(default_factory=dict)
    unknown: tuple[tuple[str, int], ...] = ()
    notices: tuple[str, ...] = ()

    def questions(self) -> tuple[FileQuestion, ...]:
        """Every question in the order of the contents."""
        return (*self.loose, *(each for section in self.sections for each in section.questions))

    def words(self) -> int:
        """How many words it has, titles included."""
        texts = [self.title, self.introduction, self.contact]
        texts += [text for each in self.sections for text in (each.title, each.introduction)]
        texts += [t for each in self.questions() for t in (each.title, each.in_short, each.answer)]
        return sum(len(text.split()) for text in texts)


def decode(data: bytes) -> str:
    """Return a file's text; raises BadPolicyFile for what is too big or no text in UTF-8."""
    if len(data) > MAX_BYTES:
        raise BadPolicyFile(
            _("It is larger than %(most)d MB, which no policy is. Is it the right file?")
            % {"most": MAX_BYTES // 1_000_000}
        )
    if b"\0" in data[:8192]:
        raise BadPolicyFile(_("This is not a text file. Save the policy as Markdown in UTF-8."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadPolicyFile(
            _("A character is not in UTF-8. Save the file as UTF-8 and import it again."),
            data.count(b"\n", 0, error.start) + 1,
        ) from None


def where(lines: list[int]) -> str:
    """Name lines for a notice: the first few, and how many more there are."""
    lines = sorted(set(lines))
    named = ", ".join(str(line) for line in lines[:5])
    if len(lines) == 1:
        return _("line %(line)s") % {"line": named}
    if len(lines) <= 5:
        return _("lines %(lines)s") % {"lines": named}
    return _("lines %(lines)s and %(more)d more") % {"lines": named, "more": len(lines) - 5}
