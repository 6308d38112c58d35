"""Real histories published again: every link into them that ever worked goes on working."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.corpus import ROOT
from tests.replay import bundles, commits, dated_files, histories, replay, vanished
from tests.sampling import sample

pytestmark = pytest.mark.django_db

#: The real histories in which headings' names vanished.
LOSING = [history for history in histories() if vanished(history)]


def test_no_link_into_the_history_of_the_sample_site_is_lost():
    found = replay(dated_files(settings.BASE_DIR / "faq" / "sample"))
    assert found.versions == 3
    assert len(found.asked) > 10
    assert found.asked < found.met  # sections have names too
    assert not found.lost
    assert not found.dead


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("history", sample(histories(), every=4))
def test_no_link_into_a_real_history_is_lost(history):
    steps = list(dated_files(ROOT / history))
    found = replay(steps)
    assert found.versions + found.unchanged == len(steps)
    assert found.met
    assert not found.lost
    assert not found.dead
    assert vanished(history) <= found.met


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(("name", "language"), sample(bundles(), every=3))
def test_no_link_into_a_repository_is_lost(name, language, tmp_path):
    found = replay(commits(name, language, tmp_path))
    assert found.versions >= 3
    assert not found.lost
    assert not found.dead
    assert vanished(f"docs/{name}/{language}") <= found.met


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("history", sample(LOSING, every=4))
def test_what_vanished_comes_back_as_the_same_question(history):
    steps = list(dated_files(ROOT / history))
    found = replay([steps[0], steps[-1], steps[0]])
    first, last, again = (
        version.to_document() for version in found.policy.version_set.order_by("frozen_at")
    )
    assert [question.id for question in again.questions()] == [
        question.id for question in first.questions()
    ]
    assert len(found.brought_back) >= len(
        {question.id for question in first.questions()}
        - {question.id for question in last.questions()}
    )
    assert not found.lost
    assert not found.dead


@pytest.mark.shared
def test_the_real_histories_did_lose_names():
    assert len(LOSING) > 15
    assert sum(len(vanished(history)) for history in LOSING) > 100
