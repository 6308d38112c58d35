"""The WAL index of SQLite tells of every commit at once, and looking at it breaks no lock."""

from __future__ import annotations

import gc
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.delivery import sources, wal_index
from faq.delivery.sources import SqliteFile
from faq.delivery.wal_index import WalIndex, wal_index_of

WRITE = "INSERT INTO said VALUES ('this')"
#: The bytes of the -shm file that SQLite locks in WAL mode, all of them.
ANOTHER_LOCKS = """
import fcntl, sys
with open(sys.argv[1], "r+b") as shared:
    fcntl.lockf(shared, fcntl.LOCK_EX, 8, 120)
    print("locked", flush=True)
    sys.stdin.read()
"""
ANOTHER_PROCESS = """
import sqlite3, sys
from contextlib import closing
with closing(sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)) as connection:
    for statement in sys.argv[2:]:
        connection.execute(statement)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database in WAL mode with one table."""
    file = tmp_path / "site.sqlite3"
    with closing(opened(file)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE said (words TEXT)")
    return file


@pytest.fixture
def source(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqliteFile]:
    """What the layer asks, without the questions to SQLite itself in between."""
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 3600.0)
    source = SqliteFile(str(file))
    assert news(source)  # nothing was seen before
    assert not news(source)
    yield source
    source.close()


def opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=0)


def in_another_process(file: Path, *statements: str) -> subprocess.CompletedProcess[str]:
    """Run SQL as another worker would."""
    words = [sys.executable, "-c", ANOTHER_PROCESS, str(file), *statements]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def news(source: SqliteFile) -> bool:
    """Whether anything changed; it counts as read then."""
    changed = source.changed()
    with source.reading():
        return changed


def looking_at_once(source: SqliteFile, failures: list[str], number: int = 20) -> list[Thread]:
    """Threads that look at the same time, started; what they are told of failures is noted."""

    def look() -> None:
        try:
            source.changed()
        except sqlite3.Error as error:
            failures.append(str(error))

    threads = [Thread(target=look) for _each in range(number)]
    for thread in threads:
        thread.start()
    return threads


def index_of(source: SqliteFile) -> WalIndex | None:
    assert source._opened is not None
    return source._opened.index


def open_files() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


def test_what_another_process_commits_is_seen_at_the_next_look(file: Path, source: SqliteFile):
    for _time in range(3):
        assert in_another_process(file, WRITE).returncode == 0
        assert news(source)
        assert not news(source)


def test_what_this_process_commits_is_seen_too(file: Path, source: SqliteFile):
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
        assert news(source)
        writer.execute(WRITE)
        assert news(source)


def test_what_nobody_has_read_yet_is_news_to_everybody(file: Path, source: SqliteFile):
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
        found: list[bool] = []
        with source.reading():
            for _time in range(2):
                thread = Thread(target=lambda: found.append(source.changed()))
                thread.start()
                thread.join()
        assert found == [True, True]
        assert not source.changed()


def test_what_is_committed_while_somebody_reads_is_news_afterwards(file: Path, source: SqliteFile):
    with closing(opened(file)) as writer, source.reading():
        writer.execute(WRITE)
    assert source.changed()


def test_what_could_not_be_read_stays_news(file: Path, source: SqliteFile):
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
    with pytest.raises(sqlite3.OperationalError), source.reading():
        source.ask("SELECT * FROM nothing")
    assert source.changed()


def test_threads_do_not_wait_for_a_locked_file_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "PATIENCE", 1.0)
    file = tmp_path / "plain.sqlite3"
    failures: list[str] = []
    with closing(opened(file)) as writer:
        writer.execute("CREATE TABLE said (words TEXT)")
        source = SqliteFile(str(file))
        assert news(source)
        writer.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        for thread in looking_at_once(source, failures):
            thread.join()
        assert failures == ["database is locked"] * 20
        assert time.monotonic() - began < 10  # and not twenty times a second
        writer.execute("ROLLBACK")
        assert not news(source)
        source.close()


