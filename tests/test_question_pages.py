"""One question on a page of its own, its older names, its removal, and how its answer changed."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from faq import publishing
from faq.models import Policy, Question, Withholding
from faq.views.every_page import public_paths
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    lengthen,
    make_policy,
    make_question,
    make_section,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=30)


def make_history(answers: list[str]) -> Policy:
    """A policy whose one question had these answers, a day apart."""
    policy = make_policy(contact="Write to us.")
    question = make_question(policy)
    for number, answer in enumerate(answers):
        reword(question, answer)
        publish(policy, LONG_AGO + number * DAY)
    return policy


def text_of(client: Client, path: str) -> str:
    """The page at an address that must answer 200."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def test_a_question_has_a_page_with_its_answer_and_the_contact(client):
    policy = make_policy(contact="Write to us.")
    make_question(policy, answer="# Heading\n\nSee [](#who-are-we).", in_short="A company.")
    publish(policy, LONG_AGO)
    page = text_of(client, "/privacy/who-are-we/")
    assert '<h1 dir="auto">Who are we?</h1>' in page
    assert '<h2 id="who-are-we.heading">Heading</h2>' in page
    assert '<a href="/privacy/#who-are-we">Who are we?</a>' in page
    for said in ("In short", "A company.", "Write to us.", "In force since"):
        assert said in page


def test_the_page_gives_the_address_of_this_wording_and_a_sentence_to_cite_it(client, settings):
    make_history(["One.", "Two."])
    page = text_of(client, "/privacy/who-are-we/")
    origin = settings.SITE_URL.origin
    assert f"{origin}/privacy/versions/2/#who-are-we" in page
    assert "Privacy policy, version 2, in force since" in page


def test_an_older_name_leads_to_the_current_one_for_good(client):
    policy = make_policy()
    question = make_question(policy, older_names="about-us")
    publish(policy, LONG_AGO)
    Question.objects.filter(pk=question.pk).update(anchor="our-company")
    publish(policy, LONG_AGO + DAY)
    for name in ("who-are-we", "about-us"):
        answer = client.get(f"/privacy/{name}/")
        assert (answer.status_code, answer.url) == (301, "/privacy/our-company/")
        history = client.get(f"/privacy/{name}/versions/")
        assert (history.status_code, history.url) == (301, "/privacy/our-company/versions/")


def test_the_name_of_a_sub_heading_leads_to_it_on_the_questions_page(client):
    policy = make_policy()
    make_question(policy, answer="## Inside\n\nText.")
    publish(policy, LONG_AGO)
    answer = client.get("/privacy/who-are-we.inside/")
    assert (answer.status_code, answer.url) == (302, "/privacy/who-are-we/#who-are-we.inside")


def test_the_name_of_a_section_leads_to_its_heading(client):
    policy = make_policy()
    make_question(policy, section=make_section(policy, "Your rights"))
    publish(policy, LONG_AGO)
    answer = client.get("/privacy/your-rights/")
    assert (answer.status_code, answer.url) == (302, "/privacy/#your-rights")


def test_a_removed_question_says_so_and_shows_its_last_wording(client):
    policy = make_policy()
    question = make_question(policy, "Do we fax?", "Yes, at night.")
    make_question(policy)
    publish(policy, LONG_AGO)
    publishing.retire(question, at=LONG_AGO, reason="Nobody faxes.")
    publish(policy, LONG_AGO + DAY)
    page = text_of(client, "/privacy/do-we-fax/")
    for said in ("Removed.", "Nobody faxes.", "Yes, at night.", "/privacy/versions/1/#do-we-fax"):
        assert said in page


def test_a_removed_question_names_the_one_that_answers_it_now(client):
    policy = make_policy()
    question, heir = make_question(policy, "Do we fax?"), make_question(policy)
    publish(policy, LONG_AGO)
    publishing.retire(question, at=LONG_AGO, reason="Merged.", successor=heir)
    publish(policy, LONG_AGO + DAY)
    page = text_of(client, "/privacy/do-we-fax/")
    assert 'href="/privacy/who-are-we/"' in page


