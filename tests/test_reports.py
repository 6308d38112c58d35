"""Reports, and when the first page leads to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faq import editing, publishing, reviewing
from faq.models import Event, Policy, Question, Review
from faq.roles import APPROVER, EDITOR
from tests.factory import DAY, FAR_AHEAD, HOUR, NOON, make_policy, make_question, publish

pytestmark = pytest.mark.django_db
REPORTS = "/admin/reports/"


@pytest.fixture
def alice(client: Client) -> Client:
    """A browser in which Alice, who may do everything, is logged in."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


def make_live(ago: timedelta = DAY, **fields: Any) -> Policy:
    policy = make_policy(**fields)
    make_question(policy)
    publish(policy, timezone.now() - ago)
    return policy


def titles(questions: Any) -> list[str]:
    return [question.title for question in questions]


def test_questions_are_untouched_since_they_were_changed_or_first_approved():
    policy = make_policy()
    old, edited, gone = (make_question(policy, title) for title in ("Old?", "Edited?", "Gone?"))
    make_question(make_policy("cookies"), "Never approved?")
    publish(policy, NOON)
    by = {"by": "bob", "at": NOON + 10 * DAY}
    editing.save(edited, {"answer": "New."}, revision=0, **by)
    publishing.retire(gone, reason="Gone.", **by)
    untouched = Question.objects.untouched_since
    assert titles(untouched(NOON)) == []
    assert titles(untouched(NOON + DAY)) == ["Old?"]
    assert titles(untouched(NOON + 11 * DAY)) == ["Old?", "Edited?"]


def test_the_report_of_untouched_questions_takes_a_number_of_months(alice):
    make_live(timedelta(days=100))
    assert titles(alice.get(REPORTS).context["questions"]) == []
    assert titles(alice.get(REPORTS, {"months": "2"}).context["questions"]) == ["Who are we?"]
    assert "Not changed in the draft for 2 months" in " ".join(
        alice.get(REPORTS, {"months": "2"}).content.decode().split()
    )


@pytest.mark.parametrize("months", ["", "x", "0", "-1", "99999999999"])
def test_a_wrong_number_of_months_is_named_and_the_usual_one_shown(alice, months):
    answer = alice.get(REPORTS, {"months": months})
    assert answer.status_code == 200
    assert answer.context["months"] == 12
    assert answer.context["form"].errors


def test_scheduled_versions_and_unresolved_comments_are_listed(alice):
    policy = make_live()
    question = policy.question_set.get()
    editing.save(question, {"answer": "New."}, revision=0, by="bob", at=timezone.now())
    publish(policy, timezone.now(), effective_at=FAR_AHEAD)
    editing.save(question, {"answer": "Newer."}, revision=1, by="bob", at=timezone.now())
    sent = publishing.freeze(policy, by="bob", at=timezone.now())
    said = {"by": "carol", "at": timezone.now()}
    reviewing.comment(sent, text="Is that so?", **said)
    done = reviewing.comment(sent, text="A comma.", **said)
    reviewing.resolve(done, **said)
    page = " ".join(alice.get(REPORTS).content.decode().split())
    assert "version 2</a> from 2 March 2999, 12:00" in page
    assert "Is that so?" in page
    assert "A comma." not in page


def test_a_policy_is_listed_once_its_review_is_near_and_until_it_is_reviewed(alice):
    policy = make_live(timedelta(days=340), review_months=12)
    make_live(timedelta(days=1), slug="cookies", review_months=12)
    (entry,) = alice.get(REPORTS).context["reviews"]
    assert (entry["policy"], entry["overdue"]) == (policy, False)
    answer = alice.post(reverse("admin:faq_policy_reviewed", args=[policy.pk]), follow=True)
    assert "Noted: “Privacy policy” was reviewed." in answer.content.decode()
    assert answer.context["reviews"] == []
    assert Review.objects.get().reviewed_by == "alice"


def test_a_review_noted_twice_on_one_day_is_one():
    policy = make_policy()
    first = reviewing.review(policy, by="alice", at=NOON)
    assert reviewing.review(policy, by="alice", at=NOON + HOUR) == first
    reviewing.review(policy, by="bob", at=NOON + HOUR)
    reviewing.review(policy, by="alice", at=NOON + DAY)
    reviewers = policy.review_set.values_list("reviewed_by", flat=True)
    assert list(reviewers) == ["alice", "bob", "alice"]
    assert Event.objects.filter(what="reviewed").count() == 3


def test_an_overdue_review_says_so(alice):
    make_live(timedelta(days=400), review_months=12)
    assert "(overdue)" in alice.get(REPORTS).content.decode()


def test_who_may_not_review_sees_no_button_and_cannot(client):
    policy = make_live(timedelta(days=400), review_months=12)
    editor = User.objects.create_user("bob", is_staff=True)
    editor.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(editor)
    assert "Reviewed: nothing to change" not in client.get(REPORTS).content.decode()
    address = reverse("admin:faq_policy_reviewed", args=[policy.pk])
    assert client.post(address).status_code == 403
    assert not Review.objects.exists()


def test_a_review_is_not_recorded_by_looking(alice):
    policy = make_live(review_months=12)
    assert alice.get(reverse("admin:faq_policy_reviewed", args=[policy.pk])).status_code == 405


def test_reports_are_for_those_who_may_see_policies(client):
    assert client.get(REPORTS).status_code == 302
    client.force_login(User.objects.create_user("bob", is_staff=True))
    assert client.get(REPORTS).status_code == 403


@pytest.mark.parametrize("reason", ["", "rule", "comment", "person"])
def test_the_first_page_leads_to_the_reports_only_where_there_is_more_than_one_hand(alice, reason):
    policy = make_live()
    if reason == "rule":
        Policy.objects.update(notice_days=30)
    elif reason == "comment":
        editing.save(
            policy.question_set.get(), {"answer": "New."}, revision=0, by="bob", at=timezone.now()
        )
        sent = publishing.freeze(policy, by="bob", at=timezone.now())
        reviewing.comment(sent, by="bob", at=timezone.now(), text="So?")
    elif reason == "person":
        bob = User.objects.create_user("bob", is_staff=True)
        bob.groups.add(Group.objects.get(name=APPROVER))
    assert (REPORTS in alice.get("/admin/").content.decode()) == bool(reason)
