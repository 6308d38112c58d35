"""The fingerprint and the chain have one form for ever."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from faq import publishing
from faq.digest import GENESIS, fingerprint, link, stamp
from tests.factory import DAY, HOUR, NOON, make_policy, make_question, publish, reword

ENTRY: dict[str, Any] = {
    "previous": GENESIS,
    "seq": 1,
    "kind": "approval",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "number": 1,
    "recorded_at": datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    "effective_at": datetime(2007, 4, 1, 0, 0, tzinfo=timezone(timedelta(hours=1))),
}


def test_a_fingerprint_is_the_sha256_of_the_bytes() -> None:
    assert fingerprint(b"test") == ENTRY["digest"]
    assert fingerprint(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_chain_starts_from_sixty_four_zeros() -> None:
    assert GENESIS == "0000000000000000000000000000000000000000000000000000000000000000"


def test_the_form_of_an_approval_in_the_chain() -> None:
    lines = (
        b"0000000000000000000000000000000000000000000000000000000000000000\n"
        b"1\n"
        b"approval\n"
        b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
        b"1\n"
        b"2026-03-02T12:00:00.000000Z\n"
        b"2007-03-31T23:00:00.000000Z\n"
    )
    assert link(**ENTRY) == hashlib.sha256(lines).hexdigest()
    assert link(**ENTRY) == "5e32def28e342781beaeb294c3a0dc9847f7d611dcfd725910890cac12764593"


def test_the_form_of_a_withdrawal_in_the_chain() -> None:
    at = datetime(2026, 3, 9, 8, 7, 6, 5, tzinfo=UTC)
    lines = (
        b"5e32def28e342781beaeb294c3a0dc9847f7d611dcfd725910890cac12764593\n"
        b"2\n"
        b"withdrawal\n"
        b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"
        b"1\n"
        b"2026-03-09T08:07:06.000005Z\n"
        b"2026-03-09T08:07:06.000005Z\n"
    )
    value = link(
        previous=link(**ENTRY),
        seq=2,
        kind="withdrawal",
        digest=ENTRY["digest"],
        number=1,
        recorded_at=at,
        effective_at=at,
    )
    assert value == hashlib.sha256(lines).hexdigest()
    assert value == "ad4eff61c5701e673fa113dd4a584fc4bb982116cdbdd3f5135c81af7dbe9a96"


@pytest.mark.parametrize(
    "other",
    [
        {"previous": "1" * 64},
        {"seq": 2},
        {"kind": "withdrawal"},
        {"digest": "0" * 64},
        {"number": 2},
        {"recorded_at": ENTRY["recorded_at"] + timedelta(microseconds=1)},
        {"effective_at": ENTRY["effective_at"] + timedelta(microseconds=1)},
    ],
)
def test_every_fact_counts(other: dict[str, Any]) -> None:
    assert link(**{**ENTRY, **other}) != link(**ENTRY)


def test_moments_are_written_in_utc_to_the_microsecond() -> None:
    summer = timezone(timedelta(hours=1))
    assert stamp(datetime(2026, 7, 1, 0, 30, 0, 7, tzinfo=summer)) == "2026-06-30T23:30:00.000007Z"
    assert stamp(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00.000000Z"
    assert stamp(datetime(987, 1, 2, tzinfo=UTC)) == "0987-01-02T00:00:00.000000Z"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        stamp(datetime(2026, 1, 2))


@pytest.mark.django_db
def test_the_record_writes_the_chain_in_this_form() -> None:
    policy = make_policy()
    question = make_question(policy)
    first = publish(policy, NOON, effective_at=NOON - 30 * DAY)
    reword(question, "Two.")
    second = publish(policy, NOON + DAY, effective_at=NOON + 9 * DAY)
    gone = publishing.withdraw(second.version, by="bob", at=NOON + DAY + HOUR, reason="Too early.")

    def by_hand(*lines: str) -> str:
        return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()

    one = by_hand(
        *("0" * 64, "1", "approval", first.version.digest, "1"),
        *("2026-03-02T12:00:00.000000Z", "2026-01-31T12:00:00.000000Z"),
    )
    two = by_hand(
        *(one, "2", "approval", second.version.digest, "2"),
        *("2026-03-03T12:00:00.000000Z", "2026-03-11T12:00:00.000000Z"),
    )
    three = by_hand(
        *(two, "3", "withdrawal", second.version.digest, "2"),
        *("2026-03-03T13:00:00.000000Z", "2026-03-03T13:00:00.000000Z"),
    )
    assert [first.chain, second.chain, gone.chain] == [one, two, three]
