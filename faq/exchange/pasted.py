"""HTML that was copied elsewhere, from Word, a mail or a web page, as the Markdown of an answer.

nh3 makes it whole and lets through only what may matter, Beautiful Soup mends what those programs
write in ways of their own (Word's lists are paragraphs with a bullet typed in), and markdownify
writes it down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import nh3
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement
from markdownify import ATX, MarkdownConverter

from faq.rendering import HEADINGS, SCHEMES, is_kept

#: More than the longest policy makes, with all that Word writes around it.
MAX_LENGTH = 1_000_000
MAX_ELEMENTS = 10_000
#: The items of one list. Counting them takes quadratic time.
MAX_ITEMS = 1000

#: The heading that the editor's button writes. What is pasted begins with it.
HIGHEST = 3

TAGS = {
    *("p", "br", "hr", "div", "span", "a", "code", "pre", "blockquote"),
    *("em", "i", "cite", "strong", "b", "s", "strike", "del"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("h1", *HEADINGS),
}
#: The style says what is bold and, in Word's own words, what is an item of which list.
ATTRIBUTES = {"*": {"style"}, "a": {"href"}, "ol": {"start"}, "td": {"colspan"}, "th": {"colspan"}}
#: Elements whose text is no part of what was copied.
SILENT = {"head", "title", "style", "script", "noscript", "template", "svg", "math", "object"}
BLOCKS = {"p", "div", "li", "dt", "dd", "td", "th", "blockquote", "body", *("h1", *HEADINGS)}
OTHER_NAMES = {"b": "strong", "i": "em", "del": "s", "strike": "s", "cite": "em"}

_LEVEL = re.compile(r"mso-list:[^;]*\blevel([1-9])")
_IGNORED = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_BULLET = re.compile(r"^\s*[·•▪◦‣●○■§]\s+")
_COUNTED = re.compile(r"^\s*\(?([0-9]{1,4}|[a-z]{1,4})[.)]\s*$", re.IGNORECASE)
_HEAVY = re.compile(r"(?<![\w-])font-weight:\s*(bold|bolder|[6-9]00)")
_LIGHT = re.compile(r"(?<![\w-])font-weight:\s*(normal|[1-4]00)")
_SLANTED = re.compile(r"(?<![\w-])font-style:\s*italic")
#: No-break spaces of programs that use them to indent, and marks that nobody sees.
_NO_BREAK = re.compile("[\u00a0\u202f]")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_SPACES = re.compile("[ \t\r\n\f\v]+")

#: What would be read as Markdown inside a line, and at the start of one.
_INSIDE = re.compile(
    r"""[\\*`]
    | (?<![^\W_])_ | _(?![^\W_])
    | ~(?=~) | (?<=~)~
    | <(?=[A-Za-z/!?])
    | &(?=\#?\w+;)
    | \[(?=\^)
    | \](?=[(\[:])
    """,
    re.VERBOSE,
)
_AT_START = re.compile(r"(?P<mark>#{1,6}(?=\s|$)|>|\+(?=\s)|:(?=\s|::)|=+(?=\s*$)|-{2,}(?=\s*$))")


class Unreadable(ValueError):
    """What was copied cannot be turned into Markdown; the plain text has to do."""


def to_markdown(html: str) -> str:
    """Write copied HTML as Markdown that `faq.rendering` reads as the same.

    Headings begin at the level that answers have, links lead to other sites or to anchors, and
    pictures, colours and fonts are left out. Raises Unreadable for what is too long or too deep.
    """
    if len(html) > MAX_LENGTH:
        raise Unreadable
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=SILENT,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    soup = BeautifulSoup(clean, "html.parser")
    if len(soup.find_all(True, limit=MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        raise Unreadable
    if any(len(each.contents) > 2 * MAX_ITEMS for each in soup.find_all("ol")):
        raise Unreadable
    for mend in (
        *(_mend_text, _mend_tables, _mend_styles, _mend_links),
        *(_make_lists, _nest_lists, _drop_empty, _level_headings),
    ):
        mend(soup)
    try:
        written = _Writer().convert_soup(soup)
    except RecursionError:
        raise Unreadable from None
    return _tidy(written)


def _mend_text(soup: BeautifulSoup) -> None:
    """One kind of space, and nothing that nobody sees; preformatted text keeps its lines."""
    for text in soup.find_all(string=True):
        words = _UNSEEN.sub("", _NO_BREAK.sub(" ", text))
        if text.find_parent("pre") is None:
            words = _SPACES.sub(" ", words)
        if words != text:
            text.replace_with(words)


def _mend_tables(soup: BeautifulSoup) -> None:
    """The first row of a table is its heading: in Markdown there is no table without one."""
    for table in soup.find_all("table"):
        row = table.find("tr")
        if row is not None and table.find("th") is None:
            for cell in row.find_all("td"):
                cell.name = "th"


def _mend_styles(soup: BeautifulSoup) -> None:
    """Bold and italic by their elements, however they were written."""
    for tag in soup.find_all(True):
        look = _style(tag)
        tag.name = OTHER_NAMES.get(tag.name, tag.name)
        if tag.name == "strong" and _LIGHT.search(look):
            tag.unwrap()  # Google Docs wraps everything it copies in one of these
        elif tag.name == "span" and tag.get_text(strip=True):
            if _HEAVY.search(look):
                tag.wrap(soup.new_tag("strong"))
            if _SLANTED.search(look):
                tag.wrap(soup.new_tag("em"))
    for tag in soup.find_all(HEADINGS + ("h1", "th")):
        for strong in tag.find_all("strong"):
            strong.unwrap()


def _mend_links(soup: BeautifulSoup) -> None:
    """Links that an answer may have; Word's own bookmarks lead nowhere here."""
    for link in soup.find_all("a"):
        href = str(link.get("href") or "")
        if not is_kept(href) or href.startswith("#_") or href in {"#", "/"}:
            link.unwrap()


def _level_headings(soup: BeautifulSoup) -> None:
    """The highest heading stands where an answer's headings begin."""
    found = [tag for tag in soup.find_all(("h1", *HEADINGS)) if tag.get_text(strip=True)]
    shift = HIGHEST - min((int(tag.name[1]) for tag in found), default=HIGHEST)
    for tag in found:
        tag.name = f"h{max(1, min(6, int(tag.name[1]) + shift))}"


def _make_lists(soup: BeautifulSoup) -> None:
    """Make lists of the paragraphs that Word and Outlook write for their items."""
    for heading in soup.find_all(HEADINGS + ("h1",)):
        _take_marker(heading)
    open_lists: list[tuple[int, Tag]] = []
    last: Tag | None = None
    for paragraph in soup.find_all("p"):
        level = _list_level(paragraph)
        if not level:
            continue
        if last is None or _next_element(last) is not paragraph:
            open_lists.clear()
        marker = _take_marker(paragraph)
        while open_lists and open_lists[-1][0] > level:
            open_lists.pop()
        if not open_lists or open_lists[-1][0] < level:
            new = _new_list(soup, marker)
            if open_lists:
                open_lists[-1][1].find_all("li", recursive=False)[-1].append(new)
            else:
                paragraph.insert_before(new)
            open_lists.append((level, new))
        paragraph.name = "li"
        paragraph.attrs = {}
        open_lists[-1][1].append(paragraph.extract())
        last = open_lists[0][1]


def _list_level(paragraph: Tag) -> int:
    """How deep in a list a paragraph of Word's stands; 0 if it is none of a list."""
    if paragraph.find_parent(("li", "td", "th")):
        return 0
    found = _LEVEL.search(_style(paragraph))
    if found:
        return int(found[1])
    return 1 if _BULLET.match(paragraph.get_text()) else 0


def _take_marker(tag: Tag) -> str:
    """Take away the bullet or number that Word typed in, and say what it was."""
    for span in tag.find_all("span"):
        if _IGNORED.search(_style(span)):
            words = span.get_text()
            span.decompose()
            return str(words).strip()
    first = tag.find(string=lambda text: bool(text and text.strip()))
    if tag.name == "p" and isinstance(first, NavigableString):
        rest = _BULLET.sub("", first) if _BULLET.match(first) else ""
        if rest or first.strip() in "·•▪◦‣●○■§":
            first.replace_with(rest)
    return ""


def _new_list(soup: BeautifulSoup, marker: str) -> Tag:
    counted = _COUNTED.match(marker)
    if counted is None or marker in {"o", "o."}:  # Word's second bullet is the letter o
        return soup.new_tag("ul")
    number = counted[1]
    start = {"start": number} if number.isdigit() and number != "1" else {}
    return soup.new_tag("ol", attrs=start)


def _nest_lists(soup: BeautifulSoup) -> None:
    """A list directly within a list belongs to the item before it."""
    for inner in soup.find_all(("ul", "ol")):
        if inner.parent is not None and inner.parent.name in {"ul", "ol"}:
            before = inner.find_previous_sibling("li")
            if isinstance(before, Tag):
                before.append(inner.extract())
            else:
                inner.unwrap()


def _drop_empty(soup: BeautifulSoup) -> None:
    """Line breaks that stand for an empty line, and paragraphs around a list item's only text."""
    for line_break in soup.find_all("br"):
        around = line_break.parent
        if around is not None and around.name in BLOCKS and _next_element(line_break) is None:
            line_break.decompose()
    for item in soup.find_all("li"):
        paragraphs = item.find_all("p", recursive=False)
        if len(paragraphs) == 1:
            paragraphs[0].unwrap()


def _next_element(tag: Tag) -> PageElement | None:
    """What stands next to an element, past mere white space."""
    for sibling in tag.next_siblings:
        if isinstance(sibling, Tag) or str(sibling).strip():
            return sibling
    return None


def _style(tag: Tag) -> str:
    return str(tag.get("style") or "")


class _Writer(MarkdownConverter):
    """Writes the Markdown that answers are written in, and escapes only what has to be."""

    def __init__(self) -> None:
        super().__init__(
            heading_style=ATX, bullets="-", newline_style="backslash", table_infer_header=True
        )

    def escape(self, text: str, parent_tags: Iterable[str]) -> str:
        """Keep what the text says from being read as Markdown."""
        text = _INSIDE.sub(r"\\\g<0>", text)
        return text.replace("|", r"\|") if {"td", "th"} & set(parent_tags) else text

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        """The text of a node; a mark at the start of a line is one in the text."""
        text: str = super().process_text(el, parent_tags=parent_tags)  # type: ignore[misc]
        tags = parent_tags or set()
        if "_noformat" not in tags and _begins_line(el):
            text = _AT_START.sub(r"\\\g<mark>", text, count=1) if _AT_START.match(text) else text
        return text


def _begins_line(text: PageElement) -> bool:
    """Whether a text stands at the start of a paragraph, or after a line break in one."""
    here: PageElement | None = text
    while here is not None:
        before = here.previous_sibling
        while before is not None and not isinstance(before, Tag) and not str(before).strip():
            before = before.previous_sibling
        if before is not None:
            return isinstance(before, Tag) and before.name in {"br", "ul", "ol", "table", *BLOCKS}
        here = here.parent
        if isinstance(here, Tag) and here.name in BLOCKS | {"[document]"}:
            return True
    return True


def _tidy(markdown: str) -> str:
    """No spaces at the ends of lines, and never two empty lines."""
    return "\n".join(_single_gaps(line.rstrip() for line in markdown.strip().splitlines()))


def _single_gaps(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line
