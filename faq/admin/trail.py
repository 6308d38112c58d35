"""The trail of a policy: who did what when, newest first, by filter, and as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq.admin.framing import policy_or_404, show
from faq.models import Event, Policy
from faq.moments import start_of_day

PAGE_SIZE = 50
#: Excel reads UTF-8 only where this stands first; other programs skip it.
BYTE_ORDER_MARK = "\ufeff"
#: What spreadsheets take for the beginning of a formula, white space before it or not.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


class DateInput(forms.DateInput):
    """The browser's own picker of a date."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TrailForm(forms.Form):
    """Whose events, of what kind, of which question, of which days."""

    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    what = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    item = forms.ChoiceField(label=gettext_lazy("Question or section"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=DateInput, input_formats=["%Y-%m-%d"]
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=DateInput, input_formats=["%Y-%m-%d"]
    )

    def __init__(self, *args: Any, events: QuerySet[Event], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.events = events
        everything = [("", _("All"))]
        people = events.exclude(who="").order_by("who").values_list("who", flat=True).distinct()
        kinds = set(events.order_by().values_list("what", flat=True).distinct())
        # A question is called what it was called last.
        items = events.exclude(item="").order_by().values("item").annotate(last=Max("pk"))
        named = Event.objects.filter(pk__in=items.values("last")).order_by("subject")
        self.fields["who"].choices = everything + [(each, each) for each in people]
        self.fields["what"].choices = everything + [
            (kind, said) for kind, said in Event.KINDS.items() if kind in kinds
        ]
        self.fields["item"].choices = everything + list(named.values_list("item", "subject"))

    def found(self) -> QuerySet[Event]:
        """The events that were asked for, newest first; none if the question made no sense."""
        if not self.is_valid():
            return self.events.none()
        asked = self.cleaned_data
        found = self.events.filter(
            **{name: asked[name] for name in ("who", "what", "item") if asked[name]}
        )
        if asked["since"]:
            found = found.filter(recorded_at__gte=_begin(asked["since"]))
        if asked["until"]:
            found = found.filter(recorded_at__lt=_begin(asked["until"] + timedelta(days=1)))
        return found.order_by("-recorded_at", "-pk")


def trail(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Who did what when, newest first."""
    policy, form = _asked(request, policy_id)
    page = Paginator(form.found(), PAGE_SIZE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {"form": form, "page": page, "asked": asked.urlencode(), "kinds": Event.KINDS}
    return show(
        request, policy, "trail", _("Trail: %(policy)s") % {"policy": policy.title}, context
    )


def trail_csv(request: HttpRequest, policy_id: int) -> HttpResponse | StreamingHttpResponse:
    """The same events as a table for a spreadsheet, sent as it is read."""
    policy, form = _asked(request, policy_id)
    if not form.is_valid():
        return HttpResponse(_("These dates cannot be read."), status=400, content_type="text/plain")
    rows = csv.writer(_Handed())
    lines = (rows.writerow(map(harmless, row)) for row in _rows(form.found()))
    response = StreamingHttpResponse(
        _after_mark(lines), content_type="text/csv; charset=utf-8; header=present"
    )
    day = timezone.localtime(request.at).date().isoformat()
    response.headers["Content-Disposition"] = (
        f'attachment; filename="trail-{policy.slug}-{day}.csv"'
    )
    return response


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before it makes it text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


class _Handed:
    """A file for the csv module that hands each line back."""

    def write(self, line: str) -> str:
        return line


def _after_mark(lines: Iterable[str]) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    yield from lines


def _rows(events: QuerySet[Event]) -> Iterator[list[str]]:
    yield [_("When"), _("Who"), _("What"), _("Where"), _("Version"), _("Details"), _("Id")]
    for event in events.iterator(chunk_size=500):
        yield [
            timezone.localtime(event.recorded_at).isoformat(timespec="seconds"),
            event.who,
            str(Event.KINDS.get(event.what, event.what)),
            event.subject,
            str(event.number or ""),
            event.details,
            event.item,
        ]


def _asked(request: HttpRequest, policy_id: int) -> tuple[Policy, TrailForm]:
    policy = policy_or_404(request, policy_id, "view_event")
    return policy, TrailForm(request.GET, events=Event.objects.filter(policy=policy))


def _begin(day: date) -> datetime:
    """When a day begins in the legal time zone."""
    return start_of_day(day, timezone.get_default_timezone())


PATHS = [
    ("trail/", trail, "trail"),
    ("trail.csv", trail_csv, "trail_csv"),
]
