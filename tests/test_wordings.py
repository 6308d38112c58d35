"""Every wording of an answer, page by page: the same as reading every version would give."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from faq import publishing
from faq.models import Policy, Question
from faq.paging import Numbers, is_older_page, newest_page, page_of
from faq.wordings import Wordings
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

#: A version's number, the answer in it, and whether it stands.
Seen = tuple[int, str, bool]


def read_all(policy: Policy, key: str, at: datetime) -> list[Seen]:
    """What every readable version says, newest first, the same said in a row only once."""
    found: list[Seen] = []
    said = None
    for version in policy.version_set.readable(at):
        question = version.to_document().question(key)
        answer = question and question.answer["en"].source
        if answer is not None:
            stands = not version.withdrawn_by(at)
            if answer == said:
                stands = found.pop()[2] or stands
            found.append((version.approval.number, answer, stands))
        said = answer
    return found


def page_by_page(policy: Policy, key: str, at: datetime, size: int) -> list[Seen]:
    """What the pages show, from the newest to the oldest, as their links lead."""
    wordings = Wordings(policy.version_set.all(), key, at)
    numbers, shown, listed, ways_back = None, [], [], [None]
    while page := wordings.page(size, numbers):
        if numbers is not None:
            assert page.newer == ways_back[-2]
            assert len(page.wordings) <= size
            listed.append(numbers)
        else:
            assert len(page.wordings) < 2 * size
        for each in page.wordings:
            shown.append((each.number, each.question.answer["en"].source, each.stands))
        if page.older is None:
            assert page.before is None
            break
        assert page.before is not None
        numbers = page.older
        ways_back.append(numbers)
    assert wordings.older_pages(size) == listed
    assert wordings.exist() == bool(shown)
    newest = wordings.newest()
    assert (newest.number if newest else None) == (shown[0][0] if shown else None)
    return shown


def random_history(chance: random.Random) -> tuple[Policy, Question, list[datetime]]:
    """Versions that reword, bring back and remove an answer, or are withdrawn or hidden."""
    policy, at = make_policy(), NOON
    question = make_question(policy)
    make_question(policy, "Do we use fax?", "Yes.")
    publish(policy, at)
    moments = [at]
    for step in range(16):
        at += HOUR
        try:
            match chance.choice(["reword"] * 5 + ["other", "retire", "withdraw", "hide"]):
                case "reword":
                    reword(question, chance.choice(["One.", "Two.", "Three."]))
                    publish(policy, at, effective_at=at + chance.choice([0, 0, 5]) * HOUR)
                case "other":
                    policy.title = f"Title {step}"
                    policy.save()
                    later = at + chance.choice([1, 5]) * HOUR
                    publish(policy, at, effective_at=later, announce=False)
                case "retire":
                    if question.retired_at:
                        publishing.unretire(question, at=at)
                    else:
                        publishing.retire(question, at=at, reason="No.")
                    publish(policy, at)
                case "withdraw":
                    newest = policy.version_set.newest()
                    publishing.withdraw(newest, by="a", at=at, reason="No.")
                case "hide":
                    number = chance.randint(1, policy.version_set.newest().approval.number)
                    version = policy.version_set.get(approval__number=number)
                    publishing.withhold(version, by="a", at=at, reason="No.")
        except publishing.Refused:
            continue
        moments.append(at)
    return policy, question, moments


@pytest.mark.parametrize("seed", range(12))
def test_the_pages_say_what_reading_every_version_would_say(seed):
    policy, question, moments = random_history(random.Random(seed))
    key = str(question.pk)
    for at in (moments[-1] + DAY, moments[-1], moments[len(moments) // 2]):
        expected = read_all(policy, key, at)
        for size in (1, 2, 3, 20):
            shown = page_by_page(policy, key, at, size)
            assert shown == expected, (at, size)


def test_a_question_that_never_was_has_no_page():
    policy = make_published(2)
    unknown = Wordings(policy.version_set.all(), str(policy.pk).zfill(32), NOON + 9 * DAY)
    assert unknown.page(20) is None
    assert unknown.newest() is None
    assert unknown.older_pages(20) == []


def test_before_the_first_version_is_public_there_is_none():
    policy = make_published(2)
    key = str(policy.question_set.get().pk)
    assert Wordings(policy.version_set.all(), key, NOON - DAY).page(20) is None


def test_an_older_page_has_one_range_of_numbers_and_no_other():
    policy = make_published(8)
    wordings = Wordings(policy.version_set.all(), str(policy.question_set.get().pk), NOON + 9 * DAY)
    assert [each.number for each in wordings.page(2).wordings] == [8, 7]
    assert [each.number for each in wordings.page(2, Numbers(3, 4)).wordings] == [4, 3]
    for numbers in ((7, 8), (2, 3), (3, 5), (1, 4), (9, 10), (0, 1), (4, 3)):
        assert wordings.page(2, Numbers(*numbers)) is None, numbers


def test_a_range_is_on_the_newest_page_from_its_first_number_to_the_newest_one():
    policy = make_published(8)
    wordings = Wordings(policy.version_set.all(), str(policy.question_set.get().pk), NOON + 9 * DAY)
    for first, last, expected in ((7, 8, True), (5, 6, False), (1, 2, False), (9, 10, False)):
        assert wordings.newest_page_has(Numbers(first, last), 2) is expected
    for numbers in ((6, 7), (7, 9), (8, 7), (0, 1)):
        assert not wordings.newest_page_has(Numbers(*numbers), 2)
    publishing.withhold(
        policy.version_set.get(approval__number=7), by="a", at=NOON + 9 * DAY, reason="No."
    )
    assert wordings.newest_page_has(Numbers(5, 6), 2)
    assert [each.number for each in wordings.page(2).wordings] == [8, 6, 5]


def test_the_hidden_version_that_is_named_is_the_newest_that_had_the_question():
    policy = make_published(1)
    who = policy.question_set.get()
    fax = make_question(policy, "Do we use fax?", "Yes.")
    for number in (1, 2):  # the versions 2 and 3 have it, 4 and 5 have not
        publish(policy, NOON + number * DAY)
        reword(who, f"Company {number}.")
    publishing.retire(fax, at=NOON + 2 * DAY, reason="No.")
    for number in (3, 4):
        publish(policy, NOON + number * DAY)
        reword(who, f"Company {number}.")
    at = NOON + 9 * DAY
    wordings = Wordings(policy.version_set.all(), str(fax.pk), at)
    assert wordings.hidden() is None
    for number in (1, 2, 3, 4):
        version = policy.version_set.get(approval__number=number)
        publishing.withhold(version, by="a", at=at, reason="No.")
    for numbers, expected in ((None, 3), (Numbers(1, 2), 2), (Numbers(3, 4), 3)):
        found = wordings.hidden(numbers)
        assert found is not None and found.approval.number == expected
    assert wordings.hidden(Numbers(4, 5)) is None
    assert Wordings(policy.version_set.all(), str(fax.pk), NOON).hidden() is None


def test_pages_of_numbers_have_each_number_once_and_stay_as_they_are():
    size = 50
    for newest in range(1, 500):
        top = newest_page(newest, size)
        assert top.last == newest
        assert newest < 100 or 50 <= newest - top.first + 1 < 100
        assert (top.first == 1) == (newest < 100)
        pages = {page_of(number, newest, size) for number in range(1, newest + 1)}
        older = sorted((page for page in pages if page), key=lambda page: page.first)
        assert all(is_older_page(page, newest, size) for page in older)
        covered = [number for page in [*older, top] for number in range(page.first, page.last + 1)]
        assert covered == list(range(1, newest + 1))
        assert all(is_older_page(page, newest + 1, size) for page in older)
