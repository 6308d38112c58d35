"""The flow at the desk: send, comment, approve, send back, confirm, withdraw, copy, hide, note."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from faq import publishing, reviewing
from faq.digest import fingerprint
from faq.models import (
    Announcement,
    Approval,
    ChangeNote,
    Comment,
    Image,
    Policy,
    Question,
    Rejection,
    Version,
    Withdrawal,
    Withholding,
)
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR

from .factory import make_every_kind_of_version, make_policy, make_question, publish, reword

pytestmark = pytest.mark.django_db

NOTE = "We answer within three months now."


def person(name: str, *roles: str) -> Client:
    """A browser in which somebody with these roles is logged in."""
    user = User.objects.create_user(name, f"{name}@example.org", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def eve() -> Client:
    return person("eve", EDITOR)


@pytest.fixture
def ann() -> Client:
    return person("ann", APPROVER)


@pytest.fixture
def ada() -> Client:
    return person("ada", ADMINISTRATOR)


@pytest.fixture
def policy() -> Policy:
    """One version in force since an hour ago, and a changed draft."""
    policy = make_policy()
    question = make_question(policy)
    publish(policy, timezone.now() - timedelta(hours=1))
    reword(question, "Another company.")
    return policy


def rules(policy: Policy, **values: object) -> None:
    Policy.objects.filter(pk=policy.pk).update(**values)


def desk(name: str, *args: object) -> str:
    return reverse(f"admin:faq_policy_{name}", args=args)


def draft_digest(policy: Policy) -> str:
    return fingerprint(policy.to_document().to_json())


def send(client: Client, policy: Policy, **fields: str):
    fields = {"summary": "", "kind": "", "note": "", "expected": draft_digest(policy), **fields}
    return client.post(desk("send", policy.pk), fields, follow=True)


def sent(policy: Policy, by: str = "eve", **options: object) -> Version:
    """A candidate, sent by somebody just now."""
    return publishing.freeze(policy, by=by, at=timezone.now(), **options)


def verdict(version: Version, **fields: object) -> dict[str, object]:
    """What the form that approves sends."""
    return {"kind": "minor", "note": "", "when": "now", "expected": version.digest, **fields}


def approve(client: Client, version: Version, **fields: object):
    address = desk("approve", version.policy_id, version.pk)
    return client.post(address, verdict(version, **fields), follow=True)


@contextmanager
def just_before(query: str, act: Callable[[], object]) -> Iterator[None]:
    """Let somebody else act once, just before such a query."""
    waiting = [act]

    def overtake(execute, sql, *rest):
        if waiting and query in sql:
            waiting.pop()()
        return execute(sql, *rest)

    with connection.execute_wrapper(overtake):
        yield
    assert not waiting


def said(answer) -> str:
    return answer.content.decode()


def local(moment) -> str:
    """A moment as the browser's picker sends it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


# Sending


def test_an_editor_sends_the_draft_with_what_those_who_decide_should_know(eve, policy):
    page = said(eve.get(desk("send", policy.pk)))
    assert "What changed since version 1" in page
    assert "<del>" in page and "<ins>" in page
    answer = send(eve, policy, summary="The board said so.", kind="material", note=NOTE)
    version = Version.objects.candidates().get()
    assert answer.redirect_chain[-1][0] == desk("candidate", policy.pk, version.pk)
    assert (version.frozen_by, version.summary) == ("eve", "The board said so.")
    assert (version.proposed_note, version.proposed_material) == (NOTE, True)
    for words in ("Readers see nothing of it yet", "The board said so.", NOTE, "eve"):
        assert words in said(answer)


def test_a_second_click_on_send_leads_to_what_the_first_sent(eve, policy):
    first, second = send(eve, policy), send(eve, policy)
    assert first.redirect_chain == second.redirect_chain
    assert Version.objects.candidates().count() == 1


def test_the_same_wording_is_not_sent_by_two_people(eve, ada, policy):
    send(eve, policy)
    assert "waits for approval already" in said(send(ada, policy))
    assert "exactly this wording" in said(ada.get(desk("send", policy.pk)))
    assert Version.objects.candidates().count() == 1


