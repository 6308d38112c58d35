"""Copying a past version into the draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq import publishing
from faq.admin.acting import acting_name
from faq.admin.decisions import CopyForm, carry
from faq.admin.forms import posted
from faq.admin.framing import policy_or_404, show, version_or_404
from faq.admin.status import SUBJECTS
from faq.digest import fingerprint
from faq.document import Document, in_language
from faq.models import Policy, Version
from faq.redline import ADDED, MOVED, RELINKED, RETIRED, compare

#: What happens to each kind of thing, in words.
REPLACED, REMOVED, ASIDE, BACK, PUT = (
    gettext_lazy("gets its former wording"),
    gettext_lazy("is removed, with a reason that you can rewrite"),
    gettext_lazy("is put aside: it was never published"),
    gettext_lazy("comes back"),
    gettext_lazy("goes back to its former place"),
)


@dataclass(frozen=True)
class Loss:
    """One thing in the draft, and what becomes of it."""

    title: str
    what: str


def copy(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """What in the draft would be replaced, removed or put aside: and do it."""
    policy = policy_or_404(request, policy_id, "restore_version")
    version = version_or_404(policy, version_id)
    if not hasattr(version, "approval"):
        raise Http404
    hidden = hasattr(version, "withholding")
    draft = policy.to_document()
    losses = [] if hidden else _losses(policy, draft, version)
    fresh = {"expected": fingerprint(draft.to_json())}
    form = CopyForm(posted(request), initial=fresh)
    if request.method == "POST" and not hidden and not losses:
        return _copied(request, version)  # a second click on the button
    if request.method == "POST" and form.is_valid():
        try:
            publishing.restore(
                version,
                by=acting_name(request.user),
                at=request.at,
                expected=form.cleaned_data["expected"],
            )
        except publishing.Refused as refusal:
            if not hidden and not _losses(policy, policy.to_document(), version):
                return _copied(request, version)
            form.add_error(None, str(refusal))
            carry(form, "expected", fresh["expected"])
        else:
            return _copied(request, version)
    live = policy.version_set.in_force(request.at)
    context = {"version": version, "form": form, "losses": losses, "hidden": hidden, "live": live}
    title = _("Copy version %(number)d into the draft") % {"number": version.approval.number}
    return show(request, policy, "copy", title, context)


def _losses(policy: Policy, draft: Document, version: Version) -> list[Loss]:
    """What the draft would lose or get back; link names stay as they are."""
    published = {str(entry.holder_id) for entry in policy.anchor_set.all()}
    found = []
    for change in compare(draft, version.to_document()):
        kinds = set(change.kinds) - {RELINKED}
        if not kinds:
            continue
        if RETIRED in kinds:
            what = REMOVED if change.id in published else ASIDE
        elif ADDED in kinds:
            what = BACK
        else:
            what = PUT if kinds == {MOVED} else REPLACED
        title = in_language(change.old_title or change.title, draft.prevails)
        subject = str(SUBJECTS[change.subject])
        found.append(Loss(title if change.subject != "policy" else subject, str(what)))
    return found


def _copied(request: HttpRequest, version: Version) -> HttpResponse:
    text = _("The draft has the wording of version %(number)d. Nothing is published.")
    messages.success(request, text % {"number": version.approval.number})
    return redirect("admin:faq_policy_questions", version.policy_id)


PATHS = [("versions/<int:version_id>/copy/", copy, "copy")]
