"""What the record notes of reworded questions: from which version on an answer says something."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from faq import publishing, rewordings
from faq.models import Policy, Rewording
from tests.factory import (
    DAY,
    NOON,
    make_every_kind_of_version,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)
from tests.test_seals import tamper, verified

pytestmark = pytest.mark.django_db


def noted(policy: Policy) -> list[tuple[int, str, str]]:
    """Number, title and kind of each row, in the order in which versions were numbered."""
    rows = Rewording.objects.filter(version__policy=policy).values_list(
        "version__approval__number", "question__title", "kind"
    )
    return sorted(rows)


def test_a_row_says_from_which_version_on_a_question_is_new_reworded_or_gone():
    policy = make_policy()
    who = make_question(policy)
    fax = make_question(policy, "Do we use fax?")
    publish(policy, NOON)
    reword(who, "Another company.")
    publish(policy, NOON + DAY)
    publishing.retire(fax, at=NOON + DAY, reason="No.")
    publish(policy, NOON + 2 * DAY)
    publishing.unretire(fax, at=NOON + 3 * DAY)
    publish(policy, NOON + 3 * DAY)
    assert noted(policy) == [
        (1, "Do we use fax?", "reworded"),
        (1, "Who are we?", "reworded"),
        (2, "Who are we?", "reworded"),
        (3, "Do we use fax?", "gone"),
        (4, "Do we use fax?", "reworded"),
    ]
    assert verified() == ""


def test_what_is_only_moved_or_renamed_is_not_reworded():
    policy = make_published()
    who = policy.question_set.get()
    who.anchor, who.also_asked = "us", "you"
    who.save()
    publish(policy, NOON + DAY)
    assert noted(policy) == [(1, "Who are we?", "reworded")]


def test_it_is_compared_with_the_number_before_even_if_that_was_withdrawn():
    policy = make_published(2)
    second = policy.version_set.get(approval__number=2)
    publishing.withdraw(second, by="bob", at=NOON + 2 * DAY, reason="No.")
    reword(policy.question_set.get(), "A company.")  # as in version 1
    policy.title = "Another title"
    policy.save()
    publish(policy, NOON + 3 * DAY)
    assert [number for number, _title, _kind in noted(policy)] == [1, 2, 3]
    assert verified() == ""


def test_candidates_have_none():
    policy = make_published()
    reword(policy.question_set.get(), "Two.")
    candidate = publishing.freeze(policy, by="alice", at=NOON + DAY)
    assert not Rewording.objects.filter(version=candidate).exists()
    with pytest.raises(IntegrityError, match="only an approved version"), transaction.atomic():
        Rewording.objects.create(
            version=candidate, question=policy.question_set.get(), kind="reworded"
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE faq_rewording SET kind = 'gone' WHERE id = %s",
            "what is noted of its reworded questions is not so.",
        ),
        (
            "DELETE FROM faq_rewording WHERE id = %s",
            "nothing is noted of its reworded questions. Run: manage.py migrate",
        ),
    ],
)
def test_verifying_compares_it_with_what_the_versions_say(change, said):
    policy = make_published(2)
    row = Rewording.objects.get(version__approval__number=2)
    tamper(change, row.pk)
    tamper("DELETE FROM faq_seal WHERE of_table = 'faq_rewording' AND of_row = %s", str(row.pk))
    assert verified() == f"{policy.slug}, version 2: {said}"


def erase(policy: Policy, number: int) -> None:
    """As docs/operators.md says it is done; hidden first, unless it was before."""
    version = policy.version_set.get(approval__number=number)
    if not hasattr(version, "withholding"):
        publishing.withhold(version, by="bob", at=NOON + 9 * DAY, reason="A court.")
    tamper("UPDATE faq_version SET document = %s WHERE id = %s", b"", version.pk)


def test_wording_that_was_erased_is_compared_with_nothing():
    policy = make_published(3)
    erase(policy, 2)
    assert verified() == ""


def test_what_follows_wording_that_was_erased_counts_as_reworded():
    policy = make_published()
    who, fax = policy.question_set.get(), make_question(policy, "Do we use fax?")
    publish(policy, NOON + DAY)
    publishing.retire(fax, at=NOON + DAY, reason="No.")
    reword(who, "Another company.")
    second = publish(policy, NOON + 2 * DAY)
    publishing.withdraw(second.version, by="bob", at=NOON + 3 * DAY, reason="No.")
    erase(policy, 3)
    publish(policy, NOON + 10 * DAY)
    assert noted(policy)[-2:] == [(4, "Do we use fax?", "gone"), (4, "Who are we?", "reworded")]
    assert verified() == ""


@pytest.mark.django_db(transaction=True)
def test_a_record_of_before_gets_the_same_rows(db: Any):
    policy = make_every_kind_of_version()
    make_published(3, slug="cookies")
    before = noted(policy)
    assert len(before) > 8
    call_command("migrate", "faq", "0005", verbosity=0)
    call_command("migrate", "faq", verbosity=0)
    assert noted(policy) == before
    assert verified() == ""


def forget(policy: Policy, *numbers: int) -> None:
    """What code from before this table leaves of versions that it approves."""
    rows = Rewording.objects.filter(
        version__policy=policy, version__approval__number__in=numbers
    ).values_list("pk", flat=True)
    for key in list(rows):
        tamper("DELETE FROM faq_rewording WHERE id = %s", key)
        tamper("DELETE FROM faq_seal WHERE of_table = 'faq_rewording' AND of_row = %s", str(key))


@pytest.mark.parametrize("numbers", [(1,), (3,), (3, 4, 5), (1, 2, 3, 4, 5, 6, 7, 8)])
def test_migrate_notes_what_code_of_before_did_not(numbers):
    policy, other = make_every_kind_of_version(), make_published(2, slug="cookies")
    before, others = noted(policy), noted(other)
    forget(policy, *numbers)
    assert verified() == (
        f"{policy.slug}, version {numbers[0]}: nothing is noted of its reworded questions. "
        "Run: manage.py migrate"
    )
    call_command("migrate", verbosity=0)
    assert (noted(policy), noted(other)) == (before, others)
    assert verified() == ""


def test_migrate_notes_it_of_a_version_after_one_that_was_erased():
    policy = make_published(3)
    forget(policy, 2, 3)
    erase(policy, 2)
    for _again in range(2):
        call_command("migrate", verbosity=0)
        assert [number for number, _title, _kind in noted(policy)] == [1, 3]
        assert verified() == ""


def test_no_version_is_read_if_something_is_noted_of_each(django_assert_num_queries):
    make_published(3)
    savepoints = 2  # a test is a transaction
    with django_assert_num_queries(1 + savepoints):
        rewordings.fill_in("default")
