"""Two texts compared word by word.

A text is cut into tokens: a word, a number, an address, a punctuation mark, or one character in
a script that sets no spaces between words. Each knows the inline elements it stands in, so a
link that leads elsewhere is a change although its words are the same. White space is no token:
each token knows whether space stands before it.

What is compared at once is bounded, because memory grows with the product of both lengths: a
longer text is first aligned by sentences, and what then is still too long is replaced as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

from faq.redline.tree import SPACE, Inline, Run, Style, style

SAME, DELETED, INSERTED = "same", "deleted", "inserted"

#: The most cells (length times length) that are compared at once: some 60 MB of memory.
MAX_CELLS = 400_000_000
#: How many equal tokens in a row make a phrase.
PHRASE = 4
#: A sentence without an end is cut after as many tokens.
MAX_SENTENCE = 60
#: How far the edge of an insertion is moved to where a sentence or a word begins.
MAX_SLIDE = 200

SENTENCE_ENDS = frozenset(".!?…。！？।؟")
CLAUSE_ENDS = frozenset(";:,；：、，،؛")

# Scripts that set no spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED = "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u309f\u3400-\u4dbf" + (
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)


class Token(NamedTuple):
    """A word; `spaced` says whether space stands before it, None where it would not show."""

    text: str
    spaced: bool | None
    stack: tuple[Inline, ...]
    style: Style
    is_break: bool = False


class Mark(NamedTuple):
    """A stretch of the output: kept, deleted or inserted text under its inline elements."""

    kind: str
    text: str
    stack: tuple[Inline, ...]
    is_break: bool = False


class Match(NamedTuple):
    """`size` tokens from `old` on are equal to those from `new` on."""

    old: int
    new: int
    size: int


class Piece(NamedTuple):
    """A stretch of plain text: `kind` is same, deleted or inserted."""

    kind: str
    words: str


def text(old: str, new: str) -> tuple[Piece, ...]:
    """Compare two plain texts.

    The words of the pieces that are not deleted give the new text, and those that are not
    inserted the old one, if white space is collapsed as HTML does.
    """
    marks = compare_tokens(tokens([Run(old, ())]), tokens([Run(new, ())]))
    groups = groupby(marks, key=lambda mark: mark.kind)
    return tuple(Piece(kind, "".join(mark.text for mark in group)) for kind, group in groups)


def tokens(runs: Iterable[Run], *, keep_spaces: bool = False) -> list[Token]:
    """Cut a text into tokens; `keep_spaces` is for preformatted text, where each is one."""
    found: list[Token] = []
    spaced: bool | None = False if keep_spaces else None
    for run in runs:
        look = style(run.stack)
        if run.is_break:
            found.append(Token("", None, run.stack, look, is_break=True))
            spaced = None
            continue
        for piece in _token_pattern().findall(run.text):
            if keep_spaces or piece[0] not in SPACE:
                found.append(Token(piece, spaced, run.stack, look))
                spaced = False
            elif spaced is False:
                spaced = True
    return found


def is_word(token: Token) -> bool:
    """Whether a token is more than punctuation."""
    return token.text[:1].isalnum() or len(token.text) > 1


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words."""
    return _unspaced_pattern().match(character) is not None


def compare_tokens(old: Sequence[Token], new: Sequence[Token]) -> list[Mark]:
    """Compare two texts; without deletions the marks give the new one, without insertions the old.

    Every link of either text stays in one piece.
    """
    partner = _partners(old, new)
    links = _paired_links(old, new, partner)
    for i, j in enumerate(partner):
        if j is not None and not _may_stand_for(old[i], new[j], links):
            partner[i] = None
    return _marks(_woven(old, new, partner, links), _Elements.of(old, new, partner, links))


@cache
def _token_pattern() -> re.Pattern[str]:
    """The pattern of tokens; it is built once, from the Unicode tables of this Python."""
    marks, signs = [], []
    for code in range(0x10000):
        category = unicodedata.category(chr(code))[0]
        if category == "M":
            marks.append(chr(code))
        elif category in "PSZ" and chr(code) != "_":
            signs.append(chr(code))
    joined = f"(?:[{_class(marks)}]|\u200d.)*"
    letter = f"[^{SPACE}{_class(signs)}{_UNSPACED}]"
    return re.compile(
        "|".join(
            (
                r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{0,250}[A-Za-z0-9]",
                r"https?://[!-~]*[A-Za-z0-9/]",
                r"\d+(?:[.,]\d+)+",
                f"[{_UNSPACED}]{joined}",
                rf"{letter}+(?:['\u2019]{letter}+)*",
                r"[ \t]+",
                r"[\r\n\f]",
                f".{joined}",
            )
        ),
        re.DOTALL,
    )


@cache
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")


