"""A version's own page: what it is, what it changes, what is said of it, what can be done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from faq import publishing, reviewing
from faq.admin.acting import acting_name
from faq.admin.decisions import CommentForm
from faq.admin.framing import policy_or_404, show, version_or_404
from faq.admin.next_steps import candidate_url
from faq.admin.redlines import redline_against
from faq.admin.standing import Standing
from faq.document import BadDocument, in_language
from faq.models import Comment, Policy, Version
from faq.models.record import CANDIDATE, REJECTED, SCHEDULED


def candidate(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """One version, whatever its status; most is to be done while it waits for approval."""
    policy = policy_or_404(request, policy_id, "view_version")
    return _show(request, policy, version_or_404(policy, version_id))


def comment(request: HttpRequest, policy_id: int, version_id: int) -> HttpResponse:
    """Say something of a candidate."""
    policy = policy_or_404(request, policy_id, "add_comment")
    version = version_or_404(policy, version_id)
    if request.method != "POST":
        return _to(version)
    form = CommentForm(request.POST, parts=_parts(version))
    if form.is_valid():
        try:
            made = _comment(request, version, form.cleaned_data)
        except publishing.Refused as refusal:
            messages.error(request, str(refusal))
            return _to(version)
        else:
            messages.success(request, _("Your comment is added."))
            return _to(version, f"_comment-{made.pk}")
    return _show(request, policy, version, form)


def settle(request: HttpRequest, policy_id: int, version_id: int, comment_id: int) -> HttpResponse:
    """Mark a comment as resolved, or open it again."""
    policy = policy_or_404(request, policy_id, "change_comment")
    version = version_or_404(policy, version_id)
    found = get_object_or_404(Comment, pk=comment_id, version=version)
    acts = {"resolve": reviewing.resolve, "reopen": reviewing.reopen}
    act = acts.get(request.POST.get("to", ""))
    if act is not None:
        act(found, by=acting_name(request.user), at=request.at)
    return _to(version, f"_comment-{found.pk}")


def unresolved(version: Version) -> int:
    """How many comments on it nobody has dealt with."""
    return version.comments.filter(resolved_at=None).count()


def _comment(request: HttpRequest, version: Version, said: dict[str, str]) -> Comment:
    """The comment; a second click on the button finds the first one's."""
    by = acting_name(request.user)
    with publishing.taking_turns(version.policy):
        last = version.comments.order_by("-pk").first()
        if (
            last is not None
            and last.written_by == by
            and all(getattr(last, name) == value for name, value in said.items())
        ):
            return last
        return reviewing.comment(version, by=by, at=request.at, **said)


def _show(
    request: HttpRequest, policy: Policy, version: Version, form: CommentForm | None = None
) -> HttpResponse:
    live = policy.version_set.in_force(request.at)
    standing = Standing.of(version, request.at, live, publishing.head(policy))
    waiting = standing.status == CANDIDATE
    parts = _parts(version)
    titles = dict(parts)
    comments = [
        {"comment": each, "about": titles.get(each.item, "")} for each in version.comments.all()
    ]
    base = _base(policy, version, standing, live)
    hidden = any(hasattr(each, "withholding") for each in (version, base) if each is not None)
    me = acting_name(request.user)
    context: dict[str, Any] = {
        "version": version,
        "standing": standing,
        "waiting": waiting,
        "own": policy.second_person and version.frozen_by == me,
        "me": me,
        "comments": comments,
        "counts": _counts(version),
        "unresolved": unresolved(version),
        "sign_offs": version.sign_offs.all(),
        "notes": version.notes.all(),
        "base": base,
        "redline": None if hidden else redline_against(base, version.to_document()),
        "form": form or CommentForm(parts=parts),
    }
    title = _("Waiting for approval: %(policy)s") % {"policy": policy.title}
    if not waiting:
        title = f"{policy.title}: {standing.name}"
    return show(request, policy, "candidate", title, context)


def _base(
    policy: Policy, version: Version, standing: Standing, live: Version | None
) -> Version | None:
    """What a version is compared with: what is in force, or what it replaced."""
    if standing.status in {CANDIDATE, REJECTED, SCHEDULED}:
        return live
    return policy.version_set.with_facts().defer("document").replaced_by(version)


def _parts(version: Version) -> list[tuple[str, str]]:
    """Each section and question of a version with its title, in the order of the page.

    None once its wording was erased.
    """
    try:
        document = version.to_document()
    except BadDocument:
        return []
    found = []
    for section in document.sections:
        if section.id:
            found.append((section.id, section.title or {}))
        found += [(question.id, question.title) for question in section.questions]
    return [(key, in_language(title, document.prevails)) for key, title in found]


def _counts(version: Version) -> dict[str, int]:
    """The number of comments on each part."""
    counts: dict[str, int] = {}
    for each in version.comments.all():
        counts[each.item] = counts.get(each.item, 0) + 1
    return counts


def _to(version: Version, place: str = "") -> HttpResponse:
    url = candidate_url(version)
    return redirect(f"{url}#{place}" if place else url)


_PAGE = "candidates/<int:version_id>/"
PATHS = [
    (_PAGE, candidate, "candidate"),
    (f"{_PAGE}comment/", comment, "comment"),
    (f"{_PAGE}comments/<int:comment_id>/", settle, "settle"),
]
