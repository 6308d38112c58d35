"""Several people at once, each in a process of their own, on a database like a real site's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import write_empty_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PREAMBLE = """
import sys
import django
django.setup()
from django.db import close_old_connections
from faq import digest, publishing
from faq.models import Approval, Policy, Rejection, Version
from tests.factory import NOON, make_policy, make_question

def decide(action):
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        action()
        print("done")
    except publishing.Refused as refusal:
        print(refusal)
"""
DRAFT = "make_question(make_policy())"
FREEZE = "publishing.freeze(Policy.objects.get(), by='alice', at=NOON)"
APPROVE = """
version = Version.objects.all()[{which}]
decide(lambda: publishing.approve(version, by="bob", at=NOON, material=False))
"""
REJECT = """
version = Version.objects.get()
decide(lambda: publishing.reject(version, by="carol", at=NOON, reason="No."))
"""
PUBLISH = """
policy = Policy.objects.get()
seen = digest.fingerprint(policy.to_document().to_json())
decide(lambda: publishing.publish(policy, by="bob", at=NOON, material=False, expected=seen))
"""
PEOPLE = """
from django.contrib.auth.models import User
for number in range(6):
    User.objects.create_superuser(f"person-{number}")
"""
BROWSER = """
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

def wait_and_press(name, address, fields):
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=name))
    print("ready", flush=True)
    sys.stdin.readline()
    answer = client.post(address, fields)
    assert answer.status_code == 302
    print(*get_messages(answer.wsgi_request))
"""
PRESS = (
    BROWSER
    + """
version = Version.objects.get()
address = reverse("admin:faq_policy_approve", args=[version.policy_id, version.pk])
fields = {{"when": "now", "expected": version.digest}}
wait_and_press("person-{number}", address, fields)
"""
)
SEND = (
    BROWSER
    + """
policy = Policy.objects.get()
fields = {"expected": digest.fingerprint(policy.to_document().to_json())}
wait_and_press("person-0", reverse("admin:faq_policy_send", args=[policy.pk]), fields)
"""
)
PUBLISH_NOW = """
from datetime import timedelta
at = NOON + timedelta(hours=Approval.objects.count())
publishing.publish(Policy.objects.get(), by="bob", at=at, material=False)
"""
VERIFY = """
from faq.verification import Tally, verify
first, again = Tally(), Tally()
steps = verify(first)
next(steps), next(steps)
print("ready", flush=True)
sys.stdin.readline()
list(steps), list(verify(again))
for tally in (first, again):
    print(tally.entries, tally.versions, tally.names)
"""
COUNT = "print(Version.objects.count(), Approval.objects.count(), Rejection.objects.count())"
ALREADY = "This version has been approved already."


class Site:
    """A database that processes share: they start with the same environment."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'site.sqlite3'}"
        if connection.vendor == "postgresql":  # the tests' own database, which is committed
            url = os.environ["DATABASE_URL"].rpartition("/")[0]
            url = f"{url}/{connection.settings_dict['NAME']}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
        }
        if connection.vendor == "sqlite":
            write_empty_database(folder / "site.sqlite3")

    def start(self, code: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PREAMBLE + code],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, code: str) -> str:
        process = self.start(code)
        said, _nothing = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said.strip()

    def at_once(self, *codes: str) -> list[str]:
        """What each was told, sorted; all of them act when all of them are ready."""
        processes = [self.start(code) for code in codes]
        for process in processes:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first == "ready\n", first + process.stdout.read()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return sorted(process.communicate(timeout=60)[0].strip() for process in processes)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_candidate_is_approved_once_however_many_approve_it(site: Site) -> None:
    site.run(DRAFT)
    site.run(FREEZE)
    said = site.at_once(*[APPROVE.format(which=0)] * 6)
    assert said == [*[ALREADY] * 5, "done"]
    assert site.run(COUNT) == "1 1 0"


