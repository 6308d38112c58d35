"""The questions of a policy in their sections, each with its state and what can be done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from faq import editing
from faq.admin.acting import acting_name
from faq.admin.framing import policy_or_404, show
from faq.admin.status import PolicyStatus
from faq.models import Question, Section


def questions(request: HttpRequest, policy_id: int) -> HttpResponse:
    """The questions in their sections, each with its state and what can be done."""
    policy = policy_or_404(request, policy_id)
    status = PolicyStatus.of(policy, request.at)
    living = policy.question_set.filter(retired_at=None)
    groups: list[dict[str, Any]] = [
        {"section": None, "questions": list(living.filter(section=None))}
    ]
    for section in policy.section_set.filter(retired_at=None):
        groups.append({"section": section, "questions": list(living.filter(section=section))})
    removed = [
        *policy.section_set.exclude(retired_at=None),
        *policy.question_set.exclude(retired_at=None),
    ]
    context = {"status": status, "groups": groups, "removed": removed}
    title = _("Questions: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "questions", title, context)


def move(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Move a question or a section one place up or down."""
    kind, _sep, item_id = request.POST.get("item", "").partition(":")
    permission = "change_section" if kind == "section" else "change_question"
    policy = policy_or_404(request, policy_id, permission)
    if request.method != "POST":
        return redirect("admin:faq_policy_questions", policy.pk)
    item: Question | Section
    if kind == "section":
        item = get_object_or_404(Section, pk=_uuid(item_id), policy=policy)
    else:
        item = get_object_or_404(Question, pk=_uuid(item_id), policy=policy)
    places = -1 if request.POST.get("to") == "up" else 1
    if not editing.step(item, places, by=acting_name(request.user), at=request.at):
        messages.info(request, _("It stands at the end already."))
    url = reverse("admin:faq_policy_questions", args=[policy.pk])
    return redirect(f"{url}#item-{item.pk}")


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Http404 from None


PATHS = [("questions/", questions, "questions"), ("move/", move, "move")]
