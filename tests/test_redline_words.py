"""The redline: what is deleted and added stands in the text, and taking either out gives a text.

The laws hold for a reader of HTML of their own, written on html5lib, not for the code's reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from typing import Any

import html5lib
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from faq import redline
from faq.rendering import TAGS, render, sanitise

BLOCKS = {
    *("p", "hr", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "div", "section"),
    *("table", "thead", "tbody", "tr", "th", "td"),
} | {f"h{level}" for level in range(1, 7)}
TEXT_BLOCKS = {"p", "pre", "dt", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
OLD, NEW = "old", "new"
GONE = {OLD: ("ins", "inserted"), NEW: ("del", "deleted")}


# A reader of HTML: blocks, and in them each character under its inline elements.


def reading(html: str, side: str | None = None) -> list[Any]:
    """How a reader reads the HTML; of a redline, the `old` or the `new` side of it.

    Left out are ids, what separates tight from loose list items and white space that HTML does
    not show; of the old side also what is taken from the new one: alignment and first numbers.
    """
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return blocks_in(tree, (), side, in_pre=False)


def blocks_in(element: Any, path: tuple[Any, ...], side: str | None, in_pre: bool) -> list[Any]:
    """The blocks inside an element; text beside them counts as a paragraph."""
    parts = list(parts_of(element, path, side))
    if element.tag in TEXT_BLOCKS and not any(kind == "block" for kind, _part in parts):
        return shown([part for _kind, part in parts], in_pre)
    found: list[Any] = []
    loose: list[Any] = []
    for kind, part in [*parts, ("end", None)]:
        if kind == "text":
            loose.append(part)
            continue
        if text := shown(loose, in_pre=False):
            found.append(("p", (), text))
        loose = []
        if kind == "block":
            child, child_path = part
            pre = child.tag == "pre"
            found.append((child.tag, seen(child, side), blocks_in(child, child_path, side, pre)))
    return found


def parts_of(element: Any, path: tuple[Any, ...], side: str | None) -> Iterator[tuple[str, Any]]:
    """The characters and the blocks of an element in their order."""
    yield from (("text", (character, path)) for character in element.text or "")
    for child in element:
        tag, classes = child.tag, (child.get("class") or "").split()
        if side and (tag == GONE[side][0] or GONE[side][1] in classes):
            pass
        elif tag in BLOCKS:
            yield "block", (child, path)
        elif tag == "br":
            yield "text", ("\n", "br")
        elif tag in {"ins", "del"}:
            yield from parts_of(child, path, side)
        else:
            yield from parts_of(child, (*path, (tag, seen(child, None))), side)
        yield from (("text", (character, path)) for character in child.tail or "")


def shown(text: list[Any], in_pre: bool) -> list[Any]:
    """The characters that show, each with the elements around it; spaces have none."""
    if in_pre:
        return text
    found: list[Any] = []
    for character, path in text:
        if path == "br":
            found = found[:-1] if found and found[-1] == " " else found
            found.append("br")
        elif character not in " \t\n\r\f":
            found.append((character, path))
        elif found and found[-1] not in (" ", "br"):
            found.append(" ")
    return found[:-1] if found and found[-1] == " " else found


def seen(element: Any, side: str | None) -> tuple[Any, ...]:
    """The attributes that a reader can tell: not ids, not where footnotes lead within the text."""
    found = dict(element.attrib)
    classes = [name for name in found.pop("class", "").split() if name not in MARKS]
    if side == OLD:
        classes = [name for name in classes if not name.startswith("align-")]
        found.pop("start", None)
    if found.get("href", "").startswith("#_"):
        del found["href"]
    for name in ("id", "value"):
        found.pop(name, None)
    return (*sorted(found.items()), *classes)


MARKS = {"inserted", "deleted"}


class Written(HTMLParser):
    """The tags as they are written, which must be closed in the order they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((len(self.open), tag))
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags_parsed(html: str) -> list[tuple[int, str]]:
    """The tags as a browser nests them."""

    def walk(element: Any, depth: int) -> Iterator[tuple[int, str]]:
        for child in element:
            yield depth, child.tag
            yield from walk(child, depth + 1)

    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return list(walk(tree, 0))


