"""Changes of the working copy: nothing is lost, everything is told in the trail."""

from __future__ import annotations

from uuid import uuid4

import pytest

from faq import editing, publishing
from faq.editing import Part, Stale
from faq.models import Event, Policy, Question
from faq.publishing import Refused

from .factory import DAY, NOON, make_policy, make_question, make_section, publish

pytestmark = pytest.mark.django_db
ALICE = {"by": "alice", "at": NOON}


def titles(policy, section=None) -> list[str]:
    living = policy.question_set.filter(retired_at=None, section=section)
    return list(living.values_list("title", flat=True))


def trail() -> list[tuple[str, str, str]]:
    return list(Event.objects.order_by("pk").values_list("who", "what", "subject"))


def test_a_save_counts_and_says_who():
    question = make_question(make_policy(), "Who?")
    assert editing.save(question, {"answer": "We."}, revision=0, **ALICE)
    assert (question.answer, question.revision) == ("We.", 1)
    assert (question.changed_by, question.changed_at) == ("alice", NOON)
    assert trail() == [("alice", "edited", "Who?")]


def test_what_a_rule_was_and_is_now_stands_in_the_trail():
    policy = make_policy()
    rules = {"second_person": True, "notice_days": 7, "review_months": None}
    editing.save(policy, rules, revision=0, **ALICE)
    told = Event.objects.get()
    assert (told.what, told.subject) == ("rules_set", policy.title)
    assert told.details == "Another person must approve: no → yes; Days of notice: 0 → 7"
    editing.save(policy, {**rules, "title": "T", "review_months": 12}, revision=1, **ALICE)
    assert [what for _who, what, _subject in trail()] == ["rules_set", "edited", "rules_set"]


def test_a_policy_that_is_started_says_so_in_its_trail():
    policy = Policy(slug="privacy", title="Privacy policy")
    editing.start(policy, **ALICE)
    assert trail() == [("alice", "started", "Privacy policy")]
    assert Policy.objects.get().changed_by == "alice"


def test_a_save_that_started_from_an_older_text_is_refused_with_the_newer_one():
    question = make_question(make_policy())
    editing.save(Question.objects.get(), {"answer": "Hers."}, revision=0, **ALICE)
    with pytest.raises(Stale) as refusal:
        editing.save(question, {"answer": "His."}, revision=0, by="bob", at=NOON)
    assert refusal.value.now.answer == "Hers."
    assert Question.objects.get().answer == "Hers."


def test_a_save_of_what_stands_there_already_changes_nothing():
    question = make_question(make_policy(), answer="Ours.")
    editing.save(question, {"answer": "Hers."}, revision=0, **ALICE)
    assert not editing.save(question, {"answer": "Hers."}, revision=0, by="bob", at=NOON)
    assert Question.objects.get().changed_by == "alice"


def test_a_save_of_something_that_was_deleted_meanwhile_is_refused():
    question = make_question(make_policy())
    Question.objects.all().delete()
    with pytest.raises(Stale) as refusal:
        editing.save(question, {"answer": "Hers."}, revision=0, **ALICE)
    assert refusal.value.now is None


def test_a_policys_own_texts_count_too():
    policy = make_policy()
    editing.save(policy, {"introduction": "Hello."}, revision=0, **ALICE)
    with pytest.raises(Stale):
        editing.save(policy, {"introduction": "Good day."}, revision=0, **ALICE)


@pytest.mark.parametrize("change", ["retire", "unretire", "put", "restore"])
def test_a_form_that_is_open_is_told_of_every_other_change(change):
    policy = make_policy()
    section = make_section(policy)
    question = make_question(policy)
    publish(policy)
    opened_at = question.revision
    if change == "put":
        editing.put(question, section=section, **ALICE)
    elif change == "restore":
        editing.save(question, {"answer": "Hers."}, revision=0, **ALICE)
        opened_at = question.revision
        publishing.restore(policy.version_set.get(), **ALICE)
    else:
        publishing.retire(question, reason="Gone.", **ALICE)
        if change == "unretire":
            publishing.unretire(question, **ALICE)
    with pytest.raises(Stale):
        editing.save(question, {"answer": "His."}, revision=opened_at, **ALICE)


def test_a_question_steps_up_and_down_among_its_neighbours():
    policy = make_policy()
    one, two, three = (make_question(policy, title) for title in ("One", "Two", "Three"))
    assert editing.step(three, -1, **ALICE)
    assert titles(policy) == ["One", "Three", "Two"]
    assert editing.step(one, 1, **ALICE)
    assert titles(policy) == ["Three", "One", "Two"]
    assert not editing.step(two, 1, **ALICE)
    assert titles(policy) == ["Three", "One", "Two"]


def test_a_question_moves_before_another_and_into_another_section():
    policy = make_policy()
    section = make_section(policy)
    one, two, three = (make_question(policy, title) for title in ("One", "Two", "Three"))
    editing.put(three, section=None, before=one.pk, **ALICE)
    assert titles(policy) == ["Three", "One", "Two"]
    editing.put(one, section=section, **ALICE)
    editing.put(two, section=section, before=one.pk, **ALICE)
    assert (titles(policy), titles(policy, section)) == (["Three"], ["Two", "One"])


def test_a_question_moves_to_the_end_if_what_it_was_to_stand_before_is_gone():
    policy = make_policy()
    one, two = (make_question(policy, title) for title in ("One", "Two"))
    editing.put(one, section=None, before=uuid4(), **ALICE)
    assert titles(policy) == ["Two", "One"]


