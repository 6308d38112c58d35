"""Two hundred people read while the database is taken away."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps

from tests.faults.site import Readers, Server, Site

#: The page in force, a question, versions, histories, and what machines read.
PATHS = (
    "/privacy/",
    "/privacy/who-are-we/",
    "/privacy/who-are-we/versions/",
    "/privacy/versions/",
    "/privacy/versions/1/",
    "/privacy/versions/5/",
    "/privacy/versions/1...5/",
    "/privacy.json",
    "/privacy/versions/5.json",
    "/privacy/versions.json",
    "/privacy/versions.atom",
)
#: Withdraws what is scheduled, and publishes another answer at once.
PUBLISH = """
policy = Policy.objects.get()
scheduled = policy.version_set.scheduled(now()).get()
publishing.withdraw(scheduled, by="bob", at=now(), reason="Something else comes first.")
reword(policy.question_set.get(anchor="who-are-we"), "A repaired company.")
publishing.publish(policy, by="bob", at=now(), material=False)
"""


@pytest.fixture
def read_site(site: Site) -> Site:
    """A site with a version in every state that readers can meet."""
    site.run("make_record()")
    return site


def database(site: Site) -> str:
    return site.environment["DATABASE_URL"].rpartition("/")[2]


@contextmanager
def sqlite_locked(site: Site, _postgres: object) -> Iterator[None]:
    """Another process holds every lock of the write-ahead log that readers and writers need."""
    # SQLite's documentation names these bytes: 120 and seven more, in the -shm file.
    hold = "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX, 8, 120)"
    hold += "; print('locked', flush=True); sys.stdin.read()"
    shared = site.file.with_name(site.file.name + "-shm")
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(shared)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "locked\n"
        yield
        holder.stdin.close()


@contextmanager
def sqlite_missing(site: Site, _postgres: object) -> Iterator[None]:
    """The file is deleted, with those beside it; then a copy of it is put there."""
    copy = copied(site)
    remove(site)
    yield
    shutil.copy(copy, site.file)


@contextmanager
def sqlite_garbage(site: Site, _postgres: object) -> Iterator[None]:
    """The file's bytes are overwritten in place by chance ones; then a copy of it is put there."""
    copy = copied(site)
    size = site.file.stat().st_size
    with site.file.open("r+b") as file:
        file.write(random.Random(size).randbytes(size))
    yield
    remove(site)
    shutil.copy(copy, site.file)


@contextmanager
def sqlite_read_only(site: Site, _postgres: object) -> Iterator[None]:
    """The file, those beside it and the folder may only be read, by root as well."""
    files = list(site.folder.glob("site.sqlite3*"))
    for file in files:
        file.chmod(0o444)
    site.folder.chmod(0o555)
    yield
    site.folder.chmod(0o755)
    for file in site.folder.glob("site.sqlite3*"):
        file.chmod(0o644)


@contextmanager
def postgres_locked(site: Site, postgres: object) -> Iterator[None]:
    """Another session holds an exclusive lock on every table of the site."""
    tables = [model._meta.db_table for model in apps.get_app_config("faq").get_models()]
    with postgres.connect(database(site)) as session, session.transaction():
        session.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def postgres_missing(site: Site, postgres: object) -> Iterator[None]:
    """The database has another name for a while."""
    end_sessions(site, postgres, f"ALTER DATABASE {database(site)} RENAME TO away")
    yield
    postgres.execute(f"ALTER DATABASE away RENAME TO {database(site)}")


@contextmanager
def postgres_read_only(site: Site, postgres: object) -> Iterator[None]:
    """Every transaction is read-only."""
    setting = f"ALTER DATABASE {database(site)} SET default_transaction_read_only ="
    end_sessions(site, postgres, f"{setting} on")
    yield
    end_sessions(site, postgres, f"{setting} off")


@contextmanager
def postgres_stopped(_site: Site, postgres: object) -> Iterator[None]:
    """The server is stopped, and then started again."""
    postgres.stop()
    yield
    postgres.start()


def end_sessions(site: Site, postgres: object, statement: str) -> None:
    """Run a statement that wants the database to itself, and end whoever is connected."""
    sessions = f"FROM pg_stat_activity WHERE datname = '{database(site)}'"
    ending = f"SELECT pg_terminate_backend(pid) {sessions}"
    limit = time.monotonic() + 30
    while True:
        postgres.execute(ending)
        try:
            postgres.execute(statement)
        except Exception:
            if time.monotonic() > limit:
                raise
            continue
        postgres.execute(ending)
        return


def copied(site: Site) -> str:
    """Where a copy of the database is, made by SQLite itself."""
    path = site.folder / "copy.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(site.file)) as source,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
    return str(path)


def remove(site: Site) -> None:
    """Delete the database with the files beside it."""
    for file in site.folder.glob("site.sqlite3*"):
        file.unlink()


def what_readers_see(server: Server) -> dict[str, bytes]:
    """Each page's bytes, once the server has kept all of them for bad times."""
    server.wait_until_ready()
    answers = {path: server.get(path) for path in PATHS}
    assert {answer.status for answer in answers.values()} == {200}
    server.wait_until_kept(len(PATHS))
    return {path: answer.body for path, answer in answers.items()}


def wait_until_red(server: Server) -> None:
    """Wait until /health/ready says that something is wrong."""
    limit = time.monotonic() + 60
    while server.is_ready():
        assert time.monotonic() < limit, "/health/ready has not noticed."
        time.sleep(0.2)


@pytest.mark.parametrize(
    "broken",
    [
        *(
            pytest.param(fault, marks=pytest.mark.sqlite, id=fault.__name__)
            for fault in (sqlite_locked, sqlite_missing, sqlite_garbage, sqlite_read_only)
        ),
        *(
            pytest.param(fault, marks=pytest.mark.postgres, id=fault.__name__)
            for fault in (postgres_locked, postgres_missing, postgres_read_only, postgres_stopped)
        ),
    ],
)
def test_readers_do_not_notice_that_the_database_is_gone(
    read_site: Site, broken: Callable[..., object], request: pytest.FixtureRequest
) -> None:
    """200 readers, each with a connection for each page, read eleven pages over and over.

    Meanwhile the database is broken as the function says whose name stands in the test's. The
    server is also stopped and started again while it is broken, and readers come back. Every
    answer must be 200 with the bytes of before, and /health/ready must be red. After the repair
    it is green, readers have still seen nothing else, and what is published then is shown.
    """
    site = read_site
    postgres = request.getfixturevalue("postgres") if "postgres" in broken.__name__ else None
    reads: list[Readers] = []
    with contextlib.ExitStack() as until_repair:
        with site.serving() as server:
            expected = what_readers_see(server)
            with Readers(server, expected) as readers:
                reads.append(readers)
                readers.each_reads()
                until_repair.enter_context(broken(site, postgres))
                readers.each_reads(2)
                wait_until_red(server)
                readers.each_reads()
            readers.saw_nothing_wrong()
        with site.serving() as server:
            with Readers(server, expected) as readers:
                reads.append(readers)
                readers.each_reads()
                wait_until_red(server)
                until_repair.close()
                server.wait_until_ready()
                readers.each_reads(2)
            readers.saw_nothing_wrong()
            site.run(PUBLISH)
            limit = time.monotonic() + 60
            while b"A repaired company." not in server.get("/privacy/").body:
                assert time.monotonic() < limit, "Readers do not see what is published."
                time.sleep(0.1)
    for each in reads:
        print(f"{each.reads} reads, the slowest took {each.slowest:.1f} s")
