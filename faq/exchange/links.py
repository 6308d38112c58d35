"""In-file links: finding them, and leading them to another name without touching anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from markdown_it.token import Token

from faq.exchange.syntax import Source, parse

# Where a link's address can stand: after `](` or at a reference's `]:`.
_ADDRESS = re.compile(r"(\]\(\s*<?|\]:\s*<?)#([^\s)>]+)")
# A name that no file has, to see which address is really a link's.
_PROBE = "link-of-the-file-"


def in_file_links(source: Source) -> Iterator[tuple[str, int]]:
    """The name every `#name` link leads to, with its line counted from 0."""
    for token, line in source.inline():
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            if address.startswith("#") and len(address) > 1:
                yield unquote(address[1:]), line


def rewrite(text: str, names: Mapping[str, str]) -> str:
    """Lead in-file links to new names (`names` by old name) and leave all else as it is.

    The text is searched for addresses; those that only look like one, in code for example, are
    found out by giving each a name of its own and reading the text once.
    """
    if not any(name in names for name, _line in in_file_links(parse(text))):
        return text
    found = [each for each in _ADDRESS.finditer(text) if unquote(each[2]) in names]
    probes = [f"{_PROBE}{number}" for number in range(len(found))]
    led = {name for name, _line in in_file_links(parse(_with_names(text, found, probes)))}
    links = [each for each, probe in zip(found, probes, strict=True) if probe in led]
    return _lead(text, links, names)


def _lead(text: str, links: Sequence[re.Match[str]], names: Mapping[str, str]) -> str:
    """Change these links, each change proved by parsing the result, and give up one that fails."""
    if not links:
        return text
    new = _with_names(text, links, [_escaped(names[unquote(each[2])]) for each in links])
    if _only_links_differ(text, new, names):
        return new
    if len(links) == 1:
        return text
    middle = len(links) // 2
    # What comes first in the text comes last here, and still stands where it was found.
    return _lead(_lead(text, links[middle:], names), links[:middle], names)


def _with_names(text: str, links: Sequence[re.Match[str]], names: Sequence[str]) -> str:
    parts, end = [], 0
    for link, name in zip(links, names, strict=True):
        parts += [text[end : link.start(2)], name]
        end = link.end(2)
    return "".join((*parts, text[end:]))


def _escaped(name: str) -> str:
    return name.replace("(", "%28").replace(")", "%29")


def _only_links_differ(old: str, new: str, names: Mapping[str, str]) -> bool:
    before, after = list(_facts(parse(old).tokens)), list(_facts(parse(new).tokens))
    if len(before) != len(after):
        return False
    for (facts, address), (new_facts, new_address) in zip(before, after, strict=True):
        if facts != new_facts:
            return False
        target = names.get(unquote(address[1:])) if address.startswith("#") else None
        if new_address != address and unquote(new_address) != f"#{target}":
            return False
    return True


def _facts(tokens: list[Token]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What a token says, and apart from it the address it leads to."""
    for token in tokens:
        address = str(token.attrs.get("href", ""))
        others = tuple(item for item in token.attrs.items() if item[0] != "href")
        content = "" if token.type == "inline" else token.content
        yield (token.type, token.tag, token.info, content, others), address
        yield from _facts(token.children or [])
