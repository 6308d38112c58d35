"""The verbs: the only code that writes the record.

Each verb is one function and one transaction, locks the policy's row first, and is told the
moment (`at`) and who acts (`by`, as text). What it will not do it refuses with `Refused`, in a
sentence for the person who asked, and then nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from faq import anchors, digest, images, restoring, rewordings, trail
from faq.document import BadDocument, Document, in_language
from faq.models import (
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    Confirmation,
    Policy,
    Question,
    Rejection,
    Section,
    Version,
    Withdrawal,
    Withholding,
)
from faq.models.record import GROUNDS
from faq.models.working_copy import Named
from faq.redline import compare


class Refused(Exception):
    """A verb will not do what was asked; its text says why and what to do instead."""


@dataclass(frozen=True)
class PastVersion:
    """One step of a history: what to make of the working copy, and how to publish it."""

    prepare: Callable[[], None]
    effective_at: datetime
    material: bool
    note: str


@contextmanager
def taking_turns(policy: Policy) -> Iterator[Policy]:
    """Hold the policy's row, so that what is looked at first is still so when a verb acts on it."""
    with transaction.atomic():
        yield _lock(policy)


def freeze(
    policy: Policy,
    *,
    by: str,
    at: datetime,
    summary: str = "",
    note: str = "",
    material: bool | None = None,
    expected: str | None = None,
) -> Version:
    """Copy the working copy into a candidate: Markdown, HTML, digest and the head it stands on.

    `summary` is for those who decide; `note` and `material` are what the sender proposes to tell
    readers. `expected` is the digest of the wording that the sender saw, as in `publish`.

    Refuses an empty working copy, one without changes, names that two questions claim, and the
    loss of any name that was ever public.
    """
    with transaction.atomic():
        policy = _lock(policy)
        document = policy.to_document()
        _check_wording(document)
        _check_names(policy, document)
        if fault := images.fault(document):
            raise Refused(fault)
        newest = policy.version_set.newest()
        if newest is not None and not compare(newest.to_document(), document):
            raise Refused(
                _("Nothing has changed since version %(number)d. Edit a question first.")
                % {"number": newest.approval.number}
            )
        try:
            data = document.to_json()
        except BadDocument as error:
            raise Refused(str(error)) from None
        fingerprint = digest.fingerprint(data)
        if expected is not None and fingerprint != expected:
            raise Refused(
                _("The draft has changed since you opened this page. Look at the changes again.")
            )
        version = Version.objects.create(
            policy=policy,
            document=data,
            digest=fingerprint,
            base=_head(policy)[1],
            frozen_by=by,
            frozen_at=at,
            summary=summary.strip(),
            proposed_note=note.strip(),
            proposed_material=material,
        )
        images.note_uses(version, document)
        trail.note(policy, "frozen", by=by, at=at, details=version.summary)
        return version


def approve(
    version: Version,
    *,
    by: str,
    at: datetime,
    effective_at: datetime | None = None,
    material: bool,
    note: str = "",
    announce: bool | None = None,
    grounds: Iterable[str] = (),
    emergency_reason: str = "",
    expected: str | None = None,
) -> Approval:
    """Give a candidate its number and the moment from which it is in force.

    `effective_at` is now if it is None. Only a policy's first version may be dated back.
    `material` says that readers must know: then a note is required and a scheduled version is
    announced, unless `announce` says otherwise. `grounds` (of `GROUNDS`) are changes that can
    never be minor. Where a second person is demanded, whoever froze it is refused, unless
    `emergency_reason` says why one person decides alone: who may say so is for the caller to
    check. `expected` is the digest of what the person saw. Refuses what DESIGN 3 names.
    """
    with transaction.atomic():
        policy = _lock(version.policy)
        shown = version.digest if expected is None else expected
        version = Version.objects.get(pk=version.pk)  # as it is stored now
        if shown != version.digest:
            raise Refused(_("This is not the version you were looking at. Open it again."))
        effective_at = effective_at or at
        first = not Approval.objects.filter(policy=policy).exists()
        alone = policy.second_person and version.frozen_by == by
        if alone and not emergency_reason.strip():
            raise Refused(
                _("You sent this version for approval yourself: another person must approve it.")
            )
        grounds = " ".join(sorted(set(grounds)))
        if not set(grounds.split()) <= set(GROUNDS):
            raise ValueError(f"not among GROUNDS: {grounds}")
        if grounds and not material:
            raise Refused(
                _("A change of purpose, controller or rights is one that readers must know of.")
            )
        if material and not first:
            _check_notice(policy, at=at, effective_at=effective_at, announce=announce)
        if effective_at < at and not first:
            raise Refused(
                _("%(moment)s is in the past. Choose now or a later time.")
                % {"moment": _said(effective_at)}
            )
        return _approve(
            policy,
            version,
            by=by,
            at=at,
            effective_at=effective_at,
            material=material,
            note=note,
            note_needed=material and not first,
            announced=material if announce is None else announce,
            grounds=grounds,
            emergency_reason=emergency_reason.strip() if alone else "",
        )


