"""The Markdown of policy files, as far as their structure goes: headings, blocks, lines.

It is the syntax of answers with three additions: front matter, an attribute list at the end of
a heading, and the blocks that only files have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from faq.exchange.policy_file import BadPolicyFile
from faq.rendering import syntax

IN_SHORT, ALSO_ASKED, CONTACT, REMOVED, WORDING = (
    "in-short",
    "also-asked",
    "policy-contact",
    "removed",
    "wording",
)
BLOCKS = (IN_SHORT, ALSO_ASKED, CONTACT, REMOVED, WORDING)

# `{#name .class}` or `{: #name }` at the end of a heading. Names may hold braces.
_ATTRIBUTES = re.compile(r"(?:^|\s)\{(:?)\s*([#.]\S+(?:\s+[#.]\S+)*)\s*\}$")
_CLOSING = re.compile(r"(?:^|\s)#+$")


@dataclass(frozen=True)
class Heading:
    """A heading on the lines `start` to `end` (from 0, without the end) and what it says.

    `source` is its Markdown without attributes, `title` its plain text, `names` its ids, which
    are `foreign` if they are written `{: #id }` as other sites do. It is `top` unless it stands
    inside a list, a quotation or a block.
    """

    start: int
    end: int
    level: int
    markup: str
    source: str
    title: str
    names: tuple[str, ...]
    foreign: bool
    is_section: bool
    top: bool


@dataclass(frozen=True)
class Block:
    """One of the blocks that only files have: lines `start` to `end`, the marker lines included."""

    name: str
    arguments: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A parsed text: its lines, tokens, and what the parser collected on the way."""

    lines: list[str]
    tokens: list[Token]
    env: MutableMapping[str, Any] = field(default_factory=dict)

    @cached_property
    def headings(self) -> list[Heading]:
        """Every heading, in order."""
        return [
            _heading(token, self.tokens[position + 1], self.env)
            for position, token in enumerate(self.tokens)
            if token.type == "heading_open"
        ]

    @cached_property
    def blocks(self) -> list[Block]:
        """The file's own blocks; raises BadPolicyFile for one that is not closed."""
        return [
            Block(token.type[10:-5], token.info.strip(), start, end)
            for token, start, end in self._containers()
            if token.type[10:-5] in BLOCKS
        ]

    def inside(self, block: Block) -> str:
        """The lines between a block's marker lines."""
        return "\n".join(self.lines[block.start + 1 : block.end - 1])

    def inline(self) -> Iterator[tuple[Token, int]]:
        """Every piece of running text, with the line it stands on."""
        for token in self.tokens:
            if token.type != "inline":
                continue
            line = token.map[0] if token.map else 0
            for child in token.children or []:
                yield child, line
                line += child.type in {"softbreak", "hardbreak"}

    def front_matter(self) -> tuple[str, int]:
        """The front matter and the line after it; empty and 0 without one."""
        first = self.tokens[0] if self.tokens else None
        if first is None or first.type != "front_matter" or not first.map:
            return "", 0
        return first.content, first.map[1]

    def _containers(self) -> Iterator[tuple[Token, int, int]]:
        for token in self.tokens:
            if token.level or not token.map or not token.type.startswith("container_"):
                continue
            start, last = token.map
            if last >= len(self.lines) or not re.fullmatch(r"\s*:{3,}\s*", self.lines[last]):
                raise BadPolicyFile(
                    _("The block “%(start)s” is not closed. End it with a line of :::")
                    % {"start": self.lines[start].strip()[:40]},
                    start + 1,
                )
            yield token, start, last + 1


def parse(text: str, env: MutableMapping[str, Any] | None = None) -> Source:
    """Parse a text whose lines end with LF. `env` may hold references defined elsewhere."""
    env = {} if env is None else env
    return Source(text.split("\n"), _parser().parse(f"{text}\n", env), env)


def plain(tokens: list[Token] | None) -> str:
    """The text of a heading without its formatting, on one line."""
    words = []
    for token in tokens or []:
        if token.type in {"text", "code_inline", "image"}:
            words.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
    return "".join(words).strip()


@cache
def _parser() -> MarkdownIt:
    parser = _titles(html=False)
    # Footnotes stay where they were written.
    parser.disable("footnote_tail")
    parser.use(front_matter_plugin)
    for name in BLOCKS:
        parser.use(container_plugin, name=name)
    return parser


@cache
def _titles(html: bool = True) -> MarkdownIt:
    """A parser that keeps titles as they were typed; a title has no HTML, so that is left out."""
    parser = syntax()
    parser.options["html"] = html
    parser.disable(["smartquotes", "linkify"])
    return parser


def _heading(token: Token, inline: Token, env: MutableMapping[str, Any]) -> Heading:
    source, children = inline.content, inline.children
    names: tuple[str, ...] = ()
    is_section = False
    if match := _ATTRIBUTES.search(source):
        attributes = match[2].split()
        names = tuple(dict.fromkeys(each[1:] for each in attributes if each[0] == "#"))
        is_section = ".section" in attributes
        source = _CLOSING.sub("", source[: match.start()]).rstrip()
    if match or "<" in source:
        children = _titles().parseInline(source, env)[0].children
    start, end = token.map or (0, 0)
    return Heading(
        start=start,
        end=end,
        level=int(token.tag[1]),
        markup=token.markup,
        source=source,
        title=plain(children),
        names=names,
        foreign=bool(match and match[1]),
        is_section=is_section,
        top=token.level == 0,
    )
