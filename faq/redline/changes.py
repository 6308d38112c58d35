"""What changed between two Documents, question by question."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from faq.document import Document, Question, Section, Text, Wordings

#: The kinds of change, in the order in which they are named.
ADDED, RETIRED, RETITLED, REWORDED, MOVED, RELINKED, RESEARCHED = (
    "added",
    "retired",
    "retitled",
    "reworded",
    "moved",
    "relinked",
    "researched",
)


@dataclass(frozen=True)
class Change:
    """One thing that differs: `subject` is `policy`, `section` or `question`."""

    subject: str
    id: str
    title: Text
    kinds: tuple[str, ...]
    old_title: Text | None = None


def compare(old: Document | None, new: Document) -> list[Change]:
    """List what differs from `old` to `new`, in the order of the new contents, retired ones last.

    Without an old document everything is added. Sources are compared, not HTML: a new release
    of the renderer is not a change of wording.
    """
    changes: list[Change] = []
    if old is not None:
        changes += _policy_changes(old, new)
    changes += _section_changes(old, new)
    changes += _question_changes(old, new)
    return changes


def summary(changes: Sequence[Change]) -> dict[str, int]:
    """Count the questions of each kind of change."""
    counts: dict[str, int] = {}
    for change in changes:
        if change.subject == "question":
            for kind in change.kinds:
                counts[kind] = counts.get(kind, 0) + 1
    return counts


def _policy_changes(old: Document, new: Document) -> list[Change]:
    kinds = []
    if old.title != new.title:
        kinds.append(RETITLED)
    if _sources(old.introduction) != _sources(new.introduction) or _sources(
        old.contact
    ) != _sources(new.contact):
        kinds.append(REWORDED)
    return [Change("policy", "", new.title, tuple(kinds), old.title)] if kinds else []


def _section_changes(old: Document | None, new: Document) -> list[Change]:
    before = {s.id: s for s in old.sections if s.id} if old else {}
    after = {s.id: s for s in new.sections if s.id}
    moved = _moved(list(before), list(after))
    changes = []
    for key, section in after.items():
        kinds = [ADDED] if key not in before else _section_kinds(before[key], section)
        if key in moved:
            kinds.append(MOVED)
        if kinds:
            earlier = before[key].title if key in before else None
            changes.append(
                Change("section", section.id or "", section.title or {}, tuple(kinds), earlier)
            )
    for key, section in before.items():
        if key not in after:
            changes.append(Change("section", section.id or "", section.title or {}, (RETIRED,)))
    return changes


def _section_kinds(old: Section, new: Section) -> list[str]:
    kinds = []
    if old.title != new.title:
        kinds.append(RETITLED)
    if _sources(old.introduction or {}) != _sources(new.introduction or {}):
        kinds.append(REWORDED)
    if old.anchor != new.anchor or set(old.names()) != set(new.names()):
        kinds.append(RELINKED)
    return kinds


def _question_changes(old: Document | None, new: Document) -> list[Change]:
    before = {q.id: q for q in old.questions()} if old else {}
    after = {q.id: q for q in new.questions()}
    moved = _moved(list(before), list(after)) | _regrouped(old, new)
    gone_before = {entry.id: entry for entry in old.retired} if old else {}
    changes = []
    for key, question in after.items():
        if key not in before:
            changes.append(Change("question", key, question.title, (ADDED,)))
            continue
        kinds = _question_kinds(before[key], question)
        if key in moved:
            kinds.append(MOVED)
        if kinds:
            changes.append(Change("question", key, question.title, tuple(kinds), before[key].title))
    for key, question in before.items():
        if key not in after:
            changes.append(Change("question", key, question.title, (RETIRED,)))
    # Also one that only a withdrawn version had: its links lead somewhere else from now on.
    shown_before = {*before, *(section.id for section in old.sections)} if old else set()
    for entry in new.retired if old else ():
        if entry.id not in shown_before and entry != gone_before.get(entry.id):
            changes.append(Change("question", entry.id, entry.title, (RELINKED,)))
    return changes


def _question_kinds(old: Question, new: Question) -> list[str]:
    kinds = []
    if old.title != new.title:
        kinds.append(RETITLED)
    if _sources(old.answer) != _sources(new.answer) or old.in_short != new.in_short:
        kinds.append(REWORDED)
    if old.anchor != new.anchor or set(new.aliases) - set(old.names()):
        kinds.append(RELINKED)
    if old.also_asked != new.also_asked or old.disclosures != new.disclosures:
        kinds.append(RESEARCHED)
    return kinds


def _sources(wordings: Wordings) -> dict[str, str]:
    return {code: wording.source for code, wording in wordings.items()}


def _regrouped(old: Document | None, new: Document) -> set[str]:
    """The questions that stand in another section than before."""

    def groups(document: Document) -> dict[str, str]:
        return {q.id: s.id or "" for s in document.sections for q in s.questions}

    before = groups(old) if old else {}
    return {key for key, section in groups(new).items() if before.get(key, section) != section}


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest items whose moving explains the new order of those that both lists have."""
    places = {key: place for place, key in enumerate(before)}
    common = [key for key in after if key in places]
    # The longest run whose places rise stays; the rest has moved. `ends[n]` is the item that ends
    # the best run of n + 1 found so far: the one that leaves most room for what follows.
    ends: list[str] = []
    earlier: dict[str, str | None] = {}
    for key in common:
        length = bisect_left(ends, places[key], key=places.__getitem__)
        earlier[key] = ends[length - 1] if length else None
        ends[length : length + 1] = [key]
    stays: set[str] = set()
    last = ends[-1] if ends else None
    while last is not None:
        stays.add(last)
        last = earlier[last]
    return set(common) - stays
