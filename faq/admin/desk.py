"""A policy's desk: what is live, what waits, what the draft changes, and its questions in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faq import editing, publishing
from faq.admin.acting import acting_name
from faq.admin.changes import Touch, draft_changes, touches_since
from faq.admin.framing import policy_or_404, show
from faq.admin.next_steps import NextSteps, candidate_url
from faq.admin.splitting import PERMISSIONS as SPLITTERS
from faq.admin.status import PolicyStatus, in_words
from faq.models import Policy, Question, Section

#: More changes than this are folded away until somebody asks.
MANY_CHANGES = 12


#: Stands for the id of a question or section in an address that is made once for all of them.
ANY_ID = UUID(int=0)


@dataclass(frozen=True)
class Row:
    """A question or section in the list, and what has happened to it since the newest version."""

    item: Question | Section
    kind: str
    state: str
    touch: Touch | None
    #: Where each thing is done with it, by name.
    urls: dict[str, str]


@dataclass(frozen=True)
class Group:
    """A section with its questions; without one, those that need none."""

    section: Row | None
    questions: list[Row]


@dataclass(frozen=True)
class Removal:
    """Something removed, what can be done with it, and where."""

    item: Question | Section
    back_url: str
    reason_url: str


def questions(request: HttpRequest, policy_id: int) -> HttpResponse:
    """The policy's desk."""
    policy = policy_or_404(request, policy_id)
    status = PolicyStatus.of(policy, request.at)
    touches = touches_since(status)
    changes = draft_changes(status, touches)
    sections = list(policy.section_set.select_related("successor"))
    items = list(policy.question_set.select_related("successor"))
    context = {
        "status": status,
        "steps": NextSteps.of(policy, request.user),
        "candidates": [(each, candidate_url(each)) for each in status.candidates],
        "changes": changes,
        "changes_open": len(changes) <= MANY_CHANGES,
        "groups": _groups(sections, items, status, touches),
        "removed": [_removal(each) for each in (*sections, *items) if each.retired_at is not None],
        "places": _places(sections),
        "move_url": reverse("admin:faq_policy_move", args=[policy.pk]),
        "may_split": request.user.has_perms([f"faq.{each}" for each in SPLITTERS]),
        "may_move": request.user.has_perm("faq.change_question"),
        "may_remove": request.user.has_perm("faq.delete_question"),
        "words": _words(),
    }
    return show(request, policy, "questions", policy.title, context)


