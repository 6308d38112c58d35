"""A policy's page as search engines and assistants read it: JSON-LD in words of schema.org."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

# What could end the element that the text stands in, or begin another.
_ESCAPES = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"}


def describe(
    *,
    url: str,
    name: str,
    language: str,
    number: int,
    effective_at: datetime,
    organisation: str = "",
    questions: list[tuple[str, str, str]] | None = None,
) -> dict[str, Any]:
    """Describe the page of a version, or, with `questions`, the page of what is in force.

    Each question is its address, its title and its answer as plain text. Only the page in force
    says that its questions are answered so: an old version's answers are history.
    """
    day = effective_at.isoformat(timespec="seconds")
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": name,
        "inLanguage": language,
        "version": str(number),
    }
    if organisation:
        value["publisher"] = {"@type": "Organization", "name": organisation}
    if questions is None:
        return {**value, "datePublished": day}
    return {
        **value,
        "@type": ["WebPage", "FAQPage"],
        "dateModified": day,
        "mainEntity": [
            {
                "@type": "Question",
                "url": address,
                "name": title,
                "acceptedAnswer": {"@type": "Answer", "text": text},
            }
            for address, title, text in questions
        ],
    }


def for_script_element(value: dict[str, Any]) -> str:
    """JSON that can stand in a script element: nothing in it looks like markup."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPES.items():  # a hundred times as quick as str.translate
        written = written.replace(character, escape)
    return written
