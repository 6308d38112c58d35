"""Moments as people write them: a date, or a date and time, in the site's legal time zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.translation import gettext as _


class BadMoment(ValueError):
    """A date or time that cannot be read, does not exist, or could mean two moments."""


def parse_moment(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Read `2026-03-01`, `2026-03-01 09:30` or `2026-03-01T09:30:00+01:00` as an aware moment.

    A bare date means the start of that day in `zone`, except today's, which means `now`. A time
    without an offset is a time in `zone`; one that the clocks skip or show twice is refused.
    Raises BadMoment with a sentence that says what to write instead.
    """
    try:
        return _read(text.strip(), now, zone)
    except BadMoment:
        raise
    except (ValueError, OverflowError):
        raise BadMoment(
            _("“%(text)s” is not a date. Write it like 2026-03-01 or 2026-03-01 09:30.")
            % {"text": text.strip()[:40]}
        ) from None


def _read(text: str, now: datetime, zone: tzinfo) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return localise(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)
    return now if day == now.astimezone(zone).date() else start_of_day(day, zone)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day: not 00:00 where the clocks go forward at midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def localise(naive: datetime, zone: tzinfo) -> datetime:
    """Return the one moment that a local time means; refuse one that is missing or ambiguous."""
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    said = {"time": naive.strftime("%Y-%m-%d %H:%M")}
    try:
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise BadMoment(_("%(time)s is out of reach. Choose another date.") % said) from None
    if back != naive:
        raise BadMoment(
            _("%(time)s does not exist here: the clocks go forward then. Choose another time.")
            % said
        )
    if first.utcoffset() != second.utcoffset():
        raise BadMoment(
            _("%(time)s happens twice here: the clocks go back then. Choose another time.") % said
        )
    return first.astimezone(UTC)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the last moment of a day, whatever the clocks do in that night."""
    return start_of_day(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
