"""The desk's forms: they check what was typed; the verbs decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from faq.admin.saving import RevisionForm
from faq.admin.widgets import MarkdownEditor
from faq.anchors import suggest
from faq.models import Policy, Question, Section
from faq.moments import BadMoment, localise

MAX_FILE = 2_000_000


def posted(request: HttpRequest) -> Any:
    """What a form was sent with; None while it is only being looked at."""
    return request.POST if request.method == "POST" else None


class PolicyForm(RevisionForm):
    """A policy's own texts."""

    class Meta:
        model = Policy
        fields = ["title", "slug", "introduction", "contact", *Policy.RULES]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever may only look has no fields.
        for name in {"introduction", "contact"} & set(self.fields):
            self.fields[name].widget = MarkdownEditor(self.instance, name)
        if "slug" in self.fields and self.instance.pk and self.instance.approval_set.exists():
            self.fields["slug"].disabled = True
        if "notice_days" in self.fields:  # only for those who may set the rules
            self.fields["notice_days"].required = False

    def clean_notice_days(self) -> int:
        """No days if the field was emptied; as before if it was not in what was sent."""
        typed: int | None = self.cleaned_data["notice_days"]
        if typed is None:
            return 0 if "notice_days" in self.data else self.instance.notice_days
        return typed


class NamedForm(RevisionForm):
    """What questions and sections share: a link name that is suggested from the title."""

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.policy = policy
        self.fields["anchor"].required = False
        if self.instance._state.adding:
            self.fields["anchor"].help_text = _(
                "The name in links to this place. Leave it empty: it is made from the title."
            )

    def clean_anchor(self) -> str:
        """The name as typed, or one made from the title that nothing else has."""
        typed: str = self.cleaned_data["anchor"]
        if typed:
            return typed
        taken = self.instance.policy.names_in_use()
        return suggest(self.cleaned_data.get("title", ""), taken)


class QuestionForm(NamedForm):
    """One question."""

    class Meta:
        model = Question
        fields = ["title", "section", "in_short", "answer", "also_asked", "anchor", "older_names"]
        widgets = {
            "in_short": forms.Textarea(attrs={"rows": 3}),
            "also_asked": forms.Textarea(attrs={"rows": 2}),
            "older_names": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question = self.instance
        in_section = question.section_id or self.initial.get("section")
        kind = "question-in-section" if in_section else "question"
        self.fields["answer"].widget = MarkdownEditor(question.policy, kind, question)
        sections = question.policy.section_set.filter(retired_at=None)
        self.fields["section"].queryset = sections
        self.fields["section"].empty_label = _("(no section)")
        if not sections.exists():
            self.fields["section"].widget = forms.HiddenInput()


class SectionForm(NamedForm):
    """One section."""

    class Meta:
        model = Section
        fields = ["title", "introduction", "anchor", "older_names"]
        widgets = {"older_names": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        section = None if self.instance._state.adding else self.instance
        self.fields["introduction"].widget = MarkdownEditor(
            self.instance.policy, "section", section
        )


class RemoveForm(forms.Form):
    """Why something is removed from the policy, and what takes over its links."""

    reason = forms.CharField(
        label=_("Why is it removed?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Readers who follow an old link see this."),
    )
    successor = forms.ModelChoiceField(
        label=_("What answers it now?"),
        queryset=Question.objects.none(),
        required=False,
        empty_label=_("Nothing: show it in the list of removed questions"),
        help_text=_("Links to the removed question will lead there."),
    )

    def __init__(
        self, *args: Any, item: Question | Section, published: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = type(item).objects.filter(policy=item.policy, retired_at=None)
        self.fields["successor"].queryset = others.exclude(pk=item.pk)
        if not published:
            self.fields.clear()


class ReasonForm(forms.Form):
    """A reason, in a sentence."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class DateTimeInput(forms.DateTimeInput):
    """The browser's own picker of a date and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class LegalMoment(forms.DateTimeField):
    """A date and time in the site's legal time zone; missing and double hours are refused."""

    widget = DateTimeInput

    def to_python(self, value: Any) -> datetime | None:
        """Read what the picker sent."""
        if value in self.empty_values:
            return None
        try:
            naive = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        try:
            return localise(naive.replace(tzinfo=None), timezone.get_default_timezone())
        except BadMoment as error:
            raise ValidationError(str(error), code="invalid") from None


class ImportForm(forms.Form):
    """A policy in a Markdown file."""

    file = forms.FileField(label=_("Markdown file"))
    slug = forms.CharField(label=_("Address"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = Policy._meta.get_field("slug")
        self.fields["slug"].validators += slug.validators
        self.fields["slug"].help_text = slug.help_text

    def clean_file(self) -> Any:
        """Refuse what is too large to be a policy."""
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE:
            raise ValidationError(_("This file is larger than 2 MB. Import a text file."))
        return file

    def clean_slug(self) -> str:
        """Refuse an address that a policy has already."""
        slug: str = self.cleaned_data["slug"]
        if Policy.objects.filter(slug=slug).exists():
            raise ValidationError(_("A policy has this address already. Choose another."))
        return slug
