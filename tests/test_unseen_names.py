"""Names of versions that nobody ever saw, and of versions that are no longer in force."""

from datetime import UTC, datetime

import pytest

from faq import publishing
from tests.factory import DAY, MARKER, NOON, make_published, make_question, publish, reword

pytestmark = pytest.mark.django_db
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def test_a_question_nobody_ever_saw_is_not_named_among_the_removed(client):
    policy = make_published()
    secret = make_question(policy, MARKER, anchor="birds")
    unseen = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(unseen.version, by="bob", at=NOON + 2 * DAY, reason="No.")
    publishing.retire(secret, at=NOON + 2 * DAY, reason="Never mind.")
    reword(policy.question_set.first(), "Another company.")
    publish(policy, NOON + 3 * DAY)
    assert MARKER not in client.get("/privacy/").content.decode()


def test_a_sub_heading_nobody_ever_saw_is_no_id(client):
    policy = make_published()
    question = reword(policy.question_set.get(), "A company.\n\n### Zebra\n\nStripes.")
    unseen = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(unseen.version, by="bob", at=NOON + 2 * DAY, reason="No.")
    reword(question, "Another company.")
    publish(policy, NOON + 3 * DAY)
    assert "zebra" not in client.get("/privacy/").content.decode()


def test_a_name_works_after_its_only_public_version_was_withdrawn(client):
    policy = make_published()
    make_question(policy, "Do we use robots?")
    unseen = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(unseen.version, by="bob", at=NOON + 2 * DAY, reason="Later.")
    reword(policy.question_set.first(), "Another company.")
    third = publish(policy, NOON + 3 * DAY)
    publishing.withdraw(third.version, by="bob", at=NOON + 4 * DAY, reason="Later.")
    assert 'id="do-we-use-robots"' in client.get("/privacy/").content.decode()
