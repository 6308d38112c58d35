"""Reports: what is due, what is coming, what is still open, what nobody has touched."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from faq import reviewing
from faq.admin.acting import acting_name
from faq.admin.framing import policy_or_404
from faq.admin.next_steps import candidate_url
from faq.models import Comment, Policy, Question, Version
from faq.moments import months_after, start_of_day

MONTHS = 12


class UntouchedForm(forms.Form):
    """For how long nobody has changed a question."""

    months = forms.IntegerField(
        label=gettext_lazy("Months"), min_value=1, max_value=240, initial=MONTHS
    )


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Everything that somebody should look at, of all policies."""
    if not request.user.has_perm("faq.view_policy"):
        raise PermissionDenied
    form = UntouchedForm(request.GET if "months" in request.GET else None)
    months = form.cleaned_data["months"] if form.is_valid() else MONTHS
    zone = timezone.get_default_timezone()
    since = start_of_day(months_after(request.at.astimezone(zone).date(), -months), zone)
    comments = Comment.objects.filter(resolved_at=None).select_related("version__policy")
    context = {
        **admin.site.each_context(request),
        "title": _("Reports"),
        "reviews": _reviews(request),
        "scheduled": Version.objects.scheduled(request.at).with_facts().defer("document"),
        "comments": [
            {"comment": each, "url": candidate_url(each.version)}
            for each in comments.defer("version__document")
        ],
        "form": form,
        "months": months,
        "questions": Question.objects.untouched_since(since.astimezone(UTC)).select_related(
            "policy"
        ),
    }
    return render(request, "admin/faq/reports.html", context)


@require_POST
def reviewed(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Somebody has read the whole policy through and found it right."""
    policy = policy_or_404(request, policy_id, "add_review")
    reviewing.review(policy, by=acting_name(request.user), at=request.at)
    messages.success(request, _("Noted: “%(title)s” was reviewed.") % {"title": policy.title})
    return redirect("admin:faq_reports")


def are_of_use() -> bool:
    """Whether there is more to report on than one person has in mind anyway."""
    rules = Policy.objects.exclude(second_person=False, notice_days=0, review_months=None)
    people = User.objects.filter(is_active=True, is_staff=True)
    return rules.exists() or people.count() > 1 or Comment.objects.exists()


def _reviews(request: HttpRequest) -> list[dict[str, Any]]:
    """Each policy with a rule: the day by which it is to be reviewed, the nearest first."""
    today = request.at.astimezone(timezone.get_default_timezone()).date()
    entries = []
    for policy in Policy.objects.exclude(review_months=None):
        if policy.review_is_near(request.at):
            due = policy.review_due(request.at)
            last = policy.review_set.last()
            overdue = due is not None and due < today
            entries.append({"policy": policy, "due": due, "last": last, "overdue": overdue})
    return sorted(entries, key=lambda entry: entry["due"])


PATHS = [("reviewed/", reviewed, "reviewed")]
