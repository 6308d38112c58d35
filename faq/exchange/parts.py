"""An answer cut at its sub-headings, for those who make several questions of one."""

from __future__ import annotations

from dataclasses import dataclass

from faq.exchange.definitions import Definitions
from faq.exchange.syntax import Heading, parse


@dataclass(frozen=True)
class Piece:
    """A stretch of an answer; `title` is that of the heading above it, empty at the beginning."""

    title: str
    source: str


def headings(source: str) -> list[str]:
    """The titles of the highest sub-headings of an answer: where it can be cut."""
    return [heading.title for heading in _highest(source)]


def cut(source: str, at: int | None = None) -> list[Piece]:
    """Cut an answer before its highest sub-headings: before all, or before one (from 0).

    The heading that a piece begins with becomes its title. Each piece has the footnotes and the
    link references that it uses. Without text before the first heading the first piece is empty.
    """
    found = _highest(source)
    chosen = found if at is None else found[at : at + 1]
    parsed = parse(_lines(source))
    definitions = Definitions.of(parsed, ())
    ends = [*(heading.start for heading in chosen), len(parsed.lines)]

    def text(start: int, end: int) -> str:
        body = "\n".join(parsed.lines[start:end]).strip("\n")
        return definitions.complete(body) if body else ""

    pieces = [Piece("", text(0, ends[0]))]
    for place, heading in enumerate(chosen):
        pieces.append(Piece(heading.title, text(heading.end, ends[place + 1])))
    return pieces


def _highest(source: str) -> list[Heading]:
    """The sub-headings of the highest level there is; those inside lists and quotations are not."""
    found = [heading for heading in parse(_lines(source)).headings if heading.top and heading.title]
    level = min((heading.level for heading in found), default=0)
    return [heading for heading in found if heading.level == level]


def _lines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")
