"""Changes of the working copy that lose nobody's work, each one transaction.

Every text counts its changes (`revision`). A save says which count it started from, and is
refused as `Stale` if somebody else saved meanwhile: the database compares and writes in one
statement, so of two saves at the same moment one is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faq import anchors, trail
from faq.models import Policy, Question, Section
from faq.models.working_copy import Edited, Named
from faq.publishing import Refused, retire


class Stale(Exception):
    """Somebody else saved since this person opened the text; `now` is what stands there."""

    def __init__(self, now: Edited | None) -> None:
        self.now = now
        super().__init__(_("Somebody else has changed this since you opened it."))


@dataclass(frozen=True)
class Part:
    """A question that a split makes: its title and its answer (Markdown)."""

    title: str
    answer: str


def save(item: Edited, values: Mapping[str, Any], *, revision: int, by: str, at: datetime) -> bool:
    """Save some fields of a policy, section or question that stood at `revision` when opened.

    Returns whether anything changed; saving what stands there already changes nothing. Raises
    Stale if it has moved on, unless it now says the very same.
    """
    with transaction.atomic():
        model = type(item)
        now = model._default_manager.select_for_update().filter(pk=item.pk).first()
        if now is None:
            raise Stale(None)
        if all(getattr(now, name) == value for name, value in values.items()):
            changed = False
        else:
            changed = _write(now, values, revision=revision, by=by, at=at)
            if not changed:
                raise Stale(now)
            _note_edit(now, values, by=by, at=at)
        item.refresh_from_db()
        return changed


def start(policy: Policy, *, by: str, at: datetime) -> None:
    """Put a new policy into the site, with nothing in it yet."""
    with transaction.atomic():
        policy.changed_by, policy.changed_at = by, at
        policy.save(force_insert=True)
        trail.note(policy, "started", by=by, at=at)


def overwrite(item: Edited, values: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Write fields whatever stands there, for imports; open forms notice that it has changed."""
    type(item)._default_manager.filter(pk=item.pk).update(
        **values, revision=F("revision") + 1, changed_by=by, changed_at=at
    )
    item.refresh_from_db()


def add(item: Question | Section, *, by: str, at: datetime) -> None:
    """Put a new question or section at the end of its like."""
    with transaction.atomic():
        item.position = next_position(item.policy, type(item))
        item.changed_by, item.changed_at = by, at
        item.save(force_insert=True)
        trail.note(item.policy, "added", by=by, at=at, item=item)


def step(item: Question | Section, by_places: int, *, by: str, at: datetime) -> bool:
    """Move one place up (-1) or down (1) among its neighbours; False if it stands at the end."""
    with transaction.atomic():
        order = _neighbours(item)
        place = next((n for n, each in enumerate(order) if each.pk == item.pk), None)
        if place is None or not 0 <= place + by_places < len(order):
            return False
        order.insert(place + by_places, order.pop(place))
        _number(order)
        trail.note(item.policy, "moved", by=by, at=at, item=item)
        return True


def put(
    question: Question,
    *,
    section: Section | None,
    before: UUID | None = None,
    by: str,
    at: datetime,
) -> None:
    """Move a question into a section (None: into none), before another one or to its end."""
    with transaction.atomic():
        if section is not None and (
            section.policy_id != question.policy_id or section.retired_at is not None
        ):
            raise Refused(_("Choose a section of the same policy."))
        question = Question.objects.select_for_update().get(pk=question.pk)
        if question.section_id != (section.pk if section else None):
            overwrite(question, {"section": section}, by=by, at=at)
        order = [each for each in _neighbours(question) if each.pk != question.pk]
        place = next((n for n, each in enumerate(order) if each.pk == before), len(order))
        order.insert(place, question)
        _number(order)
        trail.note(question.policy, "moved", by=by, at=at, item=question)


def split(
    question: Question,
    parts: Sequence[Part],
    *,
    reason: str,
    revision: int,
    by: str,
    at: datetime,
) -> list[Question]:
    """Put several questions in the place of one, which is removed; its links lead to the first.

    Each part gets a link name of its own. Raises Stale like `save`, and Refused for fewer than
    two parts or one without a title or an answer.
    """
    if len(parts) < 2 or not all(part.title.strip() and part.answer.strip() for part in parts):
        raise Refused(_("Give each part a title and an answer."))
    with transaction.atomic():
        question = _unchanged(question, revision)
        taken = question.policy.names_in_use()
        made = []
        for part in parts:
            name = anchors.suggest(part.title, taken)
            taken.add(name)
            new = Question(
                policy=question.policy,
                section=question.section,
                title=part.title.strip(),
                answer=part.answer,
                anchor=name,
                changed_by=by,
                changed_at=at,
            )
            new.save(force_insert=True)
            made.append(new)
        order = [each for each in _neighbours(question) if each not in made]
        place = next(n for n, each in enumerate(order) if each.pk == question.pk)
        _number([*order[: place + 1], *made, *order[place + 1 :]])
        titles = ", ".join(f"“{new.title}”" for new in made)
        trail.note(question.policy, "split", by=by, at=at, item=question, details=titles)
        retire(question, by=by, at=at, reason=reason, successor=made[0])
        return made