def _class(characters: Iterable[str]) -> str:
    return "".join(map(re.escape, characters))


def _partners(old: Sequence[Token], new: Sequence[Token]) -> list[int | None]:
    """For each old token the new one it is kept as, if it is."""
    numbers: dict[tuple[str, bool, Style], int] = {}

    def keys(found: Sequence[Token]) -> list[int]:
        return [
            numbers.setdefault((token.text, token.is_break, token.style), len(numbers))
            for token in found
        ]

    a, b = keys(old), keys(new)
    ends = {number for (words, _break, _style), number in numbers.items() if words in SENTENCE_ENDS}
    found = _slid(_matches(a, b, ends), a, b, old, new)
    partner: list[int | None] = [None] * len(old)
    for match in _without_islands(found, old, new):
        for offset in range(match.size):
            partner[match.old + offset] = match.new + offset
    return partner


def matches(a: Sequence[int], b: Sequence[int]) -> list[Match]:
    """The longest common subsequence of two lists of numbers; too long ones share their ends."""
    head, tail = _ends_in_common(a, b)
    a_end, b_end = len(a) - tail, len(b) - tail
    found = [Match(0, 0, head)]
    if (a_end - head) * (b_end - head) <= MAX_CELLS:
        blocks = Indel.opcodes(a[head:a_end], b[head:b_end]).as_matching_blocks()
        found += [Match(head + block.a, head + block.b, block.size) for block in blocks]
    found.append(Match(a_end, b_end, tail))
    return _joined(found)


def _matches(a: Sequence[int], b: Sequence[int], ends: set[int]) -> list[Match]:
    """What two texts have in common: sentences if they are long, phrases, then single words.

    Phrases come first because the longest common subsequence alone likes to gather the same
    words one by one from all over a longer text. Sentences end at the numbers `ends`.
    """
    if len(a) * len(b) <= MAX_CELLS:
        return _matches_by_phrases(a, b)
    a_cuts, b_cuts = _sentences(a, ends), _sentences(b, ends)
    sentences = matches(*_numbered(_cut(a, a_cuts), _cut(b, b_cuts)))
    anchors = [
        Match(a_cuts[old], b_cuts[new], a_cuts[old + size] - a_cuts[old])
        for old, new, size in sentences
    ]
    return _filled(a, b, anchors, _matches_by_phrases)


def _matches_by_phrases(a: Sequence[int], b: Sequence[int]) -> list[Match]:
    phrases = matches(*_numbered(_phrases(a), _phrases(b)))
    anchors: list[Match] = []
    old_end = new_end = 0
    for old, new, size in phrases:
        # Two phrases can overlap in one of the texts where the other has more between them.
        overlap = max(old_end - old, new_end - new, 0)
        if overlap < size + PHRASE - 1:
            size = size + PHRASE - 1 - overlap
            anchors.append(Match(old + overlap, new + overlap, size))
            old_end, new_end = old + overlap + size, new + overlap + size
    return _filled(a, b, anchors, matches)


def _filled(
    a: Sequence[int],
    b: Sequence[int],
    anchors: Sequence[Match],
    compare: Callable[[Sequence[int], Sequence[int]], list[Match]],
) -> list[Match]:
    """The matches and those that are found between them."""
    found: list[Match] = []
    i = j = 0
    for anchor in [*anchors, Match(len(a), len(b), 0)]:
        between = compare(a[i : anchor.old], b[j : anchor.new])
        found += [Match(i + old, j + new, size) for old, new, size in between]
        found.append(anchor)
        i, j = anchor.old + anchor.size, anchor.new + anchor.size
    return _joined(found)


def _numbered(
    old: Sequence[tuple[int, ...]], new: Sequence[tuple[int, ...]]
) -> tuple[list[int], list[int]]:
    """A number for each value, the same for equal ones."""
    numbers: dict[tuple[int, ...], int] = {}
    first, second = ([numbers.setdefault(v, len(numbers)) for v in side] for side in (old, new))
    return first, second


def _phrases(values: Sequence[int]) -> list[tuple[int, ...]]:
    """Every few neighbouring tokens."""
    return list(zip(*(values[n:] for n in range(PHRASE)), strict=False))


def _cut(values: Sequence[int], cuts: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(values[i:j]) for i, j in pairwise(cuts)]


def _sentences(values: Sequence[int], ends: set[int]) -> list[int]:
    """Where sentences begin, and the length."""
    cuts = [0]
    for place, value in enumerate(values, start=1):
        if value in ends or place - cuts[-1] == MAX_SENTENCE:
            cuts.append(place)
    return cuts if cuts[-1] == len(values) else [*cuts, len(values)]


