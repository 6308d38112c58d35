"""Real policies from a folder beside the project: which there are, and what their headings say."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(settings.BASE_DIR).parent / "shared" / "corpus"
_ATTRIBUTES = re.compile(r"\s*\{:?\s*[#.][^}]*\}\s*$")


def newest() -> list[Any]:
    """The newest Markdown file of each policy in English, and one in every other language.

    They are rows of the manifest.
    """
    manifest = ROOT / "manifest.json"
    if not manifest.exists():
        return []
    rows: dict[tuple[str, str], Any] = {}
    for row in json.loads(manifest.read_text(encoding="utf-8")):
        key = (row["name"], row["lang"])
        if row["file"].endswith(".md") and (key not in rows or row["file"] > rows[key]["file"]):
            rows[key] = row
    others = {language: row for (_name, language), row in rows.items() if language != "en"}
    return [row for row in rows.values() if row["lang"] == "en" or row in others.values()]


def row_of(name: str) -> Any:
    """The newest English file of one policy."""
    return next(row for row in newest() if (row["name"], row["lang"]) == (name, "en"))


def data_of(row: Any) -> bytes:
    """The bytes of a file."""
    return (ROOT / row["file"]).read_bytes()


def expected_headings(row: Any, title: str) -> list[str]:
    """The headings that the page must have below its title, in their order."""
    headings = [said(_ATTRIBUTES.sub("", text)) for _level, text, *_names in row["headings"]]
    if len(headings) > 1 and headings[0] == said(title):
        del headings[0]
    return headings


def said(text: str) -> str:
    """A heading as it is compared: without the differences that smart quotes make."""
    text = unicodedata.normalize("NFC", text).translate(str.maketrans("‘’“”„«»", '\'\'"""""'))
    return " ".join(text.split())
