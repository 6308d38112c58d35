"""Saving at the desk: nobody's words are lost, and what was said before can be said again."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from faq import editing, publishing
from faq.models import Policy, Question

from .factory import DAY, NOON, make_policy, make_question, make_section, publish, reword

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    return client


def change(item) -> str:
    return reverse(f"admin:faq_{item._meta.model_name}_change", args=[item.pk])


def fields(question: Question, **changed: str) -> dict[str, str]:
    """What the form on a question sends that was opened now."""
    names = ("title", "in_short", "answer", "also_asked", "anchor", "older_names")
    sent = {name: getattr(question, name) for name in names}
    return {**sent, "section": "", "started_from": str(question.revision), **changed}


def bob_saves(item, **values: str) -> None:
    now = type(item).objects.get(pk=item.pk)
    editing.save(now, values, revision=now.revision, by="bob", at=NOON)


def test_a_stale_save_is_refused_with_both_texts_and_a_redline(editor):
    question = make_question(make_policy(), answer="We are a company.")
    sent = fields(question, answer="We are a company of Alice.", title="Who?")
    bob_saves(question, answer="We are a company of Bob.")
    page = editor.post(change(question), sent)
    text = page.content.decode()
    assert page.status_code == 409
    assert "bob saved this meanwhile" in text
    assert "Bob. (end)" not in text and "<del>" in text and "<ins>" in text
    assert "We are a company of Bob." in text
    form = page.context["adminform"].form
    assert form["answer"].value() == "We are a company of Alice."
    assert form["started_from"].value() == "1"
    assert Question.objects.get().answer == "We are a company of Bob."


def test_an_informed_save_wins_over_what_it_was_shown_and_over_nothing_newer(editor):
    question = make_question(make_policy())
    sent = fields(question, answer="Alice.")
    bob_saves(question, answer="Bob.")
    shown = editor.post(change(question), sent).context["adminform"].form
    bob_saves(question, answer="Bob again.")
    informed = {**sent, "started_from": shown["started_from"].value()}
    again = editor.post(change(question), informed)
    assert (again.status_code, Question.objects.get().answer) == (409, "Bob again.")
    last = {**sent, "started_from": again.context["adminform"].form["started_from"].value()}
    assert editor.post(change(question), last).status_code == 302
    assert (Question.objects.get().answer, Question.objects.get().revision) == ("Alice.", 3)


def test_two_tabs_of_one_editor_count_as_two(editor):
    question = make_question(make_policy())
    sent = fields(question)
    assert editor.post(change(question), {**sent, "answer": "One."}).status_code == 302
    page = editor.post(change(question), {**sent, "answer": "Two."})
    assert page.status_code == 409
    assert "You saved this in another window meanwhile" in page.content.decode()
    assert Question.objects.get().answer == "One."


def test_sections_and_the_policys_own_texts_are_saved_by_revision_too(editor):
    policy = make_policy()
    section = make_section(policy)
    for item, name in ((section, "introduction"), (policy, "contact")):
        sent = {"title": "T", "anchor": "t", "slug": "privacy", name: "Mine.", "started_from": "0"}
        bob_saves(item, **{name: "Bob's."})
        assert editor.post(change(item), sent).status_code == 409
        item.refresh_from_db()
        assert getattr(item, name) == "Bob's."
        assert editor.post(change(item), {**sent, "started_from": "1"}).status_code == 302
        item.refresh_from_db()
        assert getattr(item, name) == "Mine."


@pytest.mark.parametrize("revision", ["", "-1", "x", "99"])
def test_a_save_that_does_not_say_where_it_started_saves_nothing(editor, revision):
    question = make_question(make_policy())
    page = editor.post(change(question), fields(question, answer="X", started_from=revision))
    assert page.status_code in (200, 409)
    assert Question.objects.get().answer == "A company."


def test_the_words_of_whoever_edited_something_deleted_are_given_back(editor):
    question = make_question(make_policy())
    sent = fields(question, answer="Written in vain?")
    publishing.retire(question, by="bob", at=NOON, reason="")
    page = editor.post(change(question), sent)
    assert page.status_code == 410
    assert "Written in vain?" in page.content.decode()


def test_the_browser_is_told_which_text_was_saved_and_nothing_else(editor):
    question = make_question(make_policy())
    sent = fields(question, answer="New.", _unsaved="0123456789abcdef")
    assert (
        "saved-0123456789abcdef"
        in editor.post(change(question), sent, follow=True).content.decode()
    )
    question.refresh_from_db()
    forged = fields(question, answer="Newer.", _unsaved='x" onclick="alert(1)')
    assert "onclick" not in editor.post(change(question), forged, follow=True).content.decode()


def test_line_ends_are_no_change(editor):
    question = make_question(make_policy(), answer="One\ntwo")
    editor.post(change(question), fields(question, answer="One\r\ntwo"))
    question.refresh_from_db()
    assert (question.answer, question.revision) == ("One\ntwo", 0)


def make_wordings() -> Question:
    """A question in five versions: the second is as the first, the fourth is hidden."""
    policy = make_policy()
    question = make_question(policy, answer="One.")
    other = make_question(policy, "Another?")
    for number, answer in enumerate(("One.", "One.", "Three.", "Four.", "Five."), 1):
        reword(question, answer)
        reword(other, f"Version {number}.")
        publish(policy, NOON + number * DAY)
    fourth = policy.version_set.get(approval__number=4)
    publishing.withhold(fourth, by="bob", at=NOON + 6 * DAY, reason="A name.")
    reword(question, "Draft.")
    return question


def test_each_earlier_wording_is_told_once_and_hidden_ones_are_not(editor):
    question = make_wordings()
    page = editor.get(reverse("admin:faq_question_wordings", args=[question.pk]))
    told = [(entry.number, entry.source) for entry in page.context["entries"]]
    assert told == [(5, "Five."), (3, "Three."), (1, "One.")]
    assert "Four." not in page.content.decode()


def test_an_earlier_wording_stands_in_the_form_and_nowhere_else(editor):
    question = make_wordings()
    page = editor.get(f"{change(question)}?wording=3")
    assert page.context["adminform"].form["answer"].value() == "Three."
    assert 'data-changed="yes"' in page.content.decode()
    assert Question.objects.get(pk=question.pk).answer == "Draft."
    for other in ("4", "9", "x", "-1"):
        form = editor.get(f"{change(question)}?wording={other}").context["adminform"].form
        assert form["answer"].value() == "Draft."


def test_the_form_says_what_changed_since_the_version_in_force(editor):
    question = make_wordings()
    text = editor.get(change(question)).content.decode()
    assert "What changed since version 5" in text
    assert "Five" in text


def test_wordings_are_for_those_who_may_see_questions():
    question = make_wordings()
    client = Client()
    client.force_login(User.objects.create_user("carol", is_staff=True))
    address = reverse("admin:faq_question_wordings", args=[question.pk])
    assert client.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_form_asks_no_more_of_a_policy_with_many_questions(
    editor, django_assert_max_num_queries
):
    policy = make_policy()
    section = make_section(policy)
    for number in range(30):
        make_question(policy, f"Question {number}?", section=section)
    publish(policy, NOON)
    question = Policy.objects.get().question_set.first()
    editor.get(change(question))
    with django_assert_max_num_queries(40):
        editor.get(change(question))
