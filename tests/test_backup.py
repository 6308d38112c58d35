"""Copies of the whole database: made while it is in use, verified, and put back without a loss."""

from __future__ import annotations

import io
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections

from faq import immutable
from faq.delivery.snapshot import Snapshot
from faq.delivery.sources import place_of, source_of
from faq.delivery.state import Head, State
from faq.management.commands import _postgres_copy, _sqlite_copy
from faq.management.commands._comparing import opened
from faq.models import Policy, RecordState, Rewording
from tests.factory import (
    DAY,
    FAR_AHEAD,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_record,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db(transaction=True)
SQLITE = settings.DATABASES["default"]["ENGINE"] == "faq.sqlite"
on_sqlite = pytest.mark.skipif(not SQLITE, reason="this is about SQLite's files")
on_postgresql = pytest.mark.skipif(SQLITE, reason="this is about PostgreSQL's programs")
HEAD = re.compile(r"^privacy: version \d+ is the newest\. Head: \d+:[0-9a-f]{64}$", re.MULTILINE)


class Host:
    """Somewhere else, with a database of its own that is not there yet."""

    def __init__(self, folder: Path, number: int) -> None:
        self.path = folder / "site.sqlite3"
        self.name = str(self.path) if SQLITE else f"restored_{os.getpid()}_{number}"
        if SQLITE:
            self.url = f"sqlite:///{self.path}"
        else:
            self.url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{self.name}"
        self.environment = {**os.environ, "DATABASE_URL": self.url, "DATA_DIR": str(folder)}

    @property
    def place(self) -> str:
        """What tells its database from others."""
        with opened(NAME=self.name) as alias:
            return place_of(alias)

    def manage(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def rows(self) -> dict[str, list[Any]]:
        """Every row of its database."""
        with opened(NAME=self.name) as alias:
            return rows(alias)

    def execute(self, sql: str) -> None:
        with opened(NAME=self.name) as alias, connections[alias].cursor() as cursor:
            cursor.execute(sql)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    Host.number = getattr(Host, "number", 0) + 1
    host = Host(tmp_path, Host.number)
    yield host
    if not SQLITE:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [host.name]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def rows(using: str) -> dict[str, list[Any]]:
    """Every row of the app but the state, which a restore raises.

    In what order rows were sealed is no matter: a migration does it by table. Another makes the
    rows of rewordings anew, whose keys so differ, and with them their seals.
    """
    found = {
        model.__name__: [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in model.objects.using(using).order_by("pk").values_list()
        ]
        for model in apps.get_app_config("faq").get_models()
        if model is not RecordState
    }
    found["Rewording"] = sorted(row[1:] for row in found["Rewording"])
    seals = (seal[1:] for seal in found["Seal"])
    found["Seal"] = sorted(seal for seal in seals if seal[0] != Rewording._meta.db_table)
    return found


def backup(file: Path, *options: str) -> str:
    """Back up the database of the tests; return what was said."""
    out = io.StringIO()
    call_command("backup", str(file), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def restored(host: Host, file: Path, *options: str) -> str:
    """Restore, well; return what was said."""
    done = host.manage("restore_backup", file, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def refused(host: Host, file: Path, *options: str) -> str:
    """Restore, in vain; return the one line of why."""
    done = host.manage("restore_backup", file, *options)
    assert (done.returncode, done.stdout) == (1, "")
    line = done.stderr.strip()
    assert "\n" not in line
    assert "Traceback" not in line
    return line


def alter(file: Path, old: bytes, new: bytes) -> None:
    """Change bytes in a file, as a bad disk does."""
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new))


def test_on_an_empty_host_a_backup_gives_the_same_rows_bytes_and_head(
    host: Host, tmp_path: Path
) -> None:
    make_record()
    file = tmp_path / "copy"
    said = backup(file)
    assert "Copied and verified 1 policy, 6 versions, 8 decisions and" in said
    again = restored(host, file)
    assert "Restored and verified 1 policy, 6 versions, 8 decisions and" in again
    assert HEAD.findall(again) == HEAD.findall(said) != []
    assert "kept" not in again
    assert host.rows() == rows("default")
    assert host.manage("verify_record").returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir() if "unfinished" in each.name] == []


def test_the_head_that_is_printed_is_the_one_that_readers_can_check(tmp_path: Path) -> None:
    policy = make_published(2)
    said = backup(tmp_path / "copy")
    reword(policy.question_set.get(), "A company, from then on.")
    publish(policy, NOON + 2 * DAY, effective_at=FAR_AHEAD, material=False, note="")
    again = backup(tmp_path / "other")
    assert "3 decisions" in again
    assert HEAD.findall(again) == HEAD.findall(said) != []
    make_policy("cookies", "Cookies")
    assert "cookies: nothing is public yet." in backup(tmp_path / "third")


def test_a_backup_takes_nobody_s_place_unasked(tmp_path: Path) -> None:
    make_published()
    file = tmp_path / "copy"
    file.write_text("dear to somebody")
    with pytest.raises(CommandError, match="is there already"):
        backup(file)
    with pytest.raises(CommandError, match="is a folder"):
        backup(tmp_path, "--force")
    with pytest.raises(CommandError, match="No such file or directory"):
        backup(tmp_path / "nowhere" / "copy")
    with pytest.raises(CommandError, match="No backup was made: .*File name too long"):
        backup(tmp_path / ("x" * 300))
    assert file.read_text() == "dear to somebody"
    assert list(tmp_path.iterdir()) == [file]
    backup(file, "--force")
    assert file.stat().st_size > 10_000


@pytest.mark.parametrize("wrong", ["bytes", "triggers"])
def test_a_record_that_is_not_whole_makes_no_backup(tmp_path: Path, wrong: str) -> None:
    make_published(2)
    immutable.drop("default")
    if wrong == "bytes":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE faq_version SET document = %s WHERE id = 1", [b"{}"])
            cursor.execute("UPDATE faq_version SET document = %s", [b"{}"])
        immutable.install("default")
    said = {"bytes": "privacy, version 1: its text does not match", "triggers": "are missing"}
    with pytest.raises(CommandError, match=f"No backup was made.*{said[wrong]}"):
        backup(tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_what_was_recorded_since_a_backup_is_not_lost_unasked(host: Host, tmp_path: Path) -> None:
    policy = make_published(2)
    old, new = tmp_path / "old", tmp_path / "new"
    backup(old)
    then = rows("default")
    make_question(policy, "Why?", "So.")
    publish(policy, NOON.replace(day=20))
    backup(new)
    now = rows("default")
    restored(host, new)
    line = refused(host, old)
    assert re.search(r"lacks what is recorded now: .*\b1 approval\b.* Add --older", line)
    assert host.rows() == now
    said = restored(host, old, "--older")
    assert host.rows() == then
    kept = re.search(r"^What was there before is kept: (?:database )?(\S+)$", said, re.MULTILINE)
    assert kept
    with opened(NAME=kept[1]) as alias:
        assert rows(alias) == now
    with opened(NAME=host.name) as alias:  # no cache believes that nothing has changed
        assert RecordState.objects.using(alias).get().number > RecordState.objects.get().number
    restored(host, new)  # nothing is lost by going on
    assert host.rows() == now


def test_a_backup_without_wording_that_was_hidden_since_is_behind(
    host: Host, tmp_path: Path
) -> None:
    """Otherwise a court's order would be undone by a restore."""
    from faq import publishing

    policy = make_published(2)
    backup(tmp_path / "old")
    first = policy.version_set.get(approval__number=1)
    publishing.withhold(first, by="bob", at=NOON.replace(day=20), reason="A name in it.")
    backup(tmp_path / "new")
    restored(host, tmp_path / "new")
    assert "recorded now: 1 withholding." in refused(host, tmp_path / "old")


def remove(host: Host) -> None:
    """Lose the database, and keep the pages that readers have seen."""
    if SQLITE:
        host.path.unlink()
    else:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{host.name}" WITH (FORCE)')


def shown_by(host: Host) -> State:
    """The state that readers are shown of its database."""
    with opened(NAME=host.name) as alias:
        source = source_of(alias)
        try:
            state = source.state(NOON.replace(day=20))
        finally:
            source.close()
    assert state is not None
    return state


@pytest.mark.parametrize("since", ["published", "hidden"])
def test_what_readers_saw_of_a_lost_database_is_not_lost_unasked(
    host: Host, tmp_path: Path, since: str
) -> None:
    from faq import publishing

    policy = make_published(2)
    backup(tmp_path / "old")
    then = rows("default")
    if since == "published":
        reword(policy.question_set.get(), "Another company.")
        publish(policy, NOON.replace(day=20))
    else:
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="bob", at=NOON.replace(day=20), reason="A name in it.")
    backup(tmp_path / "new")
    restored(host, tmp_path / "new")
    seen = Snapshot(tmp_path / "pages", place=host.place, build="1", limit=1)
    shown = shown_by(host)
    seen.note(shown)
    remove(host)
    line = refused(host, tmp_path / "old")
    assert "from before what readers saw last. Add --older" in line
    assert seen.state() == shown
    assert not (SQLITE and host.path.exists())
    restored(host, tmp_path / "old", "--older")
    assert host.rows() == then
    assert seen.state() is None
    with opened(NAME=host.name) as alias:  # nor is a page believed that a worker still has
        assert RecordState.objects.using(alias).get().number > shown.number


def test_a_lost_database_comes_back_unasked_where_readers_saw_no_more_than_the_backup_has(
    host: Host, tmp_path: Path
) -> None:
    policy = make_published(2)
    backup(tmp_path / "copy")
    newest = policy.approval_set.get(number=2)
    number = RecordState.objects.get().number
    seen = Snapshot(tmp_path / "pages", place=host.place, build="1", limit=1)
    seen.note(State(number, (), {policy.slug: Head(newest.seq, newest.chain)}))
    restored(host, tmp_path / "copy")
    assert seen.state() is None
    assert host.rows() == rows("default")


def test_an_older_database_that_was_put_in_place_hides_nothing_that_readers_saw(
    host: Host, tmp_path: Path
) -> None:
    """What it lacks the backup may lack as well, so the two are not enough to compare."""
    policy = make_published(2)
    backup(tmp_path / "old")
    restored(host, tmp_path / "old")
    seen = Snapshot(tmp_path / "pages", place=host.place, build="1", limit=1)
    seen.note(State(1, (), {policy.slug: Head(3, "0" * 64)}))
    assert "what readers saw last" in refused(host, tmp_path / "old")
    seen.forget()
    restored(host, tmp_path / "old")


def test_what_a_database_has_that_readers_saw_may_be_restored_again_and_again(
    host: Host, tmp_path: Path
) -> None:
    """Each restore raises the state above the backup's, and nothing is lost by that."""
    make_published(2)
    backup(tmp_path / "copy")
    restored(host, tmp_path / "copy")
    seen = Snapshot(tmp_path / "pages", place=host.place, build="1", limit=1)
    seen.note(shown_by(host))
    restored(host, tmp_path / "copy")
    assert seen.state() is None


def test_what_is_no_backup_is_refused_and_changes_nothing(host: Host, tmp_path: Path) -> None:
    make_published(2)
    good, bad = tmp_path / "good", tmp_path / "bad"
    backup(good)
    bad.write_bytes(os.urandom(50_000))
    assert refused(host, bad)
    assert refused(host, tmp_path / "nowhere")
    assert not (SQLITE and host.path.exists())
    restored(host, good)
    before = host.rows()
    for data in (b"", good.read_bytes()[: good.stat().st_size * 2 // 3], b"Some text.\n" * 999):
        bad.write_bytes(data)
        assert refused(host, bad, "--older")
    assert host.rows() == before
    assert host.manage("verify_record").returncode == 0


@on_sqlite
def test_a_byte_changed_in_a_backup_is_found_and_named(host: Host, tmp_path: Path) -> None:
    make_published(2)
    file = tmp_path / "copy"
    backup(file)
    alter(file, b"as of version 2", b"as of version 3")
    line = refused(host, file, "--older")
    assert "privacy, version 2: its text does not match its fingerprint" in line
    assert not host.path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["copy"]


@on_postgresql
def test_a_value_changed_in_a_backup_is_found_and_named(host: Host, tmp_path: Path) -> None:
    make_published(2)
    backup(tmp_path / "copy")
    restored(host, tmp_path / "copy")
    host.execute(
        "ALTER TABLE faq_approval DISABLE TRIGGER ALL;"
        "UPDATE faq_approval SET effective_at = effective_at + interval '1 us' WHERE number = 2"
    )
    subprocess.run(
        ["pg_dump", "--format=custom", f"--file={tmp_path / 'bad'}", host.url], check=True
    )
    done = host.manage("restore_backup", tmp_path / "bad", "--older")
    assert done.returncode == 1
    line = done.stderr.strip().splitlines()[-1]
    assert "approval with seq 2: its chain value is wrong" in line


@on_sqlite
def test_triggers_that_a_backup_lacks_are_put_back_and_it_is_said(
    host: Host, tmp_path: Path
) -> None:
    make_published()
    backup(tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as file:
        file.execute("DROP TRIGGER faq_keep_faq_version_no_update")
    assert "1 of the record's triggers were missing" in restored(host, tmp_path / "copy")
    host_check = host.manage("check", "--database", "default")
    assert host_check.returncode == 0, host_check.stderr


@on_sqlite
def test_backups_of_other_programs_and_of_newer_releases_are_refused(
    host: Host, tmp_path: Path
) -> None:
    make_published()
    backup(tmp_path / "newer")
    with closing(sqlite3.connect(tmp_path / "newer")) as file, file:
        file.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('faq', '9999_x', '2026')"
        )
    assert "newer release (9999_x)" in refused(host, tmp_path / "newer")
    with closing(sqlite3.connect(tmp_path / "other")) as file, file:
        file.execute("CREATE TABLE notes (text)")
    assert "no policies of this program" in refused(host, tmp_path / "other")
    assert not host.path.exists()


@on_sqlite
def test_a_backup_of_an_older_release_is_migrated(host: Host, tmp_path: Path) -> None:
    make_published(2)
    backup(tmp_path / "now")
    restored(host, tmp_path / "now")
    assert host.manage("migrate", "-v0", "faq", "0003").returncode == 0
    with closing(sqlite3.connect(host.path)) as old:
        _sqlite_copy.copy_into(old, tmp_path / "old")
    restored(host, tmp_path / "now", "--older")
    restored(host, tmp_path / "old")
    assert host.manage("migrate", "--check").returncode == 0
    assert host.rows() == rows("default")


@on_sqlite
def test_a_database_that_cannot_be_read_is_replaced_only_when_asked_and_kept(
    host: Host, tmp_path: Path
) -> None:
    make_published()
    backup(tmp_path / "copy")
    host.path.write_bytes(b"garbage" * 1000)
    Path(f"{host.path}-wal").write_bytes(b"left behind")
    assert "cannot be read" in refused(host, tmp_path / "copy")
    said = restored(host, tmp_path / "copy", "--older")
    kept = Path(said.rpartition("is kept: ")[2].strip())
    assert kept.read_bytes() == b"garbage" * 1000
    assert not Path(f"{host.path}-wal").exists()
    assert host.rows() == rows("default")


@on_sqlite
def test_a_site_that_has_the_file_open_sees_what_was_restored(host: Host, tmp_path: Path) -> None:
    policy = make_published(2)
    backup(tmp_path / "old")
    make_question(policy, "Why?", "So.")
    publish(policy, NOON.replace(day=20))
    backup(tmp_path / "new")
    restored(host, tmp_path / "new")
    count = "SELECT COUNT(*) FROM faq_approval"
    with closing(sqlite3.connect(host.path)) as site:
        assert site.execute(count).fetchone() == (3,)
        restored(host, tmp_path / "old", "--older")
        assert site.execute(count).fetchone() == (2,)
        with pytest.raises(sqlite3.IntegrityError, match="written once"):
            site.execute("DELETE FROM faq_approval")
    assert host.path.stat().st_mode & 0o777 == 0o600


def test_what_readers_saw_is_forgotten_once_a_backup_was_restored_and_not_before(
    host: Host, tmp_path: Path
) -> None:
    policy = make_published(2)
    backup(tmp_path / "old")
    make_question(policy, "Why?", "So.")
    publish(policy, NOON.replace(day=20))
    backup(tmp_path / "new")
    restored(host, tmp_path / "new")
    seen = Snapshot(tmp_path / "pages", place=host.place, build="1", limit=1)
    seen.note(State(1, (), {}))
    refused(host, tmp_path / "old")
    assert seen.state() is not None
    restored(host, tmp_path / "old", "--older")
    assert seen.state() is None


def numbers(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as database:
        return [number for (number,) in database.execute("SELECT x FROM t ORDER BY x")]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two small databases: one with 1, another with 2."""
    paths = (tmp_path / "one", tmp_path / "two")
    for number, path in enumerate(paths, 1):
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE t (x)")
            database.execute("INSERT INTO t VALUES (?)", [number])
    return paths


@on_sqlite
def test_nobody_can_write_between_the_last_look_and_the_replacement(
    pair: tuple[Path, Path],
) -> None:
    one, two = pair
    tried = []

    def write() -> None:
        with closing(sqlite3.connect(one, timeout=0)) as other:
            assert other.execute("SELECT x FROM t").fetchone() == (1,)  # it can be looked at
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO t VALUES (9)")
        tried.append(True)

    _sqlite_copy.put_in_place(two, one, write)
    assert tried == [True]
    assert numbers(one) == [2]


@on_sqlite
def test_what_the_last_look_refuses_leaves_the_database_as_it_was(
    pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair

    def refuse() -> None:
        raise _sqlite_copy.BadCopy("Something was recorded meanwhile.")

    with pytest.raises(_sqlite_copy.BadCopy, match="meanwhile"):
        _sqlite_copy.put_in_place(two, one, refuse)
    assert numbers(one) == [1]
    monkeypatch.setattr(_sqlite_copy, "PATIENCE", 0.3)
    with closing(sqlite3.connect(one, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(_sqlite_copy.BadCopy, match="in use"):
            _sqlite_copy.put_in_place(two, one, lambda: None)
        writer.execute("COMMIT")
    assert numbers(one) == [1]
    _sqlite_copy.put_in_place(two, one, lambda: None)
    assert numbers(one) == [2]


@on_sqlite
def test_a_backup_is_not_written_over_the_database_itself(host: Host, tmp_path: Path) -> None:
    make_published()
    backup(tmp_path / "copy")
    restored(host, tmp_path / "copy")
    link = tmp_path / "link"
    link.symlink_to(host.path)
    for name in (host.path, link):
        done = host.manage("backup", name, "--force")
        assert done.returncode == 1
        assert "is the database itself" in done.stderr
    assert host.rows() == rows("default")


@on_postgresql
def test_without_the_client_programs_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_published()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="pg_dump is not here. Install"):
        backup(tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@on_postgresql
def test_a_user_who_may_make_no_database_is_told_how_to_allow_it(
    host: Host, tmp_path: Path
) -> None:
    make_published()
    backup(tmp_path / "copy")
    restored(host, tmp_path / "copy")
    before = host.rows()
    role = f"weak_{host.name}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    try:
        host.environment["DATABASE_URL"] = host.url.replace("site@", f"{role}@")
        line = refused(host, tmp_path / "copy", "--older")
        assert f"ALTER ROLE {role} CREATEDB" in line
        assert host.rows() == before
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {role}")


@on_postgresql
def test_sessions_end_and_the_next_ones_see_what_was_restored(host: Host, tmp_path: Path) -> None:
    make_published()
    backup(tmp_path / "copy")
    restored(host, tmp_path / "copy")
    with opened("reader", NAME=host.name) as alias:
        assert Policy.objects.using(alias).count() == 1
        restored(host, tmp_path / "copy")
        with pytest.raises(DatabaseError):
            Policy.objects.using(alias).count()
        connections[alias].close()
        assert Policy.objects.using(alias).count() == 1


def databases(server: Any, name: str) -> dict[str, tuple[int, bool]]:
    """Each database whose name begins so: which it is, and whether it lets anybody in."""
    with server.cursor() as cursor:
        cursor.execute(
            "SELECT datname, oid, datallowconn FROM pg_database WHERE starts_with(datname, %s)",
            [name],
        )
        return {found: (oid, allowed) for found, oid, allowed in cursor.fetchall()}


@pytest.fixture
def places(host: Host) -> Iterator[tuple[str, Any, Any]]:
    """Two databases that are to change places: a connection to the first, one to the server."""
    with (
        _postgres_copy.beside(connection) as server,
        opened("site", NAME=host.name) as alias,
    ):
        for name in (host.name, f"{host.name}_new"):
            _postgres_copy.create(server, name, like=host.name)
        yield host.name, connections[alias], server


@on_postgresql
@pytest.mark.parametrize("error", [DatabaseError, KeyboardInterrupt])
def test_databases_change_places_whole_or_not_at_all_whichever_statement_fails(
    places: tuple[str, Any, Any], error: type[BaseException]
) -> None:
    name, site, server = places
    before = databases(server, name)

    def failing_at(number: int) -> Callable[..., Any]:
        statements = iter(range(100))

        def fail(execute: Any, *words: Any) -> Any:
            if next(statements) == number:
                raise error("cut off")
            return execute(*words)

        return fail

    for failing in range(20):
        site.ensure_connection()
        try:
            with server.execute_wrapper(failing_at(failing)):
                _postgres_copy.swap(site, server, f"{name}_new", f"{name}_kept")
        except (CommandError, error) as raised:
            assert "cut off" in str(raised)
            assert databases(server, name) == before
        else:
            break
    old, new = before[name], before[f"{name}_new"]
    assert databases(server, name) == {name: new, f"{name}_kept": old}
    assert failing >= 4


@on_postgresql
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_drops_the_session_meanwhile_leaves_a_site_that_lets_people_in(
    places: tuple[str, Any, Any], when: str
) -> None:
    name, site, server = places
    site.ensure_connection()
    before = databases(server, name)
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()

    def cut(execute: Any, sql: str, *words: Any) -> Any:
        renames = "RENAME" in sql
        if renames and when == "after":
            execute(sql, *words)
        if renames:
            with connection.cursor() as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            sql = "SELECT 1"
        return execute(sql, *words)

    with server.execute_wrapper(cut):
        if when == "before":
            with pytest.raises(CommandError, match="could not change places"):
                _postgres_copy.swap(site, server, f"{name}_new", f"{name}_kept")
        else:
            _postgres_copy.swap(site, server, f"{name}_new", f"{name}_kept")
    old, new = before[name], before[f"{name}_new"]
    swapped = {name: new, f"{name}_kept": old}
    assert databases(server, name) == (before if when == "before" else swapped)