def test_nothing_is_sent_that_the_sender_has_not_seen(eve, policy):
    seen = draft_digest(policy)
    reword(policy.question_set.get(), "A third company.")
    page = send(eve, policy, expected=seen)
    assert "has changed since you opened this page" in said(page)
    assert not Version.objects.candidates().exists()
    send(eve, policy, expected=page.context["form"]["expected"].value())
    assert Version.objects.candidates().exists()


def test_sending_refuses_kindly_what_cannot_be_published(eve, policy):
    make_question(policy, "What is missing?", "")
    assert "has no answer yet" in said(send(eve, policy))
    publishing.retire(policy.question_set.get(answer=""), at=timezone.now(), reason="")
    reword(policy.question_set.get(), "A company.")
    assert "Nothing has changed." in said(eve.get(desk("send", policy.pk)))
    assert "Nothing has changed since version 1" in said(send(eve, policy))


def test_a_first_version_is_sent_without_a_question_about_readers(eve):
    policy = make_policy()
    make_question(policy)
    assert "kind" not in eve.get(desk("send", policy.pk)).context["form"].fields
    send(eve, policy)
    assert Version.objects.candidates().get().proposed_material is None


# Publishing in one step


def test_publish_leads_to_sending_where_another_person_must_approve(ada, policy):
    rules(policy, second_person=True)
    answer = ada.get(desk("publish", policy.pk), follow=True)
    assert answer.redirect_chain[-1][0] == desk("send", policy.pk)
    ada.post(desk("publish", policy.pk), {"kind": "minor", "when": "now"})
    assert Approval.objects.count() == 1


def test_only_those_who_may_send_and_approve_publish_in_one_step(eve, ann, ada, policy):
    for client, status in ((eve, 403), (ann, 403), (ada, 200)):
        assert client.get(desk("publish", policy.pk)).status_code == status


