"""The record: what was frozen, who decided what and when. Every row is written once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from faq.digest import GENESIS, link
from faq.document import BadDocument, Document
from faq.immutable import WriteOnce
from faq.models.working_copy import Named, Policy, Question, Section
from faq.page import Later, said
from faq.querysets import VersionQuerySet

if TYPE_CHECKING:
    from django.utils.functional import Promise

CANDIDATE, REJECTED, SCHEDULED, LIVE, SUPERSEDED, WITHDRAWN = (
    "candidate",
    "rejected",
    "scheduled",
    "live",
    "superseded",
    "withdrawn",
)

ON_SCREEN: dict[str, str | Promise] = {
    CANDIDATE: _("Waiting for approval"),
    REJECTED: _("Sent back"),
    SCHEDULED: _("Applies later"),
    LIVE: _("In force"),
    SUPERSEDED: _("Replaced"),
    WITHDRAWN: _("Withdrawn"),
}


#: Changes that are never mere wording: each of them readers must know of (WP260, section 29).
GROUNDS: dict[str, str | Promise] = {
    "purpose": _("A new purpose: information is used for something else"),
    "controller": _("A new controller: somebody else answers for the information"),
    "rights": _("How people use their rights has changed"),
}

#: What a version did to a question's wording.
REWORDED, GONE = "reworded", "gone"


class Version(WriteOnce):
    """A frozen Document, stored as the exact canonical bytes that were hashed."""

    policy = models.ForeignKey(Policy, models.PROTECT)
    document = models.BinaryField()
    digest = models.CharField(max_length=64)
    #: The chain value of the record's newest entry when this was frozen.
    base = models.CharField(max_length=64, default=GENESIS)
    frozen_by = models.CharField(max_length=150)
    frozen_at = models.DateTimeField()
    #: What the editor says to those who decide, and proposes to tell readers.
    summary = models.TextField(blank=True)
    proposed_note = models.TextField(blank=True)
    proposed_material = models.BooleanField(null=True)

    objects: ClassVar[Any] = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("restore_version", "Can copy a version into the draft")]

    def __str__(self) -> str:
        approval = getattr(self, "approval", None)
        if approval is None:
            return f"{self.policy_id}: candidate {self.pk}"
        return f"{self.policy_id}: version {approval.number}"

    def data(self) -> bytes:
        """The stored bytes, whatever buffer type the database driver gives."""
        return bytes(self.document)

    def to_document(self) -> Document:
        """The frozen Document."""
        return Document.from_json(self.data())

    def holders(self) -> list[tuple[str, str]]:
        """Every name it has, with the id of the question or section that holds it.

        Once its wording was erased the ledger says which names it must have had.
        """
        try:
            return list(self.to_document().holders())
        except BadDocument:
            return self._holders_by_the_ledger()

    def _holders_by_the_ledger(self) -> list[tuple[str, str]]:
        """The names of before it, which it kept, and those that came with it.

        It may have left out what came with a version that nobody saw. Then it had not got the
        question either; of a section nothing tells, and a link too many is better than one lost.
        """
        policy, number = self.policy_id, self.approval.number
        ledger = Anchor.objects.filter(policy=policy, version__approval__number__lte=number)
        unseen = set(
            Version.objects.filter(policy=policy).never_public().values_list("pk", flat=True)
        )
        questions = [entry.question_id for entry in ledger if entry.version_id in unseen]
        noted = Rewording.objects.filter(
            question__in=questions, version__approval__number__lte=number
        ).order_by("version_id")
        last = dict(noted.values_list("question_id", "kind"))
        return [
            (entry.name, str(entry.holder_id))
            for entry in ledger
            if entry.version_id not in unseen or last.get(entry.question_id) != GONE
        ]

    def withdrawn_by(self, at: datetime) -> bool:
        """Whether it had been withdrawn at that moment."""
        withdrawal = getattr(self, "withdrawal", None)
        return withdrawal is not None and withdrawal.recorded_at <= at

    def was_ever_in_force(self, at: datetime) -> bool:
        """Whether its moment came, by `at`, before it was withdrawn."""
        approval = getattr(self, "approval", None)
        if approval is None or approval.effective_at > at:
            return False
        withdrawal = getattr(self, "withdrawal", None)
        return withdrawal is None or withdrawal.recorded_at > approval.effective_at

    def can_never_be_public(self) -> bool:
        """Whether it was withdrawn before anybody outside could read it."""
        withdrawal = getattr(self, "withdrawal", None)
        if withdrawal is None or getattr(self, "announcement", None) is not None:
            return False
        return bool(withdrawal.recorded_at <= self.approval.effective_at)

    def is_public(self, at: datetime) -> bool:
        """Whether readers may see it: announced, or once in force."""
        announcement = getattr(self, "announcement", None)
        announced = announcement is not None and announcement.recorded_at <= at
        return announced or self.was_ever_in_force(at)

    def status(self, at: datetime, *, live: Version | None) -> str:
        """Its status at a moment, given the version that is in force then."""
        if getattr(self, "rejection", None) is not None:
            return REJECTED
        approval = getattr(self, "approval", None)
        if approval is None:
            return CANDIDATE
        if self.withdrawn_by(at):
            return WITHDRAWN
        if approval.effective_at > at:
            return SCHEDULED
        return LIVE if live is not None and live.pk == self.pk else SUPERSEDED

    def names_made_public_later(
        self, document: Document, at: datetime
    ) -> tuple[dict[str, list[str]], list[Later]]:
        """Names that versions after this one made public before they were withdrawn.

        A link into a withdrawn version must still lead somewhere on the page in force: to its
        question, if this version has it (first value, names by id), or to the version that
        had it (second value).
        """
        withdrawn = Version.objects.public(at).filter(
            policy=self.policy_id,
            approval__number__gt=self.approval.number,
            withdrawal__recorded_at__lte=at,
        )
        known = {name for name, _holder in document.holders()}
        here = {holder for _name, holder in document.holders()}
        extra: dict[str, list[str]] = {}
        later: list[Later] = []
        for name, holder, version in _names_in(withdrawn.select_related("approval", "withholding")):
            if name in known:
                continue
            known.add(name)
            if holder in here:
                extra.setdefault(holder, []).append(name)
            else:
                title = version.frozen_title(holder) or name
                later.append(Later(name, title, version.approval.number))
        return extra, later

    def frozen_title(self, holder: str) -> str:
        """The title a question or section has in this version; empty if its wording is hidden.

        The working copy may have another by now, which readers must not see.
        """
        if getattr(self, "withholding", None) is not None:
            return ""
        document = self.to_document()
        titles = {entry.id: entry.title for entry in document.retired}
        titles |= {section.id: section.title or {} for section in document.sections if section.id}
        titles |= {question.id: question.title for question in document.questions()}
        return said(titles.get(holder, {}), document.prevails, document)

    def note(self) -> str:
        """The reader's change note as it stands: the newest row, empty if there is none."""
        notes = sorted(self.notes.all(), key=lambda each: each.pk)
        return notes[-1].text if notes else ""