def _ends_in_common(a: Sequence[int], b: Sequence[int]) -> tuple[int, int]:
    limit = min(len(a), len(b))
    head = 0
    while head < limit and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < limit - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def _joined(found: Iterable[Match]) -> list[Match]:
    """The matches without empty ones, neighbours in one."""
    joined: list[Match] = []
    for match in found:
        if not match.size:
            continue
        last = joined[-1] if joined else None
        if last and (last.old + last.size, last.new + last.size) == (match.old, match.new):
            joined[-1] = last._replace(size=last.size + match.size)
        else:
            joined.append(match)
    return joined


def _slid(
    found: list[Match],
    a: Sequence[int],
    b: Sequence[int],
    old: Sequence[Token],
    new: Sequence[Token],
) -> list[Match]:
    """Move insertions and deletions to where a sentence, a clause or a word begins."""
    slid = list(found)
    for place in range(len(slid) - 1):
        first, second = slid[place], slid[place + 1]
        i, j = first.old + first.size, first.new + first.size
        if second.old == i:
            step = _best_step(b, new, j, second.new, first.size, second.size)
        elif second.new == j:
            step = _best_step(a, old, i, second.old, first.size, second.size)
        else:
            continue
        slid[place] = first._replace(size=first.size + step)
        slid[place + 1] = Match(second.old + step, second.new + step, second.size - step)
    return _joined(slid)


def _best_step(
    keys: Sequence[int], found: Sequence[Token], start: int, end: int, before: int, after: int
) -> int:
    """How far, and which way, a gap from `start` to `end` is best moved without any change."""
    steps = [0]
    while -steps[-1] < min(before, MAX_SLIDE) and (
        keys[start + steps[-1] - 1] == keys[end + steps[-1] - 1]
    ):
        steps.append(steps[-1] - 1)
    forward = 0
    while forward < min(after, MAX_SLIDE) and keys[start + forward] == keys[end + forward]:
        forward += 1
        steps.append(forward)
    return max(steps, key=lambda step: (_beginning(found, start + step), -abs(step)))


def _beginning(found: Sequence[Token], place: int) -> int:
    """How much a place looks like the beginning of something."""
    if place == 0 or found[place - 1].is_break or found[place - 1].text in SENTENCE_ENDS:
        return 3
    if found[place - 1].text in CLAUSE_ENDS:
        return 2
    return 1 if place < len(found) and found[place].spaced else 0


def _without_islands(
    found: Sequence[Match], old: Sequence[Token], new: Sequence[Token]
) -> list[Match]:
    """Leave out words that both texts share by chance: few among much that changed, or few at all.

    A reader follows one longer change more easily than one that a lone "the" interrupts.
    """

    def changed(first: Match | None, second: Match | None) -> int:
        """The tokens between two matches."""
        i, j = (first.old + first.size, first.new + first.size) if first else (0, 0)
        i_end, j_end = (second.old, second.new) if second else (len(old), len(new))
        return max(i_end - i, j_end - j)

    kept: list[Match] = []
    for place, match in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        kept.append(match)
        while kept:
            last = kept[-1]
            before = changed(kept[-2] if len(kept) > 1 else None, last)
            if 3 * last.size > min(before, changed(last, following)):
                break
            kept.pop()
    in_common = sum(match.size for match in kept)
    return kept if 5 * in_common >= min(len(old), len(new)) else []


def _link_of(token: Token) -> int:
    """The serial number of the link a token stands in, or 0."""
    return next((element.serial for element in token.stack if element.tag == "a"), 0)


def _paired_links(
    old: Sequence[Token], new: Sequence[Token], partner: Sequence[int | None]
) -> dict[int, Inline]:
    """For each old link the one new link that it is kept as, by its serial number."""
    shared: Counter[tuple[int, int]] = Counter()
    for i, j in enumerate(partner):
        if j is not None and _link_of(old[i]):
            shared[_link_of(old[i]), _link_of(new[j])] += 1
    elements = {e.serial: e for token in new for e in token.stack}
    pairs: dict[int, Inline] = {}
    taken: set[int] = set()
    for (before, after), _count in shared.most_common():
        if before not in pairs and after not in taken:
            pairs[before] = elements[after]
            taken.add(after)
    return pairs


def _may_stand_for(old: Token, new: Token, links: dict[int, Inline]) -> bool:
    """Whether an equal token can be kept: not if the link around it is another."""
    link = _link_of(old)
    return not link or (link in links and links[link].serial == _link_of(new))


