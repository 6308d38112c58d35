"""Comments, preview links and sign-offs: what is said of a candidate, and by whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faq import publishing, reviewing
from faq.models import Event, PreviewLink, SignOff
from faq.publishing import Refused

from .factory import DAY, HOUR, NOON, make_policy, make_question

pytestmark = pytest.mark.django_db
ALICE = {"by": "alice", "at": NOON}


@pytest.fixture
def candidate():
    policy = make_policy()
    make_question(policy, "Who?")
    return publishing.freeze(policy, **ALICE)


def link_to(version, **options) -> PreviewLink:
    options = {"name": "Dora", "asks_for_sign_off": True, **options}
    return reviewing.make_link(version.policy, version=version, **options, **ALICE)


def test_a_comment_is_about_a_question_and_its_words(candidate):
    question = next(candidate.to_document().questions())
    said = reviewing.comment(
        candidate, text="Which company?", item=question.id, quote="A company", **ALICE
    )
    assert (said.text, said.quote) == ("Which company?", "A company")
    assert Event.objects.first().subject == "Who?"


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "Hm.", "item": "nothing"}])
def test_a_comment_needs_words_and_a_question_that_is_there(candidate, wrong):
    with pytest.raises(Refused):
        reviewing.comment(candidate, **wrong, **ALICE)


def test_a_comment_is_resolved_once_and_opened_again(candidate):
    said = reviewing.comment(candidate, text="Hm.", **ALICE)
    for step in (reviewing.resolve, reviewing.resolve, reviewing.reopen):
        step(said, by="bob", at=NOON)
    said.refresh_from_db()
    assert said.resolved_at is None
    told = Event.objects.order_by("pk").values_list("what", flat=True)
    assert list(told) == ["frozen", "commented", "resolved", "reopened"]


def test_nobody_comments_on_what_is_decided(candidate):
    publishing.reject(candidate, reason="No.", **ALICE)
    with pytest.raises(Refused, match="decided"):
        reviewing.comment(candidate, text="Hm.", **ALICE)
    with pytest.raises(Refused, match="decided"):
        link_to(candidate)


def test_a_link_works_until_it_expires_or_is_revoked(candidate):
    link = link_to(candidate, days=2)
    token = reviewing.token_of(link)
    assert reviewing.find_link(token, NOON + 2 * DAY - timedelta(microseconds=1)) == link
    assert reviewing.find_link(token, NOON + 2 * DAY) is None
    reviewing.revoke(link, by="bob", at=NOON + HOUR)
    reviewing.revoke(link, by="carol", at=NOON + HOUR)
    assert reviewing.find_link(token, NOON + HOUR) is None
    assert Event.objects.filter(what="revoked").count() == 1


def test_what_is_stored_does_not_give_the_address_away(candidate):
    link = link_to(candidate)
    key, signature = reviewing.token_of(link).split("~")
    assert key == link.key
    for forged in (key, f"{key}~", f"{key}~{signature[:-1]}", f"{key[:-1]}~{signature}", "~", ""):
        assert reviewing.find_link(forged, NOON) is None


@pytest.mark.parametrize("wrong", [{"name": " "}, {"days": 0}, {"days": 91}])
def test_a_link_is_for_somebody_and_not_for_ever(candidate, wrong):
    with pytest.raises(Refused):
        link_to(candidate, **wrong)


def test_a_draft_is_not_signed_off():
    policy = make_policy()
    with pytest.raises(Refused, match="waits for approval"):
        reviewing.make_link(policy, name="Dora", asks_for_sign_off=True, **ALICE)
    link = reviewing.make_link(policy, name="Dora", **ALICE)
    with pytest.raises(Refused, match="reading only"):
        reviewing.sign_off(link, at=NOON, approves=True, digest="")


def test_a_sign_off_is_bound_to_what_was_seen_and_publishes_nothing(candidate):
    link = link_to(candidate)
    with pytest.raises(Refused, match="looking at"):
        reviewing.sign_off(link, at=NOON, approves=True, digest="0" * 64)
    said = reviewing.sign_off(link, at=NOON, approves=True, digest=candidate.digest)
    assert (said.name, said.digest) == ("Dora", candidate.digest)
    assert not hasattr(candidate, "approval")


def test_an_objection_says_what_to(candidate):
    link = link_to(candidate)
    with pytest.raises(Refused, match="object"):
        reviewing.sign_off(link, at=NOON, approves=False, digest=candidate.digest)
    reviewing.sign_off(link, at=NOON, approves=False, comment="Why?", digest=candidate.digest)
    assert SignOff.objects.get().comment == "Why?"


def test_nobody_signs_off_what_is_decided_or_with_a_dead_link(candidate):
    link = link_to(candidate)
    with pytest.raises(Refused, match="no longer works"):
        reviewing.sign_off(link, at=NOON + 15 * DAY, approves=True, digest=candidate.digest)
    publishing.reject(candidate, reason="No.", **ALICE)
    with pytest.raises(Refused, match="decided"):
        reviewing.sign_off(link, at=NOON, approves=True, digest=candidate.digest)