def _names_in(versions: VersionQuerySet) -> list[tuple[str, str, Version]]:
    """Every name in these versions, its holder, and the newest version that has it.

    One in which the holder stands goes before those that say it was removed, and these before
    those whose wording was erased, which can show nothing.
    """
    standing: list[tuple[str, str, Version]] = []
    removed: list[tuple[str, str, Version]] = []
    erased: list[tuple[str, str, Version]] = []
    for version in versions.order_by("-approval__number"):
        try:
            document = version.to_document()
        except BadDocument:
            erased += [(name, holder, version) for name, holder in version.holders()]
            continue
        gone = {entry.id for entry in document.retired}
        for name, holder in document.holders():
            (removed if holder in gone else standing).append((name, holder, version))
    return standing + removed + erased


# The conditions under which the database refuses an entry of the chain. Approvals and
# withdrawals share one sequence, so each looks at both tables.
_OTHER_POLICY = (
    "NEW.policy_id <> (SELECT policy_id FROM faq_version WHERE id = NEW.version_id)",
    "the version belongs to another policy",
)
_SEQ = (
    "NEW.seq <> 1 + (SELECT COUNT(*) FROM faq_approval WHERE policy_id = NEW.policy_id)"
    " + (SELECT COUNT(*) FROM faq_withdrawal WHERE policy_id = NEW.policy_id)",
    "seq must follow the entry before",
)
_PREVIOUS = (
    "NEW.previous <> COALESCE("
    "(SELECT chain FROM faq_approval WHERE policy_id = NEW.policy_id AND seq = NEW.seq - 1), "
    "(SELECT chain FROM faq_withdrawal WHERE policy_id = NEW.policy_id AND seq = NEW.seq - 1), "
    f"'{GENESIS}')",
    "previous must be the chain value of the entry before",
)
_BACKWARDS = (
    "NEW.recorded_at < (SELECT MAX(recorded_at) FROM faq_approval"
    " WHERE policy_id = NEW.policy_id) OR NEW.recorded_at < (SELECT MAX(recorded_at)"
    " FROM faq_withdrawal WHERE policy_id = NEW.policy_id)",
    "recorded time does not go backwards",
)
_CHAIN_RULES = (_OTHER_POLICY, _SEQ, _PREVIOUS, _BACKWARDS)