def move(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Move a section or a question up or down, or a question into another place."""
    kind, _sep, item_id = request.POST.get("item", "").partition(":")
    permission = "change_section" if kind == "section" else "change_question"
    policy = policy_or_404(request, policy_id, permission)
    if request.method != "POST":
        return redirect("admin:faq_policy_questions", policy.pk)
    model: Any = Section if kind == "section" else Question
    item = get_object_or_404(model, pk=_uuid(item_id), policy=policy, retired_at=None)
    to = request.POST.get("to", "")
    target = f"{to}-{item.pk}"
    if to in {"up", "down"}:
        moved = editing.step(
            item, -1 if to == "up" else 1, by=acting_name(request.user), at=request.at
        )
        if not moved:
            text = _("“%(title)s” stands at the end already.") % {"title": item.title}
            messages.info(request, text)
            return _to_desk(policy, target)
    elif to == "into" and isinstance(item, Question):
        target = f"item-{item.pk}"
        try:
            _put(request, item)
        except publishing.Refused as refusal:
            messages.error(request, str(refusal))
            return _to_desk(policy, target)
    else:
        raise Http404
    messages.success(request, _stands(item))
    return _to_desk(policy, target)


def _put(request: HttpRequest, question: Question) -> None:
    """Put a question into a section, before another one or to its end, as was posted."""
    section_id, before = request.POST.get("section", ""), request.POST.get("before", "")
    sections = Section.objects.filter(policy=question.policy_id)
    section = get_object_or_404(sections, pk=_uuid(section_id)) if section_id else None
    editing.put(
        question,
        section=section,
        before=UUID(_uuid(before)) if before else None,
        by=acting_name(request.user),
        at=request.at,
    )


def _stands(item: Question | Section) -> str:
    """Where something stands after it was moved, for all who do not see it jump."""
    item.refresh_from_db()
    section = item.section if isinstance(item, Question) else None
    siblings: Any = type(item)._default_manager.filter(policy=item.policy_id, retired_at=None)
    if isinstance(item, Question):
        siblings = siblings.filter(section=section)
    keys = list(siblings.values_list("pk", flat=True))
    facts = {"title": item.title, "place": keys.index(item.pk) + 1, "count": len(keys)}
    if section is None:
        return _("“%(title)s” is now number %(place)d of %(count)d.") % facts
    facts["section"] = section.title
    return _("“%(title)s” is now number %(place)d of %(count)d in “%(section)s”.") % facts


def _groups(
    sections: Iterable[Section],
    questions: Iterable[Question],
    status: PolicyStatus,
    touches: Mapping[str, Touch],
) -> list[Group]:
    """What the draft has, in order; first the questions without a section that is still there."""
    addresses = {kind: _addresses(status.policy, kind) for kind in ("question", "section")}
    # Before the first version everything is new, and it goes without saying.
    kinds = {c.id: in_words(c.kinds) for c in status.changes} if status.newest else {}

    def row(item: Question | Section, kind: str) -> Row:
        state = ", ".join(kinds.get(str(item.pk), ()))
        urls = {name: url.replace(str(ANY_ID), str(item.pk)) for name, url in addresses[kind]}
        return Row(item, kind, state, touches.get(str(item.pk)) if state else None, urls)

    living = [section for section in sections if section.retired_at is None]
    rows: dict[Any, list[Row]] = {None: [], **{section.pk: [] for section in living}}
    for question in questions:
        if question.retired_at is None:
            place = question.section_id if question.section_id in rows else None
            rows[place].append(row(question, "question"))
    return [
        Group(None, rows[None]),
        *(Group(row(section, "section"), rows[section.pk]) for section in living),
    ]


def _addresses(policy: Policy, kind: str) -> list[tuple[str, str]]:
    """The addresses of everything that is done with a question or section, for any of them."""
    of_item = [("edit", f"{kind}_change"), ("remove", f"{kind}_delete")]
    found = [(name, reverse(f"admin:faq_{view}", args=[ANY_ID])) for name, view in of_item]
    if kind == "question":
        for name in ("split", "merge"):
            found.append((name, reverse(f"admin:faq_policy_{name}", args=[policy.pk, ANY_ID])))
    return found


def _removal(item: Question | Section) -> Removal:
    kind = item._meta.model_name
    args = [item.policy_id, kind, item.pk]
    return Removal(
        item,
        reverse(f"admin:faq_{kind}_back", args=[item.pk]),
        "" if item.set_aside else reverse("admin:faq_policy_reason", args=args),
    )


def _places(sections: Iterable[Section]) -> SafeString:
    """The choices of where a question can be moved to, made once for all of them."""
    living = [(section.pk, section.title) for section in sections if section.retired_at is None]
    if not living:
        return SafeString("")
    options = format_html_join("", '<option value="{}">{}</option>', living)
    return format_html('<option value="">{}</option>{}', _("(no section)"), options)


def _words() -> dict[str, str]:
    """What stands on the buttons of every row, translated once."""
    return {
        "up": _("Move up"),
        "down": _("Move down"),
        "more": _("More"),
        "into": _("Move to"),
        "move": _("Move"),
        "split": _("Split…"),
        "merge": _("Merge into another…"),
        "remove": _("Remove…"),
    }


def _to_desk(policy: Policy, target: str) -> HttpResponse:
    url = reverse("admin:faq_policy_questions", args=[policy.pk])
    return redirect(f"{url}#{target}")


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Http404 from None


PATHS = [("questions/", questions, "questions"), ("move/", move, "move")]
