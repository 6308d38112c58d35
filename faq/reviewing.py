"""What people say of a version before it is decided on, and who may look at it from outside."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from faq import trail
from faq.document import in_language
from faq.models import Comment, Policy, PreviewLink, Review, SignOff, Version
from faq.publishing import Refused

#: How long a preview link works unless told otherwise.
DAYS = 14
MAX_DAYS = 90


def comment(
    version: Version, *, by: str, at: datetime, text: str, item: str = "", quote: str = ""
) -> Comment:
    """Say something of a candidate: of a question or section (`item`), or of words in it."""
    with transaction.atomic():
        _check_waiting(version)
        if not text.strip():
            raise Refused(_("Write what you want to say."))
        subject = _title_of(version, item)
        made = Comment.objects.create(
            version=version,
            item=item,
            quote=quote.strip(),
            text=text.strip(),
            written_by=by,
            recorded_at=at,
        )
        trail.note(
            version.policy, "commented", by=by, at=at, version=version, item=item, subject=subject
        )
        return made


def resolve(comment: Comment, *, by: str, at: datetime) -> None:
    """Mark a comment as dealt with."""
    _set_resolved(comment, "resolved", by=by, at=at, resolved=True)


def reopen(comment: Comment, *, by: str, at: datetime) -> None:
    """Take that back."""
    _set_resolved(comment, "reopened", by=by, at=at, resolved=False)


def make_link(
    policy: Policy,
    *,
    by: str,
    at: datetime,
    name: str,
    version: Version | None = None,
    days: int = DAYS,
    asks_for_sign_off: bool = False,
) -> PreviewLink:
    """Let someone without an account see the draft (no version) or a candidate.

    `name` says for whom. Only a candidate can be signed off: a draft is another one tomorrow.
    """
    if not name.strip():
        raise Refused(_("Say for whom the link is."))
    if "@" in name:
        raise Refused(_("Write a name, not an e-mail address: it stands in the trail."))
    if not 1 <= days <= MAX_DAYS:
        raise Refused(_("A link works for 1 to %(days)d days.") % {"days": MAX_DAYS})
    if asks_for_sign_off and version is None:
        raise Refused(_("Only a version that waits for approval can be signed off."))
    with transaction.atomic():
        if version is not None:
            _check_waiting(version)
        link = PreviewLink.objects.create(
            key=secrets.token_urlsafe(12),
            policy=policy,
            version=version,
            name=name.strip(),
            asks_for_sign_off=asks_for_sign_off,
            created_by=by,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        trail.note(policy, "linked", by=by, at=at, details=link.name)
        return link


def revoke(link: PreviewLink, *, by: str, at: datetime) -> None:
    """End a preview link now; doing it twice does nothing."""
    with transaction.atomic():
        ended = PreviewLink.objects.filter(pk=link.pk, revoked_at=None)
        if ended.update(revoked_by=by, revoked_at=at):
            trail.note(link.policy, "revoked", by=by, at=at, details=link.name)


def token_of(link: PreviewLink) -> str:
    """The part of the link's address that nobody can guess."""
    return _signer().sign(link.key)


def find_link(token: str, at: datetime) -> PreviewLink | None:
    """The link with that token, if it works at that moment.

    The signature is compared in constant time before anything is looked up.
    """
    try:
        key = _signer().unsign(token)
    except signing.BadSignature:
        return None
    link = PreviewLink.objects.select_related("policy", "version").filter(key=key).first()
    return link if link is not None and link.works(at) else None


def sign_off(
    link: PreviewLink, *, at: datetime, approves: bool, comment: str = "", digest: str
) -> SignOff:
    """Record that the person a link was made for approves of the version, or objects.

    `digest` is the fingerprint of what that person saw. It publishes nothing. A second answer is
    a row of its own, and the newest counts; the same answer sent twice is one.
    """
    with transaction.atomic():
        version = link.version
        if version is None or not link.asks_for_sign_off:
            raise Refused(_("This link is for reading only."))
        _lock(version.policy_id)
        # The link may have been revoked since it was looked up.
        link = PreviewLink.objects.select_for_update().get(pk=link.pk)
        if not link.works(at):
            raise Refused(_("This link no longer works. Ask for a new one."))
        _check_waiting(version)
        if digest != version.digest:
            raise Refused(_("This is not the version you were looking at. Open it again."))
        if not approves and not comment.strip():
            raise Refused(_("Say what you object to, in a sentence."))
        last = link.sign_offs.last()
        if last and (last.approves, last.comment) == (approves, comment.strip()):
            return last
        made = SignOff.objects.create(
            link=link,
            version=version,
            digest=digest,
            name=link.name,
            approves=approves,
            comment=comment.strip(),
            recorded_at=at,
        )
        what = "signed_off" if approves else "objected"
        trail.note(link.policy, what, by=link.name, at=at, details=made.comment)
        return made


def review(policy: Policy, *, by: str, at: datetime) -> Review:
    """Record that somebody read the whole policy through and found it right.

    The same person on the same day is one review, however often the button is pressed.
    """
    with transaction.atomic():
        _lock(policy.pk)
        last = policy.review_set.last()
        zone = timezone.get_default_timezone()
        if (
            last is not None
            and last.reviewed_by == by
            and last.recorded_at.astimezone(zone).date() == at.astimezone(zone).date()
        ):
            return last
        trail.note(policy, "reviewed", by=by, at=at)
        return Review.objects.create(policy=policy, reviewed_by=by, recorded_at=at)


def _signer() -> signing.Signer:
    # The address needs a letter that no key or signature has, and that no path is split at.
    return signing.Signer(salt="faq.preview", sep="~")


def _lock(policy_id: int) -> None:
    """Lock the policy's row until the transaction ends, as every verb does first."""
    Policy.objects.select_for_update().get(pk=policy_id)


def _check_waiting(version: Version) -> None:
    """Refuse what is for candidates only, once there is a decision; the policy stays locked."""
    _lock(version.policy_id)
    if not Version.objects.candidates().filter(pk=version.pk).exists():
        raise Refused(_("This version has been decided on already."))


def _title_of(version: Version, item: str) -> str:
    """The title of a question or section in the version; raises Refused if it has none such."""
    if not item:
        return ""
    document = version.to_document()
    titles = {section.id: section.title or {} for section in document.sections if section.id}
    titles |= {question.id: question.title for question in document.questions()}
    if item not in titles:
        raise Refused(_("This version has no such question."))
    return in_language(titles[item], document.prevails)


def _set_resolved(comment: Comment, what: str, *, by: str, at: datetime, resolved: bool) -> None:
    with transaction.atomic():
        rows = Comment.objects.filter(pk=comment.pk, resolved_at__isnull=resolved)
        values = (
            {"resolved_by": by, "resolved_at": at}
            if resolved
            else {
                "resolved_by": "",
                "resolved_at": None,
            }
        )
        if rows.update(**values):
            version = comment.version
            trail.note(version.policy, what, by=by, at=at, version=version, details=comment.text)
