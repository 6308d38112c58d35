"""The verbs: what they write, what they refuse, and that a refusal changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps

from faq import digest, publishing
from faq.document import Document
from faq.models import (
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    Policy,
    Question,
    Section,
    Version,
    Withdrawal,
)
from faq.page import lay_out
from faq.publishing import PastVersion, Refused
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_section,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

INSTANT = timedelta(microseconds=1)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours."""
    return {
        model.__name__: [
            {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_app_config("faq").get_models()
    }


def refused(action: Callable[[], object], saying: str) -> None:
    """The verb refuses in these words, and nothing at all has changed."""
    before = everything()
    with pytest.raises(Refused, match=re.escape(saying)):
        action()
    assert everything() == before


def make_policy_with_question(**fields: Any) -> Policy:
    policy = make_policy()
    make_question(policy, **fields)
    return policy


def freeze(policy: Policy, at: datetime = NOON) -> Version:
    return publishing.freeze(policy, by="alice", at=at)


def freeze_reworded(policy: Policy, at: datetime = NOON) -> Version:
    reword(policy.question_set.first(), f"Reworded at {at}.")
    return freeze(policy, at)


def approve(version: Version, at: datetime = NOON, **options: Any) -> Approval:
    options.setdefault("material", True)
    options.setdefault("note", "Something changed.")
    return publishing.approve(version, by="bob", at=at, **options)


def withdraw(version: Version, at: datetime, reason: str = "A mistake.") -> Withdrawal:
    return publishing.withdraw(version, by="bob", at=at, reason=reason)


def retire(item: Any, at: datetime = NOON, reason: str = "No longer so.", **options: Any) -> None:
    publishing.retire(item, at=at, reason=reason, **options)


def names(policy: Policy) -> dict[str, str]:
    """The ledger: who holds each name."""
    return {entry.name: str(entry.holder.title) for entry in policy.anchor_set.all()}


def frozen(policy: Policy, number: int) -> Document:
    return policy.version_set.get(approval__number=number).to_document()


def number_in_force(policy: Policy, at: datetime) -> int | None:
    live = policy.version_set.in_force(at)
    return live.approval.number if live else None


# Freeze.


def test_freeze_stores_the_wording_its_fingerprint_and_what_it_stands_on() -> None:
    policy = make_policy()
    make_question(policy, answer="A *company*.")
    candidate = freeze(policy, NOON)
    assert candidate.digest == digest.fingerprint(candidate.data())
    assert (candidate.base, candidate.frozen_by, candidate.frozen_at) == (
        digest.GENESIS,
        "alice",
        NOON,
    )
    [question] = candidate.to_document().questions()
    assert question.answer["en"].source == "A *company*."
    assert question.answer["en"].html == "<p>A <em>company</em>.</p>\n"


def test_editing_after_a_freeze_leaves_the_candidate_alone() -> None:
    policy = make_policy(title="Privacy")
    question = make_question(policy)
    candidate = freeze(policy)
    before = candidate.data()
    question.title, question.anchor = "Another title?", "another"
    reword(question, "Another answer.")
    make_question(policy, "One more?")
    policy.title = "Another"
    policy.save()
    candidate.refresh_from_db()
    assert candidate.data() == before


def test_one_wording_has_one_fingerprint_whatever_the_line_ends() -> None:
    policy = make_policy(introduction="One.\n\nTwo.", contact="Here.")
    question = make_question(policy, answer="- a\n- b")
    first = freeze(policy).digest
    policy.introduction, policy.contact = "One.\r\n\r\nTwo.\r\n", "\n Here.\n"
    policy.save()
    reword(question, "- a\r\n- b\r\n")
    assert freeze(policy).digest == first


def test_freeze_refuses_a_policy_without_questions() -> None:
    policy = make_policy()
    make_section(policy)
    refused(lambda: freeze(policy), "The policy has no questions yet. Add one first.")


@pytest.mark.parametrize("answer", ["", "  \n\t", "\r\n"])
def test_freeze_refuses_a_question_without_an_answer(answer: str) -> None:
    policy = make_policy()
    make_question(policy)
    make_question(policy, "Why?", answer=answer)
    refused(lambda: freeze(policy), "“Why?” has no answer yet.")


def test_freeze_refuses_when_nothing_has_changed() -> None:
    policy = make_published(2)
    refused(lambda: freeze(policy, NOON + 9 * DAY), "Nothing has changed since version 2.")


def test_freeze_refuses_a_name_that_cannot_be_an_anchor() -> None:
    policy = make_policy()
    make_question(policy, anchor="a b")
    refused(lambda: freeze(policy), "“a b”: A link name has no spaces")


def test_freeze_refuses_an_older_name_that_cannot_be_an_anchor() -> None:
    policy = make_policy()
    make_question(policy, older_names="old\nsome/path")
    refused(lambda: freeze(policy), "“some/path”: A link name has none of these characters")


def test_freeze_refuses_one_name_for_two_questions() -> None:
    policy = make_policy()
    make_question(policy, "One?", older_names="shared")
    make_question(policy, "Two?", older_names="shared")
    refused(lambda: freeze(policy), "Two places have the link name “shared”.")


def test_freeze_refuses_one_name_for_a_section_and_a_question() -> None:
    policy = make_policy()
    make_section(policy, anchor="same")
    make_question(policy, anchor="same")
    refused(lambda: freeze(policy), "Two places have the link name “same”.")


def test_freeze_refuses_a_question_named_like_a_sub_heading_of_another() -> None:
    policy = make_policy()
    make_question(policy, anchor="a", answer="# B\n\nText.")
    make_question(policy, "Two?", anchor="a.b")
    refused(lambda: freeze(policy), "Two places have the link name “a.b”.")


# Approve.


def test_approve_gives_the_next_number_and_the_moment() -> None:
    policy = make_policy()
    question = make_question(policy)
    first = approve(freeze(policy), NOON)
    reword(question, "Two.")
    second = approve(freeze(policy, NOON + HOUR), NOON + HOUR, effective_at=NOON + DAY)
    assert (first.number, first.effective_at, first.approved_by) == (1, NOON, "bob")
    assert (second.number, second.effective_at, second.recorded_at) == (
        2,
        NOON + DAY,
        NOON + HOUR,
    )


def test_numbers_of_policies_are_their_own() -> None:
    make_published(3)
    other = make_published(slug="cookies")
    assert list(other.approval_set.values_list("number", "seq")) == [(1, 1)]


def test_the_chain_ties_approvals_and_withdrawals_together() -> None:
    policy = make_published(2)
    withdraw(policy.version_set.get(approval__number=2), NOON + 2 * DAY)
    reword(policy.question_set.get(), "Three.")
    publish(policy, NOON + 3 * DAY)
    entries: list[Any] = sorted(
        [*Approval.objects.all(), *Withdrawal.objects.all()], key=lambda entry: entry.seq
    )
    assert [(entry.seq, entry.kind) for entry in entries] == [
        (1, "approval"),
        (2, "approval"),
        (3, "withdrawal"),
        (4, "approval"),
    ]
    assert [entry.previous for entry in entries] == [
        digest.GENESIS,
        *(entry.chain for entry in entries[:-1]),
    ]
    assert [entry.chain for entry in entries] == [entry.computed_chain() for entry in entries]


def test_approve_refuses_a_version_approved_already() -> None:
    candidate = freeze(make_policy_with_question())
    approve(candidate)
    refused(lambda: approve(candidate, NOON + DAY), "This version has been approved already.")


def test_approve_refuses_a_version_that_was_sent_back() -> None:
    candidate = freeze(make_policy_with_question())
    publishing.reject(candidate, by="bob", at=NOON, reason="Not yet.")
    refused(lambda: approve(candidate), "This version was sent back. Send the draft again.")


def test_approve_refuses_when_the_record_has_moved_since_the_freeze() -> None:
    policy = make_policy_with_question()
    one, two = freeze(policy), freeze(policy)
    approve(one)
    refused(lambda: approve(two, NOON + DAY), "Another version was decided on since")


def test_approve_refuses_when_a_version_was_withdrawn_since_the_freeze() -> None:
    policy = make_published(2)
    reword(policy.question_set.get(), "Three.")
    candidate = freeze(policy, NOON + 2 * DAY)
    withdraw(policy.version_set.get(approval__number=2), NOON + 3 * DAY)
    refused(lambda: approve(candidate, NOON + 4 * DAY), "Another version was decided on since")


def test_approve_refuses_a_moment_in_the_past() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = freeze(policy, NOON + DAY)
    refused(
        lambda: approve(candidate, NOON + DAY, effective_at=NOON + DAY - INSTANT),
        "3 March 2026, 11:59 is in the past. Choose now or a later time.",
    )


def test_only_the_first_version_may_have_applied_before() -> None:
    policy = make_policy_with_question()
    publish(policy, NOON, effective_at=NOON - 4000 * DAY)
    reword(policy.question_set.get(), "Two.")
    refused(lambda: publish(policy, NOON, effective_at=NOON - DAY), "is in the past")
    publish(policy, NOON)
    assert number_in_force(policy, NOON - DAY) == 1
    assert number_in_force(policy, NOON) == 2


def test_a_first_version_that_was_withdrawn_is_still_the_first() -> None:
    policy = make_policy_with_question()
    publish(policy, NOON, effective_at=NOON + DAY)
    withdraw(policy.version_set.get(), NOON + HOUR)
    refused(
        lambda: publish(policy, NOON + 2 * HOUR, effective_at=NOON - DAY),
        "is in the past",
    )


@pytest.mark.parametrize("step", [-DAY, -INSTANT, timedelta(0)])
def test_approve_refuses_a_moment_not_after_that_of_a_scheduled_version(step: timedelta) -> None:
    policy = make_published()
    question = policy.question_set.get()
    moment = NOON + 10 * DAY
    reword(question, "Two.")
    publish(policy, NOON + DAY, effective_at=moment)
    reword(question, "Three.")
    refused(
        lambda: publish(policy, NOON + 2 * DAY, effective_at=moment + step),
        "Version 2 applies from 12 March 2026, 12:00. Choose a later time, or withdraw",
    )
    assert publish(policy, NOON + 2 * DAY, effective_at=moment + INSTANT).number == 3


def test_a_withdrawn_schedule_stands_in_nobodys_way() -> None:
    policy = make_published()
    question = policy.question_set.get()
    reword(question, "Two.")
    publish(policy, NOON + DAY, effective_at=NOON + 10 * DAY)
    withdraw(policy.version_set.get(approval__number=2), NOON + 2 * DAY)
    reword(question, "Three.")
    publish(policy, NOON + 2 * DAY, effective_at=NOON + 10 * DAY)
    assert number_in_force(policy, NOON + 10 * DAY) == 3


def test_approve_refuses_a_text_that_does_not_match_its_fingerprint() -> None:
    policy = make_policy_with_question()
    data = policy.to_document().to_json()
    tampered = Version.objects.create(
        policy=policy, document=data, digest="0" * 64, frozen_by="mallory", frozen_at=NOON
    )
    refused(lambda: approve(tampered), "The stored text does not match its fingerprint.")


def test_approve_refuses_a_change_readers_must_know_without_a_note() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = freeze(policy, NOON + DAY)
    for note in ("", " \n\t"):
        refused(
            lambda note=note: approve(candidate, NOON + DAY, note=note),
            "Readers must know of this change: write what changed.",
        )
    assert approve(candidate, NOON + DAY, note="We moved.").version.note() == "We moved."


def test_the_first_version_and_a_change_of_wording_need_no_note() -> None:
    policy = make_policy_with_question()
    publish(policy, NOON, material=True, note="")
    reword(policy.question_set.get(), "Two.")
    publish(policy, NOON + DAY, material=False, note="  ")
    assert not ChangeNote.objects.exists()


def test_approve_refuses_when_the_clock_has_gone_backwards() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = freeze(policy, NOON)
    refused(
        lambda: approve(candidate, NOON - HOUR, effective_at=NOON + DAY),
        "This machine's clock says 2 March 2026, 11:00, but a decision was recorded at "
        "2 March 2026, 12:00. Set the clock right.",
    )


def test_a_refusal_says_moments_in_the_legal_time_zone() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    summer = NOON.replace(month=7)
    refused(
        lambda: publish(policy, summer, effective_at=summer - DAY),
        "1 July 2026, 13:00 is in the past.",
    )


def test_approve_refuses_a_candidate_whose_question_was_deleted_since() -> None:
    policy = make_policy_with_question()
    extra = make_question(policy, "A short life?")
    candidate = freeze(policy)
    retire(extra)  # never published, so it is gone
    assert not Question.objects.filter(pk=extra.pk).exists()
    refused(
        lambda: approve(candidate),
        "“A short life?” was deleted since this version was sent. Send the draft again.",
    )


def test_approve_refuses_a_candidate_whose_section_was_deleted_since() -> None:
    policy = make_policy_with_question()
    section = make_section(policy, "A short life")
    candidate = freeze(policy)
    retire(section)
    refused(lambda: approve(candidate), "“A short life” was deleted since")


def test_approve_refuses_a_candidate_frozen_under_another_address() -> None:
    policy = make_policy_with_question()
    candidate = freeze(policy)
    policy.slug = "cookies"
    policy.save()
    refused(
        lambda: approve(candidate),
        "The policy's address has changed since this version was sent. Send the draft again.",
    )


def test_approve_refuses_to_lose_a_name_that_became_public_since() -> None:
    policy = make_published()
    candidate = freeze_reworded(policy)
    live = policy.version_set.in_force(NOON)
    Anchor.objects.create(
        policy=policy, name="older", question=policy.question_set.get(), version=live
    )
    refused(lambda: approve(candidate, NOON + DAY), "Links to “older” would stop working.")


def test_approve_refuses_a_name_that_became_anothers_since() -> None:
    policy = make_policy_with_question()
    other = make_question(policy, "Two?")
    publish(policy)
    other.older_names = "older"
    other.save()
    candidate = freeze(policy)
    live = policy.version_set.in_force(NOON)
    Anchor.objects.create(
        policy=policy, name="older", question=policy.question_set.first(), version=live
    )
    refused(
        lambda: approve(candidate, NOON + DAY),
        "The link name “older” belongs to something else for ever. Choose another.",
    )


def test_sending_a_draft_again_replaces_no_candidate() -> None:
    policy = make_policy_with_question()
    one, two = freeze(policy), freeze(policy)
    assert set(policy.version_set.candidates()) == {one, two}


# Publish: both steps or neither.


def test_publish_refuses_when_the_draft_is_not_the_one_that_was_seen() -> None:
    policy = make_policy_with_question()
    seen = digest.fingerprint(policy.to_document().to_json())
    reword(policy.question_set.get(), "Sneaked in.")
    refused(
        lambda: publish(policy, expected=seen),
        "The draft has changed since you opened this page. Look at the changes again.",
    )


def test_publish_goes_through_when_the_draft_is_the_one_that_was_seen() -> None:
    policy = make_policy_with_question()
    seen = digest.fingerprint(policy.to_document().to_json())
    assert publish(policy, expected=seen).version.digest == seen


def test_publish_leaves_no_candidate_behind_when_approval_is_refused() -> None:
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    refused(lambda: publish(policy, NOON + DAY, note=""), "write what changed")
    assert policy.version_set.count() == 1


# Announcing.


def scheduled(policy: Policy, days: int, **options: Any) -> Version:
    reword(policy.question_set.first(), f"In {days} days.")
    return publish(policy, NOON + HOUR, effective_at=NOON + days * DAY, **options).version


@pytest.mark.parametrize(
    ("material", "announce", "announced"),
    [
        (True, None, True),
        (False, None, False),
        (True, False, False),
        (False, True, True),
    ],
)
def test_a_scheduled_change_readers_must_know_is_announced_unless_told_otherwise(
    material: bool, announce: bool | None, announced: bool
) -> None:
    version = scheduled(make_published(), 5, material=material, announce=announce)
    assert Announcement.objects.filter(version=version).exists() is announced


def test_what_applies_at_once_needs_no_announcement() -> None:
    make_published(2)
    assert not Announcement.objects.exists()


def test_announce_refuses_what_is_not_scheduled() -> None:
    policy = make_published()
    only_scheduled = "Only a scheduled version can be announced."
    live = policy.version_set.get()
    refused(lambda: publishing.announce(live, by="bob", at=NOON), only_scheduled)
    candidate = freeze_reworded(policy)
    refused(lambda: publishing.announce(candidate, by="bob", at=NOON), only_scheduled)
    version = scheduled(policy, 5, announce=False)
    refused(lambda: publishing.announce(version, by="bob", at=NOON + 5 * DAY), only_scheduled)
    withdraw(version, NOON + DAY)
    refused(lambda: publishing.announce(version, by="bob", at=NOON + DAY), only_scheduled)


def test_announce_refuses_a_second_time() -> None:
    version = scheduled(make_published(), 5)
    refused(
        lambda: publishing.announce(version, by="bob", at=NOON + DAY),
        "This version has been announced already.",
    )


def test_versions_are_announced_in_their_order() -> None:
    policy = make_published()
    second = scheduled(policy, 5, announce=False)
    reason = "Version 2 applies before it and is not announced. Announce it first."
    third = scheduled(policy, 6, announce=False)
    refused(lambda: publishing.announce(third, by="bob", at=NOON + DAY), reason)
    publishing.announce(second, by="bob", at=NOON + DAY)
    publishing.announce(third, by="bob", at=NOON + DAY)
    assert Announcement.objects.count() == 2


# Reject.


def test_reject_needs_a_reason_and_an_undecided_version() -> None:
    policy = make_policy_with_question()
    candidate = freeze(policy)
    refused(
        lambda: publishing.reject(candidate, by="bob", at=NOON, reason=" "),
        "Say why, in a sentence.",
    )
    rejection = publishing.reject(candidate, by="bob", at=NOON, reason=" Not yet. ")
    assert (rejection.reason, rejection.rejected_by) == ("Not yet.", "bob")
    refused(
        lambda: publishing.reject(candidate, by="bob", at=NOON, reason="Again."),
        "This version was sent back.",
    )
    approved = freeze(policy)
    approve(approved)
    refused(
        lambda: publishing.reject(approved, by="bob", at=NOON, reason="Late."),
        "This version has been approved already.",
    )


# Withdraw.


def test_withdrawing_brings_the_predecessor_back_at_once() -> None:
    policy = make_published(3)
    third = policy.version_set.get(approval__number=3)
    at = NOON + 4 * DAY
    withdraw(third, at)
    assert number_in_force(policy, at - INSTANT) == 3
    assert number_in_force(policy, at) == 2
    withdraw(policy.version_set.get(approval__number=2), at)
    assert number_in_force(policy, at) == 1


def test_withdraw_refuses_what_was_not_approved() -> None:
    candidate = freeze(make_policy_with_question())
    refused(lambda: withdraw(candidate, NOON), "Only an approved version can be withdrawn.")


def test_withdraw_refuses_a_second_time() -> None:
    policy = make_published(2)
    version = policy.version_set.get(approval__number=2)
    withdraw(version, NOON + 2 * DAY)
    refused(lambda: withdraw(version, NOON + 3 * DAY), "has been withdrawn already.")


def test_withdraw_refuses_a_version_that_was_replaced() -> None:
    policy = make_published(2)
    first = policy.version_set.get(approval__number=1)
    refused(
        lambda: withdraw(first, NOON + 2 * DAY),
        "Only the version in force or a scheduled one can be withdrawn.",
    )


def test_withdraw_refuses_to_leave_readers_without_a_policy() -> None:
    policy = make_published()
    refused(
        lambda: withdraw(policy.version_set.get(), NOON + DAY),
        "There is no earlier version to apply again. Publish a corrected one instead.",
    )


def test_the_only_version_can_be_withdrawn_before_it_applies() -> None:
    policy = make_policy_with_question()
    publish(policy, NOON, effective_at=NOON + DAY)
    withdraw(policy.version_set.get(), NOON + HOUR)
    assert number_in_force(policy, NOON + 2 * DAY) is None


def test_withdraw_needs_a_reason_and_a_clock_that_goes_forward() -> None:
    policy = make_published(2)
    version = policy.version_set.get(approval__number=2)
    refused(lambda: withdraw(version, NOON + 2 * DAY, reason=""), "Say why, in a sentence.")
    refused(lambda: withdraw(version, NOON), "This machine's clock says")


def test_withdraw_refuses_to_bring_back_hidden_wording() -> None:
    policy = make_published(2)
    first, second = policy.version_set.order_by("approval__number")
    publishing.withhold(first, by="bob", at=NOON + 2 * DAY, reason="A name in it.")
    refused(
        lambda: withdraw(second, NOON + 3 * DAY),
        "Version 1 would apply again, but its wording is hidden. Publish a corrected one instead.",
    )


# Withhold, and notes.


def test_withhold_hides_a_replaced_or_withdrawn_version_with_a_reason() -> None:
    policy = make_published(3)
    first, _second, third = policy.version_set.order_by("approval__number")
    withdraw(third, NOON + 4 * DAY)
    for version in (first, third):
        row = publishing.withhold(version, by="bob", at=NOON + 5 * DAY, reason=" A name in it. ")
        assert row.reason == "A name in it."


def test_withhold_refuses_the_version_in_force() -> None:
    policy = make_published(2)
    refused(
        lambda: publishing.withhold(
            policy.version_set.get(approval__number=2), by="bob", at=NOON + 2 * DAY, reason="Why."
        ),
        "The version in force cannot be hidden. Publish another one first.",
    )


def test_withhold_refuses_a_version_that_will_come_into_force() -> None:
    version = scheduled(make_published(), 5)
    refused(
        lambda: publishing.withhold(version, by="bob", at=NOON + DAY, reason="Why."),
        "This version has not applied yet. Withdraw it first.",
    )


def test_withhold_refuses_a_candidate() -> None:
    candidate = freeze(make_policy_with_question())
    refused(
        lambda: publishing.withhold(candidate, by="bob", at=NOON, reason="Why."),
        "Only an approved version can be hidden: readers never saw this one.",
    )


def test_withhold_refuses_a_second_time_and_an_empty_reason() -> None:
    policy = make_published(2)
    first = policy.version_set.get(approval__number=1)
    refused(
        lambda: publishing.withhold(first, by="bob", at=NOON + 2 * DAY, reason="\n"),
        "Say why, in a sentence.",
    )
    publishing.withhold(first, by="bob", at=NOON + 2 * DAY, reason="Why.")
    refused(
        lambda: publishing.withhold(first, by="bob", at=NOON + 3 * DAY, reason="Again."),
        "The wording of this version is hidden already.",
    )


def test_a_corrected_note_is_a_new_row_and_the_newest_counts() -> None:
    policy = make_published()
    version = policy.version_set.get()
    publishing.write_note(version, by="bob", at=NOON + DAY, text=" Corrected. ")
    assert version.note() == "Corrected."
    assert [note.text for note in version.notes.all()] == ["Something changed.", "Corrected."]
    refused(
        lambda: publishing.write_note(version, by="bob", at=NOON + DAY, text=" "),
        "Say why, in a sentence.",
    )


# Anchors: a name once public belongs to its question for ever.


def test_approve_writes_every_name_of_the_document() -> None:
    policy = make_policy()
    section = make_section(policy, anchor="group", older_names="old-group")
    make_question(
        policy, "Who?", anchor="who", answer="# Us\n\nText.", older_names="about", section=section
    )
    assert names(policy) == {}
    publish(policy)
    assert names(policy) == {
        "group": "Your rights",
        "old-group": "Your rights",
        "who": "Who?",
        "about": "Who?",
        "who.us": "Who?",
    }


def test_a_candidate_takes_no_names() -> None:
    policy = make_policy_with_question()
    freeze(policy)
    assert names(policy) == {}


def test_a_name_survives_a_rename_and_a_retitle() -> None:
    policy = make_policy_with_question(anchor="who")
    publish(policy)
    question = policy.question_set.get()
    question.title, question.anchor = "Who is behind this?", "behind-this"
    question.save()
    publish(policy, NOON + DAY)
    [shown] = frozen(policy, 2).questions()
    assert (shown.anchor, shown.aliases) == ("behind-this", ("who",))
    question.anchor = "third"
    question.save()
    publish(policy, NOON + 2 * DAY)
    [shown] = frozen(policy, 3).questions()
    assert (shown.anchor, shown.aliases) == ("third", ("behind-this", "who"))


def test_a_question_takes_back_a_name_of_its_own() -> None:
    policy = make_policy_with_question(anchor="who")
    publish(policy)
    question = policy.question_set.get()
    for day, anchor in enumerate(["new", "who"], start=1):
        question.anchor = anchor
        question.save()
        publish(policy, NOON + day * DAY)
    [shown] = frozen(policy, 3).questions()
    assert (shown.anchor, shown.aliases) == ("who", ("new",))


def test_a_name_is_never_taken_by_another_question() -> None:
    policy = make_policy_with_question(anchor="who")
    publish(policy)
    question = policy.question_set.get()
    question.anchor = "new"
    question.save()
    other = make_question(policy, "Two?", anchor="who")
    refused(lambda: freeze(policy, NOON + DAY), "Two places have the link name “who”.")
    other.anchor = "two"
    other.older_names = "who"
    other.save()
    refused(lambda: freeze(policy, NOON + DAY), "Two places have the link name “who”.")


def test_the_name_of_a_removed_question_is_never_taken_by_another() -> None:
    policy = make_policy_with_question(anchor="who")
    old = make_question(policy, "Old?", anchor="old")
    publish(policy)
    retire(old, NOON + HOUR)
    # The database keeps one working copy from having two of a name; a section may still try.
    make_section(policy, "New", anchor="old")
    refused(lambda: freeze(policy, NOON + DAY), "Two places have the link name “old”.")


def test_a_name_of_another_policy_is_free() -> None:
    make_published(slug="cookies")
    assert names(make_published()) == {"who-are-we": "Who are we?"}


def test_a_sub_heading_that_vanishes_leaves_its_name_to_the_question() -> None:
    policy = make_policy_with_question(anchor="who", answer="# Us\n\nText.\n\n# You\n\nText.")
    publish(policy)
    reword(policy.question_set.get(), "# You\n\nText.")
    publish(policy, NOON + DAY)
    [shown] = frozen(policy, 2).questions()
    assert shown.aliases == ("who.us",)
    assert shown.inner_ids() == ("who.you",)
    reword(policy.question_set.get(), "# Us\n\nText.")
    publish(policy, NOON + 2 * DAY)
    [shown] = frozen(policy, 3).questions()
    assert (shown.aliases, shown.inner_ids()) == (("who.you",), ("who.us",))


def test_sub_headings_keep_the_first_public_name_after_a_rename() -> None:
    policy = make_policy_with_question(anchor="who", answer="# Us\n\nText.", older_names="about")
    publish(policy)
    question = policy.question_set.get()
    question.anchor = "behind-this"
    question.save()
    publish(policy, NOON + DAY)
    reword(question, "# Us\n\nText.\n\n# More\n\nText.")
    publish(policy, NOON + 2 * DAY)
    [shown] = frozen(policy, 3).questions()
    assert shown.inner_ids() == ("who.us", "who.more")


def test_before_the_first_approval_sub_headings_follow_the_draft() -> None:
    policy = make_policy_with_question(anchor="who", answer="# Us\n\nText.")
    freeze(policy)
    question = policy.question_set.get()
    question.anchor = "us"
    question.save()
    publish(policy)
    assert set(names(policy)) == {"us", "us.us"}


def test_the_names_of_a_withdrawn_version_go_on_resolving() -> None:
    policy = make_published()
    question = policy.question_set.get()
    question.older_names = "renamed"
    reword(question, "# New\n\nText.")
    extra = make_question(policy, "Just for a day?")
    publish(policy, NOON + DAY)
    withdraw(policy.version_set.get(approval__number=2), NOON + 2 * DAY)
    live = policy.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    ids, later = live.names_made_public_later(live.to_document(), NOON + 3 * DAY)
    assert {key: sorted(value) for key, value in ids.items()} == {
        str(question.pk): ["renamed", "who-are-we.new"]
    }
    assert [(each.name, each.title, each.version) for each in later] == [
        ("just-for-a-day", "Just for a day?", 2)
    ]
    # The next version has them all by itself.
    reword(extra, "Again.")
    publish(policy, NOON + 4 * DAY)
    held = {name for name, _holder in frozen(policy, 3).holders()}
    assert held == set(names(policy))
    assert live.names_made_public_later(live.to_document(), NOON + DAY) == ({}, [])


def test_editing_a_question_of_a_withdrawn_version_shows_readers_nothing() -> None:
    policy = make_published()
    extra = make_question(policy, "Just for a day?")
    publish(policy, NOON + DAY)
    withdraw(policy.version_set.get(approval__number=2), NOON + 2 * DAY)
    live = policy.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    before = live.names_made_public_later(live.to_document(), NOON + 3 * DAY)
    extra.title = "A secret draft?"
    extra.save()
    assert live.names_made_public_later(live.to_document(), NOON + 3 * DAY) == before


def test_names_of_a_version_with_hidden_wording_stand_without_its_titles() -> None:
    policy = make_published()
    make_question(policy, "About Mr Smith?", anchor="about")
    second = publish(policy, NOON + DAY).version
    withdraw(second, NOON + 2 * DAY)
    publishing.withhold(second, by="bob", at=NOON + 2 * DAY, reason="A name in it.")
    live = policy.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    _ids, [later] = live.names_made_public_later(live.to_document(), NOON + 3 * DAY)
    assert (later.name, later.title, later.version) == ("about", "about", 2)


def test_names_of_a_version_that_was_never_public_are_not_shown() -> None:
    policy = make_published()
    make_question(policy, "Not yet?")
    version = publish(policy, NOON + HOUR, effective_at=NOON + 9 * DAY, announce=False).version
    withdraw(version, NOON + DAY)
    live = policy.version_set.in_force(NOON + DAY)
    assert live is not None
    assert live.names_made_public_later(live.to_document(), NOON + DAY) == ({}, [])


# Retire and take back.


def test_what_was_never_published_is_deleted() -> None:
    policy = make_policy_with_question()
    section = make_section(policy)
    draft = make_question(policy, "A draft?", section=section)
    retire(draft, reason="")
    retire(section, reason="")
    assert not Section.objects.exists()
    assert [question.title for question in policy.question_set.all()] == ["Who are we?"]


def test_what_was_published_is_kept_with_a_reason() -> None:
    policy = make_policy_with_question()
    old = make_question(policy, "Old?")
    publish(policy)
    refused(lambda: retire(old, reason=" "), "Say why, in a sentence.")
    retire(old, NOON + HOUR, reason="We stopped.")
    publish(policy, NOON + DAY)
    [entry] = frozen(policy, 2).retired
    assert (entry.id, entry.anchors, entry.title, entry.reason) == (
        str(old.pk),
        ("old",),
        {"en": "Old?"},
        {"en": "We stopped."},
    )
    assert (entry.successor, entry.last_version) == (None, 1)


def test_the_last_version_of_a_removed_question_stays_the_same() -> None:
    policy = make_published(2)
    old = make_question(policy, "Old?")
    publish(policy, NOON + 2 * DAY)
    retire(old, NOON + 3 * DAY)
    for day in (3, 4):
        reword(policy.question_set.first(), f"Day {day}.")
        publish(policy, NOON + day * DAY)
        [entry] = frozen(policy, day + 1).retired
        assert entry.last_version == 3


def test_links_follow_a_chain_of_successors() -> None:
    policy = make_policy()
    one, two, three = (make_question(policy, f"{n}?") for n in ("One", "Two", "Three"))
    publish(policy)
    retire(one, NOON + HOUR, successor=two)
    publish(policy, NOON + DAY)
    retire(two, NOON + DAY, successor=three)
    publish(policy, NOON + 2 * DAY)
    document = frozen(policy, 3)
    assert [document.successor_of(entry) for entry in document.retired] == [str(three.pk)] * 2


def test_deleting_a_successor_that_was_never_published_frees_what_pointed_to_it() -> None:
    policy = make_policy_with_question()
    old = make_question(policy, "Old?")
    publish(policy)
    draft = make_question(policy, "New?")
    retire(old, NOON + HOUR, successor=draft)
    retire(draft, NOON + HOUR)
    publish(policy, NOON + DAY)
    assert frozen(policy, 2).retired[0].successor is None


def test_retire_refuses_a_successor_that_cannot_answer() -> None:
    policy = make_policy_with_question()
    old, gone = make_question(policy, "Old?"), make_question(policy, "Gone?")
    publish(policy)
    retire(gone, NOON + HOUR)
    other = make_question(make_policy("cookies"))
    section = make_section(policy)
    another = "Choose another question of the same policy to take over the links."
    refused(lambda: retire(old, successor=old), another)
    refused(lambda: retire(old, successor=other), another)
    refused(lambda: retire(old, successor=section), another)
    refused(lambda: retire(old, successor=gone), "“Gone?” was removed itself. Choose another.")


def test_a_section_with_questions_cannot_be_removed() -> None:
    policy = make_policy()
    section = make_section(policy)
    question = make_question(policy, section=section)
    publish(policy)
    refused(lambda: retire(section), "This section still has questions. Move or remove them")
    question.section = None
    question.save()
    retire(section, NOON + HOUR, reason="Empty.")
    publish(policy, NOON + DAY)
    [entry] = frozen(policy, 2).retired
    assert (entry.id, entry.anchors, entry.last_version) == (
        str(section.pk),
        ("your-rights",),
        1,
    )


@pytest.mark.parametrize("kind", ["section", "question"])
def test_an_older_name_given_on_the_way_out_is_kept_too(kind: str) -> None:
    policy = make_policy_with_question()
    item = make_section(policy) if kind == "section" else make_question(policy, "Your rights")
    publish(policy)
    item.older_names = "rights"
    item.save()
    retire(item, NOON + HOUR)
    publish(policy, NOON + DAY)
    entry = policy.anchor_set.get(name="rights")
    assert (entry.holder, entry.version.approval.number) == (item, 2)


def test_a_removed_section_leaves_its_links_to_another() -> None:
    policy = make_policy_with_question()
    old, new = make_section(policy, "Old"), make_section(policy, "New")
    publish(policy)
    retire(old, NOON + HOUR, successor=new)
    publish(policy, NOON + DAY)
    document = frozen(policy, 2)
    assert document.successor_of(document.retired[0]) == str(new.pk)


def test_what_was_removed_can_be_taken_back() -> None:
    policy = make_policy_with_question()
    old = make_question(policy, "Old?")
    publish(policy)
    retire(old, NOON + HOUR, successor=policy.question_set.first())
    publish(policy, NOON + DAY)
    publishing.unretire(Question.objects.get(pk=old.pk), at=NOON)
    publish(policy, NOON + 2 * DAY)
    document = frozen(policy, 3)
    assert [question.anchor for question in document.questions()] == ["who-are-we", "old"]
    assert document.retired == ()


def test_a_question_taken_back_from_a_removed_section_stands_by_itself() -> None:
    policy = make_policy_with_question()
    section = make_section(policy)
    old = make_question(policy, "Old?", section=section)
    publish(policy)
    retire(old, NOON + HOUR)
    retire(section, NOON + HOUR)
    publish(policy, NOON + DAY)
    publishing.unretire(Question.objects.get(pk=old.pk), at=NOON)
    publish(policy, NOON + 2 * DAY)
    shown = [question.anchor for question in frozen(policy, 3).questions()]
    assert shown == ["who-are-we", "old"]


def test_removing_is_enough_of_a_change_even_after_a_withdrawal() -> None:
    policy = make_published()
    extra = make_question(policy, "Just for a day?")
    publish(policy, NOON + DAY)
    withdraw(policy.version_set.get(approval__number=2), NOON + 2 * DAY)
    retire(extra, NOON + 2 * DAY, successor=policy.question_set.first())
    publish(policy, NOON + 3 * DAY)
    [entry] = frozen(policy, 3).retired
    assert entry.anchors == ("just-for-a-day",)


# Replaying a history.


def past(policy: Policy, *days: int) -> list[PastVersion]:
    def step(number: int, day: int) -> PastVersion:
        def prepare() -> None:
            reword(policy.question_set.get(), f"Step {number}.")

        return PastVersion(prepare, NOON + day * DAY, material=True, note=f"Day {day}.")

    return [step(number, day) for number, day in enumerate(days)]


def replay(policy: Policy, *days: int, at: datetime = NOON) -> None:
    publishing.replay(policy, past(policy, *days), by="alice", at=at)


def test_replay_publishes_a_history_with_its_dates() -> None:
    policy = make_policy_with_question()
    replay(policy, -30, -20, -10)
    found = policy.approval_set.order_by("number").values_list("effective_at", "recorded_at")
    assert list(found) == [(NOON + day * DAY, NOON) for day in (-30, -20, -10)]
    assert [number_in_force(policy, NOON + day * DAY) for day in (-31, -30, -15, 0)] == [
        None,
        1,
        2,
        3,
    ]
    assert not Announcement.objects.exists()


def test_replay_refuses_a_policy_that_has_versions() -> None:
    policy = make_published()
    refused(
        lambda: replay(policy, -30, at=NOON + DAY),
        "This policy has versions already. A history needs a new policy.",
    )


def test_replay_refuses_a_policy_that_has_a_candidate() -> None:
    policy = make_policy_with_question()
    freeze(policy)
    refused(lambda: replay(policy, -30), "This policy has versions already.")


def test_replay_refuses_a_future_date_and_keeps_nothing() -> None:
    policy = make_policy_with_question()
    refused(lambda: replay(policy, -30, 1), "A history has no dates in the future.")


def test_replay_refuses_dates_out_of_order_and_keeps_nothing() -> None:
    policy = make_policy_with_question()
    refused(lambda: replay(policy, -20, -30), "Version 1 applies from")
    refused(lambda: replay(policy, -20, -20), "Version 1 applies from")


def test_replay_refuses_a_step_without_changes_and_keeps_nothing() -> None:
    policy = make_policy_with_question()
    steps = [*past(policy, -30), PastVersion(lambda: None, NOON - DAY, True, "")]
    refused(
        lambda: publishing.replay(policy, steps, by="alice", at=NOON),
        "Nothing has changed since version 1.",
    )


def test_a_question_that_readers_saw_at_the_second_attempt_is_named_when_it_is_removed() -> None:
    policy = make_policy_with_question()
    publish(policy)
    extra = make_question(policy, "Extra?")
    first_try = publish(policy, NOON + HOUR, effective_at=NOON + 9 * DAY, announce=False)
    withdraw(first_try.version, NOON + DAY)
    reword(extra, "The second attempt.")
    publish(policy, NOON + 2 * DAY)
    for day in (3, 4):
        reword(policy.question_set.first(), f"Day {day}.")
        retire(extra, NOON + 3 * DAY)
        publish(policy, NOON + day * DAY)
        [entry] = frozen(policy, day + 1).retired
        assert (entry.title, entry.reason) == ({"en": "Extra?"}, {"en": "No longer so."})
        assert [each.ids for each in lay_out(frozen(policy, day + 1), "en").removed] == [("extra",)]


def withdrawn_twice() -> tuple[Policy, Question]:
    """A policy of which a question was in version 2, never public, and 3, public for a day."""
    policy = make_policy_with_question()
    publish(policy)
    extra = make_question(policy, "Extra?")
    first_try = publish(policy, NOON + HOUR, effective_at=NOON + 9 * DAY, announce=False)
    withdraw(first_try.version, NOON + DAY)
    reword(extra, "The second attempt.")
    second_try = publish(policy, NOON + 2 * DAY)
    withdraw(second_try.version, NOON + 3 * DAY)
    return policy, extra


def test_names_go_on_resolving_when_an_unread_version_had_them_first() -> None:
    policy, _extra = withdrawn_twice()
    live = policy.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    ids, later = live.names_made_public_later(live.to_document(), NOON + 3 * DAY)
    assert ids == {}
    assert [(each.name, each.title, each.version) for each in later] == [("extra", "Extra?", 3)]


def test_a_question_that_only_withdrawn_versions_had_is_named_when_it_is_removed() -> None:
    policy, extra = withdrawn_twice()
    retire(extra, NOON + 3 * DAY)
    reword(policy.question_set.first(), "Four.")
    publish(policy, NOON + 4 * DAY)
    assert [each.ids for each in lay_out(frozen(policy, 4), "en").removed] == [("extra",)]


def test_names_of_a_question_removed_in_a_withdrawn_version_lead_where_they_led() -> None:
    policy = make_published()
    extra = make_question(policy, "Extra?")
    publish(policy, NOON + DAY)
    retire(extra, NOON + DAY)
    publish(policy, NOON + 2 * DAY)
    for number in (3, 2):
        withdraw(policy.version_set.get(approval__number=number), NOON + 3 * DAY)
    live = policy.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    _ids, later = live.names_made_public_later(live.to_document(), NOON + 3 * DAY)
    # Version 3 is newer and names it too, but only among the removed.
    assert [(each.name, each.title, each.version) for each in later] == [("extra", "Extra?", 2)]


def test_announcing_a_later_version_makes_what_applies_before_it_public_too() -> None:
    policy = make_policy()
    question = make_question(policy)
    publish(policy, NOON)
    reword(question, "Soon.")
    publish(policy, NOON + HOUR, effective_at=NOON + DAY, material=False, note="")
    reword(question, "Later.")
    publish(policy, NOON + 2 * HOUR, effective_at=NOON + 2 * DAY)
    public = policy.version_set.public(NOON + 3 * HOUR)
    assert sorted(each.approval.number for each in public) == [1, 2, 3]
