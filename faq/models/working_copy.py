"""The working copy: what editors change and readers never see until it is published."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq import anchors, document
from faq.moments import months_after
from faq.querysets import QuestionQuerySet
from faq.remembered import render
from faq.rendering import IMAGE_BASE

if TYPE_CHECKING:
    from faq.models.record import Anchor

#: First words of the site's other addresses (DESIGN 4), which no policy may take.
RESERVED_SLUGS = frozenset(
    (
        "admin",
        "developers",
        "embed",
        "favicon",
        "health",
        "images",
        "oembed",
        "openapi",
        "preview",
        "robots",
        "sitemap",
        "static",
    )
)

#: How long before a review is due people are told.
REVIEW_NOTICE = timedelta(days=30)


def check_slug(slug: str) -> None:
    """Refuse an address that could not be a policy's: wrong letters, or needed for another page."""
    if not re.fullmatch(r"[a-z0-9-]+", slug):
        raise ValidationError(_("An address has only small letters a to z, digits and hyphens."))
    if slug in RESERVED_SLUGS or slug in LANG_INFO:
        raise ValidationError(_("This address is needed for another page. Choose another."))


def check_anchor(name: str) -> None:
    """Refuse a name that cannot be an anchor, in the words of `anchors.fault`."""
    fault = anchors.fault(name)
    if fault:
        raise ValidationError(fault)


def check_anchors(names: str) -> None:
    """Refuse a list of names, one a line, if one of them cannot be an anchor."""
    for name in names.split():
        check_anchor(name)


class Edited(models.Model):
    """What editors change: it counts its changes, so that no save goes over another unseen."""

    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    changed_by = models.CharField(_("changed by"), max_length=150, blank=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), null=True, editable=False)

    class Meta:
        abstract = True


