"""Publishing: what changed, what readers are told, and from when."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from faq import publishing
from faq.admin.acting import acting_name
from faq.admin.forms import PublishForm, posted
from faq.admin.framing import policy_or_404, said, show
from faq.admin.status import PolicyStatus
from faq.digest import fingerprint
from faq.models import Approval, Policy


def publish(request: HttpRequest, policy_id: int) -> HttpResponse:
    """What changed, what readers are told, from when: and publish."""
    policy = policy_or_404(request, policy_id, "add_approval")
    status = PolicyStatus.of(policy, request.at)
    first = not policy.approval_set.exists()
    form = PublishForm(
        posted(request),
        first=first,
        at=request.at,
        initial={"expected": fingerprint(status.draft.to_json())},
    )
    if request.method == "POST" and form.is_valid():
        try:
            approval = publishing.publish(
                policy,
                by=acting_name(request.user),
                at=request.at,
                effective_at=form.effective_at(),
                material=form.material(),
                note=form.cleaned_data["note"],
                expected=form.cleaned_data["expected"],
            )
        except publishing.Refused as refusal:
            done = _just_published(policy, form.cleaned_data["expected"], request)
            if done is None:
                form.add_error(None, str(refusal))
                form.data = {**form.data.dict(), "expected": form["expected"].initial}
            else:
                return _published(request, policy, done)
        else:
            return _published(request, policy, approval)
    context = {"status": status, "form": form, "first": first}
    title = _("Publish: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "publish", title, context)


def _published(request: HttpRequest, policy: Policy, approval: Approval) -> HttpResponse:
    facts = {"number": approval.number, "moment": said(approval.effective_at)}
    if approval.effective_at > request.at:
        text = _("Version %(number)d is approved. It applies from %(moment)s.") % facts
    else:
        text = _("Version %(number)d is in force. Readers see it now.") % facts
    messages.success(request, text)
    return redirect("admin:faq_policy_versions", policy.pk)


def _just_published(policy: Policy, digest: str, request: HttpRequest) -> Approval | None:
    """The approval that a second click on the same button would repeat."""
    approvals = Approval.objects.filter(
        policy=policy, version__digest=digest, version__withdrawal__isnull=True
    )
    newest = approvals.filter(approved_by=acting_name(request.user)).order_by("-seq").first()
    last = Approval.objects.filter(policy=policy).order_by("-seq").first()
    return newest if newest is not None and newest == last else None


PATHS = [("publish/", publish, "publish")]