class ChainEntry(WriteOnce):
    """What approvals and withdrawals share: their place in the policy's chain."""

    kind: str

    version: models.OneToOneField[Version, Version] = models.OneToOneField(Version, models.PROTECT)
    policy = models.ForeignKey(Policy, models.PROTECT)
    recorded_at = models.DateTimeField()
    seq = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def counts_from(self) -> datetime:
        """The moment from which the entry counts."""
        raise NotImplementedError

    def number_of_version(self) -> int:
        """The number of the version it is about."""
        raise NotImplementedError

    def computed_chain(self) -> str:
        """The chain value that its facts give; differs from `chain` if a row was altered."""
        return link(
            previous=self.previous,
            seq=self.seq,
            kind=self.kind,
            digest=self.version.digest,
            number=self.number_of_version(),
            recorded_at=self.recorded_at,
            effective_at=self.counts_from(),
        )


class Approval(ChainEntry):
    """A version gets its number and the moment from which it is in force."""

    kind = "approval"

    number = models.PositiveIntegerField()
    effective_at = models.DateTimeField(db_index=True)
    #: Whether readers must know of the change.
    material = models.BooleanField()
    #: Which of the cases that readers must always know of it is, from GROUNDS, split by spaces.
    grounds = models.CharField(max_length=60, blank=True)
    approved_by = models.CharField(max_length=150)
    #: Why one person decided alone where two are demanded; empty if that was not so.
    emergency_reason = models.TextField(blank=True)

    refusals = (
        *_CHAIN_RULES,
        (
            "NEW.number <> 1 + (SELECT COALESCE(MAX(number), 0) FROM faq_approval"
            " WHERE policy_id = NEW.policy_id)",
            "numbers follow one another",
        ),
        (
            "EXISTS (SELECT 1 FROM faq_rejection WHERE version_id = NEW.version_id)",
            "the version was sent back",
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="faq_approval_number"),
            models.UniqueConstraint(fields=["policy", "seq"], name="faq_approval_seq"),
        ]
        indexes = [
            models.Index(fields=["policy", "effective_at"], name="faq_approval_in_force"),
            models.Index(
                fields=["policy", "number"],
                name="faq_approval_material",
                condition=models.Q(material=True),
            ),
        ]
        permissions = [("approve_in_emergency", "Can approve alone in an emergency")]

    def __str__(self) -> str:
        return f"Approval of version {self.number}"

    def is_unconfirmed(self) -> bool:
        """Whether one person gave it alone in an emergency, and it still waits for another."""
        settled = hasattr(self, "confirmation") or hasattr(self.version, "withdrawal")
        return bool(self.emergency_reason) and not settled

    def counts_from(self) -> datetime:
        """The moment from which the version is in force."""
        return self.effective_at

    def number_of_version(self) -> int:
        """The number it gives."""
        return self.number


class Withdrawal(ChainEntry):
    """A version stops being in force at once; the one before applies again."""

    kind = "withdrawal"

    reason = models.TextField()
    withdrawn_by = models.CharField(max_length=150)

    refusals = (
        *_CHAIN_RULES,
        (
            "NOT EXISTS (SELECT 1 FROM faq_approval WHERE version_id = NEW.version_id)",
            "only an approved version can be withdrawn",
        ),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "seq"], name="faq_withdrawal_seq"),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.version_id}"

    def counts_from(self) -> datetime:
        """A withdrawal counts from the moment it was recorded."""
        return self.recorded_at

    def number_of_version(self) -> int:
        """The number its approval gave."""
        return self.version.approval.number


