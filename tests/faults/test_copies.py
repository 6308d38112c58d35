"""Backups that are made while others publish, and what comes of them on an empty host."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from tests.faults.site import Server, Site, free_port

WRITER = """
import select
policy = make_policy("policy-{number}")
question = make_question(policy)
wait()
while not select.select([sys.stdin], [], [], 0)[0]:
    reword(question, f"As of {{now()}}.")
    done = publishing.publish(policy, by="alice", at=now(), material=True, note="New.")
    os.write(1, f"{{policy.slug}} {{done.number}} {{done.version.digest}}\\n".encode())
"""
#: Of what was acknowledged (standard input), what is not there; and triggers that are not.
LOOK = """
there = set(Approval.objects.values_list("policy__slug", "number", "version__digest"))
for line in sys.stdin.read().splitlines():
    slug, number, digest_ = line.split()
    if (slug, int(number), digest_) not in there:
        print("lost:", line)
print(*immutable.missing("default"), len(there))
"""
EVERY_PATH = """
from faq.views.every_page import public_paths
print(*public_paths(now()), sep="\\n")
"""


class Writer:
    """A process that publishes without a pause, and what it acknowledged so far."""

    def __init__(self, site: Site, number: int) -> None:
        self.acknowledged: list[str] = []
        self.process = site.start(WRITER.format(number=number))
        assert self.process.stdout.readline() == "ready\n"
        self._thread = threading.Thread(target=self._listen)

    def begin(self) -> None:
        self._say("go")
        self._thread.start()

    def _say(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.acknowledged.append(line.strip())

    def end(self) -> None:
        """Let it finish what it is at; fail if it did not go well."""
        self._say("stop")
        self._thread.join(timeout=120)
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0, self.acknowledged[-3:]


def empty_host(make_site: Callable[..., Site], name: str, postgres: object, **options) -> Site:
    """A site with a folder and settings, and nothing else: no database either."""
    site = make_site(name, like=None, **options)
    if postgres is None:
        site.file.unlink()
    else:
        postgres.execute(f"DROP DATABASE {name}")
    return site


@pytest.fixture
def server_or_none(request: pytest.FixtureRequest) -> object:
    """PostgreSQL's server, if it is what the tests run on."""
    on_postgres = "postgres" in request.getfixturevalue("template").environment["DATABASE_URL"]
    return request.getfixturevalue("postgres") if on_postgres else None


def test_a_backup_under_two_writers_has_all_that_was_acknowledged_before_it(
    site: Site, make_site: Callable[..., Site], server_or_none: object, short: bool
) -> None:
    """Two processes publish without a pause while `manage.py backup` runs five times, short once.

    Each backup is restored on an empty host, where every version must be that was acknowledged
    before the backup began, and every trigger, and the record must verify.
    """
    writers = [Writer(site, number) for number in range(2)]
    backups = []
    for writer in writers:
        writer.begin()
    try:
        for turn in range(1 if short else 5):
            goal = [len(writer.acknowledged) + 5 for writer in writers]
            limit = time.monotonic() + 120
            while any(len(w.acknowledged) < n for w, n in zip(writers, goal, strict=True)):
                assert time.monotonic() < limit
                time.sleep(0.05)
            before = [line for writer in writers for line in writer.acknowledged]
            file = site.folder / f"backup-{turn}"
            done = site.manage("backup", str(file))
            assert done.returncode == 0, done.stderr
            after = sum(len(writer.acknowledged) for writer in writers)
            backups.append((file, before, after - len(before)))
    finally:
        for writer in writers:
            writer.end()
    site.verify()
    for turn, (file, before, meanwhile) in enumerate(backups):
        host = empty_host(make_site, f"host_{turn}", server_or_none)
        restored = host.manage("restore_backup", str(file))
        assert restored.returncode == 0, restored.stderr
        looking = host.start(LOOK)
        said, _nothing = looking.communicate("\n".join(before), timeout=120)
        assert said.strip().isdecimal(), said
        assert int(said) >= len(before)
        host.verify()
        print(f"{len(before)} acknowledged before, {meanwhile} meanwhile, {said.strip()} there")