def head(policy: Policy) -> str:
    """The chain value of the record's newest entry: a candidate with another `base` is overtaken.

    Something was decided since it was sent, so it must be sent again.
    """
    return _head(policy)[1]


def publish(
    policy: Policy,
    *,
    by: str,
    at: datetime,
    effective_at: datetime | None = None,
    material: bool,
    note: str = "",
    announce: bool | None = None,
    grounds: Iterable[str] = (),
    emergency_reason: str = "",
    expected: str | None = None,
) -> Approval:
    """Freeze and approve in one step, or do neither.

    `expected` is the digest of the wording that the person saw before deciding; if the working
    copy has changed since, nothing is published.
    """
    with transaction.atomic():
        version = freeze(policy, by=by, at=at, expected=expected)
        return approve(
            version,
            by=by,
            at=at,
            effective_at=effective_at,
            material=material,
            note=note,
            announce=announce,
            grounds=grounds,
            emergency_reason=emergency_reason,
        )


def replay(policy: Policy, steps: Iterable[PastVersion], *, by: str, at: datetime) -> None:
    """Publish a history with the dates it really had, into a policy that has no version yet."""
    with transaction.atomic():
        policy = _lock(policy)
        if policy.version_set.exists():
            raise Refused(_("This policy has versions already. A history needs a new policy."))
        for step in steps:
            if step.effective_at > at:
                raise Refused(_("A history has no dates in the future. Schedule that version."))
            step.prepare()
            version = freeze(policy, by=by, at=at)
            _approve(
                policy,
                version,
                by=by,
                at=at,
                effective_at=step.effective_at,
                material=step.material,
                note=step.note,
                note_needed=False,
                announced=False,
            )


def reject(version: Version, *, by: str, at: datetime, reason: str) -> Rejection:
    """Send a candidate back with a reason."""
    with transaction.atomic():
        policy = _lock(version.policy)
        _check_undecided(version)
        reason = _needed(reason)
        trail.note(policy, "rejected", by=by, at=at, details=reason)
        return Rejection.objects.create(
            version=version, reason=reason, rejected_by=by, recorded_at=at
        )


def withdraw(version: Version, *, by: str, at: datetime, reason: str) -> Withdrawal:
    """Take an approved version out of force at once; the one before it applies again."""
    with transaction.atomic():
        policy = _lock(version.policy)
        version = Version.objects.select_related("approval", "withdrawal").get(pk=version.pk)
        if not hasattr(version, "approval"):
            raise Refused(_("Only an approved version can be withdrawn."))
        if hasattr(version, "withdrawal"):
            raise Refused(_("This version has been withdrawn already."))
        _check_can_withdraw(policy, version, at)
        number, previous = _head(policy)
        entry = Withdrawal(
            policy=policy,
            version=version,
            recorded_at=_not_backwards(policy, at),
            seq=number + 1,
            previous=previous,
            reason=_needed(reason),
            withdrawn_by=by,
        )
        entry.chain = entry.computed_chain()
        entry.save()
        trail.note(policy, "withdrawn", by=by, at=at, version=version, details=entry.reason)
        return entry


