"""Two answers compared: block by block, then word by word inside the blocks that go together.

Blocks that read the same are aligned first. What stands between them is paired by the words
that blocks share, found through an index so that long texts stay cheap, and in one order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import NamedTuple

from faq.redline.tree import LEAVES, Attributes, Block, Inline, parse, start_tag
from faq.redline.words import (
    DELETED,
    INSERTED,
    SAME,
    Mark,
    compare_tokens,
    is_unspaced,
    is_word,
    matches,
    tokens,
)

ELEMENTS = {DELETED: "del", INSERTED: "ins"}

#: How alike two blocks must be to be compared word by word, from 0 to 1.
ALIKE = 0.45
#: The same for lists and tables, of which the parts are compared in their turn.
ALIKE_OUTSIDE = 0.2
#: The same for rows of a table whose first cells differ. Those with equal ones go together.
ALIKE_ROW = 0.7
#: A word that stands in more pairs of blocks than this says little about which go together.
COMMON_WORD = 400
#: The blocks that are looked at for each new one.
CANDIDATES = 8

#: Blocks that hold text, if they hold no blocks.
_TEXT_BLOCKS = {"", *LEAVES} - {"hr"}
#: Blocks that stand in a list.
_PARTS = {"li", "dd"}

#: A bag of words.
Bag = Counter[str]


@dataclass(frozen=True)
class Redlined:
    """HTML with what changed in `<del>` and `<ins>`; `changed` says whether anything is marked."""

    html: str
    changed: bool


class Pair(NamedTuple):
    """An old block and the new one it became; one of them is None where there is no other."""

    old: Block | None
    new: Block | None


def html(old_html: str, new_html: str, *, old_base: str = "", new_base: str = "") -> Redlined:
    """Compare two fragments of HTML that `faq.rendering` wrote.

    Without `<del>` and what has the class `deleted`, and with `<ins>` unwrapped, the result reads
    as the new fragment; without the insertions it reads as the old one. Whether a list is tight
    or loose, its first number and the alignment of cells are those of the new one. Ids are left
    out. `old_base` and `new_base` are put before links to other parts of the policy in deleted
    and in other text.
    """
    writer = _Writer(old_base, new_base)
    written = writer.blocks(pairs(_inside(parse(old_html)), _inside(parse(new_html))))
    return Redlined(written, writer.changed)


def plain(html: str, *, base: str = "") -> str:
    """HTML that `faq.rendering` wrote as it stands in a redline, without any marks."""
    writer = _Writer(base, base)
    return "\n".join(writer.one(block, SAME) for block in _inside(parse(html)))


def pairs(old: Sequence[Block], new: Sequence[Block]) -> list[Pair]:
    """Align the blocks of two lists; both keep their order, what went before what came."""
    numbers: dict[object, int] = {}
    a, b = (
        [numbers.setdefault(block.content, len(numbers)) for block in side] for side in (old, new)
    )
    found: list[Pair] = []
    i = j = 0
    for match in [*matches(a, b), None]:
        i_next, j_next, size = match or (len(old), len(new), 0)
        found += _alike(old[i:i_next], new[j:j_next])
        i, j = i_next + size, j_next + size
        found += map(Pair, old[i_next:i], new[j_next:j])
    return found


def _alike(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Pair]:
    """Pair blocks of which none read the same by the words they share."""
    i = j = 0
    chain = _heaviest_chain(_candidates(old, new)) if old and new else []
    for i_next, j_next in [*chain, (len(old), len(new))]:
        yield from _unlike(old[i:i_next], new[j:j_next])
        if i_next < len(old):
            yield Pair(old[i_next], new[j_next])
        i, j = i_next + 1, j_next + 1


def _unlike(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Pair]:
    """Blocks with no words in common; only parts that a table has once go together all the same."""
    only_ones = {"thead", "tbody", "section"}
    if len(old) == len(new) == 1 and old[0].kind == new[0].kind and old[0].tag in only_ones:
        yield Pair(old[0], new[0])
        return
    yield from (Pair(block, None) for block in old)
    yield from (Pair(None, block) for block in new)


class _Candidate(NamedTuple):
    old: int
    new: int
    weight: float


def _candidates(old: Sequence[Block], new: Sequence[Block]) -> list[_Candidate]:
    """The pairs of blocks that are alike enough, with how much speaks for each."""
    bags = [_bag(block) for block in new]
    places: dict[tuple[object, str], list[int]] = defaultdict(list)
    for j, bag in enumerate(bags):
        for word in bag:
            places[new[j].kind, word].append(j)
    old_bags = [_bag(block) for block in old]
    holders: Counter[tuple[object, str]] = Counter(
        (block.kind, word) for block, bag in zip(old, old_bags, strict=True) for word in bag
    )
    found = []
    for i, bag in enumerate(old_bags):
        votes: Counter[int] = Counter()
        for word in bag:
            key = (old[i].kind, word)
            standing = places.get(key, [])
            if len(standing) * holders[key] <= COMMON_WORD:
                votes.update(standing)
        for j, _shared in votes.most_common(CANDIDATES):
            likeness = _likeness(bag, bags[j])
            is_same_row = _is_same_row(old[i], new[j])
            if is_same_row or likeness >= _least_likeness(old[i]):
                size = bag.total() + bags[j].total()
                found.append(_Candidate(i, j, (likeness + is_same_row) * (size + 1)))
    return found


def _is_same_row(old: Block, new: Block) -> bool:
    """Whether two rows begin with the same cell, and one that is not empty."""
    if old.tag != "tr" or not (old.blocks and new.blocks and old.blocks[0].runs):
        return False
    return old.blocks[0].content[1] == new.blocks[0].content[1]


def _least_likeness(block: Block) -> float:
    """How alike another block must be to this one."""
    if block.tag == "tr":
        return ALIKE_ROW
    return ALIKE if _is_text(block) or block.tag in _PARTS else ALIKE_OUTSIDE


def _likeness(a: Bag, b: Bag) -> float:
    """How alike two bags are; half of it is how much of the smaller one the larger one has."""
    shared = (a & b).total()
    smaller, larger = sorted((a.total(), b.total()))
    return (2 * shared / (smaller + larger) + shared / smaller) / 2 if smaller else 0.0


def _bag(block: Block) -> Bag:
    """The words of a block; of a script without spaces, each two neighbouring characters."""
    bag: Bag = Counter()
    for leaf in block.leaves():
        before = ""
        for token in tokens(leaf.runs):
            if is_unspaced(token.text):
                bag[before + token.text] += 1
                before = token.text
            else:
                before = ""
                if is_word(token):
                    bag[token.text.casefold()] += 1
    return bag


def _heaviest_chain(found: Iterable[_Candidate]) -> list[tuple[int, int]]:
    """The pairs of the greatest weight together that keep the order of both sides."""
    ordered = sorted(found, key=lambda candidate: (candidate.old, -candidate.new))
    # `tops` are the best chains so far by where they end: places and weights both ascend.
    ends: list[int] = []
    tops: list[tuple[float, int]] = []
    links: list[tuple[_Candidate, int]] = []
    for candidate in ordered:
        place = bisect_left(ends, candidate.new)
        weight, before = tops[place - 1] if place else (0.0, -1)
        weight += candidate.weight
        if place < len(ends) and ends[place] == candidate.new and tops[place][0] >= weight:
            continue
        links.append((candidate, before))
        beaten = place
        while beaten < len(tops) and tops[beaten][0] <= weight:
            beaten += 1
        ends[place:beaten] = [candidate.new]
        tops[place:beaten] = [(weight, len(links) - 1)]
    chain = []
    place = tops[-1][1] if tops else -1
    while place >= 0:
        candidate, place = links[place]
        chain.append((candidate.old, candidate.new))
    return chain[::-1]


def _inside(block: Block) -> list[Block]:
    """The blocks of a block; its text is one, too."""
    return block.blocks or ([Block("", runs=block.runs)] if block.runs else [])


#: Which old column became which new one.
Columns = list[tuple[int | None, int | None]]


def _columns(old: Block, new: Block) -> Columns:
    """Align the columns of two tables by their headings."""
    headings = [next(_rows(table), Block("tr")).blocks for table in (old, new)]
    before, after = ({id(cell): place for place, cell in enumerate(row)} for row in headings)
    columns: Columns = []
    for is_kept, group in groupby(pairs(*headings), key=lambda pair: None not in pair):
        found = list(group)
        gone = [before[id(pair.old)] for pair in found if pair.old]
        come = [after[id(pair.new)] for pair in found if pair.new]
        if is_kept or len(gone) == len(come):
            columns += zip(gone, come, strict=True)
        else:
            columns += [(place, None) for place in gone]
            columns += [(None, place) for place in come]
    return columns


def _rows(block: Block) -> Iterator[Block]:
    if block.tag == "tr":
        yield block
    for each in block.blocks:
        yield from _rows(each)


class _Writer:
    """Writes aligned blocks, and remembers whether anything was marked."""

    def __init__(self, old_base: str, new_base: str) -> None:
        self.old_base, self.new_base = old_base, new_base
        self.changed = False
        self.columns: Columns | None = None

    def blocks(self, found: Iterable[Pair]) -> str:
        return "\n".join(self.pair(pair) for pair in found)

    def pair(self, pair: Pair, extra: Attributes = ()) -> str:
        old, new = pair
        if old and new:
            if old.content == new.content and not self.columns:
                # A paragraph stays one: without its tag it would join what another had between.
                return self.one(new if new.tag else old, SAME, extra)
            return self.both(old, new, extra)
        if old:
            return self.one(old, DELETED, extra, is_outermost=True)
        return self.one(new, INSERTED, extra, is_outermost=True) if new else ""

    def one(
        self, block: Block, kind: str, extra: Attributes = (), *, is_outermost: bool = False
    ) -> str:
        """A block that is kept, deleted or inserted as a whole."""
        self.changed |= kind != SAME
        attributes = block.attributes + extra
        if is_outermost:
            attributes = _with_class(attributes, kind)
        if block.tag == "hr":
            return start_tag("hr", attributes)
        if _is_text(block):
            marks = [Mark(kind, run.text, run.stack, run.is_break) for run in block.runs]
            inside = self.text(marks)
        elif block.tag == "tr":
            inside = "\n".join(self.row(block, kind))
        else:
            inside = "\n".join(self.one(each, kind) for each in _inside(block))
        return _element(block.tag, attributes, inside)

    def both(self, old: Block, new: Block, extra: Attributes) -> str:
        """A block that goes on, changed."""
        tag = new.tag or old.tag
        if _is_text(old) and _is_text(new):
            keep_spaces = tag == "pre"
            before, after = (tokens(b.runs, keep_spaces=keep_spaces) for b in (old, new))
            marks = compare_tokens(before, after)
            if tag not in {"th", "td"} and all(m.kind != SAME or m.text == " " for m in marks):
                return self.blocks([Pair(old, None), Pair(None, new)])
            inside = self.text(marks)
        elif tag == "tr":
            inside = "\n".join(self.cells(old, new))
        elif tag == "table":
            self.columns = _columns(old, new)
            inside = self.blocks(pairs(old.blocks, new.blocks))
            self.columns = None
        elif tag == "ol":
            found = pairs(_inside(old), _inside(new))
            items = zip(found, _values(found, _start(old), _start(new)), strict=True)
            inside = "\n".join(self.pair(pair, value) for pair, value in items)
        else:
            inside = self.blocks(pairs(_inside(old), _inside(new)))
        return _element(tag, new.attributes + extra, inside)

    def cells(self, old: Block, new: Block) -> Iterator[str]:
        """The cells of a row that goes on, by the columns of the table."""
        for i, j in self.fitting(len(old.blocks), len(new.blocks)):
            before = None if i is None else old.blocks[i]
            after = None if j is None else new.blocks[j]
            if before and after and before.kind != after.kind:
                yield self.pair(Pair(before, None))
                yield self.pair(Pair(None, after))
            elif before and after and before.content == after.content:
                yield self.one(after, SAME)
            else:
                yield self.pair(Pair(before, after))

    def row(self, row: Block, kind: str) -> Iterator[str]:
        """The cells of a whole row; where the table has another column, a cell without words."""
        columns = self.columns or []
        side = 0 if kind == DELETED else 1
        if sum(1 for column in columns if column[side] is not None) != len(row.blocks):
            yield from (self.one(cell, kind) for cell in row.blocks)
            return
        for column in columns:
            place = column[side]
            if place is not None:
                yield self.one(row.blocks[place], kind)
            else:
                other = INSERTED if kind == DELETED else DELETED
                yield _element(row.blocks[0].tag, (("class", other),), "")

    def fitting(self, old_length: int, new_length: int) -> Columns:
        """The columns of the table, or one after the other for a row that does not fit them."""
        columns = self.columns or []
        gone = sum(1 for i, _j in columns if i is not None)
        come = sum(1 for _i, j in columns if j is not None)
        if (gone, come) == (old_length, new_length):
            return columns
        return [
            (n if n < old_length else None, n if n < new_length else None)
            for n in range(max(old_length, new_length))
        ]

    def text(self, marks: Sequence[Mark]) -> str:
        """The text of a block."""
        self.changed |= any(mark.kind != SAME for mark in marks)
        return _wrapped(self.inline(marks, 0))

    def inline(self, marks: Sequence[Mark], depth: int) -> Iterator[tuple[str, str]]:
        """HTML by kind; an element in which all is of one kind is of that kind."""
        for element, group in groupby(marks, key=lambda mark: _element_at(mark, depth)):
            found = list(group)
            if element is None:
                yield from (
                    (m.kind, "<br>" if m.is_break else escape(m.text, False)) for m in found
                )
                continue
            kind = found[0].kind if all(mark.kind == found[0].kind for mark in found) else SAME
            parts = self.inline(found, depth + 1)
            is_whole = kind != SAME
            inside = "".join(part for _kind, part in parts) if is_whole else _wrapped(parts)
            base = self.old_base if kind == DELETED else self.new_base
            yield kind, _element(element.tag, _based(element.attributes, base), inside)


def _is_text(block: Block) -> bool:
    return not block.blocks and block.tag in _TEXT_BLOCKS


def _element(tag: str, attributes: Attributes, inside: str) -> str:
    return f"{start_tag(tag, attributes)}{inside}</{tag}>" if tag else inside


def _element_at(mark: Mark, depth: int) -> Inline | None:
    return mark.stack[depth] if len(mark.stack) > depth else None


def _wrapped(parts: Iterable[tuple[str, str]]) -> str:
    """Inline HTML in which deleted and inserted stretches are marked."""
    written = []
    for kind, group in groupby(parts, key=lambda part: part[0]):
        inside = "".join(part for _kind, part in group)
        written.append(inside if kind == SAME else _element(ELEMENTS[kind], (), inside))
    return "".join(written)


def _based(attributes: Attributes, base: str) -> Attributes:
    """The attributes of a link that works where it now stands."""
    return tuple(
        (name, base + value if name == "href" and value.startswith("#") else value)
        for name, value in attributes
    )


def _with_class(attributes: Attributes, name: str) -> Attributes:
    classes = [value for key, value in attributes if key == "class"]
    others = tuple((key, value) for key, value in attributes if key != "class")
    return (*others, ("class", " ".join([*classes, name])))


def _start(block: Block) -> int:
    number = dict(block.attributes).get("start", "1")
    return int(number) if number.isascii() and number.isdigit() else 1


def _values(found: Sequence[Pair], old_number: int, new_number: int) -> Iterator[Attributes]:
    """The numbers of list items where counting would give others: a deleted one keeps its own."""
    expected = new_number
    for pair in found:
        number = new_number if pair.new else old_number
        yield () if number == expected else (("value", str(number)),)
        expected = number + 1
        old_number += pair.old is not None
        new_number += pair.new is not None
