"""Asking a database for the state of the record: often, without waiting long, and read-only.

The connections are the layer's own. Django's would wait for a lock for as long as an editor may
wait, and on SQLite one sees the writes of others only if it did not write itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock, RLock
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from faq import immutable
from faq.delivery.state import Head, State
from faq.delivery.wal_index import WalIndex, file_beside, wal_index_of

#: Seconds for which a look may wait for a lock on the file.
PATIENCE = 0.25
#: Seconds for which a thread may wait for another one that is looking. SQLite itself waits for ten
#: if somebody holds all the locks that readers share in WAL mode, whatever it was told.
TURN = 2.0
#: Seconds after which it is looked whether another file is in the place of the one that is open.
LOOK_AT_FILE = 0.1
#: Seconds after which PostgreSQL is asked anew.
INTERVAL = 0.5
#: From these moments on an entry counts: views compare them with the moment that is asked about.
MOMENTS = (
    ("Approval", "effective_at"),
    ("Withdrawal", "recorded_at"),
    ("Announcement", "recorded_at"),
)
#: What asking may raise while the database is broken, locked or away, or says what is no moment.
FAILURES = (Error, sqlite3.Error, OSError, ValueError, TypeError)


class Source(Protocol):
    """Where the state is read from."""

    #: What tells the database that is asked from another one in its place.
    @property
    def identity(self) -> object: ...

    def ask_now(self) -> None:
        """Ask at the next opportunity, however long ago the last time was."""

    def changed(self) -> bool:
        """Whether anything may have changed that was not read yet; quick."""

    def reading(self) -> AbstractContextManager[None]:
        """To be entered before the state is read, and left once everybody can see what was read."""

    def number(self) -> int | None:
        """The number of the state now; None while a trigger that raises it is missing."""

    def state(self, at: datetime) -> State | None:
        """The whole state now; None as for `number`."""

    def has(self, slug: str, head: Head) -> bool:
        """Whether a policy's chain has this entry."""


class Asked:
    """The questions in SQL, the same for both databases. `ask` is how one is put."""

    mark = "%s"

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of an answer."""
        raise NotImplementedError

    def moment(self, value: Any) -> datetime:
        """A moment as the database gives it."""
        raise NotImplementedError

    def value(self, moment: datetime) -> Any:
        """A moment as the database takes it."""
        raise NotImplementedError

    def present(self, triggers: Iterable[str]) -> str:
        """SQL for how many of these triggers are in place."""
        raise NotImplementedError

    def number(self) -> int | None:
        """The number of the state now; None while a trigger that raises it is missing."""
        triggers = _state_triggers()
        state = _table("RecordState")
        query = f"SELECT number, ({self.present(triggers)}) FROM {state} WHERE id = 1"
        for number, present in self.ask(query):
            return int(number) if present == len(triggers) else None
        return None

    def state(self, at: datetime) -> State | None:
        """The whole state now; the number is the same after reading the rest as before."""
        while True:
            number = self.number()
            if number is None:
                return None
            found = State(number, self._moments(at), self._heads())
            if self.number() == number:
                return found

    def has(self, slug: str, head: Head) -> bool:
        """Whether a policy's chain has this entry."""
        query = (
            f"SELECT 1 FROM ({_chain('chain')}) entry JOIN {_table('Policy')} policy "
            f"ON policy.id = entry.policy_id WHERE policy.slug = {self.mark} "
            f"AND entry.seq = {self.mark} AND entry.chain = {self.mark}"
        )
        return bool(self.ask(query, [slug, head.seq, head.chain]))

    def _moments(self, at: datetime) -> tuple[datetime, ...]:
        past, later = [], set()
        for name, column in MOMENTS:
            known = f"FROM {_table(name)} WHERE {column}"
            past += self.ask(f"SELECT MAX({column}) {known} <= {self.mark}", [self.value(at)])
            later.update(self.ask(f"SELECT {column} {known} > {self.mark}", [self.value(at)]))
        passed = [self.moment(row[0]) for row in past if row[0] is not None]
        return *sorted(passed)[-1:], *sorted(self.moment(row[0]) for row in later)

    def _heads(self) -> dict[str, Head]:
        newest = f"SELECT policy_id, MAX(seq) AS seq FROM ({_chain()}) entry GROUP BY policy_id"
        query = (
            f"SELECT policy.slug, entry.seq, entry.chain FROM ({newest}) newest "
            f"JOIN ({_chain('chain')}) entry "
            "ON entry.policy_id = newest.policy_id AND entry.seq = newest.seq "
            f"JOIN {_table('Policy')} policy ON policy.id = entry.policy_id"
        )
        return {slug: Head(seq, chain) for slug, seq, chain in self.ask(query)}


