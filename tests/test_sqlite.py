"""SQLite as it must be: durable, one writer at a time, and never a new empty site by mistake."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.utils import ConnectionHandler

from faq.models import Approval
from faq.sqlite.base import NoDatabase, make_file

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        settings.DATABASES["default"]["ENGINE"] != "faq.sqlite", reason="this is about SQLite"
    ),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder?" / "site#1.sqlite3"


@pytest.fixture
def opened(path: Path) -> Iterator[Any]:
    """A connection with the settings of the site, to a file that is not there yet."""
    path.parent.mkdir()
    handler = ConnectionHandler(
        {"default": {**settings.DATABASES["default"], "NAME": str(path), "TEST": {}}}
    )
    yield handler["default"]
    handler["default"].close()


def manage(path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{path}",
        "DATA_DIR": str(path.parent),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def one(connection: Any, sql: str) -> Any:
    with connection.cursor() as cursor:
        return cursor.execute(sql).fetchone()[0]


def test_every_connection_writes_through_and_takes_turns(opened: Any) -> None:
    make_file(opened)
    assert one(opened, "PRAGMA journal_mode") == "wal"
    assert one(opened, "PRAGMA synchronous") == 2  # FULL
    assert one(opened, "PRAGMA foreign_keys") == 1
    assert one(opened, "PRAGMA busy_timeout") == 20_000
    assert one(opened, "PRAGMA cache_size") == -256  # KiB for each of a worker's threads
    assert opened.transaction_mode == "IMMEDIATE"


def test_a_writer_has_its_turn_from_the_beginning_of_its_transaction(
    opened: Any, path: Path
) -> None:
    make_file(opened)
    opened.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            other.execute("SELECT * FROM sqlite_master")  # readers go on
    finally:
        opened.rollback()


def test_the_site_s_own_check_sees_a_connection_that_is_not_as_it_must_be(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faq.checks import sqlite_keeps_what_it_is_given as check

    make_file(opened)
    monkeypatch.setitem(connections.settings, "other", opened.settings_dict)
    connections["other"] = opened
    try:
        assert check(databases=["other"]) == []
        for relaxed in ("synchronous = NORMAL", "foreign_keys = OFF", "journal_mode = DELETE"):
            with opened.cursor() as cursor:
                cursor.execute(f"PRAGMA {relaxed}")
            found = check(databases=["other"])
            assert relaxed.partition(" ")[0] in " ".join(each.msg for each in found)
    finally:
        del connections["other"]


def test_a_file_that_is_not_there_is_an_error_and_stays_away(opened: Any, path: Path) -> None:
    with pytest.raises(NoDatabase, match="There is no database at .*migrate"):
        one(opened, "SELECT 1")
    assert list(path.parent.iterdir()) == []


def test_a_file_made_on_purpose_is_the_owner_s_alone(opened: Any, path: Path) -> None:
    make_file(opened)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"")
    make_file(opened)  # one that is there stays
    assert one(opened, "SELECT 1") == 1


def renew(connection: Any) -> None:
    """What Django does between two requests."""
    connection.health_check_done = False
    connection.health_check_enabled = True


def test_a_file_deleted_while_it_is_open_is_missed_at_the_next_request(
    opened: Any, path: Path
) -> None:
    make_file(opened)
    one(opened, "SELECT 1")
    for each in path.parent.iterdir():
        each.unlink()
    renew(opened)
    with pytest.raises(NoDatabase):
        one(opened, "SELECT 1")
    assert not path.exists()


def test_nothing_is_written_to_a_file_that_was_replaced_meanwhile(opened: Any, path: Path) -> None:
    make_file(opened)
    with opened.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
    path.rename(path.with_name("old.sqlite3"))
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE t (x)")
        other.execute("INSERT INTO t VALUES ('new')")
    with pytest.raises(OperationalError, match="replaced or removed"):
        opened.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert one(opened, "SELECT x FROM t") == "new"


@pytest.mark.parametrize(
    "command",
    [
        ("verify_record",),
        ("check", "--database", "default"),
        ("clearsessions",),
        ("backup", "copy.sqlite3"),
    ],
)
def test_no_command_makes_a_site_by_mistake(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = manage(tmp_path / "site.sqlite3", *command)
    assert done.returncode == 1
    said = done.stderr.strip()
    assert "There is no database at" in said
    assert "Traceback" not in said
    assert not (tmp_path / "site.sqlite3").exists()


def test_a_site_without_its_file_is_not_ready_and_makes_none(
    opened: Any, path: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(raise_request_exception=False, headers={'host': '127.0.0.1'})\n"
        "print([client.get(each).status_code for each in ('/health/live', '/health/ready')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
            "DATABASE_URL": f"sqlite:///{path.parent}/none.sqlite3",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "[200, 503]", done.stderr
    assert list(path.parent.iterdir()) == []


def test_migrate_puts_back_what_the_checks_would_stop_at(tmp_path: Path) -> None:
    """After an upgrade with a new table of the record, or a migrate that was killed."""
    site = tmp_path / "site.sqlite3"
    assert manage(site, "migrate", "-v0").returncode == 0
    with closing(sqlite3.connect(site)) as database:
        database.execute("DROP TRIGGER faq_keep_faq_version_no_update")
    assert manage(site, "check", "--database", "default").returncode == 1
    done = manage(site, "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    assert manage(site, "check", "--database", "default").returncode == 0


def test_migrate_makes_the_file_and_says_so_if_it_cannot(tmp_path: Path) -> None:
    done = manage(tmp_path / "site.sqlite3", "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    assert manage(tmp_path / "site.sqlite3", "verify_record").returncode == 0
    done = manage(tmp_path / "nowhere" / "site.sqlite3", "migrate", "-v0")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("cannot be made: No such file or directory.")


@pytest.mark.sqlite
def test_a_table_is_made_with_its_indexes(transactional_db: None) -> None:
    """What is left for the end of a migration comes after the note that it was made."""
    with connection.schema_editor(collect_sql=True) as editor:
        editor.create_model(Approval)
        assert editor.deferred_sql == []
        assert any("CREATE INDEX" in sql for sql in editor.collected_sql)
