"""Sending the draft for approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from faq import mail, publishing
from faq.admin.acting import acting_name
from faq.admin.decisions import SendForm, carry
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, say_not_mailed, show
from faq.admin.next_steps import candidate_url
from faq.admin.redlines import redline_against
from faq.admin.status import PolicyStatus
from faq.digest import fingerprint
from faq.models import Policy, Version


def send(request: HttpRequest, policy_id: int) -> HttpResponse:
    """What changed, what those who decide are told: and send it for approval."""
    policy = policy_or_404(request, policy_id, "add_version")
    status = PolicyStatus.of(policy, request.at)
    digest = fingerprint(status.draft.to_json())
    first = not policy.approval_set.exists()
    form = SendForm(posted(request), first=first, initial={"expected": digest})
    if request.method == "POST" and form.is_valid():
        try:
            version, fresh = _freeze(request, policy, form)
        except publishing.Refused as refusal:
            form.add_error(None, str(refusal))
            carry(form, "expected", digest)
        else:
            return _sent(request, version, fresh=fresh)
    context = {
        "status": status,
        "form": form,
        "redline": redline_against(status.live, status.draft),
        "waiting": policy.version_set.candidates()
        .filter(digest=digest, base=publishing.head(policy))
        .first(),
    }
    title = _("Send for approval: %(policy)s") % {"policy": policy.title}
    return show(request, policy, "send", title, context)


def _freeze(request: HttpRequest, policy: Policy, form: SendForm) -> tuple[Version, bool]:
    """The candidate, and whether it is new: a second click on the button finds the first one's."""
    expected = form.cleaned_data["expected"]
    with publishing.taking_turns(policy):
        same = policy.version_set.candidates().filter(digest=expected)
        waiting = same.filter(base=publishing.head(policy)).first()
        if waiting is not None:
            return waiting, False
        version = publishing.freeze(
            policy,
            by=acting_name(request.user),
            at=request.at,
            summary=form.cleaned_data["summary"],
            note=form.cleaned_data["note"],
            material=form.material(),
            expected=expected,
        )
    return version, True


def _sent(request: HttpRequest, version: Version, *, fresh: bool) -> HttpResponse:
    if fresh:
        say_not_mailed(request, mail.tell_approvers(version))
    if fresh or version.frozen_by == acting_name(request.user):
        messages.success(request, _("Sent for approval. Readers see nothing of it yet."))
    else:
        messages.info(request, _("This wording waits for approval already."))
    return redirect(candidate_url(version))


PATHS = [("send/", send, "send")]
