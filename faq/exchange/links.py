"""In-file links: finding them, and leading them to another name without touching anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from markdown_it.token import Token

from faq.exchange.syntax import Source, parse

# Where a link's address can stand: after `](` or at a reference's `]:`.
_ADDRESS = re.compile(r"(\]\(\s*<?|\]:\s*<?)#([^\s)>]+)")


def in_file_links(source: Source) -> Iterator[tuple[str, int]]:
    """The name every `#name` link leads to, with its line counted from 0."""
    for token, line in source.inline():
        if token.type == "link_open":
            address = str(token.attrGet("href") or "")
            if address.startswith("#") and len(address) > 1:
                yield unquote(address[1:]), line


def rewrite(text: str, names: Mapping[str, str]) -> str:
    """Lead in-file links to new names (`names` by old name) and leave all else as it is.

    The text is searched for addresses, and each change is proved by parsing the result: what
    only looks like a link, in code for example, stays.
    """
    if not any(name in names for name, _line in in_file_links(parse(text))):
        return text

    def renamed(match: re.Match[str]) -> str:
        name = names.get(unquote(match[2]))
        return match[0] if name is None else f"{match[1]}#{_escaped(name)}"

    every = _ADDRESS.sub(renamed, text)
    if _only_links_differ(text, every, names):
        return every
    position = 0
    while match := _ADDRESS.search(text, position):
        changed = renamed(match)
        trial = text[: match.start()] + changed + text[match.end() :]
        if _only_links_differ(text, trial, names):
            text, position = trial, match.start() + len(changed)
        else:
            position = match.end()
    return text


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
