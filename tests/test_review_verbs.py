"""The rules about people and time: a second person, notice, emergencies, copying into draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from faq import publishing
from faq.models import Confirmation, Event, Question, Version
from faq.publishing import Refused

from .factory import DAY, HOUR, NOON, make_policy, make_question, make_section, publish, reword

pytestmark = pytest.mark.django_db


def four_eyes():
    """A policy in which another person must approve, with one version in force."""
    policy = make_policy()
    question = make_question(policy)
    publish(policy)
    policy.second_person = True
    policy.save()
    reword(question, "Another company.")
    return policy


def approve(version: Version, by: str, **options):
    options = {"material": True, "note": "New.", **options}
    return publishing.approve(version, by=by, at=NOON + DAY, **options)


def test_whoever_sent_it_cannot_approve_it_where_a_second_person_is_demanded():
    policy = four_eyes()
    version = publishing.freeze(policy, by="alice", at=NOON + HOUR)
    with pytest.raises(Refused, match="another person"):
        approve(version, "alice")
    with pytest.raises(Refused, match="another person"):
        publish(policy, NOON + DAY)
    assert approve(version, "bob").approved_by == "bob"


def test_an_emergency_needs_a_reason_and_stays_marked_until_somebody_else_confirms_it():
    version = publishing.freeze(four_eyes(), by="alice", at=NOON + HOUR)
    with pytest.raises(Refused):
        approve(version, "alice", emergency_reason="  ")
    approval = approve(version, "alice", emergency_reason="A leak.")
    assert approval.emergency_reason == "A leak."
    with pytest.raises(Refused, match="yourself"):
        publishing.confirm(approval, by="alice", at=NOON + DAY)
    publishing.confirm(approval, by="bob", at=NOON + DAY)
    with pytest.raises(Refused, match="already"):
        publishing.confirm(approval, by="carol", at=NOON + DAY)
    last = Event.objects.filter(what__in=("approved_alone", "confirmed")).order_by("pk")
    assert [(each.who, each.details) for each in last] == [("alice", "A leak."), ("bob", "")]


def test_the_database_refuses_a_confirmation_by_whoever_approved():
    version = publishing.freeze(four_eyes(), by="alice", at=NOON + HOUR)
    approval = approve(version, "alice", emergency_reason="A leak.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Confirmation.objects.create(approval=approval, confirmed_by="alice", recorded_at=NOON)


def test_an_emergency_is_not_noted_where_there_was_none():
    version = publishing.freeze(four_eyes(), by="alice", at=NOON + HOUR)
    approval = approve(version, "bob", emergency_reason="I like the word.")
    assert approval.emergency_reason == ""
    with pytest.raises(Refused, match="not approved in an emergency"):
        publishing.confirm(approval, by="carol", at=NOON + DAY)


def with_notice(days: int):
    policy = make_policy()
    question = make_question(policy)
    publish(policy)
    policy.notice_days = days
    policy.save()
    reword(question, "Another company.")
    return policy


def test_readers_get_the_notice_that_the_policy_promises():
    policy = with_notice(14)
    early = NOON + timedelta(days=14) - timedelta(microseconds=1)
    for effective_at in (None, early):
        with pytest.raises(Refused, match="14 days"):
            publish(policy, NOON, effective_at=effective_at)
    with pytest.raises(Refused, match="announced"):
        publish(policy, NOON, effective_at=NOON + timedelta(days=14), announce=False)
    approval = publish(policy, NOON, effective_at=NOON + timedelta(days=14))
    assert approval.version.announcement.recorded_at == NOON


def test_a_change_of_wording_only_and_a_first_version_need_no_notice():
    publish(with_notice(14), NOON + HOUR, material=False)
    first = make_policy("cookies", notice_days=14)
    make_question(first)
    publish(first)


@pytest.mark.parametrize("ground", ["purpose", "controller", "rights"])
def test_what_readers_must_always_know_is_never_wording_only(ground):
    policy = with_notice(0)
    with pytest.raises(Refused, match="must know"):
        publish(policy, NOON + DAY, material=False, grounds=[ground])
    assert publish(policy, NOON + DAY, grounds=[ground]).grounds == ground


def test_the_sender_says_something_to_those_who_decide():
    policy = with_notice(0)
    version = publishing.freeze(
        policy, by="alice", at=NOON, summary=" New name. ", note="We are another.", material=True
    )
    assert (version.summary, version.proposed_note) == ("New name.", "We are another.")
    assert version.proposed_material is True


def test_approve_refuses_another_version_than_the_one_that_was_looked_at():
    version = publishing.freeze(with_notice(0), by="alice", at=NOON)
    with pytest.raises(Refused, match="looking at"):
        approve(version, "bob", expected="0" * 64)


def restored(policy, number: int):
    version = policy.version_set.with_facts().get(approval__number=number)
    publishing.restore(version, by="carol", at=NOON + 9 * DAY)
    policy.refresh_from_db()
    return policy.to_document()


def test_copying_a_version_into_the_draft_gives_its_wording_back():
    policy = make_policy(introduction="Hello.", contact="Write.")
    section = make_section(policy, introduction="Rights.")
    one = make_question(policy, "Who?", "We.", in_short="Us.", also_asked="name, firm")
    two = make_question(policy, "Where?", "Here.", section=section)
    publish(policy)
    old = policy.to_document()
    Question.objects.filter(pk=one.pk).update(title="Who are they?", in_short="", section=section)
    publishing.retire(two, at=NOON, reason="Nobody asks.")
    make_question(policy, "When?", "Now.", section=section)
    policy.introduction = "Good day."
    policy.save()
    publish(policy, NOON + DAY)
    new = restored(policy, 1)
    assert replace(new, retired=()) == replace(old, retired=())
    assert [(entry.title["en"], entry.reason["en"]) for entry in new.retired] == [
        ("When?", "It is not part of version 1, which applies again.")
    ]


def test_link_names_stay_as_they_are_now_when_a_version_is_copied_into_the_draft():
    policy = make_policy()
    question = make_question(policy, "Who?", "We.", anchor="who")
    publish(policy)
    Question.objects.update(anchor="who-are-we", answer="They.")
    publish(policy, NOON + DAY)
    found = restored(policy, 1).find("who")
    assert (found.anchor, found.aliases) == ("who-are-we", ("who",))
    assert found.id == str(question.pk)


def test_a_question_never_published_is_put_aside_and_readers_never_hear_of_it():
    policy = make_policy()
    make_question(policy)
    publish(policy)
    new = make_question(policy, "What shall we write?", "Secret.")
    document = restored(policy, 1)
    assert document.retired == () and not document.find(new.anchor)
    new.refresh_from_db()
    assert (new.answer, new.set_aside) == ("Secret.", True)
    publishing.unretire(new, at=NOON)
    assert policy.to_document().find(new.anchor).id == str(new.pk)


def test_what_a_version_had_removed_is_removed_again_with_its_own_reason():
    policy = make_policy()
    make_question(policy, "Who?")
    gone = make_question(policy, "Where?")
    publish(policy)
    publishing.retire(gone, at=NOON, reason="Nobody asks.")
    publish(policy, NOON + DAY)
    publishing.unretire(Question.objects.get(pk=gone.pk), at=NOON)
    publish(policy, NOON + 2 * DAY)
    document = restored(policy, 2)
    assert [entry.reason["en"] for entry in document.retired] == ["Nobody asks."]


def test_nothing_is_published_by_copying_into_the_draft():
    policy = make_policy()
    question = make_question(policy)
    publish(policy)
    reword(question, "Others.")
    publish(policy, NOON + DAY)
    restored(policy, 1)
    assert policy.version_set.count() == 2
    assert policy.version_set.in_force(NOON + 9 * DAY).approval.number == 2


def test_neither_a_candidate_nor_a_hidden_wording_is_copied_into_the_draft():
    policy = make_policy()
    question = make_question(policy)
    publish(policy)
    reword(question, "Others.")
    publish(policy, NOON + DAY)
    hidden = policy.version_set.with_facts().get(approval__number=1)
    publishing.withhold(hidden, by="alice", at=NOON + DAY, reason="A name.")
    with pytest.raises(Refused, match="hidden"):
        restored(policy, 1)
    reword(question, "Yet others.")
    with pytest.raises(Refused, match="published"):
        publishing.restore(publishing.freeze(policy, by="alice", at=NOON), by="carol", at=NOON)


class RestoringProperty(TestCase):
    @settings(deadline=None, max_examples=25)
    @given(st.lists(st.sampled_from("abcde"), unique=True, max_size=5), st.data())
    def test_every_version_of_any_history_can_be_had_back(self, first, data):
        """Whatever came after it, the draft then says what the version said, in its order."""
        policy = make_policy()
        made = {}
        for step in range(3):
            wanted = first if step == 0 else data.draw(st.permutations("abcde"))[: 1 + step]
            self.make_it_so(policy, made, [*wanted, "z"], step)
            publish(policy, NOON + step * DAY)
        for version in policy.version_set.with_facts():
            publishing.restore(version, by="carol", at=NOON + 9 * DAY)
            policy.refresh_from_db()
            assert wording(policy.to_document()) == wording(version.to_document())

    def make_it_so(self, policy, made, names, step):
        for name in names:
            if name not in made:
                made[name] = make_question(policy, name, anchor=name)
        for name, question in made.items():
            question.refresh_from_db()
            if name in names and question.retired_at:
                publishing.unretire(question, at=NOON)
            if name not in names and not question.retired_at:
                publishing.retire(question, at=NOON, reason="Out.")
            place = names.index(name) if name in names else 9
            answer = f"{name} at {step}"
            Question.objects.filter(pk=question.pk).update(position=place, answer=answer)


def wording(document):
    return [(q.id, q.title, q.answer["en"].source) for q in document.questions()]


def test_the_trail_is_written_once():
    make_question(policy := make_policy())
    publish(policy)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE faq_event SET who = 'nobody'")