def can_withdraw(version: Version, at: datetime) -> bool:
    """Whether `withdraw` would do it."""
    if not hasattr(version, "approval") or hasattr(version, "withdrawal"):
        return False
    return not why_not_withdraw(version, at)


def why_not_withdraw(version: Version, at: datetime) -> str:
    """Why an approved version that stands cannot be withdrawn; empty if it can."""
    try:
        _check_can_withdraw(version.policy, version, at)
    except Refused as refusal:
        return str(refusal)
    return ""


def announce(version: Version, *, by: str, at: datetime) -> Announcement:
    """Show a scheduled version to readers before it applies."""
    with transaction.atomic():
        policy = _lock(version.policy)
        version = Version.objects.with_facts().get(pk=version.pk)
        scheduled = policy.version_set.scheduled(at)
        if version.pk not in {each.pk for each in scheduled}:
            raise Refused(_("Only a scheduled version can be announced."))
        if hasattr(version, "announcement"):
            raise Refused(_("This version has been announced already."))
        earlier = scheduled.filter(
            announcement__isnull=True, approval__number__lt=version.approval.number
        ).first()
        if earlier is not None:
            raise Refused(
                _("Version %(number)d applies before it and is not announced. Announce it first.")
                % {"number": earlier.approval.number}
            )
        trail.note(policy, "announced", by=by, at=at, version=version)
        return Announcement.objects.create(version=version, announced_by=by, recorded_at=at)


def withhold(version: Version, *, by: str, at: datetime, reason: str) -> Withholding:
    """Hide the wording of a version that is not in force, with a reason readers will see."""
    with transaction.atomic():
        policy = _lock(version.policy)
        version = Version.objects.with_facts().get(pk=version.pk)
        _check_can_withhold(policy, version, at)
        reason = _needed(reason)
        trail.note(policy, "withheld", by=by, at=at, version=version, details=reason)
        return Withholding.objects.create(
            version=version, reason=reason, withheld_by=by, recorded_at=at
        )


def write_note(version: Version, *, by: str, at: datetime, text: str) -> ChangeNote:
    """Write the reader's note of what changed; a later row corrects an earlier one."""
    with transaction.atomic():
        policy = _lock(version.policy)
        text = _needed(text)
        trail.note(policy, "noted", by=by, at=at, version=version, details=text)
        return ChangeNote.objects.create(version=version, text=text, written_by=by, recorded_at=at)


def confirm(approval: Approval, *, by: str, at: datetime) -> Confirmation:
    """Stand by an approval that somebody else gave alone in an emergency."""
    with transaction.atomic():
        policy = _lock(approval.policy)
        if not approval.emergency_reason:
            raise Refused(_("This version was not approved in an emergency."))
        if Confirmation.objects.filter(approval=approval).exists():
            raise Refused(_("This approval has been confirmed already."))
        if approval.approved_by == by:
            raise Refused(_("You approved this version yourself: another person must confirm it."))
        if Withdrawal.objects.filter(version=approval.version_id).exists():
            raise Refused(_("This version was withdrawn: there is nothing left to confirm."))
        trail.note(policy, "confirmed", by=by, at=at, version=approval.version)
        return Confirmation.objects.create(approval=approval, confirmed_by=by, recorded_at=at)


def restore(version: Version, *, by: str, at: datetime, expected: str | None = None) -> None:
    """Make an approved version the working copy; readers see nothing of it until it is published.

    Questions newer than it are removed, with a reason that can be rewritten, and those never
    published are put aside. Link names stay as they are now: they are not part of the wording.
    `expected` is the digest of the working copy that the person agreed to lose.
    """
    with transaction.atomic():
        policy = _lock(version.policy)
        version = Version.objects.with_facts().get(pk=version.pk)
        if not hasattr(version, "approval"):
            raise Refused(_("Only a published version can be copied into the draft."))
        if hasattr(version, "withholding"):
            raise Refused(_("The wording of this version is hidden. Choose another one."))
        if expected is not None:
            # No save goes on meanwhile: it would be lost without anybody having seen it.
            list(policy.section_set.select_for_update().values_list("pk"))
            list(policy.question_set.select_for_update().values_list("pk"))
            if digest.fingerprint(policy.to_document().to_json()) != expected:
                raise Refused(
                    _("The draft has changed since you opened this page. Look at it again.")
                )
        restoring.put_back(policy, version, by=by, at=at)
        trail.note(policy, "restored", by=by, at=at, version=version)


