"""Wording that was erased for good: every link goes on, and so does the work at the desk."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from faq import publishing
from faq.models import Policy
from faq.views.every_page import paths_of_copy
from tests.factory import (
    DAY,
    FAR_AHEAD,
    NOON,
    make_every_kind_of_version,
    make_published,
    make_question,
    make_section,
    publish,
    reword,
)
from tests.test_rewordings import erase
from tests.test_seals import verified

pytestmark = pytest.mark.django_db
ROBOTS = "do-we-use-robots"


def withdraw(policy: Policy, day: int) -> None:
    """Withdraw the newest version."""
    publishing.withdraw(policy.version_set.newest(), by="bob", at=NOON + day * DAY, reason="No.")


def go_on(policy: Policy, day: int) -> None:
    """Publish the draft with other words."""
    reword(policy.question_set.first(), f"As of day {day}.")
    publish(policy, NOON + day * DAY)


def answers(client, at) -> dict[str, int]:
    """The status at every public path."""
    return {path: client.get(path).status_code for path in paths_of_copy(at)}


@pytest.mark.parametrize("numbers", [(6,), (2, 6), (1, 2, 3, 6)])
def test_every_public_path_answers_as_before_but_where_the_wording_would_stand(client, numbers):
    policy, at = make_every_kind_of_version(), timezone.now()
    for number in numbers:
        version = policy.version_set.get(approval__number=number)
        if not hasattr(version, "withholding"):
            publishing.withhold(version, by="bob", at=NOON + 12 * DAY, reason="A court.")
    before = answers(client, at)
    for number in numbers:
        erase(policy, number)
    assert answers(client, at) == before
    assert max(before.values()) == 410
    assert verified() == ""


def test_a_name_that_came_with_a_withdrawn_version_leads_on_after_its_wording_was_erased(client):
    policy = make_published()
    question = make_question(policy, "Do we use robots?", "Yes.\n\n### Which ones?\n\nTwo.")
    publish(policy, NOON + DAY)
    withdraw(policy, 2)
    erase(policy, 2)
    page = client.get("/privacy/").content.decode()
    assert f'id="{ROBOTS}"' in page
    assert f'id="{ROBOTS}.which-ones"' in page
    assert client.get(f"/privacy/{ROBOTS}/").url == f"/privacy/versions/2/#{ROBOTS}"
    assert ROBOTS in client.get("/privacy/anchors.json").content.decode()
    assert client.get("/privacy/versions/2/").status_code == 410
    go_on(policy, 10)
    assert client.get(f"/privacy/{ROBOTS}/").status_code == 200
    publishing.retire(question, at=NOON + 11 * DAY, reason="None.")
    go_on(policy, 11)
    assert client.get(f"/privacy/{ROBOTS}/").status_code == 200


def test_a_version_that_can_be_read_goes_before_one_that_was_erased(client):
    policy = make_published()
    make_question(policy, "Do we use robots?")
    publish(policy, NOON + DAY)
    withdraw(policy, 2)
    go_on(policy, 3)
    withdraw(policy, 4)
    erase(policy, 2)
    assert client.get(f"/privacy/{ROBOTS}/").url == f"/privacy/versions/3/#{ROBOTS}"


def unseen_then_public(*, kept: bool) -> Policy:
    """A name from version 2, which nobody saw; version 3, withdrawn later, may have kept it."""
    policy = make_published()
    robots = make_question(policy, "Do we use robots?")
    publish(policy, NOON + DAY, effective_at=FAR_AHEAD, announce=False)
    withdraw(policy, 2)
    if not kept:
        publishing.retire(robots, at=NOON + 2 * DAY, reason="None.")
    go_on(policy, 3)
    withdraw(policy, 4)
    erase(policy, 3)
    return policy


def test_a_name_that_only_an_erased_version_made_public_is_kept(client):
    policy = unseen_then_public(kept=True)
    assert f'id="{ROBOTS}"' in client.get("/privacy/").content.decode()
    assert policy.version_set.never_public_names() == set()
    publishing.retire(policy.question_set.get(anchor=ROBOTS), at=NOON + 9 * DAY, reason="None.")
    go_on(policy, 10)
    assert client.get(f"/privacy/{ROBOTS}/").status_code == 200


def test_a_name_that_the_erased_version_had_not_stays_unknown(client):
    policy = unseen_then_public(kept=False)
    assert policy.version_set.never_public_names() == {ROBOTS}
    assert ROBOTS not in client.get("/privacy/").content.decode()
    go_on(policy, 10)
    assert ROBOTS not in client.get("/privacy/").content.decode()


def test_a_name_that_came_after_an_erased_version_can_still_be_one_that_nobody_saw():
    policy = make_published()
    go_on(policy, 1)
    withdraw(policy, 2)
    make_section(policy)
    question = policy.question_set.get()
    question.section = policy.section_set.get()
    question.save()
    publish(policy, NOON + 3 * DAY, effective_at=FAR_AHEAD, announce=False)
    withdraw(policy, 4)
    erase(policy, 2)
    assert policy.version_set.never_public_names() == {"your-rights"}
    go_on(policy, 10)
    assert verified() == ""


def test_the_desk_shows_everything_of_an_erased_version_but_its_wording(admin_client):
    policy = make_published(3)
    second = policy.version_set.get(approval__number=2)
    erase(policy, 2)
    page = admin_client.get(reverse("admin:faq_policy_candidate", args=[policy.pk, second.pk]))
    assert page.status_code == 200
    assert "Wording hidden" in page.content.decode()
    page = admin_client.get(
        reverse("admin:faq_policy_version", args=[policy.pk, second.pk]), follow=True
    )
    assert page.status_code == 200
    assert "The wording of this version has been erased." in page.content.decode()


@pytest.mark.parametrize("kind", ["json", "md"])
def test_wording_that_was_erased_is_not_exported_as_an_empty_file(kind, tmp_path):
    policy, file = make_published(3), tmp_path / "file"
    erase(policy, 2)
    with pytest.raises(CommandError, match="version 2"):
        call_command(
            "export_policy", "privacy", "--version=2", f"--format={kind}", f"--output={file}"
        )
    assert not file.exists()