def test_threads_do_not_wait_for_long_for_one_whom_sqlite_does_not_answer(
    file: Path, source: SqliteFile, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 0.0)
    monkeypatch.setattr(sources, "TURN", 0.2)
    source.close()
    assert news(source)
    failures: list[str] = []
    words = [sys.executable, "-c", ANOTHER_LOCKS, f"{file}-shm"]
    with subprocess.Popen(words, stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout.readline() == "locked\n"
        threads = looking_at_once(source, failures)
        limit = time.monotonic() + 5  # SQLite gives up after ten
        while len(failures) < len(threads) - 1 and time.monotonic() < limit:
            time.sleep(0.05)
        assert len(failures) == len(threads) - 1
        holder.communicate("")
    for thread in threads:
        thread.join()
    assert not news(source)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["write", "read", "undo", "PASSIVE", "RESTART", "TRUNCATE"]),
        min_size=1,
        max_size=12,
    )
)
def test_every_commit_changes_it_and_neither_reading_nor_undoing_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
):
    file = tmp_path_factory.mktemp("law") / "site.sqlite3"
    with closing(opened(file)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE said (words TEXT)")
        writer.execute(WRITE)
        index = wal_index_of(str(file))
        assert index is not None
        for step in steps:
            before = index.header()
            if step == "write":
                writer.execute(WRITE)
            elif step == "read":
                writer.execute("SELECT * FROM said").fetchall()
            elif step == "undo":
                for each in ("BEGIN IMMEDIATE", WRITE, "ROLLBACK"):
                    writer.execute(each)
            else:
                writer.execute(f"PRAGMA wal_checkpoint({step})")
            changed = index.header() != before
            if step == "write":
                assert changed, step
            elif step in {"read", "undo"}:
                assert not changed, step


def test_looking_at_it_gives_up_no_lock_of_this_process(file: Path):
    with closing(opened(file)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert wal_index_of(str(file)) is not None
        other = in_another_process(file, "BEGIN IMMEDIATE")
        assert "database is locked" in other.stderr
        writer.execute("COMMIT")
    assert in_another_process(file, "BEGIN IMMEDIATE").returncode == 0


def test_threads_that_come_and_go_give_up_no_lock_and_open_no_more_files(
    file: Path, source: SqliteFile
):
    with closing(opened(file)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        before = len(wal_index._known)
        for _time in range(5):
            thread = Thread(target=source.changed)
            thread.start()
            thread.join()
        gc.collect()
        assert len(wal_index._known) == before
        assert "database is locked" in in_another_process(file, "BEGIN IMMEDIATE").stderr


def test_it_is_another_once_nobody_had_the_database_open(file: Path, source: SqliteFile):
    source.close()
    in_another_process(file, WRITE)  # the last one takes the files beside the database away
    assert not Path(f"{file}-shm").exists()
    assert news(source)
    assert not news(source)
    in_another_process(file, WRITE)
    assert news(source)


def test_a_database_in_the_place_of_another_is_noticed_soon(file: Path, tmp_path: Path):
    source = SqliteFile(str(file))
    assert news(source)
    index = index_of(source)
    copy = tmp_path / "copy.sqlite3"
    with closing(opened(file)) as whole:
        whole.execute("VACUUM INTO ?", [str(copy)])
    os.replace(copy, file)
    for ending in ("-wal", "-shm"):
        os.unlink(f"{file}{ending}")
    with closing(opened(file)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(WRITE)
        time.sleep(sources.LOOK_AT_FILE)
        assert news(source)
        assert index_of(source) is not index
        made.execute(WRITE)
        assert news(source)
    source.close()


def test_a_database_without_one_is_asked_itself(tmp_path: Path):
    file = tmp_path / "plain.sqlite3"
    with closing(opened(file)) as writer:
        writer.execute("CREATE TABLE said (words TEXT)")
        source = SqliteFile(str(file))
        assert news(source)
        assert wal_index_of(str(file)) is None
        assert not news(source)
        writer.execute(WRITE)
        assert news(source)
        assert not news(source)
        source.close()


def test_the_file_of_another_time_beside_a_database_without_one_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 3600.0)
    file = tmp_path / "plain.sqlite3"
    with closing(opened(file)) as writer:
        writer.execute("CREATE TABLE said (words TEXT)")
        Path(f"{file}-shm").write_bytes(bytes(32768))
        source = SqliteFile(str(file))
        assert news(source)
        writer.execute(WRITE)
        assert news(source)
        source.close()


def test_it_is_found_behind_a_link(file: Path, tmp_path: Path):
    link = tmp_path / "link.sqlite3"
    link.symlink_to(file)
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
        found = wal_index_of(str(link))
        assert found is not None
        assert found is wal_index_of(str(file))


def test_what_replaced_the_file_meanwhile_is_not_taken_for_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    shared = Path(f"{file}-shm")
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
        looked = wal_index.file_beside(str(file))

        def look_and_replace(database: str) -> tuple[int, int] | None:
            (shared.parent / "other").write_bytes(bytes(32768))
            os.replace(shared.parent / "other", shared)
            return looked

        monkeypatch.setattr(wal_index, "file_beside", look_and_replace)
        assert wal_index_of(str(file)) is None
    known = wal_index._known.items()
    assert all(index is None or index.file == which for which, index in known)


def test_a_file_that_cannot_be_mapped_is_tried_once(
    file: Path, source: SqliteFile, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_words: object, **_more: object) -> None:
        raise OSError("Cannot allocate memory")

    other = file.with_name("other.sqlite3")
    with closing(opened(other)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE said (words TEXT)")
        monkeypatch.setattr(sources, "LOOK_AT_FILE", 0.0)
        monkeypatch.setattr(wal_index.mmap, "mmap", refuse)
        asked = SqliteFile(str(other))
        assert news(asked)
        before = open_files()
        for _time in range(10):
            assert not news(asked)
        assert open_files() == before
        writer.execute(WRITE)
        assert news(asked)
        asked.close()


def test_sqlite_itself_is_asked_now_and_then(
    file: Path, source: SqliteFile, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 0.0)
    source.close()
    assert news(source)
    index = index_of(source)
    monkeypatch.setattr(type(index), "header", lambda self: b"always the same")
    news(source)
    assert not news(source)
    assert in_another_process(file, WRITE).returncode == 0
    assert news(source)