def test_a_site_that_was_restored_on_an_empty_host_answers_with_the_same_bytes(
    site: Site, make_site: Callable[..., Site], server_or_none: object
) -> None:
    """A site with a version in every state is copied, and restored where there is nothing.

    The new host has the same SITE_URL and listens on another port. Every public address must give
    the same status, target and bytes as before, and the heads and fingerprints must be the same.
    """
    site.run("make_record(); make_record('cookies')")
    paths = site.run(EVERY_PATH).splitlines()
    assert len(paths) > 80
    file = site.folder / "backup"
    done = site.manage("backup", str(file))
    assert done.returncode == 0, done.stderr
    host = empty_host(make_site, "host", server_or_none, port=site.port)
    restored = host.manage("restore_backup", str(file))
    assert restored.returncode == 0, restored.stderr
    heads = [line for line in done.stdout.splitlines() if ":" in line][1:]
    assert heads and all(line in restored.stdout for line in heads)
    facts = "print(*Version.objects.order_by('pk').values_list('pk', 'digest'), sep='\\n')"
    assert host.run(facts) == site.run(facts)

    def answers(server: Server) -> dict[str, tuple]:
        found = {path: server.get(path) for path in paths}
        return {
            path: (each.status, each.headers["Location"], each.body) for path, each in found.items()
        }

    with site.serving() as server:
        before = answers(server)
    with host.serving(port=free_port()) as server:
        after = answers(server)
    broken = [path for path in paths if before[path][0] not in (200, 301, 302, 410)]
    assert not broken, broken
    assert [path for path in paths if after[path] != before[path]] == []
    print(f"{len(paths)} addresses")


CUT = """
last = Approval.objects.order_by("number").last()
immutable.drop("default")
with connection.cursor() as cursor:
    for table, column, value in (
        ("faq_rewording", "version_id", last.version_id),
        ("faq_changenote", "version_id", last.version_id),
        ("faq_anchor", "version_id", last.version_id),
        ("faq_approval", "version_id", last.version_id),
        ("faq_version", "id", last.version_id),
        ("faq_event", "recorded_at", last.recorded_at),
    ):
        cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [value])
        gone = f"of_row NOT IN (SELECT CAST(id AS text) FROM {table})"
        cursor.execute(f"DELETE FROM faq_seal WHERE of_table = '{table}' AND {gone}")
immutable.install("default")
"""


def test_a_tail_that_was_cut_off_shows_against_a_head_that_was_noted(site: Site) -> None:
    """The last approval is deleted with all that goes with it: seals and lines of the trail, too.

    The triggers are put back, and what is left verifies: a chain cannot show that its end is
    missing. But the server has noted the head: readers get the bytes of before, and /health/ready
    is red. Once the kept pages are deleted, verify.py, downloaded before, misses the head.
    """
    site.run("make_published(3)")
    paths = ("/privacy/", "/privacy.json", "/privacy/versions/", "/privacy/versions/3/")
    script = site.folder / "verify.py"
    check = ["python3", str(script), f"http://127.0.0.1:{site.port}/privacy/"]
    with site.serving() as server:
        before = {path: server.get(path).body for path in paths}
        script.write_bytes(server.get("/privacy/versions/verify.py").body)
        right = subprocess.run(check, capture_output=True, text=True, timeout=60)
        assert right.returncode == 0, right.stdout
        head = right.stdout.split()[-1]
        assert head.startswith("3:")
        server.wait_until_kept(len(paths))
    site.run(CUT)
    assert "2 versions, 2 decisions" in site.verify()
    with site.serving() as server:
        assert not server.is_ready()
        for path in paths:
            answer = server.get(path)
            assert (answer.status, answer.body) == (200, before[path])
    subprocess.run(["rm", "-r", str(site.folder / "pages")], check=True)
    with site.serving() as server:
        server.wait_until_ready()
        assert server.get("/privacy/versions/3/").status == 404
        wrong = subprocess.run([*check, "--head", head], capture_output=True, text=True, timeout=60)
        assert wrong.returncode == 1
        assert f"The head noted as {head[:14]}... is not in the record" in wrong.stderr
        assert "its end is cut off" in wrong.stderr