def retire(
    item: Question | Section,
    *,
    by: str = "",
    at: datetime,
    reason: str,
    successor: Named | None = None,
) -> None:
    """Remove a question or section from the working copy; its links go on working.

    One that was never published is deleted, for no link leads to it. Otherwise a reason is
    needed, and `successor` (of the same kind) gets its links. Without `by` it is part of a
    larger step, such as an import, which has a line of its own in the trail.
    """
    with transaction.atomic():
        policy = _lock(item.policy)
        if isinstance(item, Section) and item.questions.filter(retired_at=None).exists():
            raise Refused(_("This section still has questions. Move or remove them first."))
        if not policy.anchor_set.filter(**{item._meta.model_name or "": item}).exists():
            if by:
                trail.note(policy, "removed", by=by, at=at, item=item)
            _delete(item)
            return
        if successor is not None:
            _check_successor(item, successor)
        item.retired_at = item.retired_at or at
        item.retired_reason = _needed(reason)
        item.successor = successor
        _save_place(item)
        if by:
            trail.note(policy, "removed", by=by, at=at, item=item, details=item.retired_reason)


def unretire(item: Question | Section, *, by: str = "", at: datetime) -> None:
    """Take a removed question or section back into the working copy."""
    with transaction.atomic():
        policy = _lock(item.policy)
        item.retired_at, item.retired_reason, item.successor = None, "", None
        item.set_aside = False
        _save_place(item)
        if by:
            trail.note(policy, "brought_back", by=by, at=at, item=item)


def _save_place(item: Question | Section) -> None:
    """Save that something is removed or back; a form that is open on it is told."""
    fields = ("retired_at", "retired_reason", "successor", "set_aside")
    values = {name: getattr(item, name) for name in fields}
    rows = type(item)._default_manager.filter(pk=item.pk)
    rows.update(**values, revision=F("revision") + 1)
    item.revision = rows.values_list("revision", flat=True).get()


def _approve(
    policy: Policy,
    version: Version,
    *,
    by: str,
    at: datetime,
    effective_at: datetime,
    material: bool,
    note: str,
    note_needed: bool,
    announced: bool,
    grounds: str = "",
    emergency_reason: str = "",
) -> Approval:
    """Write an approval with all that goes with it. The policy's row is locked."""
    version = Version.objects.get(pk=version.pk)
    _check_undecided(version)
    seq, head = _head(policy)
    if version.base != head:
        raise Refused(
            _("Another version was decided on since this one was sent. Send the draft again.")
        )
    if digest.fingerprint(version.data()) != version.digest:
        raise Refused(_("The stored text does not match its fingerprint. Nothing was approved."))
    if note_needed and not note.strip():
        raise Refused(_("Readers must know of this change: write what changed."))
    last = policy.version_set.approved(at).order_by("-approval__effective_at").first()
    if last is not None and effective_at <= last.approval.effective_at:
        raise Refused(
            _(
                "Version %(number)d applies from %(moment)s. Choose a later time, or withdraw "
                "that version first."
            )
            % {"number": last.approval.number, "moment": _said(last.approval.effective_at)}
        )
    document = version.to_document()
    _check_still_there(policy, document)
    _check_names(policy, document)
    approval = Approval(
        policy=policy,
        version=version,
        number=Approval.objects.filter(policy=policy).count() + 1,
        effective_at=effective_at,
        material=material,
        grounds=grounds,
        approved_by=by,
        emergency_reason=emergency_reason,
        recorded_at=_not_backwards(policy, at),
        seq=seq + 1,
        previous=head,
    )
    approval.chain = approval.computed_chain()
    try:
        with transaction.atomic():
            approval.save()
    except IntegrityError:
        raise Refused(_("Somebody decided on this version at the same moment.")) from None
    _write_anchors(policy, version, document)
    rewordings.note(approval, document)
    what = "approved_alone" if emergency_reason else "approved"
    trail.note(policy, what, by=by, at=at, version=version, details=emergency_reason)
    if note.strip():
        write_note(version, by=by, at=at, text=note)
    if announced and effective_at > at:
        # What applies before it is made public with it, or the history would have a hole.
        for earlier in policy.version_set.scheduled(at).filter(announcement__isnull=True):
            announce(earlier, by=by, at=at)
    return approval


