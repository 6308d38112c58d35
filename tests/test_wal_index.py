"""The WAL index of SQLite tells of every commit at once, and looking at it breaks no lock."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.delivery import sources
from faq.delivery.sources import SqliteFile
from faq.delivery.wal_index import wal_index_of


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
    assert source.changed()  # nothing was seen before
    assert not source.changed()
    yield source
    source.close()


def opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, timeout=0)


def in_another_process(file: Path, *statements: str) -> subprocess.CompletedProcess[str]:
    """Run SQL as another worker would."""
    code = (
        "import sqlite3, sys\nmade = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)"
    )
    code += "\nfor each in sys.argv[2:]: made.execute(each)"
    words = [sys.executable, "-c", code, str(file), *statements]
    return subprocess.run(words, capture_output=True, text=True, check=False)


WRITE = "INSERT INTO said VALUES ('this')"


def test_what_another_process_commits_is_seen_at_the_next_look(file: Path, source: SqliteFile):
    for _time in range(3):
        assert in_another_process(file, WRITE).returncode == 0
        assert source.changed()
        assert not source.changed()


def test_what_this_process_commits_is_seen_too(file: Path, source: SqliteFile):
    with closing(opened(file)) as writer:
        writer.execute(WRITE)
        assert source.changed()
        writer.execute(WRITE)
        assert source.changed()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(["write", "read", "undo", "PASSIVE", "RESTART", "TRUNCATE"]),
        min_size=1,
        max_size=12,
    )
)
def test_every_commit_changes_it_and_nothing_else_need(
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


def test_it_is_another_once_nobody_had_the_database_open(file: Path, source: SqliteFile):
    source.close()
    in_another_process(file, WRITE)  # the last one takes the files beside the database away
    assert not Path(f"{file}-shm").exists()
    assert source.changed()
    assert not source.changed()
    in_another_process(file, WRITE)
    assert source.changed()


def test_a_database_without_one_is_asked_itself(tmp_path: Path):
    file = tmp_path / "plain.sqlite3"
    with closing(opened(file)) as writer:
        writer.execute("CREATE TABLE said (words TEXT)")
        source = SqliteFile(str(file))
        assert source.changed()
        assert wal_index_of(str(file)) is None
        assert not source.changed()
        writer.execute(WRITE)
        assert source.changed()
        assert not source.changed()
        source.close()


def test_sqlite_itself_is_asked_now_and_then(
    file: Path, source: SqliteFile, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 0.0)
    source.close()
    assert source.changed()
    index = source._here.opened.index
    monkeypatch.setattr(type(index), "header", lambda self: b"always the same")
    source.changed()
    assert not source.changed()
    assert in_another_process(file, WRITE).returncode == 0
    assert source.changed()
