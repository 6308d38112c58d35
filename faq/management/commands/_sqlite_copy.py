"""Copies of a SQLite database, made while others read and write; and one put in its place."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

#: How many copies are kept beside a database.
KEPT = 5
#: How long to wait for somebody else's transaction to end, in seconds.
PATIENCE = 30.0


class BadCopy(Exception):
    """A file is no good copy of a database; the text says why."""


def copy_beside(connection: BaseDatabaseWrapper, at: datetime) -> Path:
    """Copy the database to NAME.before-YYYYmmdd-HHMMSS.sqlite3; keep the newest five.

    The copy gets its name when it is whole. Raises OSError and sqlite3.Error.
    """
    source = Path(connection.settings_dict["NAME"])
    copy = source.with_name(f"{source.stem}.before-{at:%Y%m%d-%H%M%S}.sqlite3")
    unfinished = copy.with_suffix(".unfinished")
    connection.ensure_connection()
    copy_into(connection.connection, unfinished)
    give_name(unfinished, copy)
    for old in sorted(source.parent.glob(f"{source.stem}.before-*.sqlite3"))[:-KEPT]:
        old.unlink()
    return copy


def copy_into(source: sqlite3.Connection, path: Path) -> None:
    """Copy a database to a new file, which is one file and needs no others beside it.

    Like the database itself it holds accounts: nobody else reads it.
    Raises OSError and sqlite3.Error.
    """
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def copy_of(file: Path, path: Path) -> None:
    """Copy the database in a file to a new file, and see that it is whole.

    Raises BadCopy if it is no database or a damaged one, and OSError.
    """
    with file.open("rb"):  # its own error says best why a file cannot be read
        pass
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as source:
            copy_into(source, path)
        check_structure(path)
    except sqlite3.Error as error:
        raise BadCopy(f"{file} is not a whole SQLite database: {error}.") from None


def check_structure(path: Path) -> None:
    """Let SQLite look at every page, index and reference of a file.

    Raises BadCopy with the first thing that is wrong, and sqlite3.Error.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        said = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise BadCopy(f"The file is damaged: {' '.join(said.split())}")
        broken = database.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise BadCopy(
                f"Row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there."
            )


def give_name(unfinished: Path, path: Path) -> None:
    """Give a whole file its name, in one step that outlasts a power cut."""
    handle = os.open(unfinished, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    unfinished.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def put_in_place(path: Path, target: Path, check: Callable[[], None]) -> None:
    """Make the contents of `target` those of `path`, in one transaction of `target`.

    Whoever has it open goes on, and sees the new contents at the next transaction. `check` is
    called when no other process can write to it any more; what it raises leaves it as it was.
    Raises sqlite3.Error, and BadCopy if others do not let it have its turn.
    """
    deadline = time.monotonic() + PATIENCE
    checked = False

    def watch(status: int, _remaining: int, _total: int) -> None:
        nonlocal checked
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() > deadline:
                raise BadCopy(f"{target} is in use: others are writing to it. Try again.")
        elif not checked:
            checked = True
            check()

    with (
        closing(sqlite3.connect(target, timeout=1)) as database,
        closing(sqlite3.connect(path)) as source,
    ):
        database.execute("PRAGMA journal_mode = WAL")  # so that `check` can read meanwhile
        database.execute("PRAGMA synchronous = FULL")
        # Page by page, for the first of them takes the lock and only the last one commits.
        source.backup(database, pages=1, progress=watch)


TAILS = ("", "-wal", "-shm", "-journal")


def remove(path: Path) -> None:
    """Remove a database file, with the files that SQLite keeps beside it."""
    for tail in TAILS:
        path.with_name(path.name + tail).unlink(missing_ok=True)


def move_aside(path: Path, to: Path) -> None:
    """Rename a database file, with the files that SQLite keeps beside it."""
    for tail in TAILS:
        part = path.with_name(path.name + tail)
        if part.exists():
            part.rename(to.with_name(to.name + tail))
