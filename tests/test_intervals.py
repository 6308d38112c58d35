"""Which version was in force from when to when, also after withdrawals."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from faq import publishing
from faq.models import Policy
from faq.shown import around
from faq.timeline import intervals, predecessor, successor
from tests.factory import DAY, HOUR, NOON, make_policy, make_question, publish, reword

pytestmark = pytest.mark.django_db

MOMENT = timedelta(microseconds=1)


def timeline(policy: Policy, at):
    """The intervals as (number, begin, end)."""
    versions = policy.version_set.filter(approval__isnull=False)
    found = intervals(versions.with_facts(), at)
    return [(each.version.approval.number, each.begin, each.end) for each in found]


def change_and_publish(policy: Policy, at, **options):
    """One more version, and the version itself."""
    question = policy.question_set.first() or make_question(policy)
    reword(question, f"A company, seen {policy.version_set.count()} times.")
    return publish(policy, at, **options).version


def withdraw(version, at):
    return publishing.withdraw(version, by="alice", at=at, reason="A mistake.")


def numbers(versions):
    return [version.approval.number if version else None for version in versions]


def test_nothing_was_in_force_before_anything_was_published():
    assert timeline(make_policy(), NOON) == []


def test_each_version_lasts_until_the_next_begins():
    policy = make_policy()
    for day in range(3):
        change_and_publish(policy, NOON + day * DAY)
    assert timeline(policy, NOON + 9 * DAY) == [
        (1, NOON, NOON + DAY),
        (2, NOON + DAY, NOON + 2 * DAY),
        (3, NOON + 2 * DAY, None),
    ]


def test_what_comes_later_than_the_moment_asked_about_is_left_out():
    policy = make_policy()
    change_and_publish(policy, NOON)
    withdraw(change_and_publish(policy, NOON + DAY), NOON + 2 * DAY)
    assert timeline(policy, NOON + DAY - MOMENT) == [(1, NOON, None)]
    assert timeline(policy, NOON + 2 * DAY - MOMENT) == [
        (1, NOON, NOON + DAY),
        (2, NOON + DAY, None),
    ]


def test_a_withdrawal_gives_the_version_before_a_second_interval():
    policy = make_policy()
    change_and_publish(policy, NOON)
    withdraw(change_and_publish(policy, NOON + DAY), NOON + 2 * DAY)
    change_and_publish(policy, NOON + 3 * DAY)
    assert timeline(policy, NOON + 9 * DAY) == [
        (1, NOON, NOON + DAY),
        (2, NOON + DAY, NOON + 2 * DAY),
        (1, NOON + 2 * DAY, NOON + 3 * DAY),
        (3, NOON + 3 * DAY, None),
    ]


def test_withdrawing_two_in_a_row_goes_back_two():
    policy = make_policy()
    versions = [change_and_publish(policy, NOON + day * DAY) for day in range(3)]
    withdraw(versions[2], NOON + 3 * DAY)
    withdraw(versions[1], NOON + 4 * DAY)
    assert [number for number, _begin, _end in timeline(policy, NOON + 9 * DAY)] == [1, 2, 3, 2, 1]


def test_a_version_withdrawn_before_it_applied_was_never_in_force():
    policy = make_policy()
    change_and_publish(policy, NOON)
    planned = change_and_publish(policy, NOON + HOUR, effective_at=NOON + 9 * DAY)
    withdraw(planned, NOON + DAY)
    assert timeline(policy, NOON + 20 * DAY) == [(1, NOON, None)]


def test_a_version_withdrawn_at_the_moment_it_began_was_never_in_force():
    policy = make_policy()
    change_and_publish(policy, NOON)
    withdraw(change_and_publish(policy, NOON + DAY), NOON + DAY)
    change_and_publish(policy, NOON + DAY)
    assert timeline(policy, NOON + 9 * DAY) == [(1, NOON, NOON + DAY), (3, NOON + DAY, None)]


def random_history(seed: int):
    """A policy with a history made by chance, and every moment at which something turned."""
    chance = random.Random(seed)
    policy, at, turns = make_policy(), NOON, [NOON]
    change_and_publish(policy, at)
    for _step in range(12):
        at += chance.choice([MOMENT, HOUR, DAY])
        try:
            if chance.random() < 0.4:
                withdraw(policy.version_set.newest(), at)
            else:
                wait = chance.choice([0 * DAY, MOMENT, DAY])
                change_and_publish(policy, at, effective_at=at + wait)
        except publishing.Refused:
            continue
        turns += [at, at + DAY]
    return policy, turns


@pytest.mark.parametrize("seed", range(6))
def test_at_every_moment_the_timeline_and_the_query_name_the_same_version(seed):
    policy, turns = random_history(seed)
    end = turns[-1] + 9 * DAY
    found = timeline(policy, end)
    assert found[0][1] == NOON and found[-1][2] is None
    for (_number, _begin, stop), (_next_number, start, _end) in zip(found, found[1:], strict=False):
        assert stop == start
    for moment in {turn + shift for turn in turns for shift in (-MOMENT, 0 * DAY, MOMENT, HOUR)}:
        expected = policy.version_set.in_force(moment)
        covering = [
            n for n, begin, stop in found if begin <= moment and not (stop and stop <= moment)
        ]
        assert covering == ([expected.approval.number] if expected else []), moment


@pytest.mark.parametrize("seed", range(6))
def test_what_stands_around_a_version_is_the_same_whether_rows_or_the_database_are_asked(seed):
    policy, turns = random_history(seed)
    versions = policy.version_set.all()
    for at in {turns[-1] + 9 * DAY, turns[-1], turns[len(turns) // 2] + MOMENT, turns[2]}:
        public = list(versions.public(at).with_facts().order_by("approval__number"))
        shown = sorted(
            {i.version.approval.number for i in intervals(public, at) if i.outlasts_its_second()}
        )
        for version in public:
            asked = versions.public(at)
            assert asked.replaced_by(version) == predecessor(version, public)
            assert asked.following(version, at) == successor(version, public, at)
            found, number = around(versions, version, at), version.approval.number
            lower, higher = ([n for n in shown if n < number], [n for n in shown if n > number])
            expected = [shown[:1], lower[-1:], higher[:1], shown[-1:]]
            for one, ones in zip(
                (found.first, found.before, found.after, found.last), expected, strict=True
            ):
                assert ([one.approval.number] if one else []) == ones, (at, number)


class TestNeighbours:
    def test_the_predecessor_is_what_was_replaced_and_the_successor_what_replaced_it(self):
        policy = make_policy()
        one, two, three = (change_and_publish(policy, NOON + day * DAY) for day in range(3))
        chain, end = [one, two, three], NOON + 9 * DAY
        assert numbers(predecessor(each, chain) for each in chain) == [None, 1, 2]
        assert numbers(successor(each, chain, end) for each in chain) == [2, 3, None]

    def test_what_had_been_withdrawn_was_not_replaced(self):
        policy = make_policy()
        change_and_publish(policy, NOON)
        withdraw(change_and_publish(policy, NOON + DAY), NOON + 2 * DAY)
        change_and_publish(policy, NOON + 3 * DAY)
        chain = list(policy.version_set.with_facts().order_by("approval__number"))
        assert numbers(predecessor(each, chain) for each in chain) == [None, 1, 1]
        assert numbers(successor(each, chain, NOON + 9 * DAY) for each in chain) == [2, 3, None]

    def test_one_withdrawn_before_it_applied_is_nobodys_neighbour(self):
        policy = make_policy()
        change_and_publish(policy, NOON)
        planned = change_and_publish(policy, NOON + HOUR, effective_at=NOON + 9 * DAY)
        withdraw(planned, NOON + DAY)
        change_and_publish(policy, NOON + 2 * DAY, effective_at=NOON + 20 * DAY)
        chain = list(policy.version_set.with_facts().order_by("approval__number"))
        assert numbers(predecessor(each, chain) for each in chain) == [None, 1, 1]
        assert numbers(successor(each, chain, NOON + 3 * DAY) for each in chain) == [3, 3, None]
