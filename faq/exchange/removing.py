"""Removing from the working copy what a file names as removed, and what it does not have."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from faq import publishing
from faq.exchange.policy_file import BadPolicyFile, FileRemoved, PolicyFile
from faq.exchange.recognising import Item, Pair, Present
from faq.exchange.updating import assign, store
from faq.models import Question
from faq.models.working_copy import Named


class Removal:
    """What happens to everything that is not in the file's contents."""

    def __init__(
        self,
        file: PolicyFile,
        present: Present,
        pairs: list[Pair],
        known: dict[int, Item],
        by: str,
        at: datetime,
    ) -> None:
        """`known` is what the removed blocks speak of, by line, where the policy has it."""
        self.present, self.known, self.by, self.at = present, known, by, at
        self.entries = file.removed
        self.position = len(pairs)
        self.by_name = {
            name: pair.item
            for pair in pairs
            for name in (pair.anchor, *pair.older_names.split(), *present.names_of(pair.item))
        }
        self.staying: set[UUID] = {pair.item.pk for pair in pairs}
        self.titles: list[str] = []
        self._doing: set[int] = set()
        self._done: dict[int, Item] = {}

    def run(self) -> list[str]:
        """Remove it all; return the titles of what readers had."""
        for entry in self.entries:
            self._remove_named(entry)
        self.staying |= {item.pk for item in self._done.values()}
        # Questions first: a section goes when none is left in it.
        items: list[Item] = [*self.present.questions, *self.present.sections]
        for item in items:
            if item.pk not in self.staying and item.retired_at is None:
                publishing.retire(item, at=self.at, reason=_reason(""))
                self.titles.append(item.title)
        return self.titles

    def _remove_named(self, entry: FileRemoved) -> Item:
        """Do what one removed block says, once its successor is there."""
        if entry.line in self._done:
            return self._done[entry.line]
        if entry.line in self._doing:
            raise BadPolicyFile(_("Its successor leads back to itself."), entry.line)
        self._doing.add(entry.line)
        successor = self._successor(entry)
        item = self.known.get(entry.line)
        if item is None:
            model = Question if successor is None else type(successor)
            item = model(policy=self.present.policy, anchor=entry.names[0], position=self.position)
            self.position += 1
        self._check(entry, item, successor)
        if item.retired_at is None and item.pk in self.present.ledger:
            heir = _living(successor)
            publishing.retire(item, at=self.at, reason=_reason(entry.reason), successor=heir)
            self.titles.append(item.title)
        self._done[entry.line] = item
        older = item.older_names.split()
        older += [name for name in entry.names if name not in self.present.names_of(item)]
        fields = {
            "title": entry.title or item.title or entry.names[0],
            "older_names": "\n".join(older),
            "retired_at": item.retired_at or self.at,
            "retired_reason": entry.reason or item.retired_reason or _reason(""),
            "successor": successor,
        }
        changed = assign(item, fields)
        if item._state.adding:
            item.save()
        elif changed:
            store(item, changed, by=self.by, at=self.at)
        return item

    def _successor(self, entry: FileRemoved) -> Item | None:
        name = entry.successor
        if name is None:
            return None
        for other in self.entries:
            if name in other.names:
                return self._remove_named(other)
        if name in self.by_name:
            return self.by_name[name]
        for item in self.present.items():
            if item.retired_at is not None and name in self.present.names_of(item):
                return item
        raise BadPolicyFile(
            _("Nothing in the file has the link name “%(name)s” of the successor.")
            % {"name": name},
            entry.line,
        )

    def _check(self, entry: FileRemoved, item: Item, successor: Item | None) -> None:
        if successor is not None and type(successor) is not type(item):
            raise BadPolicyFile(
                _("The links of a question lead to a question, those of a section to a section."),
                entry.line,
            )
        holders = {
            name: other
            for other in self.present.items()
            if other.pk != item.pk
            for name in self.present.names_of(other)
        }
        for name in entry.names:
            holder = self.by_name.get(name) or holders.get(name)
            if holder is not None:
                raise BadPolicyFile(
                    _("“%(name)s” is a link name of “%(title)s”.")
                    % {"name": name, "title": holder.title},
                    entry.line,
                )


def _living(item: Named | None) -> Named | None:
    """The one that answers in the end."""
    seen: set[UUID] = set()
    while item is not None and item.retired_at is not None and item.pk not in seen:
        seen.add(item.pk)
        item = item.successor
    return item if item is not None and item.retired_at is None else None


def _reason(text: str) -> str:
    return text or _("This is no longer part of the policy.")