class Rejection(WriteOnce):
    """A candidate is sent back, with a reason."""

    version = models.OneToOneField(Version, models.PROTECT)
    reason = models.TextField()
    rejected_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    refusals = (
        (
            "EXISTS (SELECT 1 FROM faq_approval WHERE version_id = NEW.version_id)",
            "the version was approved",
        ),
    )

    def __str__(self) -> str:
        return f"Rejection of {self.version_id}"


class Announcement(WriteOnce):
    """A scheduled version is shown to readers before it applies."""

    version = models.OneToOneField(Version, models.PROTECT)
    announced_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    refusals = (
        (
            "NOT EXISTS (SELECT 1 FROM faq_approval WHERE version_id = NEW.version_id)",
            "only an approved version can be announced",
        ),
    )

    def __str__(self) -> str:
        return f"Announcement of {self.version_id}"


class Withholding(WriteOnce):
    """The wording of a version is hidden, with a public reason; the chain still verifies."""

    version = models.OneToOneField(Version, models.PROTECT)
    reason = models.TextField()
    withheld_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Withholding of {self.version_id}"


class ChangeNote(WriteOnce):
    """What changed, in words for readers. A correction is a new row."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="notes")
    text = models.TextField()
    written_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Anchor(WriteOnce):
    """A public name: it belongs to its question or section for ever."""

    policy = models.ForeignKey(Policy, models.PROTECT)
    # Long enough for a sub-heading's: a question's name, a dot, a slug.
    name = models.CharField(max_length=300)
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="names")
    section = models.ForeignKey(Section, models.PROTECT, null=True, related_name="names")
    #: The version that made it public.
    version = models.ForeignKey(Version, models.PROTECT)

    refusals = (_OTHER_POLICY,)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "name"], name="faq_anchor_name"),
            models.CheckConstraint(
                condition=models.Q(question__isnull=True) ^ models.Q(section__isnull=True),
                name="faq_anchor_has_one_holder",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def holder(self) -> Named:
        """The question or section it belongs to."""
        holder = self.question or self.section
        assert holder is not None  # the check constraint says so
        return holder

    @property
    def holder_id(self) -> UUID:
        """The id of the question or section it belongs to."""
        holder = self.question_id or self.section_id
        assert holder is not None  # the check constraint says so
        return holder


class Rewording(WriteOnce):
    """With this version a question's wording is another than in the version numbered before.

    It is reworded, new questions among them, or gone. So the wordings that an answer ever had are
    found without reading every version. Nothing of what a version says stands here.
    """

    version = models.ForeignKey(Version, models.PROTECT)
    # The unique key begins with it, and finds it.
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", db_index=False)
    #: REWORDED or GONE.
    kind = models.CharField(max_length=20)

    refusals = (
        (
            "NOT EXISTS (SELECT 1 FROM faq_approval WHERE version_id = NEW.version_id)",
            "only an approved version is compared with the one before",
        ),
        (
            "(SELECT policy_id FROM faq_question WHERE id = NEW.question_id) <>"
            " (SELECT policy_id FROM faq_version WHERE id = NEW.version_id)",
            "the version belongs to another policy",
        ),
        (f"NEW.kind NOT IN ('{REWORDED}', '{GONE}')", "a question is reworded or gone"),
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "version"], name="faq_rewording_once")
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.kind} with {self.version_id}"


class Seal(WriteOnce):
    """The fingerprint of one row of the record, with the columns that it covers."""

    is_public_record = False
    is_sealed = False

    of_table = models.CharField(max_length=63)
    of_row = models.CharField(max_length=36)
    of_columns = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of_table", "of_row"], name="faq_seal_once")]

    def __str__(self) -> str:
        return f"Seal of {self.of_table}, row {self.of_row}"


class RecordState(models.Model):
    """One row, raised by a trigger on every record table: has anything public changed?"""

    number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="faq_recordstate_one_row")
        ]

    def __str__(self) -> str:
        return str(self.number)
