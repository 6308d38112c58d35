"""What is done on a policy's desk: moving, splitting, merging, and giving reasons anew."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from faq import editing, publishing
from faq.models import Event, Policy, Question
from faq.roles import APPROVER
from tests.factory import NOON, make_policy, make_question, make_section, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> Client:
    """A browser in which Alice, who may do everything, is logged in."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def policy() -> Policy:
    """Four questions, two of them in a section, and a second section without any."""
    policy = make_policy()
    rights = make_section(policy)
    make_section(policy, "Cookies")
    make_question(policy, "One?", "We.\n\n### Where\n\nHere.\n\n### When\n\nNow.")
    make_question(policy, "Two?", "Yes.")
    make_question(policy, "Three?", section=rights)
    make_question(policy, "Four?", section=rights)
    publish(policy)
    return policy


def get(title: str) -> Question:
    return Question.objects.get(title=title)


def order(policy: Policy) -> dict[str, list[str]]:
    """The titles of the living questions by section."""
    found: dict[str, list[str]] = {}
    for question in policy.question_set.filter(retired_at=None).select_related("section"):
        found.setdefault(str(question.section or ""), []).append(question.title)
    return found


def page(policy: Policy, name: str, *args: Any) -> str:
    return reverse(f"admin:faq_policy_{name}", args=[policy.pk, *args])


def move(client: Client, question: Question, to: str, **fields: str) -> Any:
    data = {"item": f"question:{question.pk}", "to": to, **fields}
    return client.post(page(question.policy, "move"), data)


def said(client: Client, policy: Policy) -> str:
    return client.get(page(policy, "questions")).content.decode()


# Moving


def test_a_step_leads_back_to_the_button_that_was_pressed_and_says_where_it_stands(alice, policy):
    two = get("Two?")
    answer = move(alice, two, "up")
    assert answer.url.endswith(f"/questions/#up-{two.pk}")
    assert "“Two?” is now number 1 of 2." in said(alice, policy)
    move(alice, two, "up")
    assert "“Two?” stands at the end already." in said(alice, policy)
    assert order(policy)[""] == ["Two?", "One?"]


def test_a_question_moves_to_the_end_of_another_section(alice, policy):
    one, rights = get("One?"), policy.section_set.first()
    answer = move(alice, one, "into", section=str(rights.pk))
    assert answer.url.endswith(f"#item-{one.pk}")
    assert order(policy) == {"": ["Two?"], "Your rights": ["Three?", "Four?", "One?"]}
    assert "“One?” is now number 3 of 3 in “Your rights”." in said(alice, policy)
    move(alice, one, "into", section="")
    assert order(policy)[""] == ["Two?", "One?"]


def test_a_question_is_dropped_before_another_one(alice, policy):
    rights = str(policy.section_set.first().pk)
    move(alice, get("Two?"), "into", section=rights, before=str(get("Four?").pk))
    move(alice, get("One?"), "into", section=rights, before=str(get("Three?").pk))
    assert order(policy) == {"Your rights": ["One?", "Three?", "Two?", "Four?"]}


def test_a_question_does_not_move_into_a_section_that_was_removed(alice, policy):
    cookies = policy.section_set.last()
    publishing.retire(cookies, reason="None.", by="bob", at=NOON)
    move(alice, get("One?"), "into", section=str(cookies.pk))
    assert "Choose a section of the same policy." in said(alice, policy)
    assert order(policy)[""] == ["One?", "Two?"]


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "sideways"},
        {"to": "into", "section": "nonsense"},
        {"to": "into", "section": str(uuid4())},
        {"to": "into", "before": "nonsense"},
    ],
)
def test_a_forged_move_is_a_404(alice, policy, fields):
    assert move(alice, get("One?"), **fields).status_code == 404
    assert order(policy)[""] == ["One?", "Two?"]


def test_a_section_of_another_policy_is_a_404(alice, policy):
    elsewhere = make_section(make_policy("cookies"))
    assert move(alice, get("One?"), "into", section=str(elsewhere.pk)).status_code == 404


def test_what_was_removed_does_not_move(alice, policy):
    one = get("One?")
    publishing.retire(one, reason="None.", by="bob", at=NOON)
    assert move(alice, one, "down").status_code == 404


@pytest.mark.parametrize("name", ["split", "merge"])
def test_an_approver_neither_splits_nor_merges_nor_moves(client, policy, name):
    user = User.objects.create_user("bob", is_staff=True)
    user.groups.add(Group.objects.get(name=APPROVER))
    client.force_login(user)
    one = get("One?")
    assert client.get(page(policy, name, one.pk)).status_code == 403
    assert client.post(page(policy, name, one.pk)).status_code == 403
    assert move(client, one, "down").status_code == 403


# Splitting


def parts(*typed: tuple[str, str], **fields: str) -> dict[str, str]:
    """What the page for splitting sends."""
    data = {"parts": str(len(typed)), "revision": "0", "reason": "", **fields}
    for number, (title, answer) in enumerate(typed):
        data |= {f"part-{number}-title": title, f"part-{number}-answer": answer}
    return data