class Opened:
    """A connection to a database file that only reads."""

    def __init__(self, path: str, file: tuple[int, int]) -> None:
        self.path, self.file = path, file
        address = f"file:{quote(os.path.abspath(path))}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        self.cursor = connection.cursor()
        #: Another after each commit, as SQLite itself said when it was asked last.
        self.version: object = None
        self.index: WalIndex | None = None
        self.look_at_file_at = 0.0

    def ask_version(self) -> None:
        """Ask SQLite itself."""
        self.version = self.file, self.cursor.execute("PRAGMA data_version").fetchone()[0]

    def look_at_index(self) -> None:
        """Take what the connections share. SQLite has opened it by now, since it was asked."""
        if self.index is None or self.index.file != file_beside(self.path):
            mode = self.cursor.execute("PRAGMA journal_mode").fetchone()[0]
            self.index = wal_index_of(self.path) if mode == "wal" else None

    def close(self) -> None:
        """Close the connection."""
        self.cursor.connection.close()


class SqliteFile(Asked):
    """A database file, read over one connection that all threads share."""

    mark = "?"

    def __init__(self, path: str) -> None:
        self.path = path
        self._opened: Opened | None = None
        self._seen: object = None
        self._failure = ""
        self._failed_at = float("-inf")
        self._lock = RLock()  # for the connection; looking at the index needs none

    @property
    def identity(self) -> object:
        """The file that is open."""
        opened = self._opened
        return None if opened is None else opened.file

    def ask_now(self) -> None:
        """It is looked at every time."""

    def changed(self) -> bool:
        """Whether another file is there, or somebody has written to this one."""
        return self._sign() != self._seen

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What was written before this began is seen once it ends."""
        sign = self._sign()
        yield
        self._seen = sign

    def _sign(self) -> object:
        opened = self._opened
        if opened is not None and monotonic() < opened.look_at_file_at:
            index = opened.index
            if index is not None:
                return opened.version, index.header()
        with self._turn():
            opened = self._look_at_file()
            if opened.index is not None:
                return opened.version, opened.index.header()
            opened.ask_version()
            return opened.version

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The connection, for one thread at a time.

        A hundred threads do not try a locked file one after another: whoever waited for one that
        failed fails with it, and nobody waits for long.
        """
        came = monotonic()
        if not self._lock.acquire(timeout=TURN):
            raise sqlite3.OperationalError("database is locked: another thread still waits for it")
        try:
            if came < self._failed_at:
                raise sqlite3.OperationalError(self._failure)
            yield
        except FAILURES as error:
            self._failure, self._failed_at = str(error), monotonic()
            raise
        finally:
            self._lock.release()

    def _look_at_file(self) -> Opened:
        """The connection to the file that is in its place now."""
        opened, now = self._opened, monotonic()
        if opened is not None and now < opened.look_at_file_at:
            return opened  # another thread has just looked
        found = os.stat(self.path)
        file = found.st_dev, found.st_ino
        if opened is None or opened.file != file:
            if self.close():
                # Django's own of this thread is open on the file that was here before. Those of
                # others end with their answers (CONN_MAX_AGE is 0).
                connections.close_all()
            opened = self._opened = Opened(self.path, file)
        opened.ask_version()
        opened.look_at_index()
        opened.look_at_file_at = now + LOOK_AT_FILE
        return opened

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of an answer."""
        with self._turn():
            opened = self._opened or self._look_at_file()
            return list(opened.cursor.execute(query, values).fetchall())

    def moment(self, value: Any) -> datetime:
        """Django writes UTC without saying so."""
        return datetime.fromisoformat(value).replace(tzinfo=UTC)

    def value(self, moment: datetime) -> Any:
        """The same, the other way round."""
        return str(moment.astimezone(UTC).replace(tzinfo=None))

    def present(self, triggers: Iterable[str]) -> str:
        """SQL for how many of these triggers are in place."""
        names = ", ".join(f"'{name}'" for name in triggers)
        return f"SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"

    def close(self) -> bool:
        """Close the connection; says whether there was one. The next question opens another."""
        with self._lock:
            opened, self._opened, self._seen = self._opened, None, None
            if opened is not None:
                opened.close()
        return opened is not None


class Server(Asked):
    """PostgreSQL, or any other database: asked by one thread at a time, at most twice a second."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.connection.inc_thread_sharing()
        self._lock = Lock()
        self._asked_at = float("-inf")

    @property
    def identity(self) -> object:
        """A server is always the same."""
        return None

    def changed(self) -> bool:
        """Whether it is time to ask again."""
        now = monotonic()
        if now - self._asked_at < INTERVAL:
            return False
        self._asked_at = now
        return True

    def reading(self) -> AbstractContextManager[None]:
        """Nothing to do: the others go on with what they know until the interval is over."""
        return nullcontext()

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        self.connection.close()

    def ask_now(self) -> None:
        """Ask before the interval is over."""
        self._asked_at = float("-inf")

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of an answer."""
        with self._lock:
            try:
                with self.connection.cursor() as cursor:
                    cursor.execute(query, values)
                    return list(cursor.fetchall())
            except DatabaseError:
                self.connection.close()
                raise

    def moment(self, value: Any) -> datetime:
        """As the driver gives it."""
        found: datetime = value
        return found

    def value(self, moment: datetime) -> Any:
        """As the driver takes it."""
        return moment

    def present(self, triggers: Iterable[str]) -> str:
        """SQL for how many of these triggers are in place."""
        names = ", ".join(f"'{name}'" for name in triggers)
        return (
            "SELECT COUNT(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            f"WHERE t.tgname IN ({names}) AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        )


def source_of(alias: str = DEFAULT_DB_ALIAS) -> SqliteFile | Server:
    """How the state of this database is read."""
    known = connections[alias]
    if known.vendor == "sqlite":
        return SqliteFile(str(known.settings_dict["NAME"]))
    connection = type(known)(deepcopy(known.settings_dict), alias)
    options = connection.settings_dict.get("OPTIONS", {})
    # Bounded waiting, whatever is between here and there, beside what DATABASE_URL may say.
    connection.settings_dict["OPTIONS"] = {
        **options,
        "connect_timeout": 2,
        "tcp_user_timeout": 2000,
        "options": f"{options.get('options', '')} -c statement_timeout=2000",
    }
    return Server(connection)


def place_of(alias: str = DEFAULT_DB_ALIAS) -> str:
    """What tells this database from the others that share a DATA_DIR."""
    known = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return str(Path(known["NAME"]).absolute())
    return "/".join(str(known.get(part) or "") for part in ("HOST", "PORT", "NAME"))


@lru_cache(maxsize=1)
def _state_triggers() -> tuple[str, ...]:
    """The names of the triggers that raise the state: without them nobody would notice a change."""
    public = [model for model in immutable.record_models() if model.is_public_record]
    return tuple(f"{immutable.PREFIX}{model._meta.db_table}_raises_state" for model in public)


def _table(name: str) -> str:
    return str(apps.get_model("faq", name)._meta.db_table)


def _chain(*columns: str) -> str:
    """SQL for every entry of every chain: approvals and withdrawals share one sequence."""
    wanted = ", ".join(["policy_id", "seq", *columns])
    return " UNION ALL ".join(
        f"SELECT {wanted} FROM {_table(name)}" for name in ("Approval", "Withdrawal")
    )
