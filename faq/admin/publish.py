"""Publishing in one step: what changed, what readers are told, and from when."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from faq import publishing
from faq.admin.acting import acting_name
from faq.admin.decisions import DecisionForm, carry
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, said, show
from faq.admin.redlines import redline_against
from faq.admin.status import PolicyStatus
from faq.digest import fingerprint
from faq.models import Approval, Policy


def publish(request: HttpRequest, policy_id: int) -> HttpResponse:
    """What changed, what readers are told, from when: and publish.

    It is for those who may both send and approve. Where two people must decide, it leads to the
    first half of the way.
    """
    policy = policy_or_404(request, policy_id, "add_approval")
    if not request.user.has_perm("faq.add_version"):
        raise PermissionDenied
    if policy.second_person:
        messages.info(request, _("Another person must approve it: send it for approval."))
        return redirect("admin:faq_policy_send", policy.pk)
    status = PolicyStatus.of(policy, request.at)
    fresh = {"expected": fingerprint(status.draft.to_json())}
    form = DecisionForm(posted(request), policy=policy, at=request.at, initial=fresh)
    if request.method == "POST":
        refusal = ""
        if form.is_valid():
            try:
                approval = publishing.publish(
                    policy, by=acting_name(request.user), at=request.at, **form.verdict()
                )
            except publishing.Refused as refused:
                refusal = str(refused)
            else:
                return published(request, approval)
        # The first of two clicks may have changed what the form asks at the second.
        done = _just_published(policy, form.cleaned_data.get("expected", ""), request)
        if done is not None:
            return published(request, done)
        if refusal:
            form.add_error(None, refusal)
            carry(form, "expected", fresh["expected"])
    context = {
        "status": status,
        "form": form,
        "redline": redline_against(status.newest, status.draft) if status.newest else None,
    }
    title = _("Publish: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "publish", title, context)


def published(request: HttpRequest, approval: Approval) -> HttpResponse:
    """Say what an approval means for readers, and show the versions."""
    facts = {"number": approval.number, "moment": said(approval.effective_at)}
    if approval.effective_at > request.at:
        text = _("Version %(number)d is approved. It applies from %(moment)s.") % facts
    else:
        text = _("Version %(number)d is in force. Readers see it now.") % facts
    messages.success(request, text)
    return redirect("admin:faq_policy_versions", approval.policy_id)


def _just_published(policy: Policy, digest: str, request: HttpRequest) -> Approval | None:
    """The approval that a second click on the same button would repeat."""
    approvals = Approval.objects.filter(
        policy=policy, version__digest=digest, version__withdrawal__isnull=True
    )
    newest = approvals.filter(approved_by=acting_name(request.user)).order_by("-seq").first()
    last = Approval.objects.filter(policy=policy).order_by("-seq").first()
    return newest if newest is not None and newest == last else None


PATHS = [("publish/", publish, "publish")]
