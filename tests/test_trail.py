"""The trail: who did what when, found by filter, taken away as CSV, with nobody's address in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faq import editing, publishing, reviewing, trail
from faq.admin.trail import BYTE_ORDER_MARK, harmless
from faq.models import Event, Policy
from tests.factory import DAY, HOUR, NOON, make_policy, make_question, make_section, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Policy:
    return make_policy()


@pytest.fixture
def reader(client: Client) -> Client:
    """A browser in which somebody who may read the trail is logged in."""
    client.force_login(User.objects.create_superuser("reader"))
    return client


def page(policy: Policy) -> str:
    return reverse("admin:faq_policy_trail", args=[policy.pk])


def table(policy: Policy) -> str:
    return reverse("admin:faq_policy_trail_csv", args=[policy.pk])


def note(policy: Policy, what: str = "edited", by: str = "alice", at: datetime = NOON, **more):
    trail.note(policy, what, by=by, at=at, **more)


def shown(response) -> list[tuple[str, str, str]]:
    """Who did what where, as the page lists it."""
    return [(each.who, each.what, each.subject) for each in response.context["page"]]


def rows(response) -> list[list[str]]:
    whole = response.getvalue().decode()
    assert whole.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(whole.removeprefix(BYTE_ORDER_MARK), newline="")))


# What it shows


def test_the_newest_stands_first_in_words_with_what_was_said(reader, policy):
    question = make_question(policy, "Who?")
    note(policy, "edited", item=question)
    note(policy, "rejected", by="bob", at=NOON + HOUR, details="Not yet.")
    response = reader.get(page(policy))
    assert shown(response) == [("bob", "rejected", "Privacy policy"), ("alice", "edited", "Who?")]
    text = response.content.decode()
    assert "Sent back" in text and "Not yet." in text and "2 March 2026, 13:00" in text


def test_a_policy_shows_its_own_trail_only(reader, policy):
    note(make_policy("cookies", "Cookies"))
    assert shown(reader.get(page(policy))) == []
    assert len(rows(reader.get(table(policy)))) == 1


def test_everything_that_is_done_to_a_policy_is_in_it(reader, policy):
    question = make_question(policy)
    editing.save(question, {"answer": "New."}, revision=0, by="alice", at=NOON)
    version = publishing.freeze(policy, by="alice", at=NOON)
    said = reviewing.comment(
        version, by="bob", at=NOON, text="Hm.", item=str(question.pk), quote="New"
    )
    reviewing.resolve(said, by="alice", at=NOON)
    link = reviewing.make_link(
        policy, by="alice", at=NOON, name="Dora", version=version, asks_for_sign_off=True
    )
    reviewing.sign_off(link, at=NOON, approves=True, digest=version.digest)
    reviewing.revoke(link, by="alice", at=NOON)
    publishing.approve(version, by="bob", at=NOON, material=True)
    told = [(who, what) for who, what, _subject in shown(reader.get(page(policy)))]
    assert told[-8:] == [
        ("bob", "approved"),
        ("alice", "revoked"),
        ("Dora", "signed_off"),
        ("alice", "linked"),
        ("alice", "resolved"),
        ("bob", "commented"),
        ("alice", "frozen"),
        ("alice", "edited"),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"who": "alice"}, {"a", "c"}),
        ({"what": "moved"}, {"b", "c"}),
        ({"who": "alice", "what": "moved"}, {"c"}),
        ({"since": "2026-03-03"}, {"b", "c"}),
        ({"until": "2026-03-03"}, {"a", "b"}),
        ({"since": "2026-03-03", "until": "2026-03-03"}, {"b"}),
        ({}, {"a", "b", "c"}),
        ({"who": "", "page": "99"}, {"a", "b", "c"}),
    ],
)
def test_it_is_filtered_by_person_kind_and_days(reader, policy, asked, found):
    note(policy, "edited", "alice", NOON, subject="a")
    note(policy, "moved", "bob", NOON + DAY, subject="b")
    note(policy, "moved", "alice", NOON + 2 * DAY, subject="c")
    assert {subject for _who, _what, subject in shown(reader.get(page(policy), asked))} == found
    assert {row[3] for row in rows(reader.get(table(policy), asked))[1:]} == found


def test_a_day_is_the_legal_day(reader, policy):
    # In London it is an hour later in summer.
    note(policy, at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert shown(reader.get(page(policy), {"until": "2026-07-01"})) == []
    assert len(shown(reader.get(page(policy), {"since": "2026-07-02"}))) == 1


def test_it_is_filtered_by_question_under_the_last_title_that_it_had(reader, policy):
    who, where = make_question(policy, "Who?"), make_section(policy, "Where")
    note(policy, item=who)
    note(policy, item=where)
    who.title = "Who are they?"
    note(policy, item=who)
    response = reader.get(page(policy), {"item": str(who.pk)})
    assert [subject for _who, _what, subject in shown(response)] == ["Who are they?", "Who?"]
    choices = response.context["form"].fields["item"].choices
    assert [title for _id, title in choices] == ["All", "Where", "Who are they?"]


def test_a_comment_on_a_question_is_found_with_the_question(reader, policy):
    question = make_question(policy)
    version = publishing.freeze(policy, by="alice", at=NOON)
    reviewing.comment(version, by="bob", at=NOON, text="Hm.", item=str(question.pk))
    asked = {"item": str(question.pk), "what": "commented"}
    assert shown(reader.get(page(policy), asked)) == [("bob", "commented", "Who are we?")]


@pytest.mark.parametrize(
    "wrong", [{"since": "soon"}, {"who": "nobody"}, {"what": "sang"}, {"item": "1"}]
)
def test_a_filter_that_makes_no_sense_finds_nothing_and_says_so(reader, policy, wrong):
    note(policy)
    response = reader.get(page(policy), wrong)
    assert response.status_code == 200
    assert shown(response) == [] and response.context["form"].errors
    assert reader.get(table(policy), wrong).status_code == 400


def test_a_long_trail_has_pages_that_keep_the_filter(reader, policy):
    for number in range(120):
        note(policy, by=f"person {number % 2}", at=NOON + number * HOUR, subject=str(number))
    first = reader.get(page(policy), {"who": "person 1"})
    assert len(shown(first)) == 50 and shown(first)[0][2] == "119"
    assert 'href="?who=person+1&amp;page=2"' in first.content.decode()
    second = reader.get(page(policy), {"who": "person 1", "page": "2"})
    assert shown(second)[-1][2] == "1" and len(shown(second)) == 10
    assert len(rows(reader.get(table(policy), {"who": "person 1"}))) == 61


def test_a_long_trail_is_read_with_few_questions_to_the_database(
    reader, policy, django_assert_max_num_queries
):
    for number in range(150):
        note(policy, item=make_question(policy, f"{number}?"), by=f"{number}")
    with django_assert_max_num_queries(15):
        reader.get(page(policy))
    with django_assert_max_num_queries(12):
        reader.get(table(policy)).getvalue()


# As CSV


def test_the_table_has_a_header_and_moments_with_their_zone(reader, policy):
    question = make_question(policy, "Who?")
    note(policy, item=question, at=datetime(2026, 7, 1, 12, tzinfo=UTC), details="Two\nlines, “so”")
    response = reader.get(table(policy))
    assert response.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    day = timezone.localtime(timezone.now()).date()
    name = f'attachment; filename="trail-privacy-{day}.csv"'
    assert response.headers["Content-Disposition"] == name
    assert rows(response) == [
        ["When", "Who", "What", "Where", "Version", "Details", "Id"],
        [
            "2026-07-01T13:00:00+01:00",
            "alice",
            "Edited",
            "Who?",
            "",
            "Two\nlines, “so”",
            str(question.pk),
        ],
    ]


def test_the_table_is_sent_as_it_is_read(reader, policy):
    note(policy)
    assert reader.get(table(policy)).streaming


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＠x",
        '=HYPERLINK("https://evil.example")',
        "\tx",
    ],
)
def test_no_cell_is_a_formula(reader, policy, cell):
    assert harmless(cell) == f"'{cell}"
    note(policy, subject=cell, details=cell, by=cell)
    written = rows(reader.get(table(policy)))[1]
    assert [written[1], written[3], written[5]] == [f"'{trail.without_addresses(cell)}"] * 3


@pytest.mark.parametrize("cell", ["", "Who?", "a = b", "2026-07-01T13:00:00+01:00", "1-2", "'x"])
def test_other_cells_are_left_alone(cell):
    assert harmless(cell) == cell


# Whom it does not name


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("dora@example.org", "dora@…"),
        ("Ask <a.b+c@mail.example.org>, please.", "Ask <a.b+c@…>, please."),
        ("From 192.0.2.7: no", "From …: no"),
        ("192.0.2.7:8080 and 2001:db8::7", "…:8080 and …"),
        ("at ::1", "at …"),
        ("At 12:30:45, version 1.2.3 of std::vector, e.g. this", None),
        ("::: contact", None),
        ("alice", None),
    ],
)
def test_addresses_are_cut_short(written, kept):
    assert trail.without_addresses(written) == (kept or written)


def test_nobodys_address_is_in_the_trail(reader, policy):
    user = User.objects.create_superuser("dora@example.org", email="dora@mail.example.org")
    reader.force_login(user)
    headers = {"X-Forwarded-For": "203.0.113.9"}
    question = make_question(policy)
    publish(policy, timezone.now() - HOUR)
    form = {
        **{name: getattr(question, name) for name in ("title", "in_short", "anchor")},
        "answer": "Write to dora@example.org.",
        "started_from": str(question.revision),
        "also_asked": "",
        "older_names": "",
        "section": "",
    }
    change = reverse("admin:faq_question_change", args=[question.pk])
    assert reader.post(change, form, headers=headers, REMOTE_ADDR="203.0.113.9").status_code == 302
    links = reverse("admin:faq_policy_links", args=[policy.pk])
    reader.post(links, {"name": "Emil", "days": "1"}, headers=headers)
    publishing.freeze(policy, by="bob", at=timezone.now(), summary="See dora@example.org")
    told = "\n".join(",".join(row) for row in rows(reader.get(table(policy))))
    assert "dora" in told and "Emil" in told
    for address in ("example.org", "203.0.113.9"):
        assert address not in told
        shown = reader.get(page(policy)).content.decode()
        assert address not in shown[shown.index('id="content-main"') :]
    assert not Event.objects.filter(details__contains="example.org").exists()


# Who may read it


def test_only_those_with_the_right_read_it(client, policy):
    for address in (page(policy), table(policy)):
        assert "/admin/login/" in client.get(address).headers["Location"]
    client.force_login(User.objects.create_user("carol", is_staff=True))
    for address in (page(policy), table(policy)):
        assert client.get(address).status_code == 403


def test_the_versions_page_leads_to_the_trail_and_the_links(reader, policy):
    shown = reader.get(reverse("admin:faq_policy_versions", args=[policy.pk])).content.decode()
    assert page(policy) in shown
    assert reverse("admin:faq_policy_links", args=[policy.pk]) in shown


def test_the_trail_is_in_no_cache(reader, policy):
    for address in (page(policy), table(policy)):
        assert "no-store" in reader.get(address).headers["Cache-Control"]


def test_events_of_one_moment_keep_their_order(reader, policy):
    for number in range(5):
        note(policy, subject=str(number), at=NOON + timedelta(0))
    assert [subject for *_rest, subject in shown(reader.get(page(policy)))] == list("43210")
