"""Deciding on a candidate: approve, send back, and confirm what one person decided alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from faq import mail, publishing
from faq.admin.acting import acting_name
from faq.admin.candidates import unresolved
from faq.admin.decisions import MATERIAL, MINOR, DecisionForm, SendBackForm
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, say_not_mailed, show, version_or_404
from faq.admin.next_steps import candidate_url
from faq.admin.publish import published
from faq.models import Version

_PROPOSED = {True: MATERIAL, False: MINOR, None: ""}


def approve(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """What readers are told, from when: and approve what was sent, whatever the draft says now."""
    policy = policy_or_404(request, policy_id, "add_approval")
    version = version_or_404(policy, version_id)
    if _is_decided(version):
        return _decided(request, version)
    me = acting_name(request.user)
    alone = policy.second_person and version.frozen_by == me
    if alone and not request.user.has_perm("faq.approve_in_emergency"):
        messages.error(request, _("You sent this version yourself: another person must decide."))
        return _to(version)
    form = DecisionForm(
        posted(request),
        policy=policy,
        at=request.at,
        alone=alone,
        initial={
            "kind": _PROPOSED[version.proposed_material],
            "note": version.proposed_note,
            "expected": version.digest,
        },
    )
    if request.method == "POST":
        refusal = ""
        if form.is_valid():
            try:
                approval = publishing.approve(version, by=me, at=request.at, **form.verdict())
            except publishing.Refused as refused:
                refusal = str(refused)
            else:
                say_not_mailed(request, mail.tell_sender(version, "approved", by=me))
                return published(request, approval)
        # Somebody may have decided while the form was read, and so have changed what it asks.
        version = version_or_404(policy, version_id)
        if _is_decided(version):
            return _decided(request, version)
        if refusal:
            form.add_error(None, refusal)
    context = {
        "version": version,
        "form": form,
        "alone": alone,
        "unresolved": unresolved(version),
        "objections": version.sign_offs.filter(approves=False).count(),
    }
    title = _("Approve alone in an emergency") if alone else _("Approve")
    return show(request, policy, "approve", f"{title}: {policy.title}", context)


def send_back(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Send a candidate back with a reason."""
    policy = policy_or_404(request, policy_id, "add_rejection")
    version = version_or_404(policy, version_id)
    if _is_decided(version):
        return _decided(request, version)
    form = SendBackForm(posted(request))
    if request.method == "POST" and form.is_valid():
        me, reason = acting_name(request.user), form.cleaned_data["reason"]
        try:
            publishing.reject(version, by=me, at=request.at, reason=reason)
        except publishing.Refused as refusal:
            version = version_or_404(policy, version_id)
            if _is_decided(version):
                return _decided(request, version)
            form.add_error(None, str(refusal))
        else:
            say_not_mailed(request, mail.tell_sender(version, "sent_back", by=me))
            return _sent_back(request, version)
    title = _("Send back: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "send_back", title, {"version": version, "form": form})


def confirm(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Stand by what somebody else approved alone in an emergency."""
    policy = policy_or_404(request, policy_id, "add_confirmation")
    version = version_or_404(policy, version_id)
    if not hasattr(version, "approval"):
        raise Http404
    me = acting_name(request.user)
    if request.method == "POST":
        try:
            publishing.confirm(version.approval, by=me, at=request.at)
        except publishing.Refused as refusal:
            version = version_or_404(policy, version_id)
            confirmation = getattr(version.approval, "confirmation", None)
            if confirmation is None or confirmation.confirmed_by != me:
                messages.error(request, str(refusal))
                return _to(version)
        messages.success(
            request,
            _("You have confirmed version %(number)d.") % {"number": version.approval.number},
        )
    return _to(version)


def _is_decided(version: Version) -> bool:
    return hasattr(version, "approval") or hasattr(version, "rejection")


def _decided(request: HttpRequest, version: Version) -> HttpResponse:
    """What to answer whoever decides a second time: the same as the first, if that was they."""
    me = acting_name(request.user)
    approval = getattr(version, "approval", None)
    if request.method == "POST":
        if approval is not None and approval.approved_by == me:
            return published(request, approval)
        if approval is None and version.rejection.rejected_by == me:
            return _sent_back(request, version)
    if approval is not None:
        messages.warning(
            request,
            _("This version has been approved already, by %(name)s.")
            % {"name": approval.approved_by},
        )
    else:
        name = version.rejection.rejected_by
        messages.warning(request, _("This version was sent back, by %(name)s.") % {"name": name})
    return _to(version)


def _sent_back(request: HttpRequest, version: Version) -> HttpResponse:
    messages.success(request, _("Sent back, with your reason."))
    return _to(version)


def _to(version: Version) -> HttpResponse:
    return redirect(candidate_url(version))


_PAGE = "candidates/<int:version_id>/"
PATHS = [
    (f"{_PAGE}approve/", approve, "approve"),
    (f"{_PAGE}send-back/", send_back, "send_back"),
    ("versions/<int:version_id>/confirm/", confirm, "confirm"),
]
