"""The names that other Markdown sites give to headings, so that links to them can be kept."""

from __future__ import annotations

import unicodedata


class Slugs:
    """GitHub's names for the headings of one file, in their order: a repeated one is numbered."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, title: str) -> str:
        """The name of the next heading."""
        slug = original = _slug(title)
        while slug in self._seen:
            self._seen[original] += 1
            slug = f"{original}-{self._seen[original]}"
        self._seen[slug] = 0
        return slug


def _slug(title: str) -> str:
    kept = (c for c in title.strip().lower() if c in "-_ " or _is_word(c))
    return "".join(kept).replace(" ", "-")


def _is_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category in {"Nd", "Nl", "Pc"}