class _Elements(NamedTuple):
    """Which inline elements of both texts are one in the output."""

    links: dict[int, Inline]
    kept_old: set[int]
    kept_new: set[int]

    @classmethod
    def of(
        cls,
        old: Sequence[Token],
        new: Sequence[Token],
        partner: Sequence[int | None],
        links: dict[int, Inline],
    ) -> _Elements:
        """Links are one with their partner, and others with those that they share words with."""
        kept = [(i, j) for i, j in enumerate(partner) if j is not None]
        kept_old = {element.serial for i, _j in kept for element in old[i].stack}
        kept_new = {element.serial for _i, j in kept for element in new[j].stack}
        return cls(links, kept_old, kept_new)

    def stack(self, step: _Step) -> tuple[Inline, ...]:
        """The inline elements of a token as they stand in the output."""
        if step.kind == DELETED:
            return tuple(map(self._old, step.token.stack))
        return tuple(map(self._new, step.token.stack))

    def _old(self, element: Inline) -> Inline:
        if element.tag == "a" and element.serial in self.links:
            return self.links[element.serial]
        is_one = element.tag != "a" and element.serial in self.kept_old
        return element._replace(serial=0 if is_one else -element.serial)

    def _new(self, element: Inline) -> Inline:
        is_one = element.tag != "a" and element.serial in self.kept_new
        return element._replace(serial=0) if is_one else element


class _Step(NamedTuple):
    """A token in the order of the output, with its space in either text."""

    kind: str
    token: Token
    old_spaced: bool | None
    new_spaced: bool | None


def _woven(
    old: Sequence[Token],
    new: Sequence[Token],
    partner: Sequence[int | None],
    links: dict[int, Inline],
) -> list[_Step]:
    """Both texts in one, deletions before insertions, so that every link stays in one piece.

    What is left of a link that goes on from the words kept before a change comes first, and
    what belongs to one that goes on after it comes last.
    """
    steps: list[_Step] = []

    def weave(gone: Sequence[Token], come: Sequence[Token], before: int, after: int) -> None:
        def joint(token: Token, is_old: bool) -> int:
            link = _link_of(token)
            return links[link].serial if is_old and link in links else 0 if is_old else link

        parts: list[tuple[list[Token], list[Token]]] = [([], []), ([], []), ([], [])]
        for side, found in enumerate((gone, come)):
            for token in found:
                serial = joint(token, side == 0)
                place = 0 if serial and serial == before else 2 if serial and serial == after else 1
                parts[place][side].append(token)
        for deleted, inserted in parts:
            steps.extend(_Step(DELETED, token, token.spaced, None) for token in deleted)
            steps.extend(_Step(INSERTED, token, None, token.spaced) for token in inserted)

    i = j = before = 0
    for place, mate in enumerate(partner):
        if mate is not None:
            link = _link_of(new[mate])
            weave(old[i:place], new[j:mate], before, link)
            steps.append(_Step(SAME, new[mate], old[place].spaced, new[mate].spaced))
            i, j, before = place + 1, mate + 1, link
    weave(old[i:], new[j:], before, 0)
    return steps


def _marks(steps: Sequence[_Step], elements: _Elements) -> list[Mark]:
    """Steps as stretches of text with the spaces between them."""
    shown_outside = _spaces_outside(steps)
    marks: list[Mark] = []
    above: tuple[Inline, ...] = ()
    for place, step in enumerate(steps):
        token = step.token
        stack = elements.stack(step) if token.stack else ()
        if place and not token.is_break:
            shared = _in_common(above, stack)
            if shown_outside[place]:
                marks.append(Mark(SAME, " ", shared))
            elif step.old_spaced or step.new_spaced:
                marks.append(Mark(_kind_of_space(step), " ", shared))
        marks.append(Mark(step.kind, token.text, stack, token.is_break))
        above = stack
    return marks


def _kind_of_space(step: _Step) -> str:
    """Whether the space before a token is kept: it may be all that changed."""
    if step.kind == SAME and step.old_spaced is False:
        return INSERTED
    if step.kind == SAME and step.new_spaced is False:
        return DELETED
    return step.kind


def _spaces_outside(steps: Sequence[_Step]) -> list[bool]:
    """Which tokens begin a change whose space may stand before it, so that no space is marked.

    That is so where the text without the change has a space there, too, or would not show it.
    """
    outside = [False] * len(steps)
    next_old: bool | None = None
    next_new: bool | None = None
    for place in range(len(steps) - 1, 0, -1):
        step, previous = steps[place], steps[place - 1]
        begins = step.kind != SAME and step.kind != previous.kind and not previous.token.is_break
        if step.kind == DELETED:
            outside[place] = begins and step.old_spaced is not False and next_new is not False
        elif step.kind == INSERTED:
            outside[place] = begins and step.new_spaced is not False and next_old is not False
        if step.kind != INSERTED:
            next_old = step.old_spaced
        if step.kind != DELETED:
            next_new = step.new_spaced
    return outside


def _in_common(first: tuple[Inline, ...], second: tuple[Inline, ...]) -> tuple[Inline, ...]:
    length = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        length += 1
    return first[:length]
