"""Every version at the desk: its status, reading it, announcing, withdrawing, hiding, noting."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from faq import publishing
from faq.admin.acting import acting_name
from faq.admin.decisions import HideForm, NoteForm, WithdrawForm, carry
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, private_base, show, version_or_404
from faq.admin.next_steps import candidate_url
from faq.admin.standing import Standing
from faq.document import BadDocument
from faq.models import Policy, Version
from faq.models.record import SCHEDULED
from faq.page import lay_out


def versions(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Every version with what can be done with it."""
    policy = policy_or_404(request, policy_id)
    live = policy.version_set.in_force(request.at)
    found = policy.version_set.with_facts().select_related("approval__confirmation")
    head = publishing.head(policy)
    entries = [
        Standing.of(version, request.at, live, head)
        for version in found.defer("document").order_by("-pk")
    ]
    context = {"entries": entries, "me": acting_name(request.user)}
    return show(request, policy, "versions", _("Versions: %(policy)s") % _in(policy), context)


def version(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """One version as readers see it or will see it."""
    policy = policy_or_404(request, policy_id)
    version = version_or_404(policy, version_id)
    try:
        document = version.to_document()
    except BadDocument:
        messages.error(request, _("The wording of this version has been erased."))
        return redirect(candidate_url(version))
    page = lay_out(document, settings.POLICY_LANGUAGE, image_base=private_base())
    context = {"page": page, "policy": policy, "shown": version}
    return render(request, "admin/faq/preview.html", context)


def announce(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Show a scheduled version to readers."""
    policy = policy_or_404(request, policy_id, "add_announcement")
    version = _approved_or_404(policy, version_id)
    if request.method == "POST":
        me = acting_name(request.user)
        try:
            publishing.announce(version, by=me, at=request.at)
        except publishing.Refused as refusal:
            done = getattr(version_or_404(policy, version_id), "announcement", None)
            if done is None or done.announced_by != me:
                messages.error(request, str(refusal))
                return _back(policy)
        text = _("Version %(number)d is announced. Readers can read it now.")
        messages.success(request, text % {"number": version.approval.number})
    return _back(policy)


def withdraw(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Withdraw a scheduled version, or the one in force."""
    policy = policy_or_404(request, policy_id, "add_withdrawal")
    version = _approved_or_404(policy, version_id)
    number = version.approval.number
    me = acting_name(request.user)
    if request.method == "POST" and _withdrawn_by(version) == me:
        return _withdrawn(request, version)
    form = WithdrawForm(posted(request), initial={"shown": _meaning(policy, version, request)})
    if request.method == "POST" and form.is_valid():
        try:
            _withdraw(request, policy, version, form)
        except publishing.Refused as refusal:
            version = _approved_or_404(policy, version_id)
            if _withdrawn_by(version) == me:
                return _withdrawn(request, version)
            form.add_error(None, str(refusal))
            carry(form, "shown", _meaning(policy, version, request))
        else:
            return _withdrawn(request, version)
    scheduled = version.approval.effective_at > request.at
    context = {
        "form": form,
        "version": version,
        "scheduled": scheduled,
        "predecessor": None if scheduled else _predecessor(policy, version, request),
        "why_not": _why_not(version, request),
    }
    title = _("Withdraw version %(number)d") % {"number": number}
    return show(request, policy, "withdraw", title, context)


def hide(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Hide the wording of a version that is not in force."""
    policy = policy_or_404(request, policy_id, "add_withholding")
    version = _approved_or_404(policy, version_id)
    me = acting_name(request.user)
    form = HideForm(posted(request))
    done = False
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            publishing.withhold(version, by=me, at=request.at, reason=reason)
        except publishing.Refused as refusal:
            version = _approved_or_404(policy, version_id)
            hidden = getattr(version, "withholding", None)
            done = hidden is not None and hidden.withheld_by == me
            form.add_error(None, str(refusal))
        else:
            done = True
    if done:
        text = _("The wording of version %(number)d is hidden. Readers see the reason.")
        messages.success(request, text % {"number": version.approval.number})
        return _back(policy)
    live = policy.version_set.in_force(request.at)
    standing = Standing.of(version, request.at, live, publishing.head(policy))
    title = _("Hide the wording of version %(number)d") % {"number": version.approval.number}
    context = {"form": form, "version": version, "standing": standing}
    return show(request, policy, "hide", title, context)


def note(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Correct what readers are told of a version: a new note stands before the old ones."""
    policy = policy_or_404(request, policy_id, "add_changenote")
    version = _approved_or_404(policy, version_id)
    form = NoteForm(posted(request), initial={"text": version.note()})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        with publishing.taking_turns(policy):
            # Said already: a second click on the button, or nothing to correct.
            if _approved_or_404(policy, version_id).note() != text:
                by = acting_name(request.user)
                publishing.write_note(version, by=by, at=request.at, text=text)
        said = _("Readers now see this note of version %(number)d.")
        messages.success(request, said % {"number": version.approval.number})
        return _back(policy)
    title = _("Correct the note of version %(number)d") % {"number": version.approval.number}
    context = {"form": form, "version": version, "notes": version.notes.all()}
    return show(request, policy, "note", title, context)


def _approved_or_404(policy: Policy, version_id: int) -> Version:
    version = version_or_404(policy, version_id)
    if not hasattr(version, "approval"):
        raise Http404
    return version


def _withdraw(request: HttpRequest, policy: Policy, version: Version, form: WithdrawForm) -> None:
    with publishing.taking_turns(policy):
        if form.cleaned_data["shown"] != _meaning(policy, version, request):
            raise publishing.Refused(
                _("What this does has changed since you opened the page. Read it again.")
            )
        publishing.withdraw(
            version,
            by=acting_name(request.user),
            at=request.at,
            reason=form.cleaned_data["reason"],
        )


def _meaning(policy: Policy, version: Version, request: HttpRequest) -> str:
    """What withdrawing it would do, for the form to carry: nothing else may happen."""
    if version.approval.effective_at > request.at:
        return SCHEDULED
    earlier = _predecessor(policy, version, request)
    return str(earlier.approval.number) if earlier else "-"


def _why_not(version: Version, request: HttpRequest) -> str:
    """Why it cannot be withdrawn, in a sentence; empty if it can."""
    if hasattr(version, "withdrawal"):
        return _("This version has been withdrawn already.")
    return publishing.why_not_withdraw(version, request.at)


def _withdrawn_by(version: Version) -> str:
    withdrawal = getattr(version, "withdrawal", None)
    return withdrawal.withdrawn_by if withdrawal is not None else ""


def _withdrawn(request: HttpRequest, version: Version) -> HttpResponse:
    text = _("Version %(number)d is withdrawn.") % {"number": version.approval.number}
    messages.success(request, text)
    return _back(version.policy)


def _predecessor(policy: Policy, version: Version, request: HttpRequest) -> Version | None:
    earlier = policy.version_set.approved(request.at).exclude(pk=version.pk)
    return earlier.in_force(request.at)


def _in(policy: Policy) -> dict[str, Any]:
    return {"policy": policy.title}


def _back(policy: Policy) -> HttpResponse:
    return redirect("admin:faq_policy_versions", policy.pk)


_VERSION = "versions/<int:version_id>/"
PATHS = [
    ("versions/", versions, "versions"),
    (_VERSION, version, "version"),
    (f"{_VERSION}announce/", announce, "announce"),
    (f"{_VERSION}withdraw/", withdraw, "withdraw"),
    (f"{_VERSION}hide/", hide, "hide"),
    (f"{_VERSION}note/", note, "note"),
]