def links(html: str, side: str | None = None) -> list[tuple[str, str]]:
    """The links of one side with their words."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)

    def walk(element: Any) -> Iterator[tuple[str, str]]:
        for child in element:
            classes = (child.get("class") or "").split()
            if side and (child.tag == GONE[side][0] or GONE[side][1] in classes):
                continue
            if child.tag == "a":
                words = "".join(text for kind, (text, _p) in parts_of(child, (), side))
                href = child.get("href", "")
                yield "" if href.startswith("#_") else href, "".join(words.split())
            yield from walk(child)

    return [link for link in walk(tree) if link[1]]


def holds(old: str, new: str) -> redline.Redlined:
    """Compare two fragments of HTML and hold every law on the result."""
    result = redline.html(old, new)
    html = result.html
    assert reading(html, NEW) == reading(new)
    assert reading(html, OLD) == [without_alignment(block) for block in reading(old)]
    assert links(html, NEW) == links(new)
    assert links(html, OLD) == links(old)
    written = Written()
    written.feed(html)
    assert written.open == []
    assert written.tags == tags_parsed(html)
    assert {tag for _depth, tag in written.tags} <= TAGS | {"ins", "del"}
    assert " id=" not in re.sub(">[^<]*<", "><", html)
    marked = any(tag in {"ins", "del"} for _depth, tag in written.tags)
    assert result.changed or not marked
    if reading(old) == reading(new):
        assert not marked
    return result


def without_alignment(block: Any) -> Any:
    """A block as it is read, without what a redline takes from the new side."""
    if not isinstance(block, tuple) or len(block) != 3:
        return block
    tag, attributes, inside = block
    kept = tuple(
        each
        for each in attributes
        if not (isinstance(each, str) and each.startswith("align-"))
        and not (isinstance(each, tuple) and each[0] == "start")
    )
    return tag, kept, [without_alignment(each) for each in inside]


def marked(old: str, new: str, **options: str) -> str:
    """The redline of two answers in Markdown."""
    return redline.html(rendered(old), rendered(new), **options).html


def rendered(source: str) -> str:
    return render(source, prefix="q")


# Answers in Markdown.

STOCK = """
    We keep your data for 40 days, and 6(1)(c) then (again) delete it. the privacy@example.org
    https://example.org/a?b sub-section don't 個人情報を収集する。 データ ข้อมูลส่วนบุคคล हिन्दी
    بيانات، café 👩\u200d💻 &amp; <b> x x x a. b
"""
WORDS = st.sampled_from(STOCK.split())
PHRASES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def inlines(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words, some of them in inline elements."""
    shapes = ["{}", "{}", "**{}**", "*{}*", "[{}](/a)", "[{}](#b)", "`{}`", "~~{}~~", "*a **{}***"]
    shapes += ["[**{}** x](/a)", "{}[^1]", "{}  \nx", '[{}](/c "t")', "un**{}**able"]
    piece = st.tuples(st.sampled_from(shapes), words).map(lambda pair: pair[0].format(pair[1]))
    return st.lists(piece, min_size=1, max_size=4).map(" ".join)


def indented(text: str, by: str) -> str:
    return text.replace("\n", "\n" + by)


LINES = inlines(PHRASES)
ITEMS = st.lists(LINES, min_size=1, max_size=4)
CELLS = st.lists(PHRASES.map(lambda text: text.replace("|", "")), min_size=3, max_size=3)


def table(rows: list[list[str]], width: int) -> str:
    head, *body = [f"| {' | '.join(row[:width])} |" for row in rows]
    return "\n".join([head, "|" + "--:|" * width, *body])


