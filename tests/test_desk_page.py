"""A policy's desk and the first page: what is said, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from faq import editing, publishing, reviewing
from faq.models import Policy, Question
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR
from tests.factory import (
    DAY,
    NOON,
    lengthen,
    make_policy,
    make_question,
    make_section,
    publish,
)

pytestmark = pytest.mark.django_db


def browser(name: str, *roles: str) -> Client:
    """A browser in which somebody with these roles is logged in; without one, a superuser."""
    client = Client()
    if not roles:
        client.force_login(User.objects.create_superuser(name))
        return client
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(user)
    return client


def desk(policy: Policy) -> str:
    return reverse("admin:faq_policy_questions", args=[policy.pk])


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def make_live(**fields: Any) -> Policy:
    """A policy of two questions in force since an hour ago."""
    policy = make_policy(introduction="Welcome.", **fields)
    section = make_section(policy)
    make_question(policy, section=section)
    make_question(policy, "When do we use cookies?", "Hardly ever.", section=section)
    rules = policy.second_person
    Policy.objects.update(second_person=False)
    publish(policy, timezone.now() - timedelta(hours=1))
    policy.second_person = rules
    policy.save(update_fields=["second_person"])
    return policy


def reword(title: str, answer: str, by: str = "bob") -> Question:
    question = Question.objects.get(title=title)
    values = {"answer": answer}
    editing.save(question, values, revision=question.revision, by=by, at=timezone.now())
    return question


# The one person who publishes alone


def test_one_person_sees_one_primary_button_and_none_of_the_optional_machinery():
    policy = make_live()
    reword("Who are we?", "Another company.")
    alice = browser("alice")
    for address in (reverse("admin:index"), desk(policy)):
        page = shown(alice, address)
        assert page.count("button default") == 1
        assert 'button default" href="/admin/faq/policy/1/publish/">Publish…' in page.replace(
            f"policy/{policy.pk}/", "policy/1/"
        )
        for word in ("Waiting", "Send for approval", "Review", "Reports", "Applies later", "Check"):
            assert word not in page, (address, word)


def test_the_desk_says_what_is_in_force_and_what_the_draft_changes():
    policy = make_live()
    alice = browser("alice")
    assert "No changes" in shown(alice, desk(policy))
    reword("Who are we?", "Another company.")
    page = shown(alice, desk(policy))
    assert "Version 1 since" in page
    assert "<dd>1 change</dd>" in page
    assert "1 change since version 1" in page


def test_before_the_first_version_nothing_is_called_new():
    policy = make_policy()
    make_question(policy)
    page = shown(browser("alice"), desk(policy))
    assert "Nothing is published yet" in page
    assert "desk-tag" not in page


# The draft's changes


def change_of(client: Client, policy: Policy, title: str) -> Any:
    changes = client.get(desk(policy)).context["changes"]
    return next(change for change in changes if change.title == title)


def test_a_reworded_answer_stands_there_with_its_redline_and_who_changed_it():
    policy = make_live()
    reword("When do we use cookies?", "Hardly never.")
    alice = browser("alice")
    change = change_of(alice, policy, "When do we use cookies?")
    assert (change.kinds, change.touch.by) == ("Reworded", "bob")
    (answer,) = change.compared
    assert answer.label == "Answer"
    assert "<del>" in answer.html
    assert "never" in answer.html
    page = shown(alice, desk(policy))
    assert "ever</del>" in page.replace('<span class="spoken"> (end)</span>', "")
    assert page.count("bob, ") == 2  # in the list of changes, and in that of questions


def test_every_kind_of_change_is_named_once_and_says_who_made_it():
    policy = make_live()
    now = timezone.now()
    section = policy.section_set.get()
    who, cookies = policy.question_set.all()
    by = {"by": "carol", "at": now}
    editing.save(policy, {"introduction": "Hello."}, revision=0, **by)
    editing.save(section, {"title": "What you may ask"}, revision=0, **by)
    editing.save(who, {"title": "Who?", "in_short": "We."}, revision=0, **by)
    publishing.retire(cookies, reason="None any more.", **by)
    new = Question(policy=policy, title="New?", answer="Yes.", anchor="new")
    editing.add(new, **by)
    changes = browser("alice").get(desk(policy)).context["changes"]
    said = {c.title: (c.kinds, [text.label for text in c.compared]) for c in changes}
    assert said == {
        "Title, introduction or contact": ("Reworded", ["Introduction"]),
        "What you may ask": ("New title", ["Title"]),
        "Who?": ("New title, Reworded", ["Title", "In short"]),
        "New?": ("New", []),
        "When do we use cookies?": ("Removed", []),
    }
    assert {change.touch.by for change in changes} == {"carol"}


def test_whoever_changed_a_text_before_the_newest_version_is_not_named():
    policy = make_live()
    reword("Who are we?", "Another company.", by="dave")
    publish(policy, timezone.now())
    reword("When do we use cookies?", "Never.", by="bob")
    page = shown(browser("alice"), desk(policy))
    assert "bob, " in page
    assert "dave" not in page


def test_a_change_of_layout_only_says_so():
    policy = make_live()
    reword("Who are we?", "*A* company.")
    publish(policy, timezone.now())
    reword("Who are we?", "_A_ company.")
    (text,) = change_of(browser("alice"), policy, "Who are we?").compared
    assert text.label == "Answer: only its layout changed, every word is the same"


def test_of_very_many_changes_only_the_first_have_their_redline_on_the_page(monkeypatch):
    monkeypatch.setattr("faq.admin.changes.MOST_REDLINES", 1)
    policy = make_live()
    reword("Who are we?", "X.")
    reword("When do we use cookies?", "Y.")
    changes = browser("alice").get(desk(policy)).context["changes"]
    assert [bool(change.compared) for change in changes] == [True, False]


def test_sub_headings_in_a_redline_stand_below_the_heading_of_their_change():
    policy = make_live()
    reword("Who are we?", "A company.\n\n# Where\n\nHere.")
    (text,) = change_of(browser("alice"), policy, "Who are we?").compared
    assert "<h4" in text.html
    assert "id=" not in text.html


# Who may do what next


@pytest.mark.parametrize(
    ("roles", "second_person", "publishes", "decides"),
    [
        ([EDITOR], False, False, False),
        ([APPROVER], False, False, True),
        ([EDITOR, APPROVER], False, True, True),
        ([EDITOR, APPROVER], True, False, True),
        ([ADMINISTRATOR], False, True, True),
        ([ADMINISTRATOR], True, False, True),
    ],
)
def test_only_what_this_person_may_do_next_is_offered(roles, second_person, publishes, decides):
    policy = make_live(second_person=second_person)
    reword("Who are we?", "Another company.")
    publishing.freeze(policy, by="bob", at=timezone.now())
    page = shown(browser("carol", *roles), desk(policy))
    assert ("Publish…" in page) == publishes
    assert (">Review<" in page) == decides
    assert (">Read<" in page) == (not decides)
    assert "Sent by bob on" in page


def test_an_approver_changes_nothing_in_the_list():
    page = shown(browser("carol", APPROVER), desk(make_live()))
    for word in ("Move up", "Remove…", "Split…", "Add question", "Add section", "<form method"):
        assert word not in page.partition('id="content-main"')[2].partition("<footer")[0], word


def test_a_version_that_was_sent_back_is_shown_with_the_reason_until_the_next_is_sent():
    policy = make_live()
    reword("Who are we?", "Another company.")
    sent = publishing.freeze(policy, by="alice", at=timezone.now())
    publishing.reject(sent, by="carol", at=timezone.now(), reason="Which company?")
    alice = browser("alice")
    for address in (reverse("admin:index"), desk(policy)):
        assert "“Which company?”" in shown(alice, address)
    publish(policy, timezone.now())
    assert "Which company?" not in shown(alice, desk(policy))


def test_a_scheduled_version_is_shown_with_its_moment():
    policy = make_live()
    reword("Who are we?", "Another company.")
    publish(policy, timezone.now(), effective_at=NOON.replace(year=2999))
    page = shown(browser("alice"), desk(policy))
    assert "Version 2</a> from 2 March 2999, 12:00" in page


# Waiting for you


def waiting(client: Client) -> list[str]:
    return [entry.text for entry in client.get(reverse("admin:index")).context["waiting"]]


def test_a_candidate_waits_for_every_approver_but_the_one_who_sent_it():
    policy = make_live()
    reword("Who are we?", "Another company.")
    publishing.freeze(policy, by="carol", at=timezone.now(), summary="A new name")
    carol, dave = browser("carol", EDITOR, APPROVER), browser("dave", APPROVER)
    assert waiting(carol) == waiting(browser("erin", EDITOR)) == []
    (text,) = waiting(dave)
    assert text.startswith("carol sent a version for approval on")
    assert "“A new name”" in text
    assert "Waiting for you" in shown(dave, reverse("admin:index"))
    publishing.reject(policy.version_set.last(), by="dave", at=timezone.now(), reason="No.")
    assert waiting(dave) == []


def test_an_emergency_approval_waits_for_somebody_else_to_confirm_it():
    policy = make_live(second_person=True)
    reword("Who are we?", "Another company.")
    options = {"by": "carol", "emergency_reason": "A leak."}
    approval = publish(policy, timezone.now(), **options)
    carol, dave = browser("carol", ADMINISTRATOR), browser("dave", APPROVER)
    assert waiting(carol) == []
    assert waiting(dave) == ["carol approved version 2 alone in an emergency: “A leak.”"]
    (entry,) = dave.get(reverse("admin:index")).context["waiting"]
    confirm = reverse("admin:faq_policy_confirm", args=[policy.pk, approval.version_id])
    assert confirm in shown(dave, entry.url)
    publishing.confirm(approval, by="dave", at=timezone.now())
    assert waiting(dave) == []


def test_a_review_waits_for_whoever_may_review_thirty_days_before_it_is_due():
    policy = make_live(review_months=1)
    dave = browser("dave", APPROVER)
    (text,) = waiting(dave)
    assert text.startswith("It is to be read through by ")
    assert waiting(browser("erin", EDITOR)) == []
    reviewing.review(policy, by="dave", at=timezone.now())
    Policy.objects.update(review_months=12)
    assert waiting(dave) == []


# Cost


def large(questions: int, versions: int) -> Policy:
    """A policy with a draft that has changes and removals of every kind."""
    policy = make_policy(f"large-{questions}")
    sections = [make_section(policy, f"Section {n}") for n in range(3)]
    made = [
        make_question(policy, f"Question {n}", f"Answer {n}.", section=sections[n % 3])
        for n in range(questions)
    ]
    publish(policy)
    lengthen(policy, versions - 1)
    at = NOON + versions * DAY
    editing.save(made[0], {"answer": "Another."}, revision=0, by="bob", at=at)
    publishing.retire(made[1], by="bob", at=at, reason="Gone.", successor=made[2])
    publishing.freeze(policy, by="bob", at=at)
    return policy


def test_the_desk_asks_the_database_as_often_for_a_large_policy_as_for_a_small_one():
    alice = browser("alice")
    counts: dict[str, list[int]] = {}
    for policy in (large(30, 20), large(300, 200)):
        Policy.objects.exclude(pk=policy.pk).update(review_months=None)
        addresses = {"desk": desk(policy), "reports": reverse("admin:faq_reports")}
        for name, address in addresses.items():
            with CaptureQueriesContext(connection) as queries:
                assert alice.get(address).status_code == 200
            counts.setdefault(name, []).append(len(queries))
    assert counts["desk"][0] == counts["desk"][1] <= 40
    assert counts["reports"][0] == counts["reports"][1] <= 20


def test_the_first_page_asks_as_often_for_a_large_policy_as_for_a_small_one():
    alice = browser("alice")
    counts = [0]
    for size in ((30, 20), (300, 200), (31, 21)):
        large(*size)
        with CaptureQueriesContext(connection) as queries:
            assert alice.get(reverse("admin:index")).status_code == 200
        counts.append(len(queries))
    # One, two, three policies: each costs the same, whatever its size.
    assert counts[2] - counts[1] == counts[3] - counts[2]
    assert counts[1] <= 40


def test_no_page_of_the_desk_reads_the_wording_of_more_than_two_versions():
    policy = large(30, 20)
    alice = browser("alice")
    for address in (desk(policy), reverse("admin:index"), reverse("admin:faq_reports")):
        with CaptureQueriesContext(connection) as queries:
            alice.get(address)
        read = [q["sql"] for q in queries if '"faq_version"."document"' in q["sql"]]
        assert all("LIMIT 1" in sql for sql in read), read
        assert len(read) <= 2, read
