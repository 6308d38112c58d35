"""Processes are killed at moments that chance chooses, and whole servers with them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from tests.faults.site import Site, kill

#: A process that starts publishers one after the other, and says when one has ended. Each of
#: them publishes without a pause, and acknowledges in one write what was committed before it.
PUBLISHERS = """
policy = make_policy()
make_question(policy)
connection.close()

def publish_without_end():
    policy = Policy.objects.get()
    question = policy.question_set.get()
    while True:
        reword(question, f"As of {now()}.")
        done = publishing.publish(policy, by="alice", at=now(), material=True, note="New.")
        os.write(1, f"ack {done.number} {done.version.digest}\\n".encode())

while wait():
    child = os.fork()
    if not child:
        try:
            publish_without_end()
        except BaseException:
            os._exit(1)
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""
#: The acknowledged are lines on standard input; what is missing or torn is printed.
LOOK = """
numbers = dict(Approval.objects.values_list("number", "version__digest"))
for line in sys.stdin.read().splitlines():
    number, digest_ = line.split()
    if numbers.get(int(number)) != digest_:
        print("lost:", line)
approved = Version.objects.filter(approval__isnull=False).count()
notes, lines = ChangeNote.objects.count(), Event.objects.filter(what="approved").count()
if not Version.objects.count() == approved == notes == lines == len(numbers):
    print("torn:", Version.objects.count(), approved, notes, lines)
if sorted(numbers) != list(range(1, len(numbers) + 1)):
    print("numbers with a hole")
for version in Version.objects.iterator():
    if digest.fingerprint(version.data()) != version.digest:
        print("torn:", version)
print(len(numbers))
"""


class Publishers:
    """Publishers of one site, one at a time, and what they acknowledged."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.acknowledged: list[str] = []
        self.pace = 0.1
        self.process = site.start(PUBLISHERS)
        self._read_until("ready")

    def start(self) -> int:
        """Start the next one and return its process's id."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return int(self._read_until("child").split()[1])

    def wait_for(self, acknowledgements: int) -> None:
        """Read so many, and learn how long one publish takes."""
        began = time.monotonic()
        for _ in range(acknowledgements):
            self._read_until("ack")
        if acknowledgements > 1:
            self.pace = (time.monotonic() - began) / acknowledgements

    def wait_for_its_end(self) -> None:
        """Read what it acknowledged until it has ended and the next one may start."""
        self._read_until("ended")
        self._read_until("ready")

    def _read_until(self, word: str) -> str:
        while line := self.process.stdout.readline():
            if line.startswith("ack "):
                self.acknowledged.append(line.removeprefix("ack ").strip())
            if line.startswith(word):
                return line
        raise AssertionError(f"The publishers ended before they said “{word}”.")

    def stop(self) -> None:
        """End them; an open one has been waited for."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

    def check(self) -> int:
        """Look for everything acknowledged, whole; return how many versions there are."""
        looking = self.site.start(LOOK)
        said, _nothing = looking.communicate("\n".join(self.acknowledged), timeout=120)
        assert said.strip().isdecimal(), said
        return int(said)


def test_what_was_acknowledged_survives_the_killing_of_its_publisher(
    site: Site, chance: random.Random, short: bool
) -> None:
    """A process that publishes without a pause is killed (SIGKILL), 100 times, short 10.

    After each commit it writes number and fingerprint to a pipe. It is killed when a chance number
    of them, up to 3, have come and then a chance part of the time that one publish takes has
    passed. All that was acknowledged must be in the database, with no version without its
    approval, note and line in the trail, and at most one more for each kill: what was committed
    and not yet acknowledged. Then the record is verified, which also looks for every trigger.
    """
    kills = 10 if short else 100
    publishers = Publishers(site)
    try:
        for _ in range(kills):
            publisher = publishers.start()
            publishers.wait_for(chance.randrange(4))
            time.sleep(chance.uniform(0.0, publishers.pace))
            kill(publisher)
            publishers.wait_for_its_end()
    finally:
        publishers.stop()
    there, acknowledged = publishers.check(), len(publishers.acknowledged)
    assert kills / 2 <= acknowledged <= there <= acknowledged + kills
    print(f"{kills} kills, {acknowledged} acknowledged, {there} there")
    site.verify()


@pytest.mark.postgres
def test_what_was_acknowledged_survives_the_killing_of_postgresql(
    site: Site, postgres, chance: random.Random, short: bool
) -> None:
    """PostgreSQL and all its processes are killed (SIGKILL) while somebody publishes.

    Five times, short once. It starts again, and puts itself right from its log. The rest is as
    when the publisher is killed. (This is no power failure: what the kernel holds survives.)
    """
    publishers = Publishers(site)
    rounds = 1 if short else 5
    try:
        for _ in range(rounds):
            publishers.start()
            publishers.wait_for(chance.randrange(2, 10))
            time.sleep(chance.uniform(0.0, publishers.pace))
            postgres.kill()
            publishers.wait_for_its_end()
            postgres.start()
    finally:
        publishers.stop()
    there, acknowledged = publishers.check(), len(publishers.acknowledged)
    assert rounds <= acknowledged <= there <= acknowledged + rounds
    print(f"{rounds} crashes, {acknowledged} acknowledged, {there} there")
    site.verify()


MIGRATE = """
import time
from django.core.management import call_command
wait()
began = time.monotonic()
call_command("migrate", verbosity=0)
print(time.monotonic() - began)
"""
#: What /health/ready answers, and how many permissions the roles have once all else is whole.
STATE = """
from django.contrib.auth.models import Group
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

answer = Client(HTTP_HOST="127.0.0.1").get("/health/ready")
executor = MigrationExecutor(connection)
rights = 0
if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
    if not immutable.missing("default"):
        rights = Group.permissions.through.objects.count()
print(answer.status_code, rights)
"""

MEND = """
from django.core.management import call_command
from faq.verification import Tally, verify
call_command("migrate", verbosity=0)
list(verify(Tally()))
"""


@pytest.mark.parametrize("begun", ["empty", "older"])
def test_a_migration_that_was_killed_is_told_and_mended_by_another(
    make_site: Callable[..., Site], template: Site, chance: random.Random, short: bool, begun: str
) -> None:
    """`migrate` is killed (SIGKILL) at a chance moment of the time it takes; 10 times, short 3.

    It begins with an empty database, or with a published record in the tables of the first
    migration. Unless everything is as after a whole migration (tables, triggers, what the roles
    may do), /health/ready must answer 503. `migrate` once more must make it whole, and 200, and
    the record must verify.
    """
    whole = template.run(STATE)
    assert whole.startswith("200 ")
    older = make_site("older") if begun == "older" else None
    if older:
        older.run("make_published(2)")
        assert older.manage("migrate", "faq", "0001", "-v0").returncode == 0
    takes = float(make_site("trial", like=older).at_once(MIGRATE)[0])
    red = 0
    for turn in range(3 if short else 10):
        site = make_site(f"killed_{turn}", like=older)
        migrating = site.start(MIGRATE)
        assert migrating.stdout.readline() == "ready\n"
        migrating.stdin.write("go\n")
        migrating.stdin.flush()
        time.sleep(chance.uniform(0.0, takes))
        kill(migrating.pid)
        migrating.communicate()
        state = site.run(STATE).splitlines()[-1]
        red += state.startswith("503 ")
        assert state == whole or state.startswith("503 "), f"{state}, and whole is {whole}"
        mended = site.run(MEND + STATE)
        assert mended == whole
    print(f"red after {red} of {turn + 1}")
    assert red
