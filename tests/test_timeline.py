"""What is in force, scheduled and public at a moment; time alone moves it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from faq import publishing
from faq.models import Approval, Policy, Version
from faq.publishing import PastVersion, Refused
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

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)


def number_in_force(policy: Policy, at: datetime) -> int | None:
    live = policy.version_set.in_force(at)
    return live.approval.number if live else None


def numbers(versions: Any) -> list[int]:
    return [version.approval.number for version in versions]


def get(policy: Policy, number: int) -> Version:
    found = policy.version_set.with_facts().get(approval__number=number)
    assert isinstance(found, Version)
    return found


def status(policy: Policy, number: int, at: datetime) -> str:
    return get(policy, number).status(at, live=policy.version_set.in_force(at))


def schedule(policy: Policy, at: datetime, effective_at: datetime, **options: Any) -> Version:
    reword(policy.question_set.get(), f"From {effective_at}.")
    return publish(policy, at, effective_at=effective_at, **options).version


def withdraw(policy: Policy, number: int, at: datetime) -> None:
    publishing.withdraw(get(policy, number), by="bob", at=at, reason="A mistake.")


# In force.


def test_a_version_is_in_force_from_its_very_microsecond() -> None:
    policy = make_published()
    moment = NOON + 5 * DAY + timedelta(microseconds=123_456)
    schedule(policy, NOON + HOUR, moment)
    assert number_in_force(policy, moment - INSTANT) == 1
    assert number_in_force(policy, moment) == 2
    assert number_in_force(policy, moment + INSTANT) == 2


def test_a_whole_second_is_not_before_its_own_fractions() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + DAY)  # no microseconds: stored shorter on SQLite
    assert number_in_force(policy, NOON + DAY - INSTANT) == 1
    assert number_in_force(policy, NOON + DAY) == 2


def test_nothing_is_in_force_before_the_first() -> None:
    policy = make_policy()
    make_question(policy)
    assert number_in_force(policy, NOON) is None
    publish(policy, NOON, effective_at=NOON + DAY)
    assert number_in_force(policy, NOON + DAY - INSTANT) is None
    assert number_in_force(policy, NOON + DAY) == 1


def test_candidates_and_versions_sent_back_are_never_in_force() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    publishing.freeze(policy, by="alice", at=NOON)
    publishing.reject(candidate, by="bob", at=NOON, reason="No.")
    assert number_in_force(policy, NOON + 999 * DAY) == 1


def test_a_withdrawn_version_still_answers_for_the_days_it_was_live() -> None:
    policy = make_published(2)  # version 2 applies from NOON + DAY
    withdraw(policy, 2, NOON + 3 * DAY)
    assert number_in_force(policy, NOON + DAY) == 2
    assert number_in_force(policy, NOON + 3 * DAY - INSTANT) == 2
    assert number_in_force(policy, NOON + 3 * DAY) == 1
    assert number_in_force(policy, NOON + 99 * DAY) == 1


def test_a_version_withdrawn_before_its_moment_is_never_in_force() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY)
    withdraw(policy, 2, NOON + 2 * DAY)
    assert number_in_force(policy, NOON + 5 * DAY) == 1


def test_a_version_withdrawn_at_its_very_moment_is_never_in_force() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY, announce=False)
    withdraw(policy, 2, NOON + 5 * DAY)
    assert number_in_force(policy, NOON + 5 * DAY) == 1
    assert not get(policy, 2).is_public(NOON + 99 * DAY)
    assert numbers(policy.version_set.public(NOON + 99 * DAY)) == [1]


def test_the_latest_moment_counts_and_not_the_highest_number() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 9 * DAY)
    reword(policy.question_set.get(), "Three.")
    candidate = publishing.freeze(policy, by="alice", at=NOON + HOUR)
    # No verb would write this; the rule has to hold for whatever the record says.
    entry = Approval(
        policy=policy,
        version=candidate,
        number=3,
        effective_at=NOON + 5 * DAY,
        material=False,
        approved_by="bob",
        recorded_at=NOON + HOUR,
        seq=3,
        previous=candidate.base,
    )
    entry.chain = entry.computed_chain()
    entry.save()
    found = [number_in_force(policy, NOON + day * DAY) for day in (4, 5, 8, 9, 99)]
    assert found == [1, 3, 3, 2, 2]


def test_withdrawing_the_middle_of_three_leaves_the_last() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY)
    schedule(policy, NOON + HOUR, NOON + 6 * DAY)
    withdraw(policy, 2, NOON + 2 * DAY)
    found = [number_in_force(policy, NOON + day * DAY) for day in (4, 5, 6)]
    assert found == [1, 1, 3]


def test_a_history_answers_for_the_dates_it_really_had() -> None:
    policy = make_policy()
    question = make_question(policy)
    dates = [datetime(2007, 4, 1, tzinfo=UTC), datetime(2018, 5, 25, tzinfo=UTC), NOON - DAY]

    def step(date: datetime) -> PastVersion:
        def prepare() -> None:
            reword(question, f"As of {date}.")

        return PastVersion(prepare, date, material=True, note="")

    publishing.replay(policy, [step(date) for date in dates], by="alice", at=NOON)
    assert number_in_force(policy, dates[0] - INSTANT) is None
    assert number_in_force(policy, dates[0]) == 1
    assert number_in_force(policy, dates[1] - INSTANT) == 1
    assert number_in_force(policy, dates[1]) == 2
    assert number_in_force(policy, NOON) == 3
    assert numbers(policy.version_set.listed(NOON)) == [3, 2, 1]


def test_policies_do_not_see_each_others_versions() -> None:
    one, two = make_published(2), make_published(slug="cookies")
    assert number_in_force(one, NOON + DAY) == 2
    assert number_in_force(two, NOON + DAY) == 1
    assert two.version_set.in_force(NOON - DAY) is None


def test_the_zone_in_which_a_moment_is_written_does_not_matter() -> None:
    from zoneinfo import ZoneInfo

    policy = make_published()
    assert number_in_force(policy, NOON.astimezone(ZoneInfo("Asia/Tokyo"))) == 1
    assert number_in_force(policy, (NOON - INSTANT).astimezone(ZoneInfo("Asia/Tokyo"))) is None


# Status.


def test_the_statuses_in_the_life_of_a_version() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    assert candidate.status(NOON, live=policy.version_set.in_force(NOON)) == "candidate"
    publishing.approve(
        candidate, by="bob", at=NOON, effective_at=NOON + 5 * DAY, material=True, note="Why."
    )
    assert status(policy, 2, NOON) == "scheduled"
    assert status(policy, 1, NOON) == "live"
    assert status(policy, 2, NOON + 5 * DAY) == "live"
    assert status(policy, 1, NOON + 5 * DAY) == "superseded"
    withdraw(policy, 2, NOON + 6 * DAY)
    assert status(policy, 2, NOON + 6 * DAY - INSTANT) == "live"
    assert status(policy, 2, NOON + 6 * DAY) == "withdrawn"
    assert status(policy, 1, NOON + 6 * DAY) == "live"


def test_a_version_sent_back_says_so() -> None:
    policy = make_policy()
    make_question(policy)
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    publishing.reject(candidate, by="bob", at=NOON, reason="No.")
    found = Version.objects.with_facts().get()
    assert found.status(NOON, live=None) == "rejected"


# Public.


@pytest.mark.parametrize("announced", [True, False])
def test_a_scheduled_version_is_public_once_announced_or_in_force(announced: bool) -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY, announce=False)
    assert numbers(policy.version_set.public(NOON + HOUR)) == [1]
    if announced:
        publishing.announce(get(policy, 2), by="bob", at=NOON + DAY)
    for at, seen in [
        (NOON + DAY - INSTANT, False),
        (NOON + DAY, announced),
        (NOON + 5 * DAY - INSTANT, announced),
        (NOON + 5 * DAY, True),
    ]:
        assert (2 in numbers(policy.version_set.public(at))) is seen
        assert get(policy, 2).is_public(at) is seen


def test_public_stays_public_after_a_withdrawal() -> None:
    policy = make_published(2)
    withdraw(policy, 2, NOON + 3 * DAY)
    schedule(policy, NOON + 3 * DAY, NOON + 9 * DAY, announce=True)
    withdraw(policy, 3, NOON + 4 * DAY)
    assert sorted(numbers(policy.version_set.public(NOON + 99 * DAY))) == [1, 2, 3]


def test_a_version_withdrawn_before_it_was_public_never_becomes_public() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY, announce=False)
    withdraw(policy, 2, NOON + DAY)
    assert numbers(policy.version_set.public(NOON + 99 * DAY)) == [1]


def test_candidates_are_never_public() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    assert not candidate.is_public(NOON + 99 * DAY)
    assert policy.version_set.public(NOON + 99 * DAY).count() == 1


def test_the_public_list_stops_before_what_is_not_public() -> None:
    policy = make_published(2)
    schedule(policy, NOON + 2 * DAY, NOON + 9 * DAY, announce=False)
    assert numbers(policy.version_set.listed(NOON - DAY)) == []
    assert numbers(policy.version_set.listed(NOON)) == [1]
    assert numbers(policy.version_set.listed(NOON + 2 * DAY)) == [2, 1]
    assert numbers(policy.version_set.listed(NOON + 9 * DAY)) == [3, 2, 1]


def test_one_withdrawn_before_it_was_public_is_listed_once_a_later_one_is_public() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY, announce=False)
    withdraw(policy, 2, NOON + DAY)
    assert numbers(policy.version_set.listed(NOON + 2 * DAY)) == [1]
    schedule(policy, NOON + 2 * DAY, NOON + 6 * DAY, announce=True)
    assert numbers(policy.version_set.listed(NOON + 2 * DAY)) == [3, 2, 1]
    assert not get(policy, 2).is_public(NOON + 2 * DAY)


def test_scheduled_versions_come_in_the_order_in_which_they_apply() -> None:
    policy = make_published()
    schedule(policy, NOON + HOUR, NOON + 5 * DAY)
    schedule(policy, NOON + HOUR, NOON + 6 * DAY)
    assert numbers(policy.version_set.scheduled(NOON + HOUR)) == [2, 3]
    assert numbers(policy.version_set.scheduled(NOON + 5 * DAY)) == [3]
    withdraw(policy, 3, NOON + 5 * DAY)
    assert numbers(policy.version_set.scheduled(NOON + 5 * DAY)) == []


def test_the_newest_is_the_one_approved_last_and_not_withdrawn() -> None:
    policy = make_policy()
    assert policy.version_set.newest() is None
    make_question(policy)
    publish(policy, NOON)
    schedule(policy, NOON + HOUR, NOON + 5 * DAY)
    assert numbers([policy.version_set.newest()]) == [2]
    withdraw(policy, 2, NOON + 2 * HOUR)
    assert numbers([policy.version_set.newest()]) == [1]


# The rule against a plain model of it, on any history the verbs allow.


@dataclass
class Fact:
    """What the model knows of one approved version."""

    effective_at: int
    withdrawn_at: int | None = None
    announced_at: int | None = None

    def stands(self, at: int) -> bool:
        return self.withdrawn_at is None or self.withdrawn_at > at

    def is_public(self, at: int) -> bool:
        announced = self.announced_at is not None and self.announced_at <= at
        lived = any(
            self.effective_at <= then and self.stands(then)
            for then in range(self.effective_at, at + 1)
        )
        return announced or lived


def expected_in_force(facts: list[Fact], at: int) -> int | None:
    best = None
    for number, fact in enumerate(facts, start=1):
        begun = fact.effective_at <= at and fact.stands(at)
        if begun and (best is None or fact.effective_at > facts[best - 1].effective_at):
            best = number
    return best


steps = st.lists(
    st.tuples(
        st.sampled_from(["approve", "approve", "withdraw", "announce"]),
        st.integers(0, 3),  # how long after the step before
        st.integers(0, 8),  # approve: how far ahead; otherwise: which version
    ),
    max_size=10,
)


def moment(hours: int) -> datetime:
    return NOON + hours * HOUR


def play(policy: Policy, history: list[tuple[str, int, int]]) -> tuple[list[Fact], int]:
    """Do what the verbs allow of a history, and note it in the model."""
    facts: list[Fact] = []
    now = 0
    seen: dict[int, int | None] = {}
    for step, (verb, wait, number) in enumerate(history):
        now += wait
        try:
            with transaction.atomic():
                if verb == "approve":
                    reword(policy.question_set.get(), f"Step {step}.")
                    publish(policy, moment(now), effective_at=moment(now + number), announce=False)
                    facts.append(Fact(now + number))
                elif verb == "withdraw" and number <= len(facts) and number:
                    withdraw(policy, number, moment(now))
                    facts[number - 1].withdrawn_at = now
                elif number <= len(facts) and number:
                    publishing.announce(get(policy, number), by="bob", at=moment(now))
                    facts[number - 1].announced_at = now
        except Refused:
            pass
        # What was in force yesterday is settled, whatever is decided today.
        for then in range(now - 5, now):
            found = number_in_force(policy, moment(then))
            assert seen.setdefault(then, found) == found
    return facts, now


@quickly(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_the_rule_agrees_with_a_plain_model_of_it(history: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        policy = make_policy()
        make_question(policy)
        facts, _now = play(policy, history)
        versions = {number: get(policy, number) for number in range(1, len(facts) + 1)}
        public_before: set[int] = set()
        for hours in range(-1, 24):
            at = moment(hours)
            live = policy.version_set.in_force(at)
            assert (live.approval.number if live else None) == expected_in_force(facts, hours)
            public = {n for n, fact in enumerate(facts, start=1) if fact.is_public(hours)}
            assert set(numbers(policy.version_set.public(at))) == public
            assert public_before <= public
            public_before = public
            scheduled = [
                number
                for _moment, number in sorted(
                    (fact.effective_at, number) for number, fact in enumerate(facts, start=1)
                )
                if facts[number - 1].effective_at > hours and facts[number - 1].stands(hours)
            ]
            assert numbers(policy.version_set.scheduled(at)) == scheduled
            listed = list(range(max(public), 0, -1)) if public else []
            assert numbers(policy.version_set.listed(at)) == listed
            for number, fact in enumerate(facts, start=1):
                said = versions[number].status(at, live=live)
                assert versions[number].is_public(at) == (number in public)
                assert (said == "live") == (versions[number] == live)
                assert (said == "withdrawn") == (not fact.stands(hours))
                assert (said == "scheduled") == (number in scheduled)
        transaction.set_rollback(True)
