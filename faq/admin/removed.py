"""What was removed from a policy: why, and what answers it now."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from faq import editing, publishing
from faq.admin.acting import acting_name
from faq.admin.forms import RemoveForm, posted
from faq.admin.framing import policy_or_404, show
from faq.models import Question, Section

MODELS = {"question": Question, "section": Section}


class ReasonForm(RemoveForm):
    """The reason and the successor of something that was removed already."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def reason(request: HttpRequest, policy_id: int, kind: str, item_id: UUID) -> HttpResponse:
    """Say anew why something was removed."""
    if kind not in MODELS:
        raise Http404
    policy = policy_or_404(request, policy_id, f"delete_{kind}")
    item = get_object_or_404(
        MODELS[kind].objects.exclude(retired_at=None), pk=item_id, policy=policy, set_aside=False
    )
    told = {
        "reason": item.retired_reason,
        "successor": item.successor_id,
        "revision": item.revision,
    }
    form = ReasonForm(posted(request), item=item, published=True, initial=told)
    if request.method == "POST" and form.is_valid():
        try:
            editing.give_reason(
                item, **form.cleaned_data, by=acting_name(request.user), at=request.at
            )
        except editing.Stale as stale:
            form.add_error(
                None,
                _("%(what)s Its reason is now: “%(reason)s”")
                % {"what": stale, "reason": getattr(stale.now, "retired_reason", "")},
            )
            form.data = {**form.data.dict(), "revision": item.revision}
        except publishing.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The reason is saved in the draft."))
            return redirect("admin:faq_policy_questions", policy.pk)
    title = _("Why “%(title)s” was removed") % {"title": item.title}
    return show(request, policy, "reason", title, {"form": form, "item": item})


PATHS = [("removed/<str:kind>/<uuid:item_id>/", reason, "reason")]