class Policy(Edited):
    """One published document. Most sites have one."""

    #: The fields that say who must approve it, what notice it gives, how often it is reviewed.
    RULES = ("second_person", "notice_days", "review_months")

    slug = models.CharField(
        _("address"),
        max_length=60,
        unique=True,
        default="privacy",
        validators=[check_slug],
        help_text=_(
            "The policy's place on this site: “privacy” gives /privacy/. "
            "It is fixed once a version is published."
        ),
    )
    title = models.CharField(_("title"), max_length=200)
    introduction = models.TextField(
        _("introduction"), blank=True, help_text=_("Stands above the contents. Optional.")
    )
    contact = models.TextField(
        _("how to reach us"),
        blank=True,
        help_text=_(
            "Stands at the foot of every page: who answers questions, the data protection "
            "officer, and how to get the policy in large print, braille or audio."
        ),
    )
    second_person = models.BooleanField(
        _("another person must approve"),
        default=False,
        help_text=_("Whoever sends a version for approval cannot approve it."),
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"),
        default=0,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "A change that readers must know of applies this many days after it is approved, "
            "at the earliest, and is announced at once. 0: it may apply at once."
        ),
    )
    review_months = models.PositiveSmallIntegerField(
        _("months between reviews"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("How often somebody must read the policy through. Empty: never."),
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["pk"]
        permissions = [("set_rules", "Can set who must approve, notice and review")]

    def __str__(self) -> str:
        return self.title

    def to_document(self) -> document.Document:
        """The working copy as a Document, rendered now, with every name the policy ever had."""
        return _WorkingCopy(self).build()

    def render(self, source: str, item: Named | None = None) -> str:
        """One text of the policy as it would be frozen now: for a preview that is the real thing.

        `item` is the question or section whose text it is; without one it is the policy's own
        introduction or contact, whose sub-headings have no ids.
        """
        return _WorkingCopy(self).render(source, item)

    def review_due(self, at: datetime) -> date | None:
        """The day by which somebody must have read the policy through; None if nobody need.

        It counts from the last review there had been at that moment, or else from the first
        approval, in the site's legal time zone.
        """
        if not self.review_months:
            return None
        known = {"recorded_at__lte": at}
        last = (
            self.review_set.filter(**known).order_by("-recorded_at").first()
            or self.approval_set.filter(**known).order_by("seq").first()
        )
        if last is None:
            return None
        zone = timezone.get_default_timezone()
        return months_after(last.recorded_at.astimezone(zone).date(), self.review_months)

    def review_is_near(self, at: datetime) -> bool:
        """Whether a review is due within `REVIEW_NOTICE`, or overdue."""
        due = self.review_due(at)
        today = at.astimezone(timezone.get_default_timezone()).date()
        return due is not None and due - REVIEW_NOTICE <= today

    def to_question(self, question: Question) -> document.Question:
        """One question as it would be frozen now."""
        return _WorkingCopy(self).question(question)

    def names_in_use(self) -> set[str]:
        """Every link name that something in the policy has or ever had."""
        taken = set(self.anchor_set.values_list("name", flat=True))
        for items in (self.question_set, self.section_set):
            for anchor, older in items.values_list("anchor", "older_names"):
                taken |= {anchor, *older.split()}
        return taken


class Named(Edited):
    """A lasting identity in the contents: a place, a link name, and a way to be removed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, models.CASCADE, verbose_name=_("policy"))
    title = models.CharField(_("title"), max_length=300)
    anchor = models.CharField(
        _("link name"),
        max_length=anchors.MAX_LENGTH,
        validators=[check_anchor],
        help_text=_(
            "The name in links to this place. It stays when the title changes. "
            "If you change it, the old name goes on working."
        ),
    )
    older_names = models.TextField(
        _("older link names"),
        blank=True,
        validators=[check_anchors],
        help_text=_("Names that links from an older site use, one a line. They will lead here."),
    )
    position = models.PositiveIntegerField(_("position"), default=0, editable=False)
    retired_at = models.DateTimeField(_("removed"), null=True, editable=False)
    retired_reason = models.TextField(_("reason for removing"), blank=True, editable=False)
    successor = models.ForeignKey(
        "self",
        models.RESTRICT,  # like PROTECT, but a policy that was never published goes as a whole
        null=True,
        blank=True,
        editable=False,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    #: Put aside before it was ever published: no link leads to it, and readers never hear of it.
    set_aside = models.BooleanField(_("put aside"), default=False, editable=False)

    if TYPE_CHECKING:
        successor_id: uuid.UUID | None
        predecessors: models.Manager[Any]

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse link names that belong to something else in the policy, for ever or right now."""
        super().clean()
        if self.policy_id:
            names = {self.anchor, *self.older_names.split()}
            other = name_holder(self.policy, names, apart_from=self)
            if other is not None:
                raise ValidationError({"anchor": other})


class Section(Named):
    """A heading that groups questions in the contents. Questions need none."""

    introduction = models.TextField(_("introduction"), blank=True)

    class Meta(Named.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [
            models.UniqueConstraint(fields=["policy", "anchor"], name="faq_section_anchor")
        ]


class Question(Named):
    """A lasting identity and its working copy."""

    section = models.ForeignKey(
        Section,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("section"),
        help_text=_("The heading under which the question stands. It needs none."),
    )
    in_short = models.TextField(
        _("in short"),
        blank=True,
        help_text=_("The answer in one plain paragraph, above the long one. Optional."),
    )
    answer = models.TextField(_("answer"), blank=True)
    also_asked = models.TextField(
        _("also asked as"),
        blank=True,
        help_text=_(
            "Words readers may search with, separated by commas: get my data, subject access."
        ),
    )

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    class Meta(Named.Meta):
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(fields=["policy", "anchor"], name="faq_question_anchor")
        ]

    def also_asked_words(self) -> tuple[str, ...]:
        """The search words as a list, without empty ones."""
        return split_words(self.also_asked)


def split_words(text: str) -> tuple[str, ...]:
    """Split search words at commas, also Arabic, Chinese and Japanese ones, and line ends."""
    words = (" ".join(word.split()) for word in re.split(r"[,،、，\n]", text))
    return tuple(dict.fromkeys(word for word in words if word))


def name_holder(
    policy: Policy, names: Iterable[str], *, apart_from: Named | None = None
) -> str | None:
    """Say who holds one of these names already, in a sentence; None if all of them are free.

    A name that was ever published belongs to its question or section for ever. One of the
    working copy belongs to whatever has it now.
    """
    wanted = {name for name in names if name}
    own = apart_from.id if apart_from is not None else uuid.UUID(int=0)
    said = _("The link name “%(name)s” belongs to “%(title)s”. Choose another.")
    for entry in policy.anchor_set.filter(name__in=wanted).select_related("question", "section"):
        if entry.holder_id != own:
            return said % {"name": entry.name, "title": entry.holder}
    for model in (Section, Question):
        for other in model.objects.filter(policy=policy).exclude(pk=own):
            for name in wanted & {other.anchor, *other.older_names.split()}:
                return said % {"name": name, "title": other.title}
    return None


class _WorkingCopy:
    """Builds the Document of a policy's working copy with a fixed number of queries."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.language: str = settings.POLICY_LANGUAGE
        self.questions = list(policy.question_set.all())
        self.sections = list(policy.section_set.all())
        self.living = {item.pk for item in self.sections if item.retired_at is None}
        self.names: dict[uuid.UUID, list[str]] = {}
        self.unseen: set[uuid.UUID] = set()
        never_public = policy.version_set.never_public_names() if policy.pk else set()
        entries: Iterable[Anchor] = policy.anchor_set.order_by("pk")
        for entry in entries:
            if entry.name in never_public:
                self.unseen.add(entry.holder_id)
            else:
                self.names.setdefault(entry.holder_id, []).append(entry.name)
        self.titles = self._titles()

    @cached_property
    def images(self) -> dict[str, tuple[int, int]]:
        """The width and height of every picture by its address; none where they are off."""
        if not settings.IMAGES:
            return {}
        rows: models.Manager[Any] = apps.get_model("faq", "Image").objects
        return {
            f"{IMAGE_BASE}{sha256}.{extension}": (width, height)
            for sha256, extension, width, height in rows.values_list(
                "sha256", "extension", "width", "height"
            )
        }

    def build(self) -> document.Document:
        policy = self.policy
        return document.Document(
            policy=policy.slug,
            languages=(self.language,),
            title=self._text(policy.title),
            introduction=self._wordings(policy.introduction, "_introduction", heading_ids=False),
            contact=self._wordings(policy.contact, "_contact", heading_ids=False),
            prevails=self.language,
            sections=tuple(self._all_sections()),
            retired=tuple(self._retired()),
        )

    def question(self, question: Question) -> document.Question:
        return self._question(question)

    def render(self, source: str, item: Named | None) -> str:
        prefix = self._first_name(item) if item else "_introduction"
        wordings = self._wordings(source, prefix, heading_ids=isinstance(item, Question))
        return "".join(wording.html for wording in wordings.values())

    def _titles(self) -> dict[str, str]:
        items: list[Named] = [*self.sections, *self.questions]
        return {
            name: item.title
            for item in items
            for name in (*self.names.get(item.pk, ()), *item.older_names.split(), item.anchor)
        }

    def _text(self, text: str) -> document.Text:
        return {self.language: text} if text else {}

    def _wordings(self, source: str, prefix: str, *, heading_ids: bool = True) -> document.Wordings:
        # Browsers send CRLF, files LF: one wording must not have two fingerprints.
        source = source.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not source:
            return {}
        html = render(
            source,
            prefix=prefix,
            titles=self.titles,
            heading_ids=heading_ids,
            images=self.images if "![" in source else None,
        )
        return {self.language: document.Wording(source, html)}

    def _first_name(self, item: Named) -> str:
        return next(iter(self.names.get(item.pk, ())), item.anchor)

    def _aliases(self, item: Named, present: Iterable[str]) -> tuple[str, ...]:
        known = {*self.names.get(item.pk, ()), *item.older_names.split()}
        return tuple(sorted(known - {item.anchor, *present}))

    def _all_sections(self) -> Iterable[document.Section]:
        loose = self._questions_of(None)
        if loose:
            yield document.Section(id=None, anchor=None, title=None, questions=loose)
        for section in self.sections:
            if section.retired_at is not None:
                continue
            yield document.Section(
                id=str(section.pk),
                anchor=section.anchor,
                aliases=self._aliases(section, ()),
                title=self._text(section.title),
                introduction=self._wordings(
                    section.introduction, self._first_name(section), heading_ids=False
                )
                or None,
                questions=self._questions_of(section),
            )

    def _questions_of(self, section: Section | None) -> tuple[document.Question, ...]:
        return tuple(
            self._question(question)
            for question in self.questions
            if question.retired_at is None
            and self._section_id(question) == (section.pk if section else None)
        )

    def _section_id(self, question: Question) -> uuid.UUID | None:
        # A question whose section was removed stands by itself: it must not vanish with it.
        return question.section_id if question.section_id in self.living else None

    def _question(self, question: Question) -> document.Question:
        frozen = document.Question(
            id=str(question.pk),
            anchor=question.anchor,
            title=self._text(question.title),
            in_short=self._text(" ".join(question.in_short.split())),
            answer=self._wordings(question.answer, self._first_name(question)),
            also_asked={self.language: words} if (words := question.also_asked_words()) else {},
        )
        aliases = self._aliases(question, frozen.inner_ids())
        return replace(frozen, aliases=aliases)

    def _retired(self) -> Iterable[document.Retired]:
        items: list[Named] = [*self.sections, *self.questions]
        gone = [item for item in items if item.retired_at is not None]
        last = self._last_versions() if gone else {}
        for item in gone:
            never_met = item.pk in self.unseen and item.pk not in self.names
            if item.set_aside or never_met:
                continue  # nobody ever read it
            # Removed before it came here, if it was imported so: no version made its name public.
            names = self.names.get(item.pk) or [item.anchor]
            yield document.Retired(
                id=str(item.pk),
                anchors=tuple(sorted({*names, *item.older_names.split()})),
                title=self._text(item.title),
                reason=self._text(item.retired_reason),
                successor=str(item.successor_id) if item.successor_id else None,
                last_version=last.get(str(item.pk)),
            )

    def _last_versions(self) -> dict[str, int]:
        """The number of the newest version that has each question or section, as far as known."""
        head = self.policy.version_set.newest()
        if head is None:
            return {}
        frozen, number = head.to_document(), head.approval.number
        return {
            **{entry.id: entry.last_version for entry in frozen.retired if entry.last_version},
            **{section.id: number for section in frozen.sections if section.id},
            **{question.id: number for question in frozen.questions()},
        }