def test_after_a_withdrawal_every_address_that_led_to_a_question_still_leads_somewhere(client):
    policy = make_policy()
    section = make_section(policy)
    who, fax = make_question(policy, section=section), make_question(policy, "Do we use fax?")
    publish(policy, LONG_AGO)
    publishing.retire(fax, at=LONG_AGO + DAY, reason="We have none.")
    publish(policy, LONG_AGO + DAY)
    who.anchor, section.anchor = "about-us", "rights"
    who.save()
    section.save()
    make_question(policy, "Do we use drones?", anchor="drones")
    approval = publish(policy, LONG_AGO + 2 * DAY)
    publishing.withdraw(approval.version, by="bob", at=LONG_AGO + 3 * DAY, reason="Wrong.")
    for path, target in (
        ("about-us/", "/privacy/who-are-we/"),
        ("about-us/versions/", "/privacy/who-are-we/versions/"),
        ("rights/", "/privacy/#rights"),
        ("drones/", "/privacy/versions/3/#drones"),
        ("drones/versions/", "/privacy/versions/3/#drones"),
    ):
        answer = client.get(f"/privacy/{path}")
        assert (answer.status_code, answer.get("Location")) == (302, target), path
        assert client.get(target).status_code == 200
    assert 'id="rights"' in text_of(client, "/privacy/")


@pytest.mark.parametrize("has_successor", [True, False])
def test_the_name_of_a_removed_section_leads_to_its_place_in_the_policy(client, has_successor):
    policy = make_policy()
    section, other = make_section(policy), make_section(policy, "Your choices")
    make_question(policy, section=other)
    make_question(policy, "Which rights?", section=section)
    publish(policy, LONG_AGO)
    policy.question_set.filter(section=section).update(section=other)
    successor = other if has_successor else None
    publishing.retire(section, at=LONG_AGO + DAY, reason="Merged.", successor=successor)
    publish(policy, LONG_AGO + DAY)
    answer = client.get("/privacy/your-rights/")
    assert (answer.status_code, answer.get("Location")) == (302, "/privacy/#your-rights")
    assert 'id="your-rights"' in text_of(client, "/privacy/")
    assert client.get("/privacy/your-rights/versions/").status_code == 404


def test_a_name_of_a_version_that_was_withdrawn_still_leads_somewhere(client):
    policy = make_policy()
    question = make_question(policy)
    publish(policy, LONG_AGO)
    Question.objects.filter(pk=question.pk).update(anchor="renamed")
    make_question(policy, "What is new?")
    approval = publish(policy, LONG_AGO + DAY)
    publishing.withdraw(approval.version, by="bob", at=LONG_AGO + 2 * DAY, reason="Wrong.")
    renamed, new = client.get("/privacy/renamed/"), client.get("/privacy/what-is-new/")
    assert (renamed.status_code, renamed.url) == (302, "/privacy/who-are-we/")
    assert (new.status_code, new.url) == (302, "/privacy/versions/2/#what-is-new")


@pytest.mark.parametrize(
    "title", ["ما هي بياناتي؟", "個人情報とは何ですか", "Was heißt „Löschung“?", "🍪?", "?!"]
)
def test_a_name_in_any_script_has_a_page(client, title):
    from faq.anchors import suggest

    policy = make_policy()
    name = suggest(title)
    make_question(policy, title, anchor=name)
    publish(policy, LONG_AGO)
    text_of(client, f"/privacy/{quote(name)}/")


@pytest.mark.parametrize("name", ["nothing", "_top", "a b", "%00", "..", "x.json", "versions.atom"])
def test_a_name_that_never_was_is_a_404(client, name):
    make_history(["One."])
    assert client.get(f"/privacy/{quote(name)}/").status_code == 404


def test_every_wording_is_listed_once_with_what_changed(client):
    policy = make_history(["We are few.", "We are many."])
    make_question(policy, "Another?")
    publish(policy, LONG_AGO + 9 * DAY)
    page = text_of(client, "/privacy/who-are-we/versions/")
    assert [number for number in range(1, 5) if f'id="_v{number}"' in page] == [1, 2]
    assert "<del" in page
    assert "<ins" in page
    assert "The first wording" in page


def test_the_first_wording_is_no_change_and_carries_no_marks(client):
    make_history(["We are few."])
    page = text_of(client, "/privacy/who-are-we/versions/")
    for mark in ("<ins", "<del", "Added", "whole-inserted"):
        assert mark not in page


def test_links_in_an_older_wording_lead_into_its_own_version(client):
    make_history(["See [us](#who-are-we).", "Do see [us](#who-are-we)."])
    page = text_of(client, "/privacy/who-are-we/versions/")
    for number in (1, 2):
        assert f'<a href="/privacy/versions/{number}/#who-are-we">us</a>' in page