LEAVES = st.one_of(
    LINES,
    LINES,
    LINES.map(lambda line: "### " + line.replace("\n", " ")),
    ITEMS.map(lambda items: "\n".join("- " + indented(item, "  ") for item in items)),
    ITEMS.map(lambda items: "\n\n".join("- " + indented(item, "  ") for item in items)),
    ITEMS.map(lambda items: "\n".join("3. " + indented(item, "   ") for item in items)),
    st.tuples(st.lists(CELLS, min_size=1, max_size=4), st.integers(1, 3)).map(lambda t: table(*t)),
    PHRASES.map(lambda text: f"```\n{text}\n  {text}\n```"),
    ITEMS.map(lambda items: "::: contact\n" + "\n".join(items) + "\n:::"),
    ITEMS.map(lambda items: "Term\n" + "\n".join(": " + indented(item, "  ") for item in items)),
    LINES.map(lambda line: "[^1]: " + line.replace("\n", " ")),
    st.just("---"),
)
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda text: "> " + indented(text, "> ")),
        st.tuples(LINES, inner).map(
            lambda pair: "- " + indented(pair[0], "  ") + "\n  " + indented(pair[1], "  ")
        ),
        inner.map(lambda text: f"::: important\n{text}\n:::"),
    ),
    max_leaves=3,
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two answers, the second of them made from the first by a few edits or from the same stock."""
    blocks = draw(st.lists(NESTED, min_size=1, max_size=5))
    others = draw(st.lists(NESTED, min_size=1, max_size=3))
    edited = [draw(st.sampled_from([block, block, *others, edit(draw, block)])) for block in blocks]
    for other in draw(st.lists(st.sampled_from(others), max_size=2)):
        edited.insert(draw(st.integers(0, len(edited))), other)
    if draw(st.booleans()):
        del edited[draw(st.integers(0, len(edited) - 1))]
    return "\n\n".join(blocks), "\n\n".join(edited)


def edit(draw: st.DrawFn, block: str) -> str:
    """The block with words taken out, put in or replaced."""
    words = re.split(r"( +)", block)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(words) - 1))
        if words[place].strip():
            words[place] = draw(st.sampled_from(["", "new", words[place] + " more", "/z"]))
    return "".join(words)


SCRAPS = st.text(alphabet="ab *_`[](#/)>-1.|\n&<:~^", max_size=60)
MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


# Laws.


@MANY
@given(pairs())
@example(("> a\n> b", "a\n\nb"))
@example(("[one two](/a) b [three](/a)", "[one three](/a) c"))
@example(("[a](/a) mid [b](/a)", "[a b](/a)"))
@example(("- a\n- b\n  - c\n\n  d", "- a\n\n- b d"))
@example(("- a b\n\n  c d", "- a b\n  ```\n  x\n  ```\n  c d"))
@example(("- a b\n\n  c d", "- a b e\n  ```\n  x\n  ```\n  c d e"))
def test_each_side_of_a_redline_reads_exactly_as_its_text(pair: tuple[str, str]) -> None:
    old, new = map(rendered, pair)
    holds(old, new)
    holds(new, old)


@MANY
@given(SCRAPS, SCRAPS)
def test_the_laws_hold_for_any_scraps_of_markdown(old: str, new: str) -> None:
    holds(rendered(old), rendered(new))


@MANY
@given(st.lists(NESTED, max_size=4).map("\n\n".join))
def test_what_is_the_same_has_no_marks(source: str) -> None:
    html = rendered(source)
    result = redline.html(html, html)
    assert not result.changed
    assert reading(result.html) == reading(html)
    assert "<ins>" not in result.html and "<del>" not in result.html


@MANY
@given(st.text(max_size=80), st.text(max_size=80))
@example("a b", "ab")
@example("b", "(b")
@example("a b c", "x c")
def test_each_side_of_a_compared_title_is_exactly_that_title(old: str, new: str) -> None:
    pieces = redline.text(old, new)

    def side(gone: str) -> str:
        return collapsed("".join(piece.words for piece in pieces if piece.kind != gone))

    assert side(redline.DELETED) == collapsed(new)
    assert side(redline.INSERTED) == collapsed(old)
    if collapsed(old) == collapsed(new):
        assert {piece.kind for piece in pieces} <= {redline.SAME}


def collapsed(text: str) -> str:
    """Text with white space as HTML shows it."""
    return re.sub(r"[ \t\n\r\f]+", " ", text).strip(" ")


@pytest.mark.shared
@pytest.mark.thorough
def test_the_laws_hold_for_real_policies(shared: Path) -> None:
    for folder in sorted((shared / "corpus" / "docs").glob("*/*")):
        versions = [wording_of(path) for path in sorted(folder.iterdir())]
        for old, new in {(versions[0], versions[-1]), *pairwise(versions[-2:])}:
            assert holds(old, new).changed == (reading(old) != reading(new))


def wording_of(path: Path) -> str:
    """A real policy as one answer."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return sanitise(text) if path.suffix == ".html" else rendered(text)


# What a reader of a redline sees.


def test_words_are_marked_where_they_stand() -> None:
    assert marked("We keep it for 40 days.", "We keep it for 30 days.") == (
        "<p>We keep it for <del>40</del> <ins>30</ins> days.</p>"
    )


def test_the_space_before_a_change_is_not_marked_where_it_can_be_helped() -> None:
    assert marked("one two three", "one three") == "<p>one <del>two</del> three</p>"
    assert marked("one three", "one two three") == "<p>one <ins>two</ins> three</p>"
    assert marked("one two.", "one.") == "<p>one<del> two</del>.</p>"


