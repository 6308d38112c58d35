"""Link references and footnotes that one part of a file uses and another part defines.

Each answer is rendered on its own, so it needs the definitions it uses in its own text.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from faq.exchange.syntax import Block, Source, parse

# An address that no file has, to see which reference a link came from.
_MARK = "reference-of-the-file:"


@dataclass
class Definitions:
    """The text of every definition in a file, by label."""

    links: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, apart_from: Sequence[Block]) -> Definitions:
        """Collect a file's definitions, without those that stand inside some blocks."""

        def text(lines: Sequence[int]) -> str:
            start, end = lines
            if any(block.start <= start < block.end for block in apart_from):
                return ""
            return "\n".join(source.lines[start:end]).strip()

        found = cls()
        for label, reference in source.env.get("references", {}).items():
            if (written := text(reference["map"])).startswith("["):
                found.links[label] = written
        for token in source.tokens:
            if token.type != "footnote_reference_open" or not token.map:
                continue
            if (written := text(token.map)).startswith("["):
                found.notes[token.meta["label"]] = written
        return found

    def complete(self, body: str) -> str:
        """Add to a part of the file the definitions that it uses and does not have."""
        while missing := self._missing(body):
            body = f"{body}\n\n" + "\n\n".join(missing)
        return body

    def _missing(self, body: str) -> list[str]:
        if not (self.links or self.notes) or "[" not in body:
            return []
        own = parse(body).env
        own_links = own.get("references", {})
        own_notes = own.get("footnotes", {}).get("refs", {})
        # A definition of its own goes first. Nothing is copied: there may be very many.
        env: dict[str, Any] = {
            "references": ChainMap(dict(own_links), self._marked_links),
            "footnotes": {"refs": ChainMap(dict(own_notes), self._marked_notes), "list": {}},
        }
        used: dict[str, None] = {}
        for token, _line in parse(body, env).inline():
            address = str(token.attrGet("href") or token.attrGet("src") or "")
            if address.startswith(_MARK):
                used[self._link_texts[int(address.removeprefix(_MARK))]] = None
            elif token.type == "footnote_ref":
                label = token.meta["label"]
                if label in self.notes and f":{label}" not in own_notes:
                    used[self.notes[label]] = None
        return list(used)

    @cached_property
    def _link_texts(self) -> list[str]:
        return list(self.links.values())

    @cached_property
    def _marked_links(self) -> dict[str, Any]:
        return {
            label: {"title": "", "href": f"{_MARK}{number}", "map": [0, 0]}
            for number, label in enumerate(self.links)
        }

    @cached_property
    def _marked_notes(self) -> dict[str, int]:
        return {f":{label}": -1 for label in self.notes}