def test_a_new_title_is_marked_where_it_came(client):
    policy = make_history(["One."])
    policy.question_set.update(title="Who on earth are we?")
    publish(policy, LONG_AGO + DAY)
    page = text_of(client, "/privacy/who-are-we/versions/")
    assert "Retitled" in page
    assert 'class="wording-title">Who <ins>' in page


@pytest.mark.parametrize("name", ["who-are-we", "no-such-name", "your-rights"])
def test_while_the_wording_in_force_is_hidden_no_name_tells_whether_it_is_in_it(client, name):
    policy = make_policy(title="SECRET", contact="SECRET")
    make_question(policy, "SECRET?", "SECRET.", anchor="who-are-we", section=make_section(policy))
    publish(policy, LONG_AGO)
    Withholding.objects.create(
        version=policy.version_set.get(),
        reason="A court order.",
        withheld_by="bob",
        recorded_at=LONG_AGO,
    )
    for path in (f"/privacy/{name}/", f"/privacy/{name}/versions/"):
        answer = client.get(path)
        assert answer.status_code == 410
        page = answer.content.decode()
        assert "A court order." in page
        assert policy.version_set.get().digest in page
        assert "SECRET" not in page


def make_all_hidden(*, last: int) -> Policy:
    """A policy with a removed question whose wordings, in the versions up to `last`, are hidden."""
    policy = make_policy()
    make_question(policy)
    fax = make_question(policy, "Do we use fax?", "SECRET 1.")
    for number in range(1, last + 1):
        reword(fax, f"SECRET {number}.")
        publish(policy, LONG_AGO + number * HOUR)
    publishing.retire(fax, at=LONG_AGO + DAY, reason="No more.")
    publish(policy, LONG_AGO + DAY + last * HOUR)
    for number in range(1, last + 1):
        version = policy.version_set.get(approval__number=number)
        publishing.withhold(version, by="bob", at=timezone.now(), reason=f"Court order {number}.")
    return policy


def test_the_history_of_an_answer_with_every_wording_hidden_says_that_and_why(client):
    policy = make_all_hidden(last=2)
    answer = client.get("/privacy/do-we-use-fax/versions/")
    assert answer.status_code == 410
    page = answer.content.decode()
    assert "Court order 2." in page and "Version 2 of" in page
    assert policy.version_set.get(approval__number=2).digest in page
    assert 'href="/privacy/"' in page and 'href="/privacy/versions/"' in page
    assert "SECRET" not in page
    assert answer.content == client.get("/privacy/versions/2/").content
    assert "/privacy/do-we-use-fax/versions/" in set(public_paths(timezone.now()))


def test_an_older_page_with_every_wording_hidden_says_that_and_why(client):
    make_all_hidden(last=21)
    for numbers, number in (("1-20", 20), ("21-40", 21)):
        answer = client.get(f"/privacy/do-we-use-fax/versions/{numbers}/")
        assert answer.status_code == 410
        assert f"Court order {number}." in answer.content.decode()
    for numbers in ("41-60", "1-40", "2-21"):
        assert client.get(f"/privacy/do-we-use-fax/versions/{numbers}/").status_code == 404


def test_wording_that_was_never_public_leaves_the_history_of_an_answer_a_404(client):
    policy = make_policy()
    who = make_question(policy)
    publish(policy, LONG_AGO)
    fax = make_question(policy, "Do we use fax?", "SECRET.")
    later = {"effective_at": LONG_AGO + 9 * DAY, "announce": False}
    never = publish(policy, LONG_AGO + DAY, **later)
    publishing.withdraw(never.version, by="bob", at=LONG_AGO + 2 * DAY, reason="No.")
    publishing.retire(fax, at=LONG_AGO + 2 * DAY, reason="No.")
    reword(who, "Another company.")
    publish(policy, LONG_AGO + 3 * DAY)
    for path in ("versions/", "versions/1-20/"):
        assert client.get(f"/privacy/do-we-use-fax/{path}").status_code == 404


