"""The draft's changes one by one: who made them, when, and the words that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faq import redline
from faq.admin.framing import private_base
from faq.admin.status import SUBJECTS, PolicyStatus, in_words
from faq.document import Document, Text, Wording, Wordings, in_language
from faq.models import Event
from faq.redline import RETITLED, REWORDED, Change
from faq.rendering import place
from faq.templatetags.redlines import pieces, redlined

#: More redlines than this are not put on one page: each stands on its question's page too.
MOST_REDLINES = 50
#: The level of the highest sub-heading in a redline, below the heading of its change.
LEVEL = 4

TOUCHES = ("added", "edited", "moved", "removed", "brought_back", "split", "merged")


class Touch(NamedTuple):
    """Who changed something last, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Compared:
    """One text of a question, section or policy, with what changed in it."""

    label: str
    html: SafeString


@dataclass(frozen=True)
class DraftChange:
    """One change of the draft. `compared` is empty where no words differ, or too many texts do."""

    id: str
    title: str
    kinds: str
    touch: Touch | None
    compared: tuple[Compared, ...]
    is_removed: bool


def draft_changes(status: PolicyStatus, touches: Mapping[str, Touch]) -> list[DraftChange]:
    """What the draft has that the newest version has not, with redlines of the first ones."""
    before = status.before
    if before is None:
        return []
    left = MOST_REDLINES
    found = []
    base = reverse("admin:faq_policy_preview", args=[status.policy.pk])
    for change in status.changes:
        compared: tuple[Compared, ...] = ()
        if left and {RETITLED, REWORDED} & set(change.kinds):
            compared = tuple(_compared(change, before, status.draft, base))
            left -= 1
        found.append(
            DraftChange(
                id=change.id,
                title=in_language(change.title, settings.POLICY_LANGUAGE)
                if change.id
                else str(SUBJECTS["policy"]),
                kinds=", ".join(in_words(change.kinds)),
                touch=touches.get(change.id),
                compared=compared,
                is_removed="retired" in change.kinds,
            )
        )
    return found


def touches_since(status: PolicyStatus) -> dict[str, Touch]:
    """Who changed each question and section last since the newest version; the policy is ""."""
    policy, newest = status.policy, status.newest
    if newest is None:
        return {}
    found: dict[str, Touch] = {}
    rows: list[Any] = [("", policy.changed_by, policy.changed_at)]
    for items in (policy.question_set, policy.section_set):
        changed = items.filter(changed_at__gt=newest.frozen_at)
        rows += changed.values_list("pk", "changed_by", "changed_at")
    events = Event.objects.filter(
        policy=policy, recorded_at__gt=newest.frozen_at, what__in=TOUCHES
    ).exclude(item="")
    rows += events.order_by("pk").values_list("item", "who", "recorded_at")
    for key, by, at in rows:
        known = found.get(str(key))
        if at and at > newest.frozen_at and by and (known is None or known.at <= at):
            found[str(key)] = Touch(by, at)
    return found


def _compared(change: Change, old: Document, new: Document, base: str) -> Iterator[Compared]:
    if change.subject == "policy":
        yield from _words(_("Title"), old.title, new.title)
        yield from _wording(_("Introduction"), old.introduction, new.introduction, base)
        yield from _wording(_("How to reach us"), old.contact, new.contact, base)
    elif change.subject == "section":
        sections = ({s.id: s for s in document.sections}[change.id] for document in (old, new))
        was, now = sections
        yield from _words(_("Title"), was.title or {}, now.title or {})
        yield from _wording(_("Introduction"), was.introduction, now.introduction, base)
    else:
        questions = (old.question(change.id), new.question(change.id))
        before, after = questions
        if before is not None and after is not None:
            yield from _words(_("Title"), before.title, after.title)
            yield from _words(_("In short"), before.in_short, after.in_short)
            yield from _wording(_("Answer"), before.answer, after.answer, base)


def _words(label: str, old: Text, new: Text) -> Iterable[Compared]:
    if old != new:
        language = settings.POLICY_LANGUAGE
        was, now = in_language(old, language), in_language(new, language)
        yield Compared(label, pieces(redline.text(was, now)))


def _wording(
    label: str, old: Wordings | None, new: Wordings | None, base: str
) -> Iterable[Compared]:
    was, now = (_wording_of(wordings or {}) for wordings in (old, new))
    if was.source != now.source:
        found = _redline(was.html, now.html, base)
        if not found.changed:
            label = _("%(text)s: only its layout changed, every word is the same") % {"text": label}
        yield Compared(label, redlined(place(found.html, level=LEVEL, image_base=private_base())))


@lru_cache(maxsize=2 * MOST_REDLINES)
def _redline(old: str, new: str, base: str) -> redline.Redlined:
    """The same comparison is looked at again and again while a draft is worked on."""
    return redline.html(old, new, old_base=base, new_base=base)


def _wording_of(wordings: Wordings) -> Wording:
    return wordings.get(settings.POLICY_LANGUAGE) or next(iter(wordings.values()), Wording("", ""))
