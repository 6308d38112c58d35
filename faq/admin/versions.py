"""Every version at the desk: its status, reading it, withdrawing it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from faq import publishing
from faq.admin.acting import acting_name
from faq.admin.forms import ReasonForm, posted
from faq.admin.framing import policy_or_404, private_base, said, show, version_or_404
from faq.models import Policy, Version
from faq.models.record import ON_SCREEN
from faq.page import lay_out


def versions(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Every version, read-only."""
    policy = policy_or_404(request, policy_id)
    live = policy.version_set.in_force(request.at)
    entries = []
    for version in policy.version_set.with_facts().order_by("-pk"):
        status = version.status(request.at, live=live)
        entries.append(
            {
                "version": version,
                "status": status,
                "status_name": _status_name(version, status),
                "public": version.is_public(request.at),
                "can_withdraw": publishing.can_withdraw(version, request.at),
            }
        )
    title = _("Versions: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "versions", title, {"entries": entries})


def version(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """One version as readers see it or will see it."""
    policy = policy_or_404(request, policy_id)
    version = version_or_404(policy, version_id)
    document, language = version.to_document(), settings.POLICY_LANGUAGE
    page = lay_out(document, language, image_base=private_base())
    context = {"page": page, "policy": policy, "shown": version}
    return render(request, "admin/faq/preview.html", context)


def withdraw(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Withdraw a scheduled version, or the one in force."""
    policy = policy_or_404(request, policy_id, "add_withdrawal")
    version = version_or_404(policy, version_id)
    approval = getattr(version, "approval", None)
    if approval is None:
        raise Http404
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            publishing.withdraw(
                version,
                by=acting_name(request.user),
                at=request.at,
                reason=form.cleaned_data["reason"],
            )
        except publishing.Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("Version %(number)d is withdrawn.") % {"number": approval.number}
            messages.success(request, text)
            return redirect("admin:faq_policy_versions", policy.pk)
    scheduled = approval.effective_at > request.at
    context = {
        "form": form,
        "version": version,
        "scheduled": scheduled,
        "predecessor": None if scheduled else _predecessor(policy, version, request),
    }
    title = _("Withdraw version %(number)d") % {"number": approval.number}
    return show(request, policy, "withdraw", title, context)


def _predecessor(policy: Policy, version: Version, request: HttpRequest) -> Version | None:
    earlier = policy.version_set.approved(request.at).exclude(pk=version.pk)
    return earlier.in_force(request.at)


def _status_name(version: Version, status: str) -> str:
    if status == "scheduled":
        return _("Applies from %(moment)s") % {"moment": said(version.approval.effective_at)}
    return str(ON_SCREEN[status])


PATHS = [
    ("versions/", versions, "versions"),
    ("versions/<int:version_id>/", version, "version"),
    ("versions/<int:version_id>/withdraw/", withdraw, "withdraw"),
]