def test_a_split_begins_with_the_whole_and_offers_each_sub_heading(alice, policy):
    one = get("One?")
    answer = alice.get(page(policy, "split", one.pk))
    first, second = (part.initial for part in answer.context["parts"])
    assert first == {"title": "One?", "answer": one.answer}
    assert second == {"title": "", "answer": ""}
    for offer in ("Split at “Where”", "Split at “When”", "Split at every one of them"):
        assert offer in answer.content.decode()
    answer = alice.get(page(policy, "split", one.pk), {"at": "1"})
    assert [part.initial["title"] for part in answer.context["parts"]] == ["One?", "When"]
    assert answer.context["form"].initial["reason"] == "Now answered under “One?” and “When”."
    answer = alice.get(page(policy, "split", one.pk), {"at": "all"})
    assert [part.initial["answer"] for part in answer.context["parts"]] == ["We.", "Here.", "Now."]


@pytest.mark.parametrize("at", ["9", "-1", "x", "²"])
def test_a_place_to_split_that_is_not_there_is_no_error(alice, policy, at):
    answer = alice.get(page(policy, "split", get("One?").pk), {"at": at})
    assert len(answer.context["parts"]) == 2


def test_split_makes_the_parts_and_tells_readers_their_titles(alice, policy):
    one = get("One?")
    data = parts(("Who?", "We."), ("Where?", "Here."), ("", ""))
    suggested = alice.get(page(policy, "split", one.pk)).context["form"].initial["reason"]
    answer = alice.post(page(policy, "split", one.pk), {**data, "reason": suggested})
    assert answer.url.endswith(f"#item-{get('Who?').pk}")
    assert order(policy)[""] == ["Who?", "Where?", "Two?"]
    one.refresh_from_db()
    assert one.retired_reason == "Now answered under “Who?” and “Where?”."
    assert one.successor == get("Who?")
    assert "“One?” is now 2 questions." in said(alice, policy)


def test_a_reason_of_ones_own_is_kept(alice, policy):
    data = parts(("Who?", "We."), ("Where?", "Here."), reason="It was too long.")
    alice.post(page(policy, "split", get("One?").pk), data)
    assert get("One?").retired_reason == "It was too long."


def test_one_more_part_keeps_what_was_typed(alice, policy):
    data = parts(("Who?", "We."), ("Where?", "Here."), reason="Long.", more="1")
    answer = alice.post(page(policy, "split", get("One?").pk), data)
    typed = [part.initial for part in answer.context["parts"]]
    assert typed[0] == {"title": "Who?", "answer": "We."}
    assert typed[2] == {"title": "", "answer": ""}
    assert answer.context["form"].initial["reason"] == "Long."
    assert order(policy)[""] == ["One?", "Two?"]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ([("Who?", "We."), ("", "")], "Give each part a title and an answer."),
        ([("Who?", "We."), ("Where?", "")], "This field is required."),
        ([("Who?", "We."), ("", "Here.")], "This field is required."),
        ([("Who?", "We."), ("W" * 301, "Here.")], "at most 300 characters"),
    ],
)
def test_an_unfinished_split_is_refused_in_words(alice, policy, typed, complaint):
    answer = alice.post(page(policy, "split", get("One?").pk), parts(*typed))
    assert complaint in answer.content.decode()
    assert order(policy)[""] == ["One?", "Two?"]


@pytest.mark.parametrize("count", ["", "x", "-1", "1000000"])
def test_a_forged_number_of_parts_is_harmless(alice, policy, count):
    data = {**parts(("Who?", "We.")), "parts": count}
    assert alice.post(page(policy, "split", get("One?").pk), data).status_code == 200


def test_a_stale_split_keeps_the_words_and_shows_what_stands_there_now(alice, policy):
    one = get("One?")
    editing.save(one, {"answer": "Bob's words."}, revision=0, by="bob", at=NOON)
    data = parts(("Who?", "We."), ("Where?", "MINE."))
    answer = alice.post(page(policy, "split", one.pk), data)
    shown = answer.content.decode()
    assert "Somebody else has changed this since you opened it." in shown
    assert "Bob&#x27;s words." in shown
    assert "MINE." in shown
    assert get("One?").retired_at is None
    data["revision"] = str(answer.context["form"]["revision"].value())
    alice.post(page(policy, "split", one.pk), data)
    assert order(policy)[""] == ["Who?", "Where?", "Two?"]


def test_a_split_of_what_was_removed_meanwhile_says_so_and_keeps_the_words(alice, policy):
    one = get("One?")
    publishing.retire(one, reason="None.", by="bob", at=NOON)
    answer = alice.post(page(policy, "split", one.pk), parts(("Who?", "We."), ("Where?", "MINE.")))
    assert "It has been removed from the policy meanwhile." in answer.content.decode()
    assert "MINE." in answer.content.decode()
    assert alice.get(page(policy, "split", one.pk)).status_code == 404


def test_a_question_that_was_never_published_needs_no_reason_to_be_split(alice, policy):
    new = make_question(policy, "New?", "Yes.")
    answer = alice.get(page(policy, "split", new.pk))
    assert "reason" not in answer.context["form"].fields
    alice.post(page(policy, "split", new.pk), parts(("Who?", "We."), ("Where?", "Here.")))
    assert not Question.objects.filter(pk=new.pk).exists()


