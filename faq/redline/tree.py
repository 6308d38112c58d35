"""Rendered HTML as blocks of text: the shape in which two answers are compared.

A paragraph, a heading, a cell or the text of a list item is a leaf: its `runs` are stretches of
text, each under its inline elements. Everything else only holds other blocks. Ids are left out,
because they stand on another page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from html.parser import HTMLParser
from typing import Any, NamedTuple

from faq.rendering import HEADINGS, TAGS

#: White space that HTML collapses. A no-break space is a character like any other.
SPACE = " \t\n\r\f"

BLOCKS = {
    *("p", "hr", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "div", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *HEADINGS,
}
LEAVES = {"p", "pre", "dt", "th", "td", "hr", *HEADINGS}
KEPT_ATTRIBUTES = {"href", "title", "class", "start", "tabindex"}

#: Deeper elements than these are taken for their text alone. No real answer comes near it.
MAX_DEPTH = 80

Attributes = tuple[tuple[str, str], ...]
#: What an inline element looks like to a reader.
Style = tuple[tuple[str, Attributes], ...]
Content = tuple[tuple[str, str], tuple[Any, ...]]

_SPACES = re.compile(f"[{SPACE}]+")


class Inline(NamedTuple):
    """An inline element; `serial` tells it apart from others of the same fragment."""

    tag: str
    attributes: Attributes
    serial: int = 0


class Run(NamedTuple):
    """A stretch of text under the same inline elements, or a line break."""

    text: str
    stack: tuple[Inline, ...]
    is_break: bool = False


@dataclass
class Block:
    """A block element; without a tag, text that stands beside other blocks or in a list item."""

    tag: str
    attributes: Attributes = ()
    blocks: list[Block] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    @cached_property
    def kind(self) -> tuple[str, str]:
        """What this block can be compared with: tight and loose list items are alike."""
        named = self.tag in {"div", "section"}
        return self.tag or "p", dict(self.attributes).get("class", "") if named else ""

    @cached_property
    def content(self) -> Content:
        """A value that is equal for two blocks only if they read the same."""
        if self.blocks:
            return self.kind, tuple(block.content for block in self.blocks)
        if self.tag == "pre":
            return self.kind, tuple((style(r.stack), r.is_break, r.text) for r in self.runs)
        return self.kind, tuple(map(_shown, self.runs))

    def leaves(self) -> Iterator[Block]:
        """The blocks of text in this one, or itself."""
        if not self.blocks:
            yield self
        for block in self.blocks:
            yield from block.leaves()


def style(stack: Iterable[Inline]) -> Style:
    """How inline elements compare: a footnote's number shows, its inner address does not."""
    return tuple(
        (tag, tuple((k, v) for k, v in attributes if not (k == "href" and v.startswith("#_"))))
        for tag, attributes, _serial in stack
    )


def _shown(run: Run) -> tuple[Style, bool, str]:
    """What a reader sees of a run: white space is one space, under whatever elements."""
    text = _SPACES.sub(" ", run.text)
    return style(run.stack) if text != " " else (), run.is_break, text


def parse(html: str) -> Block:
    """Read HTML that `faq.rendering` wrote; the block that is returned stands for the whole."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.whole()


def start_tag(tag: str, attributes: Iterable[tuple[str, str]]) -> str:
    """Write a start tag."""
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes)
    return f"<{tag}{written}>"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, _Open | Inline | None]] = [("", _Open(Block("body")))]
        self.inlines = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._add(Run("", self._stack(), is_break=True))
            return
        if tag == "img":
            self._add(self._picture(dict(attrs)))
            return
        attributes = tuple(sorted((k, v) for k, v in attrs if k in KEPT_ATTRIBUTES and v))
        if tag == "hr":
            self._block().parts.append(Block("hr"))
        elif tag not in TAGS or sum(1 for _tag, part in self.open if part) > MAX_DEPTH:
            self.open.append((tag, None))
        elif tag in BLOCKS:
            self.open.append((tag, _Open(Block(tag, attributes))))
        else:
            self.inlines += 1
            self.open.append((tag, Inline(tag, attributes, self.inlines)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in (name for name, _part in self.open[1:]):
            return
        while True:
            name, part = self.open.pop()
            if isinstance(part, _Open):
                self._block().parts.append(part.closed())
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        self._add(Run(data, self._stack()))

    def whole(self) -> Block:
        for name, _part in self.open[:0:-1]:
            self.handle_endtag(name)
        return self._block().closed()

    def _picture(self, attrs: dict[str, str | None]) -> Run:
        """A picture as its words, which lead to it: another picture is another link."""
        self.inlines += 1
        link = Inline("a", (("href", attrs.get("src") or ""),), self.inlines)
        return Run(f"[{attrs.get('alt') or ''}]", (*self._stack(), link))

    def _add(self, run: Run) -> None:
        parts = self._block().parts
        last = parts[-1] if parts else None
        if (
            isinstance(last, Run)
            and last.stack == run.stack
            and not (last.is_break or run.is_break)
        ):
            parts[-1] = Run(last.text + run.text, run.stack)
        else:
            parts.append(run)

    def _block(self) -> _Open:
        return next(part for _tag, part in reversed(self.open) if isinstance(part, _Open))

    def _stack(self) -> tuple[Inline, ...]:
        return tuple(part for _tag, part in self.open if isinstance(part, Inline))


@dataclass
class _Open:
    """A block that is being read: text and blocks as they come."""

    block: Block
    parts: list[Block | Run] = field(default_factory=list)

    def closed(self) -> Block:
        block = self.block
        if block.tag in LEAVES and not any(isinstance(part, Block) for part in self.parts):
            block.runs = [part for part in self.parts if isinstance(part, Run)]
            return block
        loose: list[Run] = []
        for part in [*self.parts, None]:
            if isinstance(part, Run):
                loose.append(part)
                continue
            if any(run.is_break or run.text.strip(SPACE) for run in loose):
                block.blocks.append(Block("", runs=_trimmed(loose)))
            loose = []
            if part is not None:
                block.blocks.append(part)
        return block


def _trimmed(runs: list[Run]) -> list[Run]:
    """The runs without white space at the edges: a list item's text is the same before a list."""
    runs[0] = runs[0]._replace(text=runs[0].text.lstrip(SPACE))
    runs[-1] = runs[-1]._replace(text=runs[-1].text.rstrip(SPACE))
    return [run for run in runs if run.is_break or run.text]
