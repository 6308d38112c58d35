"""What in a file will look different from what its author may expect."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import cache

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

from faq.exchange.policy_file import where
from faq.exchange.syntax import Source
from faq.rendering import is_kept, syntax


def notices(source: Source, titles: Container[int]) -> Iterator[str]:
    """One sentence for each kind of thing, with the lines where it stands.

    `titles` are the lines (from 0) of the headings that become titles, which are plain text.
    """
    away, pictures, attributes, marks = [], [], [], []
    for token, line in source.inline():
        if token.type == "link_open" and not is_kept(str(token.attrGet("href") or "")):
            away.append(line + 1)
        elif token.type == "image":
            pictures.append(line + 1)
        elif token.type == "text" and token.content.startswith("{:"):
            attributes.append(line + 1)
        elif token.type == "text" and "{%" in token.content:
            marks.append(line + 1)
    for text, lines in (
        (_("Links to other files become plain text"), away),
        (_("Pictures become the words that describe them"), pictures),
        (_("HTML is shown as text"), list(_html_lines(source, titles))),
        (_("Attributes in {: … } are shown as text"), attributes),
        (_("Template tags are shown as text"), marks),
        (_("A heading needs a space after its #"), list(_almost_headings(source))),
        (_("A code block is not closed, so all that follows is code"), list(_open_code(source))),
    ):
        if lines:
            yield f"{text}: {where(lines)}."


def _html_lines(source: Source, titles: Container[int]) -> Iterator[int]:
    text = "\n".join(source.lines)
    for token in _with_html().parse(text) if "<" in text else ():
        children = token.children or []
        is_html = token.type == "html_block" or any(c.type == "html_inline" for c in children)
        if is_html and token.map and token.map[0] not in titles:
            yield token.map[0] + 1


def _almost_headings(source: Source) -> Iterator[int]:
    for token in source.tokens:
        if token.type == "inline" and token.level == 1 and token.map:
            marks = len(token.content) - len(token.content.lstrip("#"))
            if 2 <= marks <= 6:
                yield token.map[0] + 1


def _open_code(source: Source) -> Iterator[int]:
    for token in source.tokens:
        if token.type == "fence" and token.level == 0 and token.map:
            last = source.lines[token.map[1] - 1].strip()
            if last.strip(token.markup[0]) or len(last) < len(token.markup):
                yield token.map[0] + 1


@cache
def _with_html() -> MarkdownIt:
    parser = syntax()
    parser.options["html"] = True
    return parser