def merge(
    question: Question,
    into: Question,
    *,
    answer: str,
    reason: str,
    revision: int,
    into_revision: int,
    by: str,
    at: datetime,
) -> None:
    """Answer a question in another one, whose answer becomes `answer`; its links lead there."""
    with transaction.atomic():
        question = _unchanged(question, revision)
        save(into, {"answer": answer}, revision=into_revision, by=by, at=at)
        details = f"“{into.title}”"
        trail.note(question.policy, "merged", by=by, at=at, item=question, details=details)
        retire(question, by=by, at=at, reason=reason, successor=into)


def give_reason(
    item: Question | Section,
    *,
    reason: str,
    successor: Named | None,
    revision: int,
    by: str,
    at: datetime,
) -> None:
    """Say anew why something was removed and what answers it now. Raises Stale like `save`."""
    with transaction.atomic():
        now = type(item)._default_manager.select_for_update().filter(pk=item.pk).first()
        if now is None or now.revision != revision or now.retired_at is None or now.set_aside:
            raise Stale(now)
        retire(now, by=by, at=at, reason=reason, successor=successor)


def next_position(policy: Policy, model: type[Question] | type[Section]) -> int:
    """A place after everything else in the policy."""
    last = model.objects.filter(policy=policy).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def policy_of(item: Edited) -> Policy:
    """The policy itself, or the one that a section or question belongs to."""
    if isinstance(item, Policy):
        return item
    assert isinstance(item, Named)
    return item.policy


def _write(
    item: Edited, values: Mapping[str, Any], *, revision: int, by: str, at: datetime
) -> bool:
    """Compare the revision and write, in one statement."""
    rows = type(item)._default_manager.filter(pk=item.pk, revision=revision)
    return bool(rows.update(**values, revision=F("revision") + 1, changed_by=by, changed_at=at))


def _note_edit(was: Edited, values: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Tell the trail what was edited; of a policy's rules also how they stood and stand."""
    policy = policy_of(was)
    changed = [name for name, value in values.items() if getattr(was, name) != value]
    rules = [name for name in changed if isinstance(was, Policy) and name in Policy.RULES]
    if changed != rules:
        trail.note(policy, "edited", by=by, at=at, item=was if isinstance(was, Named) else None)
    if rules:
        details = "; ".join(_rule(name, getattr(was, name), values[name]) for name in rules)
        trail.note(policy, "rules_set", by=by, at=at, details=details)


def _rule(name: str, old: Any, new: Any) -> str:
    """A rule as the screen names it, with its value before and after."""
    words = {True: _("yes"), False: _("no"), None: "–"}
    was, now = (words[each] if isinstance(each, bool | None) else str(each) for each in (old, new))
    field: Any = Policy._meta.get_field(name)
    return f"{capfirst(field.verbose_name)}: {was} → {now}"


def _unchanged(question: Question, revision: int) -> Question:
    """The question as it stands, locked; raises Stale if it is not at that revision."""
    now: Question | None = Question.objects.select_for_update().filter(pk=question.pk).first()
    if now is None or now.revision != revision or now.retired_at is not None:
        raise Stale(now)
    return now


def _neighbours(item: Question | Section) -> list[Any]:
    """The living questions of the same section, or sections of the same policy, in order."""
    manager = type(item)._default_manager
    siblings: QuerySet[Any] = manager.filter(policy=item.policy, retired_at=None)
    if isinstance(item, Question):
        siblings = siblings.filter(section=item.section_id)
    return list(siblings.select_for_update())


def _number(order: Iterable[Named]) -> None:
    """Give each its place, writing only what moved."""
    order = list(order)
    slots = sorted(each.position for each in order)
    if len(set(slots)) < len(slots):
        slots = list(range(len(order)))
    for each, slot in zip(order, slots, strict=True):
        if each.position != slot:
            type(each)._default_manager.filter(pk=each.pk).update(position=slot)
            each.position = slot