def test_of_six_people_who_press_approve_one_approves_and_five_are_told(site: Site) -> None:
    site.run(DRAFT)
    site.run(FREEZE)
    site.run(PEOPLE)
    said = site.at_once(*[PRESS.format(number=number) for number in range(6)])
    assert sorted(words.partition(",")[0] for words in said) == [
        *["This version has been approved already"] * 5,
        "Version 1 is in force. Readers see it now.",
    ]
    [winner] = {words.partition("by ")[2] for words in said} - {""}
    assert winner.startswith("person-")
    assert site.run(COUNT) == "1 1 0"


def test_a_draft_sent_by_six_presses_of_a_button_waits_once(site: Site) -> None:
    site.run(DRAFT)
    site.run(PEOPLE)
    said = site.at_once(*[SEND] * 6)
    assert said == ["Sent for approval. Readers see nothing of it yet."] * 6
    assert site.run(COUNT) == "1 0 0"


def test_of_two_candidates_approved_at_once_one_must_be_sent_again(site: Site) -> None:
    site.run(DRAFT)
    site.run(f"{FREEZE}; {FREEZE}")
    said = site.at_once(APPROVE.format(which=0), APPROVE.format(which=1))
    assert said == [
        "Another version was decided on since this one was sent. Send the draft again.",
        "done",
    ]
    assert site.run(COUNT) == "2 1 0"


def test_of_an_approval_and_a_rejection_at_once_one_holds(site: Site) -> None:
    site.run(DRAFT)
    site.run(FREEZE)
    said = site.at_once(APPROVE.format(which=0), REJECT)
    assert said[1] == "done"
    assert said[0] in (ALREADY, "This version was sent back. Send the draft again.")
    assert site.run(COUNT) in ("1 1 0", "1 0 1")


def test_a_button_pressed_many_times_at_once_publishes_once(site: Site) -> None:
    site.run(DRAFT)
    said = site.at_once(*[PUBLISH] * 4)
    assert said == [*["Nothing has changed since version 1. Edit a question first."] * 3, "done"]
    assert site.run(COUNT) == "1 1 0"


def test_who_verifies_sees_one_moment_and_holds_up_nobody(site: Site) -> None:
    site.run(DRAFT)
    site.run(PUBLISH_NOW)
    verifying = site.start(VERIFY)
    assert verifying.stdout is not None
    assert verifying.stdout.readline() == "ready\n"
    site.run(f"make_question(Policy.objects.get(), 'Another?'){PUBLISH_NOW}")
    said, _nothing = verifying.communicate("go\n", timeout=60)
    assert said.split() == ["1", "1", "1", "2", "2", "2"]


SAVES = """
from django.utils.timezone import now
from faq import editing
from faq.models import Question

print("ready", flush=True)
sys.stdin.readline()
for turn in range({turns}):
    question = Question.objects.get()
    started_from = question.revision
    try:
        editing.save(
            question, {{"answer": f"{{started_from}} {which} {{turn}}"}},
            revision=started_from, by="{which}", at=now(),
        )
        print("saved", started_from, {which}, turn)
    except editing.Stale as stale:
        assert stale.now.revision > started_from
        print("told", started_from, {which}, turn)
"""
LEFT = """
from faq.models import Event, Question
question = Question.objects.get()
edits = Event.objects.filter(what="edited").count()
print(question.revision, edits, question.answer, sep="|")
"""


def test_of_120_saves_at_once_each_is_kept_or_told_and_none_goes_over_another(site: Site) -> None:
    site.run(DRAFT)
    processes, turns = 6, 20
    said = site.at_once(*[SAVES.format(which=which, turns=turns) for which in range(processes)])
    outcomes = [line.split() for each in said for line in each.splitlines()]
    assert len(outcomes) == processes * turns
    saved = sorted(
        (int(start), f"{start} {who} {turn}")
        for kind, start, who, turn in outcomes
        if kind == "saved"
    )
    told = [each for each in outcomes if each[0] == "told"]
    assert len(saved) + len(told) == processes * turns
    # Each save that was kept began with what the one before it had left.
    assert [start for start, _text in saved] == list(range(len(saved)))
    assert site.run(LEFT) == f"{len(saved)}|{len(saved)}|{saved[-1][1]}"
