"""The forms of the flow: sending, publishing, approving, withdrawing, and what is said about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from faq.admin.forms import LegalMoment
from faq.admin.framing import said
from faq.models import Policy
from faq.models.record import GROUNDS
from faq.moments import start_of_day

MATERIAL, MINOR = "material", "minor"
READERS_MUST_KNOW = [(MATERIAL, _("Yes: readers must know")), (MINOR, _("No: wording only"))]
TEXT = 10_000


def carry(form: forms.Form, name: str, value: str) -> None:
    """Show a form again with a hidden field set anew: what the person sees now is what counts."""
    data: Any = form.data.copy()
    data[name] = value
    form.data = data


def lines(rows: int) -> forms.Textarea:
    """A field for a few sentences."""
    return forms.Textarea(attrs={"rows": rows})


class SendForm(forms.Form):
    """What those who decide are told, and what the sender proposes to tell readers."""

    summary = forms.CharField(
        label=_("For whoever decides: what is this about?"),
        required=False,
        max_length=TEXT,
        widget=lines(3),
        help_text=_("Readers never see this."),
    )
    kind = forms.ChoiceField(
        label=_("Do readers have to know?"),
        choices=[*READERS_MUST_KNOW, ("", _("Whoever decides should say"))],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("What changed, in words for readers"),
        required=False,
        max_length=TEXT,
        widget=lines(4),
        help_text=_("A proposal, which can be changed when the version is approved."),
    )
    expected = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            # Nothing has changed for anybody yet.
            del self.fields["kind"]
            self.fields["note"].label = _("A note for readers, if there is something to say")

    def material(self) -> bool | None:
        """Whether the sender thinks that readers must know; None if that is left open."""
        return {MATERIAL: True, MINOR: False}.get(self.cleaned_data.get("kind", ""))


class DecisionForm(forms.Form):
    """How a version is published or approved: what readers are told, and from when it applies."""

    NOW, LATER, SINCE = "now", "later", "since"
    USUAL, SHOW, KEEP = "usual", "show", "keep"

    kind = forms.ChoiceField(
        label=_("Do readers have to know?"), choices=READERS_MUST_KNOW, widget=forms.RadioSelect
    )
    grounds = forms.MultipleChoiceField(
        label=_("Does it bring one of these? Then the answer above is yes."),
        choices=list(GROUNDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=_("What changed, in words for readers"),
        required=False,
        max_length=TEXT,
        widget=lines(4),
        help_text=_("One to four plain sentences. They stand in the list of versions."),
    )
    when = forms.ChoiceField(
        label=_("From when does it apply?"),
        choices=[(NOW, _("Now")), (LATER, _("From a date and time"))],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    moment = LegalMoment(label=_("Date and time"), required=False)
    announce = forms.ChoiceField(
        label=_("Show readers before it applies?"),
        choices=[
            (USUAL, _("If they have to know of it, yes; else no")),
            (SHOW, _("Yes, from now on")),
            (KEEP, _("No, not before it applies")),
        ],
        required=False,
        initial=USUAL,
        widget=forms.RadioSelect,
    )
    emergency_reason = forms.CharField(
        label=_("Why can nobody else approve it in time?"), max_length=TEXT, widget=lines(3)
    )
    expected = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        policy: Policy,
        at: datetime,
        alone: bool = False,
        initial: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        self.first, self.at = not policy.approval_set.exists(), at
        self.notice = 0 if self.first else policy.notice_days
        if self.notice and initial.get("kind") != MINOR:
            initial = {"when": self.LATER, "moment": self._after_notice(), **initial}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        zone = timezone.get_default_timezone_name()
        self.fields["moment"].help_text = _("In the time zone %(zone)s.") % {"zone": zone}
        if not alone:
            del self.fields["emergency_reason"]
        if self.first:
            # Nothing has changed for anybody yet.
            del self.fields["kind"], self.fields["grounds"]
            self.fields["note"].label = _("A note for readers, if there is something to say")
            self.fields["when"].choices += [(self.SINCE, _("It has been in force already since"))]
            self.fields["announce"].choices = self.fields["announce"].choices[1:]
            self.fields["announce"].initial = self.SHOW
        if self.notice:
            self.fields["when"].help_text = self._about_notice()

    def clean(self) -> dict[str, Any]:
        """Refuse what contradicts itself, and a moment that is missing."""
        cleaned = super().clean() or {}
        material = cleaned.get("kind") == MATERIAL
        if material and not cleaned.get("note", "").strip():
            self.add_error("note", _("Readers must know of this change: write what changed."))
        if cleaned.get("kind") == MINOR and cleaned.get("grounds"):
            self.add_error("kind", _("What you ticked below is never wording only: answer yes."))
        when = cleaned.get("when")
        if when == self.NOW:
            self.errors.pop("moment", None)
            cleaned["moment"] = None
        elif when and "moment" not in self.errors:
            self._check_moment(when, cleaned.get("moment"), material=material)
        if material and self.notice and cleaned.get("announce") == self.KEEP:
            self.add_error("announce", _("Readers get notice of such a change: show it to them."))
        return cleaned

    def _check_moment(self, when: str, moment: datetime | None, *, material: bool) -> None:
        if moment is None:
            self.add_error("moment", _("Choose the date and time."))
        elif when == self.LATER and moment < self.at:
            self.add_error("moment", _("This is in the past. Choose now or a later time."))
        elif when == self.SINCE and moment > self.at:
            self.add_error("moment", _("This has not come yet. Choose “From a date and time”."))
        elif material and moment < self.at + timedelta(days=self.notice):
            self.add_error("moment", self._about_notice())

    def verdict(self) -> dict[str, Any]:
        """What was decided, as the verbs `publish` and `approve` take it."""
        cleaned = self.cleaned_data
        return {
            "effective_at": None if cleaned["when"] == self.NOW else cleaned["moment"],
            "material": self.first or cleaned["kind"] == MATERIAL,
            "note": cleaned["note"],
            "announce": {self.SHOW: True, self.KEEP: False}.get(cleaned["announce"]),
            "grounds": cleaned.get("grounds", []),
            "emergency_reason": cleaned.get("emergency_reason", ""),
            "expected": cleaned["expected"],
        }

    def _about_notice(self) -> str:
        earliest = said(self.at + timedelta(days=self.notice))
        return ngettext(
            "Readers get %(days)d day’s notice of a change that they must know of: it can apply "
            "from %(moment)s.",
            "Readers get %(days)d days’ notice of a change that they must know of: it can apply "
            "from %(moment)s.",
            self.notice,
        ) % {"days": self.notice, "moment": earliest}

    def _after_notice(self) -> datetime:
        """The first midnight after the notice: a moment that is still right in some minutes."""
        zone = timezone.get_default_timezone()
        last = (self.at + timedelta(days=self.notice)).astimezone(zone).date()
        return start_of_day(last + timedelta(days=1), zone)


class CommentForm(forms.Form):
    """Something said of a candidate, of a part of it, or of some words."""

    item = forms.ChoiceField(label=_("About"), required=False)
    quote = forms.CharField(
        label=_("The words that it is about, if some"),
        required=False,
        max_length=2_000,
        widget=lines(2),
    )
    text = forms.CharField(label=_("Comment"), max_length=TEXT, widget=lines(3))

    def __init__(self, *args: Any, parts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = [("", _("The whole version")), *parts]


class WithdrawForm(forms.Form):
    """Why a version is withdrawn; `shown` is what the page said that this would mean."""

    reason = forms.CharField(label=_("Reason"), max_length=TEXT, widget=lines(3))
    shown = forms.CharField(widget=forms.HiddenInput)


class HideForm(forms.Form):
    """Why the wording of a version is hidden."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=TEXT,
        widget=lines(3),
        help_text=_("Readers see this in place of the wording."),
    )


class SendBackForm(forms.Form):
    """Why a candidate is sent back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=TEXT,
        widget=lines(3),
        help_text=_("For whoever sent it. Readers never see this."),
    )


class NoteForm(forms.Form):
    """A corrected note."""

    text = forms.CharField(
        label=_("What changed, in words for readers"), max_length=TEXT, widget=lines(4)
    )


class CopyForm(forms.Form):
    """Agreement to lose the draft as it stands: `expected` is its fingerprint."""

    expected = forms.CharField(widget=forms.HiddenInput)