# Merging


def test_a_merge_asks_which_and_then_begins_with_both_answers(alice, policy):
    two, four = get("Two?"), get("Four?")
    choice = alice.get(page(policy, "merge", two.pk)).context["choice"]
    assert two not in choice.fields["into"].queryset
    assert four in choice.fields["into"].queryset
    answer = alice.get(page(policy, "merge", two.pk), {"into": str(four.pk)})
    assert answer.context["form"].initial["answer"] == "A company.\n\nYes."
    assert answer.context["form"].initial["reason"] == "Now answered under “Four?”."


def merge_fields(**fields: str) -> dict[str, str]:
    return {"answer": "Both.", "reason": "", "revision": "0", "into_revision": "0", **fields}


def test_merge_answers_one_question_in_the_other(alice, policy):
    two, four = get("Two?"), get("Four?")
    address = f"{page(policy, 'merge', two.pk)}?into={four.pk}"
    answer = alice.post(address, merge_fields())
    assert answer.url.endswith(f"#item-{four.pk}")
    two.refresh_from_db()
    assert (two.successor, two.retired_reason) == (four, "Now answered under “Four?”.")
    assert get("Four?").answer == "Both."
    assert list(Event.objects.filter(what="merged").values_list("who", "details")) == [
        ("alice", "“Four?”")
    ]


@pytest.mark.parametrize("changed", ["Two?", "Four?"])
def test_a_stale_merge_keeps_the_words_and_shows_what_stands_there_now(alice, policy, changed):
    editing.save(get(changed), {"answer": "Bob was here."}, revision=0, by="bob", at=NOON)
    address = f"{page(policy, 'merge', get('Two?').pk)}?into={get('Four?').pk}"
    answer = alice.post(address, merge_fields(answer="MINE."))
    shown = answer.content.decode()
    assert "Somebody else has changed this since you opened it." in shown
    assert "Bob was here." in shown
    assert "MINE." in shown
    revisions = {
        name: str(answer.context["form"][name].value()) for name in ("revision", "into_revision")
    }
    alice.post(address, merge_fields(answer="MINE.", **revisions))
    assert get("Four?").answer == "MINE."


def test_a_question_is_not_merged_into_itself_or_into_what_is_gone(alice, policy):
    two, four = get("Two?"), get("Four?")
    publishing.retire(four, reason="None.", by="bob", at=NOON)
    for other in (two, four):
        address = f"{page(policy, 'merge', two.pk)}?into={other.pk}"
        assert "Select a valid choice" in alice.post(address, merge_fields()).content.decode()
    assert get("Two?").retired_at is None


# What was removed


def test_the_reason_for_a_removal_is_edited_and_its_moment_stays(alice, policy):
    one = get("One?")
    publishing.retire(one, reason="Gone.", by="bob", at=NOON)
    address = page(policy, "reason", "question", one.pk)
    assert address in said(alice, policy)
    form = alice.get(address).context["form"]
    sent = {"reason": "Answered below.", "successor": str(get("Two?").pk)}
    alice.post(address, {**sent, "revision": str(form.initial["revision"])})
    one.refresh_from_db()
    assert (one.retired_reason, one.successor, one.retired_at) == (
        "Answered below.",
        get("Two?"),
        NOON,
    )


def test_a_stale_reason_is_refused_and_kept_in_the_form(alice, policy):
    one = get("One?")
    publishing.retire(one, reason="Gone.", by="bob", at=NOON)
    address = page(policy, "reason", "question", one.pk)
    shown = alice.post(address, {"reason": "MINE.", "revision": "0"}).content.decode()
    assert "Somebody else has changed this" in shown
    assert "“Gone.”" in shown
    assert "MINE." in shown
    assert get("One?").retired_reason == "Gone."


def test_what_was_put_aside_is_named_so_and_has_no_reason(alice, policy):
    new = make_question(policy, "New?", retired_at=NOON, set_aside=True)
    assert "Put aside: never published" in said(alice, policy)
    assert alice.get(page(policy, "reason", "question", new.pk)).status_code == 404
    assert alice.get(page(policy, "reason", "policy", new.pk)).status_code == 404
    alice.post(reverse("admin:faq_question_back", args=[new.pk]))
    assert "Put aside" not in said(alice, policy)


def test_a_removed_section_can_be_told_why_too(alice, policy):
    cookies = policy.section_set.last()
    make_question(policy, "Five?", section=cookies)
    publishing.publish(policy, by="a", at=NOON.replace(month=4), material=True, note="More.")
    Question.objects.filter(title="Five?").update(section=None)
    publishing.retire(cookies, reason="None.", by="bob", at=NOON)
    address = page(policy, "reason", "section", cookies.pk)
    data = {"reason": "No cookies.", "revision": str(cookies.revision)}
    assert alice.post(address, data).status_code == 302
    cookies.refresh_from_db()
    assert cookies.retired_reason == "No cookies."
