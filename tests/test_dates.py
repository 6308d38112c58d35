"""Addresses that lead to a version: the one of a day, and the announced next one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import resolve

from faq import publishing
from faq.models import Policy
from faq.moments import end_of_day
from tests.asking import ask, leads_to
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)

MOMENT = timedelta(microseconds=1)
LONDON = ZoneInfo("Europe/London")
UPCOMING = "/privacy/versions/upcoming/"


def on(day: str, at: datetime) -> str:
    """Where the address of a day leads."""
    return leads_to(ask(f"/privacy/versions/{day}/", at))


def publish_next(policy: Policy, at: datetime, **options: object) -> None:
    question = policy.question_set.first() or make_question(policy)
    reword(question, f"A company, seen {policy.version_set.count()} times.")
    publish(policy, at, **options)


class TestTheEndOfADay:
    @pytest.mark.parametrize(
        ("zone", "day", "end"),
        [
            ("Europe/London", "2026-01-10", "2026-01-10T23:59:59.999999+00:00"),
            ("Europe/London", "2026-07-10", "2026-07-10T22:59:59.999999+00:00"),
            ("Europe/London", "2026-03-29", "2026-03-29T22:59:59.999999+00:00"),
            ("Europe/London", "2026-10-25", "2026-10-25T23:59:59.999999+00:00"),
            # Clocks go forward at midnight: the next day begins at 01:00.
            ("Asia/Beirut", "2022-03-26", "2022-03-26T21:59:59.999999+00:00"),
            # Clocks go back at midnight to 23:00: the last hour of the day comes twice.
            ("Asia/Beirut", "2022-10-29", "2022-10-29T21:59:59.999999+00:00"),
            # Clocks go back at 01:00 to midnight: the day ends before the first of the two.
            ("Atlantic/Azores", "2026-10-24", "2026-10-24T23:59:59.999999+00:00"),
            # A day that one country skipped.
            ("Pacific/Apia", "2011-12-29", "2011-12-30T09:59:59.999999+00:00"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59.999999+00:00"),
            ("UTC", "0001-01-01", "0001-01-01T23:59:59.999999+00:00"),
        ],
    )
    def test_it_is_the_last_moment_before_the_next_day(self, zone, day, end):
        found = end_of_day(date.fromisoformat(day), ZoneInfo(zone))
        assert found == datetime.fromisoformat(end)

    def test_every_day_of_a_year_ends_where_the_next_begins(self):
        for zone in (LONDON, ZoneInfo("Africa/Cairo"), ZoneInfo("America/Havana")):
            day = date(2026, 1, 1)
            while day.year == 2026:
                end = end_of_day(day, zone)
                assert end.astimezone(zone).date() == day
                assert (end + MOMENT).astimezone(zone).date() == day + timedelta(days=1)
                day += timedelta(days=1)


@pytest.mark.django_db
class TestTheAddressOfADay:
    def test_it_leads_to_the_version_in_force_as_the_day_ended(self):
        make_published(3)
        after = NOON + 30 * DAY
        assert on("2026-03-02", after) == "/privacy/versions/1/"
        assert on("2026-03-03", after) == "/privacy/versions/2/"
        assert on("2026-03-04", after) == "/privacy/versions/3/"
        assert on("2026-03-20", after) == "/privacy/versions/3/"

    def test_before_the_first_version_there_is_nothing(self):
        make_published(3)
        after = NOON + 30 * DAY
        for day in ("2026-03-01", "1970-01-01", "0001-01-01"):
            assert ask(f"/privacy/versions/{day}/", after).status_code == 404

    def test_today_and_the_future_are_as_of_now(self):
        policy = make_published(1)
        publish_next(policy, NOON + HOUR, effective_at=NOON + 3 * HOUR)
        now = NOON + 2 * HOUR
        for day in ("2026-03-02", "2026-03-03", "2999-12-31", "9999-12-31"):
            assert on(day, now) == "/privacy/versions/1/"
            assert on(day, NOON + 3 * HOUR) == "/privacy/versions/2/"

    def test_a_withdrawn_version_answers_for_the_days_that_it_was_in_force_on(self):
        policy = make_published(2)
        publishing.withdraw(
            policy.version_set.newest(), by="alice", at=NOON + 3 * DAY, reason="A mistake."
        )
        after = NOON + 30 * DAY
        assert on("2026-03-03", after) == on("2026-03-04", after) == "/privacy/versions/2/"
        assert on("2026-03-05", after) == "/privacy/versions/1/"

    def test_the_day_is_that_of_the_site_in_summer(self):
        """A version that applies from half past midnight belongs to the new day."""
        policy = make_policy()
        publish_next(policy, NOON)
        publish_next(policy, NOON, effective_at=datetime(2026, 6, 2, 0, 30, tzinfo=LONDON))
        after = NOON + 300 * DAY
        assert on("2026-06-01", after) == "/privacy/versions/1/"
        assert on("2026-06-02", after) == "/privacy/versions/2/"

    @pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
    def test_the_days_on_which_the_clocks_change_end_at_midnight(self, night):
        day = date.fromisoformat(night)
        midnight = datetime(day.year, day.month, day.day + 1, tzinfo=LONDON).astimezone(UTC)
        policy = make_policy()
        publish_next(policy, NOON)
        publish_next(policy, NOON, effective_at=midnight - MOMENT)
        publish_next(policy, NOON, effective_at=midnight)
        after = NOON + 300 * DAY
        assert on((day - DAY).isoformat(), after) == "/privacy/versions/1/"
        assert on(night, after) == "/privacy/versions/2/"
        assert on((day + DAY).isoformat(), after) == "/privacy/versions/3/"

    def test_what_is_today_is_decided_in_the_zone_of_the_site(self, settings):
        settings.TIME_ZONE = "Pacific/Kiritimati"
        policy = make_policy()
        publish_next(policy, NOON)
        publish_next(policy, NOON, effective_at=NOON + HOUR)
        # There it is the third of March, two in the morning, and the second ended at 10:00 UTC.
        assert ask("/privacy/versions/2026-03-02/", NOON).status_code == 404
        assert on("2026-03-03", NOON) == "/privacy/versions/1/"
        assert on("2026-03-03", NOON + HOUR) == "/privacy/versions/2/"

    @pytest.mark.parametrize(
        "day",
        [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "0000-01-01",
            "2026-3-2",
            "26-03-02",
            "02026-03-02",
            "2026-W10-1",
            "-2026-03-02",
            "2026-03-02T00:00",
            "\u0662\u0660\u0662\u0666-03-02",
        ],
    )
    def test_a_day_that_does_not_exist_is_not_found(self, client, day):
        make_published(1)
        assert client.get(f"/privacy/versions/{day}/").status_code == 404

    def test_eight_digits_are_a_number_and_not_a_day(self):
        make_published(1)
        found = resolve("/privacy/versions/20260302/")
        assert (found.url_name, found.kwargs["number"]) == ("version", 20260302)
        assert ask("/privacy/versions/20260302/", NOON + DAY).status_code == 404

    def test_a_policy_that_is_not_there_has_no_days(self):
        assert ask("/privacy/versions/2026-03-02/", NOON).status_code == 404
        make_published(1, slug="other")
        assert ask("/privacy/versions/2026-03-02/", NOON).status_code == 404

    def test_it_can_only_be_read_and_is_asked_for_each_time(self, client):
        make_published(1)
        assert client.post("/privacy/versions/2026-03-02/").status_code == 405
        response = ask("/privacy/versions/2026-03-02/", NOON)
        assert response.headers["Cache-Control"] == "no-cache"
        assert "Vary" not in response.headers

    def test_without_the_slash_it_is_found_too(self, client):
        make_published(1)
        response = client.get("/privacy/versions/2026-03-02")
        assert response.status_code == 301
        assert response.headers["Location"] == "/privacy/versions/2026-03-02/"

    def test_hidden_wording_is_led_to_and_says_that_it_is_hidden(self):
        policy = make_published(2)
        one = policy.version_set.get(approval__number=1)
        publishing.withhold(one, by="alice", at=NOON + 3 * DAY, reason="A name.")
        assert on("2026-03-02", NOON + 9 * DAY) == "/privacy/versions/1/"


@pytest.mark.django_db
class TestTheUpcomingVersion:
    def test_it_is_the_announced_one_until_it_applies(self):
        policy = make_published(1)
        assert ask(UPCOMING, NOON + HOUR).status_code == 404
        publish_next(policy, NOON + HOUR, effective_at=NOON + DAY)
        assert leads_to(ask(UPCOMING, NOON + HOUR)) == "/privacy/versions/2/"
        assert leads_to(ask(UPCOMING, NOON + DAY - MOMENT)) == "/privacy/versions/2/"
        assert ask(UPCOMING, NOON + DAY).status_code == 404

    def test_of_two_it_is_the_one_that_applies_first(self):
        policy = make_published(1)
        publish_next(policy, NOON + HOUR, effective_at=NOON + DAY)
        publish_next(policy, NOON + 2 * HOUR, effective_at=NOON + 2 * DAY)
        assert leads_to(ask(UPCOMING, NOON + 3 * HOUR)) == "/privacy/versions/2/"
        assert leads_to(ask(UPCOMING, NOON + DAY)) == "/privacy/versions/3/"

    def test_one_that_is_not_announced_is_not_there(self):
        policy = make_published(1)
        publish_next(policy, NOON + HOUR, effective_at=NOON + DAY, announce=False)
        assert ask(UPCOMING, NOON + 2 * HOUR).status_code == 404
        two = policy.version_set.get(approval__number=2)
        publishing.announce(two, by="alice", at=NOON + 3 * HOUR)
        assert leads_to(ask(UPCOMING, NOON + 3 * HOUR)) == "/privacy/versions/2/"

    def test_one_that_was_withdrawn_is_not_there(self):
        policy = make_published(1)
        publish_next(policy, NOON + HOUR, effective_at=NOON + DAY)
        two = policy.version_set.get(approval__number=2)
        publishing.withdraw(two, by="alice", at=NOON + 2 * HOUR, reason="A mistake.")
        assert ask(UPCOMING, NOON + 2 * HOUR).status_code == 404

    def test_a_policys_first_version_may_be_upcoming(self):
        policy = make_policy()
        publish_next(policy, NOON, effective_at=NOON + DAY)
        assert leads_to(ask(UPCOMING, NOON)) == "/privacy/versions/1/"
        assert ask("/privacy/versions/2026-03-02/", NOON).status_code == 404

    def test_it_can_only_be_read_and_is_asked_for_each_time(self, client):
        policy = make_published(1)
        publish_next(policy, NOON + HOUR, effective_at=NOON + DAY)
        assert client.post(UPCOMING).status_code == 405
        assert ask(UPCOMING, NOON + HOUR).headers["Cache-Control"] == "no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/privacy/versions/2021-01-01/", UPCOMING])
def test_no_cookie_is_set_or_looked_at(address):
    policy = make_policy()
    publish_next(policy, datetime(2020, 1, 1, tzinfo=UTC))
    publish_next(policy, datetime(2020, 1, 2, tzinfo=UTC), effective_at=NOON.replace(year=2999))
    junk = "session=junk; csrf=junk; sessionid=junk; csrftoken=junk; messages=junk"
    response = Client(headers={"Cookie": junk}).get(address)
    assert response.status_code == 302
    assert "Set-Cookie" not in response.headers
    assert "cookie" not in response.headers.get("Vary", "").lower()
