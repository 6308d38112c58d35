"""Making several questions of one, and one of two; the links of what goes lead to what comes."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq import editing, publishing
from faq.admin.acting import acting_name
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, show
from faq.editing import Part
from faq.exchange.parts import cut, headings
from faq.models import Policy, Question

MOST_PARTS = 20
PERMISSIONS = ("change_question", "add_question", "delete_question")

_ANSWER = forms.Textarea(attrs={"rows": 12})


class PartForm(forms.Form):
    """One of the questions that a question is split into."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=300)
    answer = forms.CharField(label=gettext_lazy("Answer"), widget=_ANSWER, strip=False)


class GoingForm(forms.Form):
    """What is said of the question that goes, and how it stood when this page was opened."""

    reason = forms.CharField(
        label=gettext_lazy("What readers are told who follow an old link"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not question.names.exists():
            del self.fields["reason"]  # no link leads to it, so nobody is told


class MergeForm(GoingForm):
    """The answer to both questions, and how the other one stood when this page was opened."""

    answer = forms.CharField(
        label=gettext_lazy("The answer to both"),
        widget=forms.Textarea(attrs={"rows": 20}),
        strip=False,
    )
    into_revision = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("answer", "reason")


class IntoForm(forms.Form):
    """The question that answers both from now on."""

    into = forms.ModelChoiceField(
        label=gettext_lazy("Which question answers both?"), queryset=Question.objects.none()
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Question.objects.filter(policy=question.policy_id, retired_at=None)
        self.fields["into"].queryset = others.exclude(pk=question.pk)


def split(request: HttpRequest, policy_id: int, question_id: UUID) -> HttpResponse:
    """Make several questions of one."""
    policy, question = _question_or_404(request, policy_id, question_id)
    suggested = _suggested(question, request.GET.get("at", ""))
    reason = _answered_under([part["title"] for part in suggested])
    told = {"reason": reason, "revision": question.revision}
    parts = [_part(number, initial=part) for number, part in enumerate(suggested)]
    form = GoingForm(question=question, initial=told)
    context: dict[str, Any] = {"question": question}
    if "more" in request.POST:
        count = _count(request) + 1
        parts = [_part(number, initial=_typed(request, number)) for number in range(count)]
        form = GoingForm(question=question, initial=request.POST.dict())
    elif request.method == "POST":
        parts = [_part(number, request.POST) for number in range(_count(request))]
        form = GoingForm(request.POST, question=question)
        valid = [each.is_valid() for each in (*parts, form)]
        if all(valid):
            filled = [Part(**each.cleaned_data) for each in parts if each.has_changed()]
            given = form.cleaned_data.get("reason", "")
            try:
                made = editing.split(
                    question,
                    filled,
                    # As it was suggested, it names the parts by the titles they have now.
                    reason=given if given not in {"", reason} else _said_of(filled),
                    revision=form.cleaned_data["revision"],
                    by=acting_name(request.user),
                    at=request.at,
                )
            except editing.Stale as stale:
                context["stale"] = stale
                form.data = {**form.data.dict(), "revision": question.revision}
            except publishing.Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                text = _("“%(title)s” is now %(count)d questions.")
                messages.success(request, text % {"title": question.title, "count": len(made)})
                return _to_desk(policy, made[0])
    context |= {
        "parts": parts,
        "form": form,
        "headings": list(enumerate(headings(question.answer))),
        "may_add": len(parts) < MOST_PARTS,
    }
    title = _("Split “%(title)s”") % {"title": question.title}
    return show(request, policy, "split", title, context)


def merge(request: HttpRequest, policy_id: int, question_id: UUID) -> HttpResponse:
    """Answer a question in another one: first which, then how."""
    policy, question = _question_or_404(request, policy_id, question_id)
    title = _("Merge “%(title)s” into another question") % {"title": question.title}
    choice = IntoForm(request.GET if "into" in request.GET else None, question=question)
    context: dict[str, Any] = {"question": question, "choice": choice}
    if not choice.is_valid():
        return show(request, policy, "merge_into", title, context)
    into = choice.cleaned_data["into"]
    reason = _answered_under([into.title])
    told = {
        "answer": "\n\n".join(each.answer.strip() for each in (into, question) if each.answer),
        "reason": reason,
        "revision": question.revision,
        "into_revision": into.revision,
    }
    form = MergeForm(posted(request), question=question, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            editing.merge(
                question,
                into,
                **{**form.cleaned_data, "reason": form.cleaned_data.get("reason") or reason},
                by=acting_name(request.user),
                at=request.at,
            )
        except editing.Stale as stale:
            context["stale"] = stale
            revisions = {"revision": question.revision, "into_revision": into.revision}
            form.data = {**form.data.dict(), **revisions}
        except publishing.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("“%(title)s” is now answered in “%(into)s”.")
            messages.success(request, text % {"title": question.title, "into": into.title})
            return _to_desk(policy, into)
    title = _("Merge “%(title)s” into “%(into)s”") % {"title": question.title, "into": into.title}
    return show(request, policy, "merge", title, {**context, "into": into, "form": form})


def _question_or_404(
    request: HttpRequest, policy_id: int, question_id: UUID
) -> tuple[Policy, Question]:
    for permission in PERMISSIONS:
        policy = policy_or_404(request, policy_id, permission)
    questions = Question.objects.all()
    if request.method != "POST":
        # One that is gone by the time a form is sent is told to whoever typed into it.
        questions = questions.filter(retired_at=None)
    return policy, get_object_or_404(questions, pk=question_id, policy=policy)


def _suggested(question: Question, at: str) -> list[dict[str, str]]:
    """The parts to begin with: cut at a sub-heading, at all of them, or not yet."""
    count = len(headings(question.answer))
    if at == "all" and count:
        pieces = cut(question.answer)
    elif at.isdecimal() and int(at) < count:
        pieces = cut(question.answer, int(at))
    else:
        return [{"title": question.title, "answer": question.answer}, {"title": "", "answer": ""}]
    parts = [{"title": piece.title, "answer": piece.source} for piece in pieces]
    if len(parts) > 2 and not parts[0]["answer"]:
        return parts[1:]
    parts[0]["title"] = question.title
    return parts


def _part(number: int, data: Any = None, initial: Any = None) -> PartForm:
    """One part; without a word in it, it was not meant."""
    return PartForm(
        data,
        initial=initial,
        prefix=f"part-{number}",
        empty_permitted=True,
        use_required_attribute=False,
    )


def _count(request: HttpRequest) -> int:
    """How many parts were on the page that was sent."""
    sent = request.POST.get("parts", "")
    return min(max(int(sent), 2), MOST_PARTS) if re.fullmatch("[0-9]{1,3}", sent) else 2


def _typed(request: HttpRequest, number: int) -> dict[str, str]:
    return {name: request.POST.get(f"part-{number}-{name}", "") for name in ("title", "answer")}


def _said_of(parts: list[Part]) -> str:
    return _answered_under([part.title.strip() for part in parts])


def _answered_under(titles: list[str]) -> str:
    """What readers are told of a question that others answer now; “…” where no title is known."""
    named = [f"“{title or '…'}”" for title in titles]
    return _("Now answered under %(titles)s.") % {"titles": get_text_list(named, _("and"))}


def _to_desk(policy: Policy, question: Question) -> HttpResponse:
    url = reverse("admin:faq_policy_questions", args=[policy.pk])
    return redirect(f"{url}#item-{question.pk}")


PATHS = [
    ("split/<uuid:question_id>/", split, "split"),
    ("merge/<uuid:question_id>/", merge, "merge"),
]