def _lock(policy: Policy) -> Policy:
    """Lock the policy's row until the transaction ends, so that verbs take turns."""
    return Policy.objects.select_for_update().get(pk=policy.pk)


def _head(policy: Policy) -> tuple[int, str]:
    """The seq and chain value of the record's newest entry: 0 and GENESIS if it is empty."""
    entries: list[Any] = [
        *Approval.objects.filter(policy=policy).order_by("-seq")[:1],
        *Withdrawal.objects.filter(policy=policy).order_by("-seq")[:1],
    ]
    newest = max(entries, key=lambda entry: entry.seq, default=None)
    return (newest.seq, newest.chain) if newest else (0, digest.GENESIS)


def _not_backwards(policy: Policy, at: datetime) -> datetime:
    """Refuse to record a decision before the last one: the machine's clock must be wrong."""
    for model in (Approval, Withdrawal):
        later = model.objects.filter(policy=policy, recorded_at__gt=at).first()
        if later is not None:
            raise Refused(
                _(
                    "This machine's clock says %(now)s, but a decision was recorded at %(then)s. "
                    "Set the clock right."
                )
                % {"now": _said(at), "then": _said(later.recorded_at)}
            )
    return at


def _check_notice(
    policy: Policy, *, at: datetime, effective_at: datetime, announce: bool | None
) -> None:
    """Refuse a change that readers must know of if it comes sooner than the policy promises."""
    if not policy.notice_days:
        return
    earliest = at + timedelta(days=policy.notice_days)
    if effective_at < earliest:
        raise Refused(
            _(
                "Readers get %(days)d days' notice of such a change: it can apply from "
                "%(moment)s. Choose that moment or a later one."
            )
            % {"days": policy.notice_days, "moment": _said(earliest)}
        )
    if announce is False:
        raise Refused(_("Readers get notice of such a change: it must be announced."))


def _check_undecided(version: Version) -> None:
    if Approval.objects.filter(version=version).exists():
        raise Refused(_("This version has been approved already."))
    if Rejection.objects.filter(version=version).exists():
        raise Refused(_("This version was sent back. Send the draft again."))


def _check_can_withdraw(policy: Policy, version: Version, at: datetime) -> None:
    if version.approval.effective_at > at:
        return
    live = policy.version_set.in_force(at)
    if live is None or live.pk != version.pk:
        raise Refused(_("Only the version in force or a scheduled one can be withdrawn."))
    before = policy.version_set.exclude(pk=version.pk).with_facts().in_force(at)
    if before is None:
        raise Refused(
            _("There is no earlier version to apply again. Publish a corrected one instead.")
        )
    if hasattr(before, "withholding"):
        raise Refused(
            _(
                "Version %(number)d would apply again, but its wording is hidden. Publish a "
                "corrected one instead."
            )
            % {"number": before.approval.number}
        )


def _check_can_withhold(policy: Policy, version: Version, at: datetime) -> None:
    if not hasattr(version, "approval"):
        raise Refused(_("Only an approved version can be hidden: readers never saw this one."))
    live = policy.version_set.in_force(at)
    if live is not None and live.pk == version.pk:
        raise Refused(_("The version in force cannot be hidden. Publish another one first."))
    if version.approval.effective_at > at and not version.withdrawn_by(at):
        raise Refused(_("This version has not applied yet. Withdraw it first."))
    if hasattr(version, "withholding"):
        raise Refused(_("The wording of this version is hidden already."))