def test_a_new_sentence_is_marked_from_its_beginning_to_its_end() -> None:
    assert marked("We ask. We keep.", "We ask. We share. We keep.") == (
        "<p>We ask. <ins>We share.</ins> We keep.</p>"
    )


def test_a_phrase_that_stayed_is_not_scattered_over_a_longer_one_that_came() -> None:
    old = "It asks who you say you are, and we check that. Checking takes a day."
    new = "It asks, and we check that. You say who you are, and what you are. Checking takes a day."
    assert marked(old, new) == (
        "<p>It asks<del> who you say you are</del>, and we check that. "
        "<ins>You say who you are, and what you are.</ins> Checking takes a day.</p>"
    )


def test_punctuation_changes_without_the_word_before_it() -> None:
    assert marked("We ask you, often", "We ask you; often") == (
        "<p>We ask you<del>,</del><ins>;</ins> often</p>"
    )


def test_an_address_is_never_torn() -> None:
    html = marked(
        "Write to `privacy@example.org` or `https://example.org/a` now.",
        "Write to `dpo@example.org` or `https://example.org/b` now.",
    )
    assert "<del><code>privacy@example.org</code></del>" in html
    assert "<ins><code>https://example.org/b</code></ins>" in html


def test_a_link_that_leads_elsewhere_is_a_change() -> None:
    assert marked("See [our rules](/old) here.", "See [our rules](/new) here.") == (
        '<p>See <del><a href="/old">our rules</a></del> '
        '<ins><a href="/new">our rules</a></ins> here.</p>'
    )


def test_a_change_inside_a_link_leaves_one_link() -> None:
    assert marked("See [our old rules](/r).", "See [our new rules](/r).") == (
        '<p>See <a href="/r">our <del>old</del> <ins>new</ins> rules</a>.</p>'
    )


def test_two_links_that_become_one_are_not_torn() -> None:
    html = marked("[some text](/a) or [other text](/a)", "[some text or other text](/a)")
    assert links(html, NEW) == [("/a", "sometextorothertext")]
    assert links(html, OLD) == [("/a", "sometext"), ("/a", "othertext")]


def test_links_lead_into_the_version_they_are_from() -> None:
    html = marked(
        "See [this](#a), [that](#b) and [more](/c).",
        "See [this](#a), [those](#d) and [more](/c).",
        old_base="/privacy/versions/2/",
        new_base="/privacy/versions/3/",
    )
    assert re.findall('href="([^"]*)"', html) == [
        "/privacy/versions/3/#a",
        "/privacy/versions/2/#b",
        "/privacy/versions/3/#d",
        "/c",
    ]


def test_a_list_keeps_its_items_and_their_numbers() -> None:
    assert marked("1. one\n2. two\n3. three", "1. one\n2. three\n3. four") == (
        "<ol><li>one</li>\n"
        '<li class="deleted"><del>two</del></li>\n'
        '<li value="2">three</li>\n'
        '<li class="inserted"><ins>four</ins></li></ol>'
    )


def test_a_loose_list_is_no_change_from_a_tight_one() -> None:
    assert marked("- one\n- two", "- one\n\n- two") == (
        "<ul><li><p>one</p></li>\n<li><p>two</p></li></ul>"
    )


def test_a_table_keeps_its_columns() -> None:
    old = "| Name | Why | How long |\n|--|--|--|\n| id | login | a day |\n| seen | views | a year |"
    new = "| Name | How long | Who |\n|--|--|--|\n| id | two days | us |\n| lang | a year | us |"
    html = marked(old, new)
    rows = re.findall("<tr.*?</tr>", html, re.DOTALL)
    assert [row.count("<td") + row.count("<th>") + row.count("<th ") for row in rows] == [4] * 4
    assert '<th class="deleted"><del>Why</del></th>' in html
    assert "<td><del>a day</del> <ins>two days</ins></td>" in html
    assert '<tr class="deleted"><td><del>seen</del></td>' in html
    assert '<td class="inserted"></td></tr>' in html


def test_a_row_is_known_by_its_first_cell() -> None:
    old = "| Name | Why |\n|--|--|\n| session | To know who you are |"
    new = "| Name | Why |\n|--|--|\n| session | Fraud |"
    assert "<td>session</td>" in marked(old, new)


