"""What readers may ask of a policy's history. The answers are pages with addresses of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from faq.models import Version
from faq.templatetags.wording import day_in_words

_NOT_LISTED = {
    "required": _("Choose a version."),
    "invalid_choice": _("Choose a version from the list."),
}


class _Asking(forms.Form):
    """A form of a public page: it marks nothing as required, so that all errors are ours."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id, self.label_suffix = "_%s", ""


class DayInput(forms.DateInput):
    """The browser's own calendar; where it has none, a field for text."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """What a calendar can show: anything else browsers drop, with a complaint."""
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            return None


class DayForm(_Asking):
    """*What did it say on* a day?"""

    on = forms.DateField(
        label=_("What did it say on"),
        input_formats=["%Y-%m-%d"],
        widget=DayInput(),
        error_messages={
            "required": _("Choose a day."),
            "invalid": _("Write the day like 2018-05-25: year, month, day."),
        },
    )

    def __init__(
        self, *args: Any, applied: Callable[[date], bool], first: Version | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.applied, self.first = applied, first

    def clean_on(self) -> date:
        """The day, if a version applied on it."""
        day: date = self.cleaned_data["on"]
        if self.applied(day):
            return day
        said = gettext("No version applied on that day.")
        if self.first is not None:
            since = {"day": day_in_words(self.first.approval.effective_at)}
            said += " " + gettext("The first one applied from %(day)s.") % since
        raise ValidationError(said)


class CompareForm(_Asking):
    """*Compare* one version *with* another, both with wordings that readers may see."""

    def __init__(self, *args: Any, versions: Sequence[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each.approval.number), _named(each)) for each in versions]
        for name, label in (("from", _("Compare")), ("to", _("with"))):
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, error_messages=_NOT_LISTED
            )

    def clean(self) -> dict[str, Any]:
        """Both versions; to compare one with itself would show nothing."""
        chosen = self.cleaned_data
        if "from" in chosen and chosen["from"] == chosen.get("to"):
            self.add_error("to", _("Choose two different versions."))
        return chosen

    def pair(self) -> list[int]:
        """The numbers that were chosen, the older first."""
        return sorted(int(self.cleaned_data[name]) for name in ("from", "to"))


def _named(version: Version) -> str:
    return gettext("Version %(number)d of %(day)s") % {
        "number": version.approval.number,
        "day": day_in_words(version.approval.effective_at),
    }
