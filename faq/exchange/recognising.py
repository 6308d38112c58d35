"""Recognising what a file speaks of among what the policy has, and giving it its link names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from faq import anchors
from faq.exchange.policy_file import BadPolicyFile, FileQuestion, FileSection, PolicyFile
from faq.models import Policy, Question, Section

Item = Section | Question
Kind = TypeVar("Kind", Section, Question)
Entry = TypeVar("Entry", FileSection, FileQuestion)


@dataclass
class Pair:
    """A section or question of the file, what it is in the policy, and the names it will have."""

    entry: FileSection | FileQuestion
    item: Item
    anchor: str = ""
    older_names: str = ""


class Present:
    """What a policy has: its sections and questions, removed ones too, and all their names."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sections = list(policy.section_set.all())
        self.questions = list(policy.question_set.all())
        #: The public names of each, the first one first.
        self.ledger: dict[UUID, list[str]] = {}
        for entry in policy.anchor_set.order_by("pk"):
            self.ledger.setdefault(entry.holder_id, []).append(entry.name)

    def items(self) -> Iterator[Item]:
        """Sections and questions."""
        yield from self.sections
        yield from self.questions

    def names_of(self, item: Item) -> set[str]:
        """Every name an item has or ever had."""
        return {item.anchor, *item.older_names.split(), *self.ledger.get(item.pk, ())}

    def first_name(self, pair: Pair) -> str:
        """The name that the ids inside an item start with."""
        return next(iter(self.ledger.get(pair.item.pk, ())), pair.anchor)


def recognise_removed(file: PolicyFile, present: Present) -> dict[int, Item]:
    """What each removed block speaks of, by its line, where the policy has it."""
    found: dict[int, Item] = {}
    for entry in file.removed:
        for item in present.items():
            if not present.names_of(item).isdisjoint(entry.names):
                found.setdefault(entry.line, item)
    return found


def recognise(file: PolicyFile, present: Present, removed: Iterable[Item]) -> list[Pair]:
    """Pair every section, then every question, with what it is in the policy, names included.

    Raises BadPolicyFile for a name of the file that belongs to something else.
    """
    gone = {item.pk for item in removed}
    sections = [item for item in present.sections if item.pk not in gone]
    questions = [item for item in present.questions if item.pk not in gone]
    pairs = [
        *_pair(file.sections, sections, present, Section),
        *_pair(file.questions(), questions, present, Question),
    ]
    holders = _holders(present, gone | {pair.item.pk for pair in pairs})
    for pair in pairs:
        _name(pair, pairs, present, holders)
    return pairs


def _pair(
    entries: Sequence[Entry], items: Sequence[Kind], present: Present, model: type[Kind]
) -> list[Pair]:
    """Find the item that each entry means; make a new one where there is none.

    The surest sign goes first, for all entries: the current link name; an older one that the
    file gives; the title; an older name that a heading happens to make. What stands in the
    working copy goes before what was removed from it.
    """
    found: dict[int, Kind] = {}
    free = {item.pk: item for item in sorted(items, key=lambda each: each.retired_at is not None)}

    def match(
        signs_of: Callable[[Kind], Iterable[str]], wanted_by: Callable[[Entry], Iterable[str]]
    ) -> None:
        known: dict[str, Kind] = {}
        for item in free.values():
            for sign in signs_of(item):
                known.setdefault(sign, item)
        for place, entry in enumerate(entries):
            if place in found:
                continue
            for sign in wanted_by(entry):
                if sign in known and known[sign].pk in free:
                    found[place] = free.pop(known[sign].pk)
                    break

    def every_name(entry: Entry) -> Iterable[str]:
        return (entry.name.anchor, *entry.name.aliases)

    match(lambda item: [item.anchor], lambda entry: [entry.name.anchor])
    match(present.names_of, lambda entry: every_name(entry) if entry.name.explicit else [])
    match(lambda item: [item.title], lambda entry: [entry.title])
    match(present.names_of, every_name)
    return [
        Pair(entry, found.get(place) or model(policy=present.policy))
        for place, entry in enumerate(entries)
    ]


def _holders(present: Present, staying: set[UUID]) -> dict[str, Item]:
    """What holds each name; not what was never published and will be deleted."""
    return {
        name: item
        for item in present.items()
        if item.pk in staying or item.retired_at is not None or item.pk in present.ledger
        for name in present.names_of(item)
    }


def _name(pair: Pair, pairs: list[Pair], present: Present, holders: dict[str, Item]) -> None:
    """Settle an item's names: the file's own ids stand, names made from headings give way."""
    name, item = pair.entry.name, pair.item
    pair.anchor = name.anchor
    if name.explicit:
        for each in (name.anchor, *name.aliases):
            check_free(each, item, pair.entry.line, holders)
    elif not item._state.adding:
        pair.anchor = item.anchor
    elif name.anchor in holders:
        others = {other.entry.name.anchor for other in pairs if other is not pair}
        pair.anchor = anchors.suggest(pair.entry.title, holders.keys() | others)
    slugs = [each for each in name.slugs if holders.get(each, item) is item]
    older = item.older_names.split()
    known = {pair.anchor, *older, *present.ledger.get(item.pk, ())}
    older += [each for each in (*name.aliases, *slugs) if each not in known]
    pair.older_names = "\n".join(dict.fromkeys(older))
    holders.update(dict.fromkeys((pair.anchor, *older), item))


def check_free(name: str, item: Item, line: int, holders: dict[str, Item]) -> None:
    """Refuse a name that belongs to something else."""
    holder = holders.get(name, item)
    if holder is not item:
        raise BadPolicyFile(
            _("The link name “%(name)s” belongs to “%(title)s”. Choose another.")
            % {"name": name, "title": holder.title},
            line,
        )
