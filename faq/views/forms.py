"""What readers may ask of a policy's history. The answers are pages with addresses of their own."""

from __future__ import annotations

import re
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
_NO_NUMBER = {
    "required": _("Write the number of a version."),
    "invalid": _("Write the number of a version that can be read."),
}
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_PAIR = (("from", _("Compare")), ("to", _("with")))


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


class _Comparing(_Asking):
    """*Compare* one version *with* another, both with wordings that readers may see."""

    def clean(self) -> dict[str, Any]:
        """Both versions; to compare one with itself would show nothing."""
        chosen = self.cleaned_data
        if "from" in chosen and chosen["from"] == chosen.get("to"):
            self.add_error("to", _("Choose two different versions."))
        return chosen

    def pair(self) -> list[int]:
        """The numbers that were chosen, the older first."""
        return sorted(int(self.cleaned_data[name]) for name in ("from", "to"))


class CompareForm(_Comparing):
    """The same, chosen from a list."""

    def __init__(self, *args: Any, versions: Sequence[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(each.approval.number), _named(each)) for each in versions]
        for name, label in _PAIR:
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, error_messages=_NOT_LISTED
            )


class CompareNumbersForm(_Comparing):
    """The same, where there are too many for a list: by number."""

    def __init__(
        self, *args: Any, can_be_read: Callable[[int], bool], newest: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _PAIR:
            self.fields[name] = _Number(
                label=label,
                widget=forms.NumberInput({"min": 1, "max": newest}),
                error_messages=_NO_NUMBER,
                can_be_read=can_be_read,
            )


class _Number(forms.CharField):
    """The number of a version, written as it stands in addresses."""

    def __init__(self, *, can_be_read: Callable[[int], bool], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.can_be_read = can_be_read

    def clean(self, value: Any) -> str:
        """The number, if that version can be read."""
        number: str = super().clean(value)
        if not _NUMBER.fullmatch(number) or not self.can_be_read(int(number)):
            raise ValidationError(self.error_messages["invalid"])
        return number


def _named(version: Version) -> str:
    return gettext("Version %(number)d of %(day)s") % {
        "number": version.approval.number,
        "day": day_in_words(version.approval.effective_at),
    }
