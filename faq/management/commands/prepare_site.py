"""Make a database ready to be served: a copy before it is migrated, a sample, an account."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from faq import immutable
from faq.delivery.layer import site_snapshot
from faq.exchange.history import load_history, read_history
from faq.management.commands._common import one_line_errors
from faq.management.commands._sqlite_copy import copy_beside
from faq.models import Policy
from faq.sqlite.base import file_of, make_file

try:
    import fcntl
except ImportError:  # Windows, where the development server is started by hand, once
    fcntl = None  # type: ignore[assignment]

SAMPLE = Path(settings.BASE_DIR) / "faq" / "sample"
#: Letters and digits that nobody mistakes for another.
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = (
        "Make the database ready: copy it if it must be migrated (SQLite; the newest five copies "
        "stay beside it), migrate it, and make an administrator's account if there is none. It "
        "can be run any number of times. Where the pages that readers saw show that a database was "
        "lost, it makes no new one. Prints the account on standard output and progress on "
        "standard error."
    )

    # Some checks ask the database, and this command has to say in a sentence that it is broken.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sample", action="store_true", help="load the sample policy if there is no policy yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            self.check()
            with _one_at_a_time():
                if self._is_empty():
                    self._begin()
                make_file(connection)
                self._migrate(now)
                if options["sample"] and not Policy.objects.exists():
                    self._say("Loading the sample policy …")
                    with one_line_errors():
                        load_history(read_history(SAMPLE), by="sample", at=now)
                account = _account()
        except (DatabaseError, OSError, sqlite3.Error) as error:
            raise CommandError(f"The database cannot be prepared: {error}") from None
        self.stdout.write(account)

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)  # progress is no error: not in red

    def _is_empty(self) -> bool:
        """Whether there is no database yet, or one without tables."""
        file = file_of(connection)
        there = file is None or file.exists()
        return not (there and connection.introspection.table_names())

    def _begin(self) -> None:
        """Forget the pages of a database that was deleted, unless they show that it had a record.

        Raises CommandError. Without the pages nobody could say what a backup lacks.
        """
        pages = site_snapshot()
        seen = pages.state()
        if seen is not None and seen.heads:
            raise CommandError(
                "The database is empty or not there, but readers have seen a record. Bring it back "
                "with manage.py restore_backup FILE; or, if a new site is meant, delete "
                f"{pages.folder}"
            )
        pages.forget()

    def _migrate(self, now: datetime) -> None:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            immutable.install(connection.alias)  # an earlier migrate may have been cut short
            return
        if connection.introspection.table_names():
            self._keep_a_copy(now)
        self._say("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)

    def _keep_a_copy(self, now: datetime) -> None:
        if connection.vendor != "sqlite":
            self._say("The database will be migrated. Your own backup should be there by now.")
        elif not connection.is_in_memory_db():
            copy = copy_beside(connection, timezone.localtime(now))
            self._say(f"The database will be migrated. A copy of it as it was: {copy}")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for another one of these on this machine to end."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "prepare.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _account() -> str:
    """Make an administrator with a password, once; say how to log in."""
    users = get_user_model().objects
    admin = users.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if admin is not None:
        name = admin.get_username()
        return (
            f"User: {name}  Password: set earlier (change it with: manage.py changepassword {name})"
        )
    taken = set(users.values_list("username", flat=True))
    names = ["admin", *(f"admin{number}" for number in range(2, len(taken) + 3))]
    name = next(each for each in names if each not in taken)
    password = "-".join("".join(secrets.choice(READABLE) for _n in range(4)) for _g in range(4))
    users.create_superuser(name, password=password)
    return f"User: {name}  Password: {password}"
