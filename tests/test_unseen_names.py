"""Names of versions that nobody ever saw, and of versions that are no longer in force."""

from datetime import UTC, datetime

import pytest

from faq import publishing
from tests.factory import DAY, NOON, make_published, make_question, publish, reword

pytestmark = pytest.mark.django_db
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def test_a_name_works_after_its_only_public_version_was_withdrawn(client):
    policy = make_published()
    make_question(policy, "Do we use robots?")
    unseen = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(unseen.version, by="bob", at=NOON + 2 * DAY, reason="Later.")
    reword(policy.question_set.first(), "Another company.")
    third = publish(policy, NOON + 3 * DAY)
    publishing.withdraw(third.version, by="bob", at=NOON + 4 * DAY, reason="Later.")
    assert 'id="do-we-use-robots"' in client.get("/privacy/").content.decode()
