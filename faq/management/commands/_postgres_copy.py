"""Copies of a PostgreSQL database by its own programs, and one put in its place by renaming."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from faq.management.commands._comparing import opened

#: The database that every server has, to stand on while others are renamed.
MAINTENANCE = "postgres"
#: How long to wait for ended sessions to be gone, in seconds.
PATIENCE = 30.0


def dump(connection: BaseDatabaseWrapper, path: Path) -> None:
    """Write a dump in pg_dump's custom format, as of the transaction that is open.

    What was verified in that transaction is what is dumped. Raises CommandError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
    _run(
        connection,
        "pg_dump",
        ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        + [f"--file={path}"],
    )
    looks_whole(connection, path)


def looks_whole(connection: BaseDatabaseWrapper, path: Path) -> None:
    """Read a whole dump without restoring it. Raises CommandError."""
    _run(connection, "pg_restore", ["--file", os.devnull, str(path)], connect=False)


def restore_into(connection: BaseDatabaseWrapper, path: Path) -> None:
    """Restore a dump into a database that is empty, all of it or nothing. Raises CommandError."""
    _run(
        connection,
        "pg_restore",
        ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(path)],
    )


def _run(
    connection: BaseDatabaseWrapper, program: str, options: list[str], *, connect: bool = True
) -> None:
    words, environment = type(connection.client).settings_to_cmd_args_env(
        connection.settings_dict, []
    )
    where = [*words[1:-1], f"--dbname={words[-1]}"] if connect else []
    try:
        done = subprocess.run(
            [program, *where, *options],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(
            f"{program} is not here. Install PostgreSQL's client programs "
            "(Debian: postgresql-client), of the server's version or a newer one."
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"{program} ended with {done.returncode}"]
        raise CommandError(lines[0])


@contextmanager
def beside(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A connection to the server, outside the site's database. Raises CommandError."""
    with opened("maintenance", NAME=MAINTENANCE) as alias:
        try:
            connections[alias].ensure_connection()
        except DatabaseError as error:
            raise CommandError(
                f"A restore needs the database “{MAINTENANCE}” as well: {_line(error)}"
            ) from None
        yield connections[alias]


def exists(server: BaseDatabaseWrapper, name: str) -> bool:
    """Whether the server has a database of that name."""
    return _which(server, name) is not None


def _which(server: BaseDatabaseWrapper, name: str) -> int | None:
    """What tells the database that has this name now from others; None if there is none."""
    found = _ask(server, "SELECT oid FROM pg_database WHERE datname = %s", [name])
    return int(found[0][0]) if found else None


def create(server: BaseDatabaseWrapper, name: str, like: str) -> None:
    """Make an empty database, sorting as another one does if that is there.

    Raises CommandError with what to do if the site's user may not.
    """
    found = _ask(
        server,
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
        " WHERE datname = %s",
        [like],
    )
    settings = ""
    if found:
        encoding, collate, ctype = (str(each).replace("'", "''") for each in found[0])
        settings = f" ENCODING '{encoding}' LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
    try:
        drop(server, name)
        _do(server, f"CREATE DATABASE {_name(server, name)} TEMPLATE template0{settings}")
    except DatabaseError as error:
        user = server.settings_dict["USER"] or "the site's user"
        raise CommandError(
            f"No database can be made to restore into: {_line(error)}. "
            f"Let the user make one: ALTER ROLE {user} CREATEDB"
        ) from None


def drop(server: BaseDatabaseWrapper, name: str) -> None:
    """Drop a database, if it is there."""
    _do(server, f"DROP DATABASE IF EXISTS {_name(server, name)}")


def lock(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """Keep everybody else from writing to these tables until the transaction ends."""
    present = set(connection.introspection.table_names())
    if names := ", ".join(_name(connection, each) for each in tables if each in present):
        _do(connection, f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def swap(
    connection: BaseDatabaseWrapper, server: BaseDatabaseWrapper, restored: str, kept: str
) -> None:
    """Let the restored database take the name of the site's own, which becomes `kept`.

    Sessions of the site's own database are ended first, that of `connection` last: whatever it
    holds locked stays so until nobody can write any more. Both names change in one transaction.
    Raises CommandError, and then the site's own database is as it was, unless it says that nobody
    can tell.
    """
    name = str(connection.settings_dict["NAME"])
    quoted, aside = _name(server, name), _name(server, kept)
    before = _which(server, name)
    there = before is not None
    try:
        if there:
            own = _pid(connection)
            _do(server, f"ALTER DATABASE {quoted} ALLOW_CONNECTIONS false")
            _end_sessions(server, name, but=own)
            connection.close()
            _end_sessions(server, name)
        moved = f"ALTER DATABASE {quoted} RENAME TO {aside}; " if there else ""
        open_again = f"ALTER DATABASE {aside} ALLOW_CONNECTIONS true; " if there else ""
        _do(
            server,
            f"BEGIN; {moved}ALTER DATABASE {_name(server, restored)} RENAME TO {quoted}; "
            f"{open_again}COMMIT",
        )
    except BaseException as error:  # Ctrl-C as well: nobody could log in to the site's database
        after = _let_in_again(server, name, error)
        if not isinstance(error, DatabaseError):
            raise
        if after == before:
            raise CommandError(f"The databases could not change places: {_line(error)}") from None


def _let_in_again(server: BaseDatabaseWrapper, name: str, error: BaseException) -> int | None:
    """Undo what a swap had begun; return which database has the name now.

    Raises CommandError if the server cannot be asked.
    """
    server.close()  # that ends its transaction, and the next question opens another session
    try:
        after = _which(server, name)
        if after is not None:
            _do(server, f"ALTER DATABASE {_name(server, name)} ALLOW_CONNECTIONS true")
    except DatabaseError as another:
        raise CommandError(
            f"The server went away while the databases changed places ({_line(another)}). "
            "docs/operators.md, “PostgreSQL”, says how to see which one is in place."
        ) from error
    return after


def _end_sessions(server: BaseDatabaseWrapper, name: str, but: int = 0) -> None:
    """End every session of a database but one, and wait until they are gone."""
    deadline = time.monotonic() + PATIENCE
    query = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
    )
    while _ask(server, query, [name, but]):
        if time.monotonic() > deadline:
            raise DatabaseError("its sessions do not end")
        time.sleep(0.05)


def _pid(connection: BaseDatabaseWrapper) -> int:
    return int(_ask(connection, "SELECT pg_backend_pid()")[0][0])


def _name(connection: BaseDatabaseWrapper, name: str) -> str:
    return connection.ops.quote_name(name)


def _do(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _ask(connection: BaseDatabaseWrapper, sql: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
