"""Putting a policy file into the working copy.

What the file has is created or updated, what it lacks is removed. The record stays as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from faq import publishing, trail
from faq.exchange.links import rewrite
from faq.exchange.policy_file import FileQuestion, FileSection, PolicyFile
from faq.exchange.recognising import Pair, Present, recognise, recognise_removed
from faq.exchange.removing import Removal
from faq.exchange.report import Report
from faq.exchange.updating import assign, store
from faq.models import Policy, Section

MOST_NAMED = 5


def apply(file: PolicyFile, policy: Policy, *, by: str = "", at: datetime) -> Report:
    """Make the working copy of a policy say what the file says, or change nothing.

    Sections and questions are recognised by link name, older names included, and by title.
    What the file lacks is retired, with the reason of its `removed` block or a plain one; what
    was never published is deleted. Raises BadPolicyFile for a name that belongs to something
    else, and publishing.Refused.
    """
    with transaction.atomic():
        locked = Policy.objects.select_for_update().get(pk=policy.pk)
        report = _Application(file, locked, by, at).run()
        if by and report.has_news():
            trail.note(locked, "imported", by=by, at=at)
    policy.refresh_from_db()
    return report


class _Application:
    """One file on its way into one policy."""

    def __init__(self, file: PolicyFile, policy: Policy, by: str, at: datetime) -> None:
        self.file, self.policy, self.by, self.at = file, policy, by, at
        self.present = Present(policy)
        self.known = recognise_removed(file, self.present)
        self.pairs = recognise(file, self.present, self.known.values())
        self.targets = self._targets()
        self.report = Report(
            len(file.sections), len(file.questions()), file.words(), notices=list(file.notices)
        )

    def run(self) -> Report:
        self._update_policy()
        homes: dict[int, Section] = {}
        for position, pair in enumerate(self.pairs):
            if isinstance(pair.entry, FileSection):
                self._update_section(pair, position, homes)
            else:
                self._update_question(pair, pair.entry, position, homes)
        removal = Removal(self.file, self.present, self.pairs, self.known, self.by, self.at)
        self.report.removed += removal.run()
        self._say_what_leads_nowhere()
        return self.report

    def _targets(self) -> dict[str, str]:
        """The name that each in-file link will have, where it is another."""
        pairs = {pair.entry.name.anchor: pair for pair in self.pairs}
        targets = {}
        for name, link in self.file.links.items():
            pair = pairs.get(link.anchor)
            if pair is None:
                targets[name] = link.anchor
            elif link.inner:
                targets[name] = f"{self.present.first_name(pair)}.{link.inner}"
            else:
                targets[name] = pair.anchor
        return {name: target for name, target in targets.items() if name != target}

    def _text(self, text: str) -> str:
        return rewrite(text, self.targets)

    def _update_policy(self) -> None:
        changed = assign(
            self.policy,
            {
                "title": self.file.title or self.policy.title,
                "introduction": self._text(self.file.introduction),
                "contact": self._text(self.file.contact),
            },
        )
        if changed:
            store(self.policy, changed, by=self.by, at=self.at)
            if any(self.present.items()):
                self.report.changed.append(self.policy.title)

    def _update_section(self, pair: Pair, position: int, homes: dict[int, Section]) -> None:
        entry, section = pair.entry, pair.item
        assert isinstance(entry, FileSection) and isinstance(section, Section)
        self._update(pair, position, introduction=self._text(entry.introduction))
        homes.update((question.line, section) for question in entry.questions)

    def _update_question(
        self, pair: Pair, entry: FileQuestion, position: int, homes: dict[int, Section]
    ) -> None:
        self._update(
            pair,
            position,
            section=homes.get(entry.line),
            answer=self._text(entry.answer),
            in_short=entry.in_short,
            also_asked=", ".join(entry.also_asked),
        )

    def _update(self, pair: Pair, position: int, **fields: Any) -> None:
        item = pair.item
        fields |= {
            "title": pair.entry.title,
            "anchor": pair.anchor,
            "older_names": pair.older_names,
            "position": position,
        }
        if item._state.adding:
            assign(item, fields)
            item.changed_by, item.changed_at = self.by, self.at
            item.save()
            self.report.added.append(item.title)
            return
        came_back = item.retired_at is not None
        if came_back:
            publishing.unretire(item, at=self.at)
            self.report.brought_back.append(pair.entry.title)
        if changed := assign(item, fields):
            store(item, changed, by=self.by, at=self.at)
            if changed != {"position"} and not came_back:
                self.report.changed.append(item.title)

    def _say_what_leads_nowhere(self) -> None:
        now = Present(self.policy)
        known = {name for item in now.items() for name in now.names_of(item)}
        lost = [(name, line) for name, line in self.file.unknown if name not in known]
        named = ", ".join(
            _("#%(name)s (line %(line)d)") % {"name": name, "line": line}
            for name, line in lost[:MOST_NAMED]
        )
        if len(lost) > MOST_NAMED:
            named = _("%(links)s and %(more)d more") % {
                "links": named,
                "more": len(lost) - MOST_NAMED,
            }
        if lost:
            text = _("Links inside the file that lead nowhere")
            self.report.notices.append(f"{text}: {named}.")