def _check_wording(document: Document) -> None:
    if not any(document.questions()):
        raise Refused(_("The policy has no questions yet. Add one first."))
    for question in document.questions():
        if not question.answer:
            raise Refused(
                _("“%(title)s” has no answer yet. Write one, or remove the question.")
                % {"title": in_language(question.title, document.prevails)}
            )


def _check_still_there(policy: Policy, document: Document) -> None:
    """Refuse a candidate about things that the policy has no longer: drafts may be deleted."""
    if document.policy != policy.slug:
        raise Refused(
            _("The policy's address has changed since this version was sent. Send the draft again.")
        )
    titles = {section.id: section.title or {} for section in document.sections if section.id}
    titles |= {question.id: question.title for question in document.questions()}
    present = {
        str(key)
        for items in (policy.section_set, policy.question_set)
        for key in items.values_list("pk", flat=True)
    }
    for key, title in titles.items():
        if key not in present:
            raise Refused(
                _("“%(title)s” was deleted since this version was sent. Send the draft again.")
                % {"title": in_language(title, document.prevails)}
            )


def _check_names(policy: Policy, document: Document) -> None:
    """Refuse names that cannot be anchors, that two hold, or that would stop working."""
    holders: dict[str, str] = {}
    ledger = list(policy.anchor_set.all())
    known = {entry.name for entry in ledger}
    for name in _given_names(document):
        if name not in known and (fault := anchors.fault(name)):
            raise Refused(f"“{name}”: {fault}")
    for name, holder in document.holders():
        if holders.setdefault(name, holder) != holder:
            raise Refused(
                _("Two places have the link name “%(name)s”. Give one of them another.")
                % {"name": name}
            )
    never_public = policy.version_set.never_public_names()
    for entry in ledger:
        kept_by = holders.get(entry.name)
        if kept_by is None and entry.name in never_public:
            continue
        if kept_by is None:
            raise Refused(
                _(
                    "Links to “%(name)s” would stop working. Bring back what it leads to, or "
                    "remove it with a reason."
                )
                % {"name": entry.name}
            )
        if kept_by != str(entry.holder_id):
            raise Refused(
                _("The link name “%(name)s” belongs to something else for ever. Choose another.")
                % {"name": entry.name}
            )


def _given_names(document: Document) -> Iterator[str]:
    """The names that people gave; those of sub-headings are made here and are right."""
    for section in document.sections:
        if section.anchor:
            yield section.anchor
        yield from section.aliases
    for question in document.questions():
        yield from (question.anchor, *question.aliases)
    for entry in document.retired:
        yield from entry.anchors


def _write_anchors(policy: Policy, version: Version, document: Document) -> None:
    """Write the names that became public.

    The document gives each current name before the older ones, and the first name written is
    for ever the one that sub-headings stand below.
    """
    known = set(policy.anchor_set.values_list("name", flat=True))
    sections = {str(key) for key in policy.section_set.values_list("pk", flat=True)}
    Anchor.objects.bulk_create(
        Anchor(
            policy=policy,
            name=name,
            version=version,
            section_id=holder if holder in sections else None,
            question_id=None if holder in sections else holder,
        )
        for name, holder in dict(document.holders()).items()
        if name not in known
    )


def _check_successor(item: Named, successor: Named) -> None:
    same_kind = isinstance(successor, type(item)) and successor.policy_id == item.policy_id
    if not same_kind or successor.pk == item.pk:
        raise Refused(_("Choose another question of the same policy to take over the links."))
    if successor.retired_at is not None:
        raise Refused(_("“%(title)s” was removed itself. Choose another.") % {"title": successor})


def _delete(item: Question | Section) -> None:
    """Delete something that was never published, freeing whatever pointed to it."""
    if isinstance(item, Section):
        item.questions.update(section=None)
    item.predecessors.update(successor=None)
    item.delete()


def _needed(text: str) -> str:
    if not text.strip():
        raise Refused(_("Say why, in a sentence."))
    return text.strip()


def _said(moment: datetime) -> str:
    """A moment as people read it, in the site's legal time zone."""
    return date_format(timezone.localtime(moment), "j F Y, H:i")
