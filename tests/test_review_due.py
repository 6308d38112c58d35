"""When a policy must be read through again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from faq import reviewing
from faq.models import Policy
from faq.moments import months_after

from .factory import DAY, NOON, make_policy, make_published

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 3, 2), 12, date(2027, 3, 2)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 15), 120, date(2036, 8, 15)),
    ],
)
def test_months_are_counted_as_people_count_them(day, months, later):
    assert months_after(day, months) == later


def reviewed_each_year() -> Policy:
    policy = make_published()
    policy.review_months = 12
    policy.save()
    return policy


def test_a_review_is_due_after_the_first_version_and_then_after_each_review():
    policy = reviewed_each_year()
    assert policy.review_due(NOON) == date(2027, 3, 2)
    reviewing.review(policy, by="bob", at=NOON + 10 * DAY)
    assert policy.review_due(NOON + 10 * DAY) == date(2027, 3, 12)
    assert policy.review_due(NOON + 9 * DAY) == date(2027, 3, 2)


def test_nothing_is_due_without_a_rule_or_before_anything_was_approved():
    assert make_published().review_due(NOON) is None
    draft = make_policy("cookies", review_months=12)
    assert draft.review_due(NOON) is None
    assert not draft.review_is_near(NOON)


def test_a_review_is_near_thirty_days_before_and_stays_so_until_it_is_done():
    policy = reviewed_each_year()
    near = datetime(2027, 1, 31, tzinfo=UTC)
    assert not policy.review_is_near(near - timedelta(microseconds=1))
    assert policy.review_is_near(near)
    assert policy.review_is_near(near + 100 * DAY)
    reviewing.review(policy, by="bob", at=near)
    assert not policy.review_is_near(near)


def test_the_day_is_one_of_the_legal_time_zone(settings):
    policy = reviewed_each_year()
    reviewing.review(policy, by="bob", at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    assert policy.review_due(NOON + 365 * DAY) == date(2027, 7, 1)  # 00:30 in London
