"""The machine's clock is wrong, or the clocks of the country change."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.site import Site

DECIDE = """
from datetime import timedelta
from django.db import IntegrityError
policy = make_published(2)
first, second = Approval.objects.order_by("number")
question = policy.question_set.get()
reword(question, "Another answer.")
candidate = publishing.freeze(policy, by="alice", at=second.recorded_at)

def tell(verb, **options):
    try:
        with transaction.atomic():
            verb(by="bob", at=second.recorded_at - timedelta(microseconds=1), **options)
        print("done")
    except publishing.Refused as refusal:
        print(refusal)

tell(lambda **k: publishing.approve(candidate, material=False, effective_at=FAR_AHEAD, **k))
tell(lambda **k: publishing.withdraw(second.version, reason="No.", **k))
early = Approval(
    policy=policy, version=candidate, number=3, effective_at=FAR_AHEAD, material=False,
    approved_by="bob", recorded_at=second.recorded_at - timedelta(microseconds=1),
    seq=3, previous=second.chain, chain=second.chain,
)
try:
    with transaction.atomic():
        early.save()
    print("done")
except IntegrityError as error:
    print(str(error).splitlines()[0])
print(Approval.objects.count(), Withdrawal.objects.count())
"""


def test_nothing_is_decided_a_microsecond_before_the_last_decision(site: Site) -> None:
    """Approve and withdraw at the moment of the last decision less 1 µs.

    The verbs refuse in a sentence, and the database refuses the row that goes round them.
    """
    said = site.run(DECIDE).splitlines()
    for refusal in said[:2]:
        assert refusal.startswith("This machine's clock says 3 March 2026, 11:59, but a decision")
        assert refusal.endswith("Set the clock right.")
    assert "recorded time does not go backwards" in said[2]
    assert said[3] == "2 0"


def faked(moment: str) -> tuple[str, ...]:
    """The program, with arguments, under which a process believes that it is this moment."""
    if shutil.which("faketime") is None:
        pytest.skip("faketime is not here")
    return ("faketime", "-f", moment)


def test_a_process_whose_clock_was_set_back_publishes_nothing(site: Site) -> None:
    """`manage.py publish` runs once by the right clock, then under libfaketime an hour behind.

    The second must end with 1 and one sentence, and leave draft and record as they were. By the
    right clock it goes on.
    """
    site.run("make_question(make_policy())")
    assert site.manage("publish", "privacy").returncode == 0
    site.run("reword(Question.objects.get(), 'Another answer.')")
    back = site.manage("publish", "privacy", "--minor", under=faked("-1h"))
    assert back.returncode == 1
    # An hour ago is also before what is in force, and either sentence is right.
    assert "Set the clock right." in back.stderr or "Choose a later time" in back.stderr
    assert len(back.stderr.splitlines()) == 1
    assert site.run("print(Version.objects.count(), Approval.objects.count())") == "1 1"
    assert site.manage("publish", "privacy", "--minor").returncode == 0
    site.verify()


#: Publishes a second version for a moment as an operator types it. Then the clock stands still
#: just before that moment, at it, and just after it, and a reader asks.
ACROSS = """
from datetime import timedelta
from pathlib import Path
from django.test import Client
from django.utils.timezone import get_default_timezone, localtime
from faq.management.commands._common import moment

def stop_the_clock(at):
    # In nanoseconds and half a microsecond more, so that none is lost in a floating number.
    written = f"{{int(at.replace(microsecond=0).timestamp())}}.{{at.microsecond * 1000 + 500:09}}"
    Path(os.environ["FAKETIME_TIMESTAMP_FILE"]).write_text(written + "\\n")
    assert now() == at, (now(), at)

policy = make_published(1)
reword(policy.question_set.get(), "Another answer.")
found = moment({typed!r}, NOON + DAY)
publishing.publish(
    policy, by="bob", at=NOON + DAY, effective_at=found, material=True, note="New.",
)
print(found.isoformat())
reader = Client(HTTP_HOST="127.0.0.1")
for microseconds in (-1, 0, 1):
    stop_the_clock(found + timedelta(microseconds=microseconds))
    page = reader.get("/privacy/").content.decode()
    facts = reader.get("/privacy.json").json()
    print("Another answer." in page, facts["number"], facts["next"] is None)
"""


@pytest.mark.parametrize(
    ("zone", "typed", "moment"),
    [
        # 01:30 comes twice in London: the first time in summer time, then in winter time.
        ("Europe/London", "2026-10-25T01:30:00+01:00", "2026-10-25T00:30:00+00:00"),
        ("Europe/London", "2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00+00:00"),
        # 01:00 does not come in London: after 00:59 it is 02:00.
        ("Europe/London", "2026-03-29T01:00:00+00:00", "2026-03-29T01:00:00+00:00"),
        # A bare date begins at 00:00.
        ("Europe/London", "2026-10-25", "2026-10-24T23:00:00+00:00"),
        ("Europe/London", "2026-10-26", "2026-10-26T00:00:00+00:00"),
        # Clocks go forward at midnight in Cairo and Santiago: these days begin at 01:00.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00+00:00"),
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00+00:00"),
        # They go back at midnight to 23:00: these days begin after the second 23:59.
        ("Africa/Cairo", "2026-10-30", "2026-10-29T22:00:00+00:00"),
        ("America/Santiago", "2026-04-05", "2026-04-05T04:00:00+00:00"),
        # In Havana they go back at 01:00 to midnight: this day begins at the first 00:00.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00+00:00"),
    ],
)
def test_a_version_applies_from_its_instant_and_not_a_microsecond_sooner(
    site: Site, tmp_path: Path, zone: str, typed: str, moment: str
) -> None:
    """A version is scheduled in a night of changing clocks, and read by a clock that stands still.

    libfaketime stops the clock of a process 1 µs before the moment, at it, and 1 µs after it. Each
    time the process asks for /privacy/ and /privacy.json. The first must show the old version and
    announce the next; the others the new one.
    """
    asked = [*faked("+0"), "printenv", "LD_PRELOAD"]
    clock = {
        "LD_PRELOAD": subprocess.check_output(asked, text=True).strip(),
        "FAKETIME_TIMESTAMP_FILE": str(tmp_path / "clock"),
        "FAKETIME_FMT": "%s",  # no local time, which would mean two moments here
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    (tmp_path / "clock").write_text(f"{int(time.time())}\n")
    said = site.run(ACROSS.format(typed=typed), TIME_ZONE=zone, **clock).splitlines()
    assert said == [moment, "False 1 False", "True 2 True", "True 2 True"]


@pytest.mark.parametrize("typed", ["2026-10-25 01:30", "2026-03-29 01:30"])
def test_a_local_time_that_comes_twice_or_never_is_refused(site: Site, typed: str) -> None:
    """`manage.py publish` gets a London time in a fold or a gap: one sentence, and no version."""
    site.run("make_question(make_policy())")
    done = site.manage("publish", "privacy", "--effective", typed)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("Choose another time.")
    assert site.run("print(Version.objects.count())") == "0"