@pytest.mark.parametrize("ground", ["purpose", "controller", "rights"])
def test_a_tick_forbids_to_call_it_wording_only(ann, policy, ground):
    version = sent(policy)
    assert "never wording only" in said(approve(ann, version, grounds=[ground]))
    assert Approval.objects.count() == 1
    approve(ann, version, grounds=[ground], kind="material", note=NOTE)
    assert Approval.objects.get(number=2).grounds == ground


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": ""}, "This field is required"),
        ({"kind": "material"}, "write what changed"),
        ({"when": "later"}, "Choose the date and time."),
        ({"when": "later", "moment": "2020-01-01T00:00"}, "This is in the past."),
        ({"when": "later", "moment": "2099-03-29T01:30"}, "does not exist here"),
        ({"when": "later", "moment": "2099-10-25T01:30"}, "happens twice here"),
        ({"when": "later", "moment": "soon"}, "Enter a valid date/time"),
        ({"expected": "0" * 64}, "not the version you were looking at"),
        ({"grounds": ["sale"]}, "not one of the available choices"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_approved(ann, policy, fields, words):
    assert escape(words) in said(approve(ann, sent(policy), **fields))
    assert Approval.objects.count() == 1


def test_a_moment_that_does_not_count_is_not_read(ann, policy):
    approve(ann, sent(policy), moment="nonsense")
    assert Approval.objects.count() == 2


def test_whether_readers_see_it_before_follows_from_whether_they_must_know(ann, policy):
    later = {"when": "later", "moment": "2099-01-01T00:00"}
    minor = sent(policy)
    approve(ann, minor, **later)
    assert not Announcement.objects.exists()
    publishing.withdraw(minor, by="ann", at=timezone.now(), reason="No.")
    material = sent(policy)
    approve(ann, material, kind="material", note=NOTE, **later)
    assert Announcement.objects.get().version == material


@pytest.mark.parametrize(
    ("kind", "announce", "announced"),
    [("minor", "show", True), ("material", "keep", False)],
)
def test_readers_see_a_scheduled_version_when_the_approver_says_so(
    ann, policy, kind, announce, announced
):
    moment = {"when": "later", "moment": "2099-01-01T00:00", "note": NOTE}
    approve(ann, sent(policy), kind=kind, announce=announce, **moment)
    assert Approval.objects.get(number=2).effective_at.year == 2099
    assert Announcement.objects.exists() == announced


def test_notice_is_explained_prefilled_and_demanded(ann, policy):
    rules(policy, notice_days=14)
    version = sent(policy, material=True, note=NOTE)
    page = ann.get(desk("approve", policy.pk, version.pk))
    assert "14 days’ notice" in said(page)
    form = page.context["form"]
    assert form["when"].value() == "later"
    earliest = timezone.localtime(form.initial["moment"])
    assert timedelta(days=14) <= earliest - timezone.now() <= timedelta(days=15, hours=1)
    assert (earliest.hour, earliest.minute) == (0, 0)
    early = {"when": "later", "moment": local(timezone.now() + timedelta(days=13))}
    material = {"kind": "material", "note": NOTE}
    for fields in (
        {"when": "now"},
        early,
        {**early, "moment": local(earliest), "announce": "keep"},
    ):
        assert "notice" in said(approve(ann, version, **material, **fields))
    assert Approval.objects.count() == 1
    approve(ann, version, **material, when="later", moment=local(earliest))
    assert Approval.objects.get(number=2).effective_at == earliest


def test_wording_only_needs_no_notice(ann, policy):
    rules(policy, notice_days=14)
    version = sent(policy, material=False)
    assert ann.get(desk("approve", policy.pk, version.pk)).context["form"]["when"].value() == "now"
    approve(ann, version)
    assert Approval.objects.count() == 2


# A candidate's page


def test_the_page_of_a_candidate_shows_every_word_that_differs_from_what_is_in_force(ann, policy):
    make_question(policy, "Do we sell data?", "No.")
    version = sent(policy, summary="Please read.", note=NOTE, material=True)
    page = said(ann.get(desk("candidate", policy.pk, version.pk)))
    for words in ("Waiting for approval", "Please read.", NOTE, "What changed since version 1"):
        assert words in page
    assert "Do we sell data?" in page
    assert page.count("<ins>") > 1


def test_comments_are_made_on_the_whole_a_question_or_some_words_and_settled(eve, ann, policy):
    version, question = sent(policy), policy.question_set.get()
    address = desk("comment", policy.pk, version.pk)
    ann.post(address, {"text": "Good."})
    answer = ann.post(
        address, {"item": str(question.pk), "quote": "Another", "text": "Which?"}, follow=True
    )
    whole, part = Comment.objects.order_by("pk")
    assert answer.redirect_chain[-1][0].endswith(f"#_comment-{part.pk}")
    assert (whole.item, part.item, part.quote) == ("", str(question.pk), "Another")
    assert "2 comments are not resolved." in said(answer)
    approving = said(ann.get(desk("approve", policy.pk, version.pk)))
    assert "2 comments are not resolved." in approving
    settle = desk("settle", policy.pk, version.pk, part.pk)
    assert "Resolved by eve" in said(eve.post(settle, {"to": "resolve"}, follow=True))
    eve.post(settle, {"to": "resolve"})
    part.refresh_from_db()
    assert part.resolved_by == "eve"
    eve.post(settle, {"to": "reopen"})
    eve.post(settle, {"to": "nonsense"})
    part.refresh_from_db()
    assert part.resolved_at is None


def test_a_comment_sent_twice_is_there_once_and_one_without_words_not_at_all(ann, policy):
    version = sent(policy)
    address = desk("comment", policy.pk, version.pk)
    for _click in range(2):
        ann.post(address, {"text": "Good."})
    assert Comment.objects.count() == 1
    empty = ann.post(address, {"quote": "Another", "text": " "})
    assert "This field is required" in said(empty)
    assert "Another" in said(empty)
    assert ann.post(address, {"item": "of-another-policy", "text": "x"}).status_code == 200
    assert Comment.objects.count() == 1


def test_nobody_comments_on_what_is_decided(ann, policy):
    version = sent(policy)
    approve(ann, version)
    page = ann.post(desk("comment", policy.pk, version.pk), {"text": "Late."}, follow=True)
    assert "decided on already" in said(page)
    assert not Comment.objects.exists()


def test_sign_offs_are_shown_with_the_version(ann, policy):
    version = sent(policy)
    facts = {"by": "eve", "at": timezone.now()}
    link = reviewing.make_link(
        policy, name="Dora", version=version, asks_for_sign_off=True, **facts
    )
    reviewing.sign_off(
        link, at=timezone.now(), approves=False, comment="Not so.", digest=version.digest
    )
    page = said(ann.get(desk("candidate", policy.pk, version.pk)))
    assert "Dora" in page and "Not so." in page
    assert "1 person outside objects." in said(ann.get(desk("approve", policy.pk, version.pk)))


def test_the_page_of_every_version_answers_whatever_its_status(ada):
    policy = make_every_kind_of_version()
    for version in policy.version_set.all():
        page = ada.get(desk("candidate", policy.pk, version.pk))
        assert page.status_code == 200
        hidden = [each for each in (version, page.context["base"]) if hasattr(each, "withholding")]
        assert (page.context["redline"] is None) == bool(hidden)


def test_reviewers_see_pictures_that_readers_may_not_see_yet(ann, policy, settings):
    settings.IMAGES = True
    image = Image.objects.create(
        sha256="a" * 64,
        extension="webp",
        width=40,
        height=30,
        content=b"picture",
        added_by="eve",
        added_at=timezone.now(),
    )
    reword(policy.question_set.get(), f"![A map]({image.address})")
    make_question(policy, "Where are we?", f"![A plan]({image.address})")
    version = sent(policy)
    page = said(ann.get(desk("candidate", policy.pk, version.pk)))
    assert f"/admin/images/{image.sha256}.webp" in page
    assert f'"{image.address}' not in page


# Deciding


def test_approving_says_what_it_means_and_uses_what_the_sender_proposed(ann, policy):
    version = sent(policy, note=NOTE, material=True)
    form = ann.get(desk("approve", policy.pk, version.pk)).context["form"]
    assert (form["kind"].value(), form["note"].value()) == ("material", NOTE)
    answer = approve(ann, version, kind="material", note=NOTE)
    assert "Version 2 is in force. Readers see it now." in said(answer)
    assert version.notes.get().text == NOTE


def test_the_frozen_text_is_approved_whatever_the_draft_says_now(ann, policy):
    version = sent(policy)
    reword(policy.question_set.get(), "A third company.")
    approve(ann, version)
    page = said(Client().get("/privacy/"))
    assert "Another company." in page
    assert "A third company." not in page


def test_a_second_click_on_approve_says_the_same_and_approves_once(ann, policy):
    version = sent(policy)
    first, second = approve(ann, version), approve(ann, version)
    assert first.redirect_chain == second.redirect_chain
    assert "Version 2 is in force" in said(second)
    assert Approval.objects.count() == 2


def test_whoever_comes_second_is_told_who_decided(ann, ada, policy):
    version = sent(policy)
    approve(ann, version)
    assert "approved already, by ann." in said(approve(ada, version))
    address = desk("send_back", policy.pk, version.pk)
    answer = ada.post(address, {"reason": "No."}, follow=True)
    assert "approved already, by ann." in said(answer)
    assert not Rejection.objects.exists()


@pytest.fixture
def first_draft() -> Policy:
    """A policy that was never published."""
    policy = make_policy("first")
    make_question(policy)
    return policy


def test_whoever_is_overtaken_while_approving_the_first_version_is_told_who_decided(
    ada, first_draft
):
    # With the first version the form begins to ask whether readers must know.
    version = sent(first_draft)
    fields = verdict(version)
    del fields["kind"]
    by_ann = partial(publishing.approve, version, by="ann", at=timezone.now(), material=True)
    with just_before('AS "a" FROM "faq_approval"', by_ann):
        answer = ada.post(desk("approve", first_draft.pk, version.pk), fields, follow=True)
    assert "approved already, by ann." in said(answer)


def test_a_second_click_on_publish_says_the_same_also_of_the_first_version(ada, first_draft):
    fields = {"note": "", "when": "now", "expected": draft_digest(first_draft)}
    address = desk("publish", first_draft.pk)
    first, second = (ada.post(address, fields, follow=True) for _click in range(2))
    assert first.redirect_chain == second.redirect_chain
    assert "Version 1 is in force. Readers see it now." in said(second)
    assert Approval.objects.count() == 1


def test_sending_back_needs_a_reason_that_the_sender_reads(eve, ann, policy):
    version = sent(policy)
    address = desk("send_back", policy.pk, version.pk)
    assert "This field is required" in said(ann.post(address, {"reason": " "}))
    for _click in range(2):
        assert "Sent back, with your reason." in said(
            ann.post(address, {"reason": "Too long."}, follow=True)
        )
    assert Rejection.objects.get().rejected_by == "ann"
    assert "Too long." in said(eve.get(desk("candidate", policy.pk, version.pk)))
    assert "Too long." in said(eve.get(desk("versions", policy.pk)))
    assert "sent back, by ann." in said(approve(person("bob", APPROVER), version))


def test_the_freezer_sees_why_they_cannot_approve(policy):
    rules(policy, second_person=True)
    both = person("eve", EDITOR, APPROVER)
    version = sent(policy)
    page = said(both.get(desk("candidate", policy.pk, version.pk)))
    assert "another person must approve it" in page
    assert desk("approve", policy.pk, version.pk) not in page
    answer = approve(both, version, emergency_reason="Forged.")
    assert "another person must decide" in said(answer)
    assert Approval.objects.count() == 1


def test_an_emergency_approval_asks_why_and_stays_marked_until_another_confirms(ada, ann, policy):
    rules(policy, second_person=True)
    version = sent(policy, by="ada")
    page = said(ada.get(desk("candidate", policy.pk, version.pk)))
    assert "Approve alone in an emergency…" in page
    assert "This field is required" in said(approve(ada, version))
    approve(ada, version, emergency_reason="A leak.")
    assert list(policy.version_set.unconfirmed()) == [version]
    listed = said(ada.get(desk("versions", policy.pk)))
    assert "Nobody has confirmed it yet." in listed and "A leak." in listed
    confirm = desk("confirm", policy.pk, version.pk)
    assert confirm not in listed
    assert "another person must confirm it" in said(ada.post(confirm, follow=True))
    assert confirm in said(ann.get(desk("versions", policy.pk)))
    ann.get(confirm)
    assert policy.version_set.unconfirmed().exists()
    for _click in range(2):
        assert "You have confirmed version 2." in said(ann.post(confirm, follow=True))
    assert not policy.version_set.unconfirmed().exists()
    assert "Confirmed by ann" in said(ann.get(desk("candidate", policy.pk, version.pk)))


def test_an_emergency_approval_that_was_withdrawn_waits_for_nobody(ada, ann, policy):
    rules(policy, second_person=True)
    version = sent(policy, by="ada")
    approve(ada, version, emergency_reason="A leak.")
    publishing.withdraw(version, by="ada", at=timezone.now(), reason="It was none.")
    assert not policy.version_set.unconfirmed().exists()
    confirm = desk("confirm", policy.pk, version.pk)
    for page in ("versions", policy.pk), ("candidate", policy.pk, version.pk):
        assert confirm not in said(ann.get(desk(*page)))
    assert "Alone, in an emergency. A leak." in said(ann.get(desk(*page)))
    assert "alone in an emergency" not in said(ann.get(reverse("admin:index")))
    assert "nothing left to confirm" in said(ann.post(confirm, follow=True))


def test_what_was_overtaken_says_so_and_cannot_be_approved(ann, ada, policy):
    version = sent(policy)
    fresh = sent(policy)
    approve(ann, fresh)
    page = said(ann.get(desk("candidate", policy.pk, version.pk)))
    assert "Another version was decided on since" in page
    assert desk("approve", policy.pk, version.pk) not in page
    assert "Send the draft again" in said(approve(ann, version))
    assert Approval.objects.count() == 2


# Versions


def test_every_link_to_a_version_has_a_name_of_its_own(ada):
    policy = make_every_kind_of_version()
    page = said(ada.get(desk("versions", policy.pk)))
    assert "Read version </" not in " ".join(page.split())
    for number in range(1, 9):
        assert f'Read<span class="visually-hidden"> version {number}</span>' in page
    assert page.count("what alice sent on") == 2


def test_a_scheduled_version_is_announced_once(ann, policy):
    version = sent(policy)
    approve(ann, version, when="later", moment="2099-01-01T00:00")
    assert Client().get("/privacy/versions/2/").status_code == 404
    assert "Announce now" in said(ann.get(desk("versions", policy.pk)))
    address = desk("announce", policy.pk, version.pk)
    ann.get(address)
    assert not Announcement.objects.exists()
    for _click in range(2):
        assert "Version 2 is announced." in said(ann.post(address, follow=True))
    assert Client().get("/privacy/versions/2/").status_code == 200
    assert "Announce now" not in said(ann.get(desk("versions", policy.pk)))
    live = policy.version_set.get(approval__number=1)
    answer = ann.post(desk("announce", policy.pk, live.pk), follow=True)
    assert "Only a scheduled version can be announced." in said(answer)


def test_withdrawing_twice_says_the_same_and_withdraws_once(ann, policy):
    version = publish(policy, timezone.now()).version
    address = desk("withdraw", policy.pk, version.pk)
    for _click in range(2):
        answer = ann.post(address, {"reason": "Wrong.", "shown": "1"}, follow=True)
        assert "Version 2 is withdrawn." in said(answer)
    assert Withdrawal.objects.count() == 1


def test_a_version_that_came_into_force_is_not_withdrawn_under_another_sentence(ann, policy):
    version = publish(policy, timezone.now()).version
    address = desk("withdraw", policy.pk, version.pk)
    page = ann.post(address, {"reason": "Wrong.", "shown": "scheduled"})
    assert "has changed since you opened the page" in said(page)
    assert "version 1 applies again at once" in said(page)
    assert not Withdrawal.objects.exists()
    shown = page.context["form"]["shown"].value()
    ann.post(address, {"reason": "Wrong.", "shown": shown})
    assert Withdrawal.objects.count() == 1


def test_a_page_of_what_is_impossible_says_so_and_has_no_form(ada, policy):
    first = policy.version_set.get()
    page = said(ada.get(desk("withdraw", policy.pk, first.pk)))
    assert "There is no earlier version to apply again." in page
    assert "<textarea" not in page
    second = publish(policy, timezone.now()).version
    assert "<textarea" not in said(ada.get(desk("withdraw", policy.pk, first.pk)))
    assert "<textarea" not in said(ada.get(desk("hide", policy.pk, second.pk)))
    for name in ("withdraw", "hide", "note", "copy", "announce", "confirm"):
        reword(policy.question_set.get(), f"{name} company")
        waiting = sent(policy)
        assert ada.get(desk(name, policy.pk, waiting.pk)).status_code == 404


def test_an_administrator_hides_the_wording_with_a_reason_that_readers_see(ada, policy):
    publish(policy, timezone.now())
    first = policy.version_set.get(approval__number=1)
    for _click in range(2):
        answer = ada.post(desk("hide", policy.pk, first.pk), {"reason": "A name."}, follow=True)
        assert "The wording of version 1 is hidden." in said(answer)
    assert Withholding.objects.count() == 1
    public = Client().get("/privacy/versions/1/")
    assert public.status_code == 410
    assert "A name." in said(public)


def test_a_note_is_corrected_by_a_new_one(ann, policy):
    version = policy.version_set.get()
    page = ann.get(desk("note", policy.pk, version.pk))
    assert page.context["form"]["text"].value() == "Something changed."
    for _click in range(2):
        ann.post(desk("note", policy.pk, version.pk), {"text": NOTE})
    assert [each.text for each in ChangeNote.objects.all()] == ["Something changed.", NOTE]
    assert NOTE in said(Client().get("/privacy/versions/"))


def test_copying_a_version_lists_what_the_draft_loses_and_publishes_nothing(ada, policy):
    publish(policy, timezone.now())
    question = policy.question_set.get()
    reword(question, "A third company.")
    make_question(policy, "Never published?", "No.")
    first = policy.version_set.get(approval__number=1)
    address = desk("copy", policy.pk, first.pk)
    page = ada.get(address)
    assert "Nothing is published by this." in said(page)
    found = {loss.title: loss.what for loss in page.context["losses"]}
    assert found == {
        "Who are we?": "gets its former wording",
        "Never published?": "is put aside: it was never published",
    }
    fields = {"expected": page.context["form"]["expected"].value()}
    for _click in range(2):
        answer = ada.post(address, fields, follow=True)
        assert "The draft has the wording of version 1. Nothing is published." in said(answer)
    question.refresh_from_db()
    assert question.answer == "A company."
    assert Question.objects.get(title="Never published?").set_aside
    assert "Another company." in said(Client().get("/privacy/"))
    assert "has this wording already" in said(ada.get(address))


def test_nothing_is_copied_over_a_draft_that_nobody_saw(ada, policy):
    first = policy.version_set.get()
    address = desk("copy", policy.pk, first.pk)
    seen = ada.get(address).context["form"]["expected"].value()
    reword(policy.question_set.get(), "Somebody’s new words.")
    page = ada.post(address, {"expected": seen})
    assert "The draft has changed since you opened this page." in said(page)
    assert policy.question_set.get().answer == "Somebody’s new words."
    ada.post(address, {"expected": page.context["form"]["expected"].value()})
    assert policy.question_set.get().answer == "A company."


def test_hidden_wording_is_not_copied(ada, policy):
    publish(policy, timezone.now())
    first = policy.version_set.get(approval__number=1)
    publishing.withhold(first, by="ada", at=timezone.now(), reason="A name.")
    address = desk("copy", policy.pk, first.pk)
    assert "<button" not in said(ada.get(address)).partition('id="content-main"')[2]
    ada.post(address, {"expected": draft_digest(policy)})
    assert policy.question_set.get().answer == "Another company."


def test_the_list_of_versions_asks_as_much_for_many_as_for_few(
    ada, policy, django_assert_max_num_queries
):
    question = policy.question_set.get()
    for number in range(12):
        publish(policy, timezone.now(), material=False)
        reword(question, f"Company {number}.")
    with django_assert_max_num_queries(30):
        assert ada.get(desk("versions", policy.pk)).status_code == 200


# Who may do what


def test_every_step_is_refused_to_those_without_its_permission(eve, ann, policy):
    publish(policy, timezone.now())
    reword(policy.question_set.get(), "A third company.")
    version = sent(policy)
    first = policy.version_set.get(approval__number=1)
    nobody = person("nick")
    fields = {**verdict(version), "reason": "x", "text": "x", "shown": "1"}
    fields["expected"] = draft_digest(policy)
    refused = {
        eve: ["approve", "send_back", "confirm", "withdraw", "announce", "hide", "note", "copy"],
        ann: ["hide"],
        nobody: ["approve", "send_back", "confirm", "withdraw", "announce", "hide", "note", "copy"]
        + ["candidate", "comment", "version"],
    }
    for client, names in refused.items():
        for name in names:
            for item in (version, first):
                address = desk(name, policy.pk, item.pk)
                assert client.get(address).status_code == 403, address
                assert client.post(address, fields).status_code == 403, address
    for client in (ann, nobody):
        assert client.post(desk("send", policy.pk), fields).status_code == 403
    assert (Approval.objects.count(), Version.objects.count()) == (2, 3)
    assert not Rejection.objects.exists() and not Withdrawal.objects.exists()


def test_a_version_is_not_reached_through_another_policy(ada, policy):
    other = make_policy("cookies")
    version = sent(policy)
    for name in ("candidate", "approve", "send_back", "comment", "copy", "hide", "note"):
        assert ada.post(desk(name, other.pk, version.pk)).status_code == 404


def test_forged_fields_change_nothing_but_what_the_form_asks(ann, policy):
    version = sent(policy)
    forged = {"number": "9", "effective_at": "2001-01-01", "digest": "0", "approved_by": "eve"}
    approve(ann, version, emergency_reason="x", **forged)
    approval = version.policy.approval_set.get(number=2)
    assert (approval.approved_by, approval.emergency_reason) == ("ann", "")
    assert approval.effective_at == approval.recorded_at
    version.refresh_from_db()
    assert version.digest == approval.version.digest != "0"


# The policy's rules


def test_the_rules_are_folded_away_and_only_for_administrators(eve, ada, policy):
    address = desk("change", policy.pk)
    page = said(ada.get(address))
    assert "Rules for approval and review" in page
    assert "collapse" in page
    assert "Rules for approval" not in said(eve.get(address))
    form = ada.get(address).context["adminform"].form
    texts = {name: form[name].value() for name in ("title", "slug", "introduction", "contact")}
    sets = {**texts, "second_person": "on", "notice_days": "14", "review_months": "12"}
    hidden = {name: form[name].value() for name in form.fields if name not in sets}
    eve.post(address, {**hidden, **sets})
    policy.refresh_from_db()
    assert (policy.second_person, policy.notice_days, policy.review_months) == (False, 0, None)
    fields = {**hidden, **sets, "started_from": policy.revision}
    ada.post(address, fields)
    policy.refresh_from_db()
    assert (policy.second_person, policy.notice_days, policy.review_months) == (True, 14, 12)


def test_one_person_with_the_usual_rules_sees_none_of_it(policy):
    alice = Client()
    alice.force_login(User.objects.create_superuser("alice"))
    page = said(alice.get(desk("publish", policy.pk)))
    for word in ("emergency", "notice", "approval", "another person"):
        assert word not in page.partition('id="content-main"')[2]
