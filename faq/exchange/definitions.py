"""Link references and footnotes that one part of a file uses and another part defines.

Each answer is rendered on its own, so it needs the definitions it uses in its own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
        own = parse(body)
        labels = list(self.links.keys() - own.env.get("references", {}).keys())
        notes = {f":{label}" for label in self.notes}
        notes -= own.env.get("footnotes", {}).get("refs", {}).keys()
        env: dict[str, Any] = {
            "references": {
                label: {"title": "", "href": f"{_MARK}{number}", "map": [0, 0]}
                for number, label in enumerate(labels)
            },
            "footnotes": {"refs": dict.fromkeys(notes, -1), "list": {}},
        }
        used: dict[str, None] = {}
        for token, _line in parse(body, env).inline():
            address = str(token.attrGet("href") or token.attrGet("src") or "")
            if address.startswith(_MARK):
                used[self.links[labels[int(address.removeprefix(_MARK))]]] = None
            elif token.type == "footnote_ref" and f":{token.meta['label']}" in notes:
                used[self.notes[token.meta["label"]]] = None
        return list(used)
