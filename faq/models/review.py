"""What stands around the record: review, preview, confirmation, and the trail of who did what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from faq.immutable import WriteOnce
from faq.models.record import Approval, Version
from faq.models.working_copy import Policy

if TYPE_CHECKING:
    from django.utils.functional import Promise


class Comment(models.Model):
    """What a reviewer says of a candidate: of all of it, of a question, or of some words."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="comments")
    #: The id of the question or section in the version's Document; empty for the whole.
    item = models.CharField(max_length=36, blank=True)
    #: The words that it is about, if some were chosen.
    quote = models.TextField(blank=True)
    text = models.TextField()
    written_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()
    resolved_by = models.CharField(max_length=150, blank=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return self.text[:60]


class PreviewLink(models.Model):
    """A draft or a candidate for someone without an account, until it expires or is revoked.

    The address holds `key` and its signature; nobody can make one from what is stored here.
    """

    key = models.CharField(max_length=32, unique=True)
    policy = models.ForeignKey(Policy, models.CASCADE)
    #: The candidate it shows; None for the draft as it is when somebody looks.
    version = models.ForeignKey(Version, models.PROTECT, null=True)
    #: For whom it was made.
    name = models.CharField(max_length=150)
    #: Whether that person is asked to approve or to object.
    asks_for_sign_off = models.BooleanField(default=False)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=150, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")

    def __str__(self) -> str:
        return self.name

    def works(self, at: datetime) -> bool:
        """Whether it shows anything at that moment."""
        return self.revoked_at is None and at < self.expires_at


class SignOff(WriteOnce):
    """An outsider approves of a candidate or objects to it. It publishes nothing."""

    is_public_record = False

    link = models.ForeignKey(PreviewLink, models.PROTECT, related_name="sign_offs")
    version = models.ForeignKey(Version, models.PROTECT, related_name="sign_offs")
    #: The fingerprint of what that person saw.
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=150)
    approves = models.BooleanField()
    comment = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    refusals = (
        (
            "NEW.digest <> (SELECT digest FROM faq_version WHERE id = NEW.version_id)",
            "the fingerprint is another version's",
        ),
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Confirmation(WriteOnce):
    """Somebody else stands by an approval that one person gave alone in an emergency."""

    is_public_record = False

    approval = models.OneToOneField(Approval, models.PROTECT)
    confirmed_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    refusals = (
        (
            "NEW.confirmed_by = (SELECT approved_by FROM faq_approval WHERE id = NEW.approval_id)",
            "whoever approved cannot confirm",
        ),
    )

    def __str__(self) -> str:
        return f"Confirmation of {self.approval_id}"


class Review(WriteOnce):
    """Somebody has read the whole policy through and found it right."""

    is_public_record = False

    policy = models.ForeignKey(Policy, models.PROTECT)
    reviewed_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Review of {self.policy_id}"


class Reminder(models.Model):
    """Administrators were told that a review of the policy is due by that day: once is enough."""

    policy = models.ForeignKey(Policy, models.CASCADE)
    due_on = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "due_on"], name="faq_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"Reminder of {self.due_on}"


class Event(WriteOnce):
    """One line of the trail: who did what, when. It names nobody by address."""

    is_public_record = False

    #: What can happen, and how the screen says it.
    KINDS: ClassVar[dict[str, str | Promise]] = {
        "started": _("Started the policy"),
        "imported": _("Imported a file"),
        "added": _("Added"),
        "edited": _("Edited"),
        "rules_set": _("Set the rules"),
        "moved": _("Moved"),
        "removed": _("Removed"),
        "brought_back": _("Brought back"),
        "split": _("Split"),
        "merged": _("Merged"),
        "frozen": _("Sent for approval"),
        "commented": _("Commented"),
        "resolved": _("Resolved a comment"),
        "reopened": _("Opened a comment again"),
        "approved": _("Approved"),
        "approved_alone": _("Approved alone, in an emergency"),
        "confirmed": _("Confirmed an emergency approval"),
        "rejected": _("Sent back"),
        "announced": _("Announced"),
        "withdrawn": _("Withdrew"),
        "withheld": _("Hid the wording"),
        "noted": _("Wrote what changed"),
        "restored": _("Copied into the draft"),
        "reviewed": _("Reviewed"),
        "linked": _("Made a preview link"),
        "revoked": _("Revoked a preview link"),
        "signed_off": _("Signed off"),
        "objected": _("Objected"),
    }

    # Not a foreign key in the database: the trail outlives a policy that was never published.
    policy = models.ForeignKey(Policy, models.DO_NOTHING, db_constraint=False)
    recorded_at = models.DateTimeField(db_index=True)
    who = models.CharField(max_length=150, blank=True)
    what = models.CharField(max_length=20)
    #: The title of what it was done to, as it was then.
    subject = models.CharField(max_length=300, blank=True)
    #: The id of the question or section.
    item = models.CharField(max_length=36, blank=True)
    #: The version's number, once it has one.
    number = models.PositiveIntegerField(null=True)
    #: A reason, a name, a revision: one or two sentences at most.
    details = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("trail")

    def __str__(self) -> str:
        return f"{self.who} {self.what}"