def test_an_older_page_leads_to_the_newest_where_hiding_has_put_its_wordings_there(client):
    policy = make_policy()
    make_question(policy)
    publish(policy, NOON.replace(year=2020))
    lengthen(policy, 39, rewording=True)
    older = "/privacy/who-are-we/versions/1-20/"
    assert client.get(older).status_code == 200
    version = policy.version_set.get(approval__number=30)
    publishing.withhold(version, by="bob", at=timezone.now(), reason="A court order.")
    answer = client.get(older)
    assert (answer.status_code, answer.url) == (302, "/privacy/who-are-we/versions/")
    assert 'id="_v1"' in text_of(client, answer.url)
    for numbers in ("1-40", "2-21", "41-60", "20-1"):
        assert client.get(f"/privacy/who-are-we/versions/{numbers}/").status_code == 404


def test_nothing_that_is_not_public_is_in_the_history_of_an_answer(client):
    policy = make_history(["One.", "Two."])
    question = policy.question_set.get()
    hidden = reword(question, "SECRET and hidden.")
    publish(policy, LONG_AGO + 5 * DAY)
    reword(hidden, "Three.")
    publish(policy, LONG_AGO + 6 * DAY)
    version = policy.version_set.get(approval__number=3)
    publishing.withhold(version, by="bob", at=timezone.now(), reason="A court order.")
    reword(question, "SECRET and scheduled.")
    later = timezone.now() + DAY
    publish(policy, timezone.now(), effective_at=later, announce=False)
    reword(question, "SECRET and drafted.")
    for path in ("/privacy/who-are-we/", "/privacy/who-are-we/versions/"):
        assert "SECRET" not in text_of(client, path)
    assert client.get("/privacy/versions/2...3/").status_code == 410
    assert client.get("/privacy/versions/2...5/").status_code == 404


def test_the_redline_names_both_versions_and_marks_the_words(client):
    make_history(["We are few.", "We are many."])
    page = text_of(client, "/privacy/versions/1...2/")
    assert "<del" in page
    assert "<ins" in page
    back = client.get("/privacy/versions/2...1/")
    assert (back.status_code, back.url) == (302, "/privacy/versions/1...2/")


@pytest.mark.parametrize("path", ["1...9", "0...1", "1..2", "1...", "9...9"])
def test_a_redline_with_a_version_that_never_was_is_a_404(client, path):
    make_history(["One.", "Two."])
    assert client.get(f"/privacy/versions/{path}/").status_code == 404


def test_a_wording_that_applies_later_or_was_withdrawn_says_so_in_the_history_of_its_answer(client):
    policy = make_history(["One.", "Two."])
    question = policy.question_set.get()
    for number in (2, 3):
        page = text_of(client, "/privacy/who-are-we/versions/")
        assert "<b>Withdrawn</b>" not in page and "<b>Applies from</b>" not in page
        version = policy.version_set.get(approval__number=number)
        publishing.withdraw(version, by="bob", at=timezone.now(), reason="Wrong.")
        first, second = text_of(client, "/privacy/who-are-we/versions/").split('id="_v1"')
        assert "<b>Withdrawn</b> on" in first and "<b>Withdrawn</b>" not in second
        publish(policy, timezone.now())  # the same wording again: now it stands
    reword(question, "Three.")
    publish(policy, timezone.now(), effective_at=timezone.now() + DAY)
    first, second = text_of(client, "/privacy/who-are-we/versions/").split('id="_v2"')
    assert "<b>Applies from</b>" in first and "<b>Applies from</b>" not in second


def test_a_redline_says_whose_note_it_shows_and_that_a_version_applies_later(client):
    policy = make_history(["One.", "Two.", "Three."])
    assert "which applies from" not in text_of(client, "/privacy/versions/1...3/")
    assert "What changed with version 3, in short" in text_of(client, "/privacy/versions/1...3/")
    reword(policy.question_set.get(), "Four.")
    publish(policy, timezone.now(), effective_at=timezone.now() + DAY)
    assert "to version 4, which applies from" in text_of(client, "/privacy/versions/1...4/")


def test_before_a_first_version_applies_its_redline_leads_to_no_page_that_is_not_there(client):
    policy = make_policy()
    question = make_question(policy)
    publish(policy, timezone.now(), effective_at=timezone.now() + DAY)
    reword(question, "Two.")
    publish(policy, timezone.now(), effective_at=timezone.now() + 2 * DAY)
    page = text_of(client, "/privacy/versions/1...2/")
    assert 'href="/privacy/"' not in page
    assert "Privacy policy" in page
