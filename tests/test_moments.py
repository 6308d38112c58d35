"""Dates and times as people write them, in the site's legal time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.moments import BadMoment, localise, parse_moment, start_of_day

#: A machine that is busy with other things is no fault.
unhurried = settings(deadline=None)

LONDON = ZoneInfo("Europe/London")
#: A moment at which it is already 2 July in London.
NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def parse(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return parse_moment(text, now=NOW, zone=zone)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01", "2026-03-01T00:00"),
        ("2026-06-01", "2026-05-31T23:00"),
        ("2007-04-01", "2007-03-31T23:00"),
        ("  2026-03-01\n", "2026-03-01T00:00"),
        ("2026-03-01 09:30", "2026-03-01T09:30"),
        ("2026-07-09 09:30", "2026-07-09T08:30"),
        ("2026-07-09T09:30:15", "2026-07-09T08:30:15"),
        ("2026-07-09T09:30:00+02:00", "2026-07-09T07:30"),
        ("2026-07-09T09:30:00Z", "2026-07-09T09:30"),
        ("2026-07-01", "2026-06-30T23:00"),  # yesterday in London, though today in UTC
    ],
)
def test_it_reads_dates_and_times_of_the_legal_zone(text: str, utc: str) -> None:
    moment = parse(text)
    assert moment == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert moment.tzinfo is not None


def test_todays_bare_date_means_now() -> None:
    assert parse("2026-07-02") == NOW
    assert parse("2026-07-01", ZoneInfo("America/New_York")) == NOW
    assert parse("2026-07-02 00:00") != NOW


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "1 March 2026", "01/03/2026", "2026-3-1", "2026-02-30", "2026-13-01"),
        *("2026-03-01 25:00", "2026-03-01 09:30 Europe/London", "0000-00-00", "99999-01-01"),
        *("2026-03-01\x00", "9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"),
    ],
)
def test_it_refuses_what_is_no_date_and_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadMoment, match=r"is not a date\. Write it like 2026-03-01 or 2026"):
        parse(text)


def test_it_refuses_days_at_the_ends_of_the_calendar() -> None:
    with pytest.raises(BadMoment, match="is not a date"):
        parse("0001-01-01", ZoneInfo("Asia/Tokyo"))


def test_it_repeats_only_the_beginning_of_nonsense() -> None:
    with pytest.raises(BadMoment) as caught:
        parse("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_it_refuses_a_time_that_the_clocks_skip() -> None:
    with pytest.raises(BadMoment, match="2026-03-29 01:30 does not exist here: the clocks go forw"):
        parse("2026-03-29 01:30")
    assert parse("2026-03-29 00:59").hour == 0
    assert parse("2026-03-29 02:00") == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_it_refuses_a_time_that_the_clocks_show_twice() -> None:
    with pytest.raises(BadMoment, match="2026-10-25 01:30 happens twice here: the clocks go back"):
        parse("2026-10-25 01:30")
    assert parse("2026-10-25 01:30+01:00") + timedelta(hours=1) == parse("2026-10-25 01:30+00:00")


def test_every_day_has_a_start_even_where_the_clocks_change_at_midnight() -> None:
    brazil, cuba = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/Havana")
    assert parse("2018-11-04", brazil) == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)  # 01:00 there
    assert parse("2024-11-03", cuba) == datetime(2024, 11, 3, 4, 0, tzinfo=UTC)  # the first 00:00
    with pytest.raises(BadMoment, match="does not exist here"):
        parse("2018-11-04 00:00", brazil)


@unhurried
@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.sampled_from(
        [
            "Europe/London",
            "America/Sao_Paulo",
            "America/Havana",
            "Asia/Beirut",
            "Africa/Cairo",
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
            "UTC",
        ]
    ),
)
def test_the_start_of_a_day_is_its_first_moment(day: date, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    start = start_of_day(day, zone)
    assert start.astimezone(zone).date() == day
    assert (start - timedelta(microseconds=1)).astimezone(zone).date() < day


@unhurried
@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_a_local_time_is_read_back_as_it_was_written(naive: datetime) -> None:
    try:
        moment = localise(naive, LONDON)
    except BadMoment:
        return
    assert moment.astimezone(LONDON).replace(tzinfo=None) == naive