def test_paragraphs_with_little_in_common_stay_apart() -> None:
    assert marked("We never sell anything.", "Call the office on weekdays.") == (
        '<p class="deleted"><del>We never sell anything.</del></p>\n'
        '<p class="inserted"><ins>Call the office on weekdays.</ins></p>'
    )


def test_japanese_is_compared_by_the_character() -> None:
    assert marked("個人情報を収集します。", "個人データを収集します。") == (
        "<p>個人<del>情報</del><ins>データ</ins>を収集します。</p>"
    )


def test_thai_marks_and_emoji_stay_with_their_letters() -> None:
    html = marked("ข้อมูลที่เก็บ 👩\u200d💻", "ข้อมูลนี้เก็บ 👩\u200d🚒")
    pieces = re.split("</?(?:p|ins|del)>", html)
    assert not any(unicodedata.category(piece[0])[0] == "M" for piece in pieces if piece)
    assert "<del>👩\u200d💻</del> <ins>👩\u200d🚒</ins>" in html


def test_hindi_words_are_not_torn_at_their_vowel_signs() -> None:
    html = marked("हम जानकारी रखते हैं", "हम जानकारियाँ रखते हैं")
    assert html == "<p>हम <del>जानकारी</del> <ins>जानकारियाँ</ins> रखते हैं</p>"


def test_only_a_space_that_came_is_marked() -> None:
    assert marked("Mozilla:例えば", "Mozilla: 例えば") == "<p>Mozilla:<ins> </ins>例えば</p>"


def test_spaces_count_in_preformatted_text_only() -> None:
    assert not redline.html(rendered("a\nb"), rendered("a b")).changed
    assert "<del>  </del><ins>    </ins>" in marked("```\na\n  b\n```", "```\na\n    b\n```")


def test_a_no_break_space_is_a_character() -> None:
    assert marked("40 days", "40\u00a0days") != marked("40 days", "40 days")


def test_another_number_of_a_footnote_is_no_change_of_its_words() -> None:
    old = "a[^1] b[^2]\n\n[^1]: One note\n[^2]: Another note"
    html = marked(old, "a b[^2]\n\n[^2]: Another note")
    assert 'value="1"><p>Another note <a class="footnote-back" href="#_q.fn1-ref">' in html


def test_a_script_in_the_text_stays_text() -> None:
    html = marked("x <script>alert(1)</script>", 'x <b onclick="y">&amp;lt;</b>')
    assert "<script" not in html and "<b" not in html


def test_deep_nesting_is_no_error() -> None:
    deep = "> " * 15 + "*" * 3000 + "x" + "*" * 3000
    assert "x" in marked(deep, deep + " y")


STOCK_OF_WORDS = ["".join(Random(n).choices("abcdefghij", k=6)) for n in range(5000)]


def long_answer(words: list[str], size: int) -> str:
    """An answer in paragraphs of so many words, with a full stop after each tenth."""
    ended = [f"{word}." if place % 10 == 9 else word for place, word in enumerate(words)]
    step = range(0, len(words), size)
    return "".join(f"<p>{' '.join(ended[place : place + size])}</p>" for place in step)


@pytest.mark.parametrize("size", [100, 40_000], ids=["paragraphs", "one paragraph"])
def test_long_unrelated_answers_are_compared_in_bounded_time_and_memory(size: int) -> None:
    random = Random(1)
    old, new = (long_answer(random.choices(STOCK_OF_WORDS, k=40_000), size) for _ in range(2))
    before = getrusage(RUSAGE_SELF)
    assert redline.html(old, new).changed
    after = getrusage(RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 20
    assert after.ru_maxrss - before.ru_maxrss < 200_000  # KiB


def test_a_paragraph_too_long_to_compare_at_once_is_still_compared_by_its_sentences() -> None:
    words = Random(2).choices(STOCK_OF_WORDS, k=40_000)
    old = long_answer(words, 40_000)
    new = old.replace(words[100], "CHANGED").replace(words[20_000], "ALTERED")
    html = redline.html(old, new).html
    assert collapsed(re.sub("<del>.*?</del>|</?ins>", "", html)) == new
    assert collapsed(re.sub("<ins>.*?</ins>|</?del>", "", html)) == old
    assert html.count("<ins>") == new.count("CHANGED") + new.count("ALTERED")


def test_titles_are_compared_in_pieces() -> None:
    assert redline.text("How do we use cookies?", "When do we use cookies?") == (
        (redline.DELETED, "How"),
        (redline.SAME, " "),
        (redline.INSERTED, "When"),
        (redline.SAME, " do we use cookies?"),
    )
