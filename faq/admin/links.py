"""Preview links of a policy: who was given one, until when it works, and ending it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq import reviewing
from faq.admin.acting import acting_name
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, said, show
from faq.models import Policy, PreviewLink, Version
from faq.publishing import Refused


class LinkForm(forms.Form):
    """For whom a link is, what it shows, and for how long."""

    name = forms.CharField(
        label=gettext_lazy("For whom?"),
        max_length=150,
        help_text=gettext_lazy("A name, not an e-mail address. It stands on every page they see."),
    )
    version = forms.ModelChoiceField(
        label=gettext_lazy("What does it show?"),
        queryset=Version.objects.none(),
        required=False,
        empty_label=gettext_lazy("The draft, as it is when they look"),
    )
    asks_for_sign_off = forms.BooleanField(
        label=gettext_lazy("Ask them to approve or to object"),
        required=False,
        help_text=gettext_lazy("Only for a version that waits for approval. It publishes nothing."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("For how many days does it work?"),
        min_value=1,
        max_value=reviewing.MAX_DAYS,
        initial=reviewing.DAYS,
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        candidates = policy.version_set.candidates().defer("document").order_by("-pk")
        if candidates.exists():
            self.fields["version"].queryset = candidates
            self.fields["version"].label_from_instance = _in_words
        else:
            del self.fields["version"], self.fields["asks_for_sign_off"]


def links(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Every preview link of the policy, and the form that makes one."""
    making = request.method == "POST"
    policy = policy_or_404(request, policy_id, "add_previewlink" if making else "view_previewlink")
    form = LinkForm(posted(request), policy=policy, initial={"version": request.GET.get("version")})
    if making and form.is_valid():
        try:
            link = reviewing.make_link(
                policy, by=acting_name(request.user), at=request.at, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("The link for %(name)s works now. Copy it.") % {"name": link.name}
            )
            return redirect(f"{reverse('admin:faq_policy_links', args=[policy.pk])}#link-{link.pk}")
    title = _("Preview links: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "links", title, {"form": form})


def revoke(request: HttpRequest, policy_id: int, link_id: int) -> HttpResponse:
    """End a link now."""
    policy = policy_or_404(request, policy_id, "change_previewlink")
    link = get_object_or_404(PreviewLink, pk=link_id, policy=policy)
    if request.method == "POST":
        reviewing.revoke(link, by=acting_name(request.user), at=request.at)
        messages.success(request, _("The link for %(name)s no longer works.") % {"name": link.name})
    return redirect("admin:faq_policy_links", policy.pk)


def _in_words(version: Version) -> str:
    return _("The version that waits for approval, sent %(moment)s by %(person)s") % {
        "moment": said(version.frozen_at),
        "person": version.frozen_by,
    }


PATHS = [
    ("links/", links, "links"),
    ("links/<int:link_id>/revoke/", revoke, "revoke_link"),
]