def test_a_question_does_not_move_into_another_policys_section():
    question = make_question(make_policy())
    elsewhere = make_section(make_policy("cookies"))
    with pytest.raises(Refused):
        editing.put(question, section=elsewhere, **ALICE)


def test_split_puts_the_parts_in_its_place_and_its_links_lead_to_the_first():
    policy = make_policy()
    make_question(policy, "First")
    question = make_question(policy, "Who and where?", "We.\n\n### Where\n\nHere.")
    make_question(policy, "Last")
    publish(policy)
    parts = [Part("Who?", "We."), Part("Where?", "### Where\n\nHere.")]
    made = editing.split(question, parts, reason="Two answers now.", revision=0, **ALICE)
    assert titles(policy) == ["First", "Who?", "Where?", "Last"]
    publish(policy, NOON + DAY)
    document = policy.version_set.in_force(NOON + DAY).to_document()
    gone = document.find("who-and-where")
    assert document.successor_of(gone) == str(made[0].pk)
    assert document.find("who-and-where.where") == gone


def test_split_of_a_question_that_was_never_published_leaves_no_trace_of_it():
    policy = make_policy()
    question = make_question(policy, "Who and where?")
    parts = [Part("Who?", "We."), Part("Where?", "Here.")]
    editing.split(question, parts, reason="", revision=0, **ALICE)
    assert titles(policy) == ["Who?", "Where?"]


@pytest.mark.parametrize("parts", [[], [Part("Who?", "We.")], [Part("Who?", "We."), Part("", "x")]])
def test_split_needs_two_parts_with_title_and_answer(parts):
    question = make_question(make_policy())
    with pytest.raises(Refused):
        editing.split(question, parts, reason="Two.", revision=0, **ALICE)
    assert Question.objects.get().retired_at is None


def test_split_of_a_question_that_somebody_changed_meanwhile_is_refused():
    question = make_question(make_policy())
    editing.save(question, {"answer": "Hers."}, revision=0, **ALICE)
    parts = [Part("Who?", "We."), Part("Where?", "Here.")]
    with pytest.raises(Stale):
        editing.split(question, parts, reason="Two.", revision=0, **ALICE)


def test_merge_answers_a_question_in_another_one():
    policy = make_policy()
    one, two = make_question(policy, "Who?", "We."), make_question(policy, "Where?", "Here.")
    publish(policy)
    texts = {"answer": "We.\n\nHere.", "reason": "One answer now."}
    editing.merge(two, one, **texts, revision=0, into_revision=0, **ALICE)
    publish(policy, NOON + DAY)
    document = policy.version_set.in_force(NOON + DAY).to_document()
    assert [question.title["en"] for question in document.questions()] == ["Who?"]
    assert document.question(str(one.pk)).answer["en"].source == "We.\n\nHere."
    assert document.successor_of(document.find("where")) == str(one.pk)


def test_merge_changes_nothing_if_the_other_answer_was_changed_meanwhile():
    policy = make_policy()
    one, two = make_question(policy, "Who?"), make_question(policy, "Where?")
    editing.save(one, {"answer": "Hers."}, revision=0, **ALICE)
    with pytest.raises(Stale):
        editing.merge(two, one, answer="His.", reason="One.", revision=0, into_revision=0, **ALICE)
    assert titles(policy) == ["Who?", "Where?"]
    assert Question.objects.get(pk=one.pk).answer == "Hers."


def test_the_reason_for_removing_something_is_given_anew_and_its_moment_stays():
    policy = make_policy()
    gone, heir = make_question(policy, "Fax?"), make_question(policy, "Who?")
    publish(policy)
    publishing.retire(gone, reason="Gone.", by="alice", at=NOON)
    words = {"reason": "No fax any more.", "successor": heir}
    editing.give_reason(gone, **words, revision=gone.revision, by="bob", at=NOON + DAY)
    stale = gone.revision
    gone.refresh_from_db()
    assert (gone.retired_reason, gone.successor) == ("No fax any more.", heir)
    assert (gone.retired_at, gone.set_aside) == (NOON, False)
    with pytest.raises(Stale):
        editing.give_reason(gone, **words, revision=stale, by="bob", at=NOON + DAY)


def test_what_is_not_removed_any_more_or_was_put_aside_gets_no_reason():
    policy = make_policy()
    question = make_question(policy)
    publish(policy)
    publishing.retire(question, reason="Gone.", by="alice", at=NOON)
    publishing.unretire(question, by="alice", at=NOON)
    draft = make_question(policy, "New?", retired_at=NOON, set_aside=True)
    for item in (question, draft):
        words = {"reason": "Why.", "successor": None}
        with pytest.raises(Stale):
            editing.give_reason(item, **words, revision=item.revision, **ALICE)
    assert Question.objects.filter(pk=draft.pk).exists()


def test_a_split_or_merge_of_something_deleted_meanwhile_is_refused():
    policy = make_policy()
    one, two = make_question(policy, "Who?"), make_question(policy, "Where?")
    Question.objects.filter(pk=two.pk).delete()
    with pytest.raises(Stale):
        editing.split(two, [Part("A", "a"), Part("B", "b")], reason="Two.", revision=0, **ALICE)
    with pytest.raises(Stale):
        editing.merge(two, one, answer="His.", reason="One.", revision=0, into_revision=0, **ALICE)
