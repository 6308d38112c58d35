"""A copy of the whole database, made while the site runs, and verified before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone

from faq.management.commands import _postgres_copy as postgres
from faq.management.commands._common import counted, followed
from faq.management.commands._comparing import heads, opened
from faq.management.commands._sqlite_copy import BadCopy, check_structure, copy_into, give_name
from faq.sqlite.base import file_of
from faq.verification import Broken, Tally, one_moment, verify


class Command(BaseCommand):
    help = (
        "Copy the whole database to FILE while others read and write: SQLite by its own online "
        "copy, PostgreSQL by pg_dump (custom format). The copy is verified as verify_record does "
        "it, and gets its name only when it is whole. Prints the head of each policy's record: "
        "noted elsewhere, it shows later whether anything is missing. The copy holds accounts; "
        "nobody but its owner may read it. Ends with 1, and leaves no file, if anything is wrong."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="where the copy goes")
        parser.add_argument("--force", action="store_true", help="replace FILE if it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        unfinished = file.with_name(f".{file.name}.unfinished")
        tally = Tally()
        try:
            self._refuse(file, force=options["force"])
            if connection.vendor == "sqlite":
                lines = self._of_sqlite(unfinished, tally)
            else:
                lines = self._of_postgres(unfinished, tally)
            self._refuse(file, force=options["force"])
            give_name(unfinished, file)
        except (Broken, BadCopy) as error:
            raise CommandError(f"No backup was made. The record is not whole: {error}") from None
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        finally:
            with suppress(OSError):  # where nothing could be written, nothing is left
                unfinished.unlink(missing_ok=True)
        self.stdout.write(f"Copied and verified {counted(tally)}: {file}")
        for line in lines:
            self.stdout.write(line)

    def _refuse(self, file: Path, *, force: bool) -> None:
        if file.is_dir():
            raise CommandError(f"{file} is a folder. Give the name of a file.")
        database = file_of(connection)
        if not file.exists():
            return
        if database is not None and database.exists() and file.samefile(database):
            raise CommandError(f"{file} is the database itself. Give another name.")
        if not force:
            raise CommandError(f"{file} is there already. Give another name, or add --force.")

    def _of_sqlite(self, unfinished: Path, tally: Tally) -> list[str]:
        connection.ensure_connection()
        copy_into(connection.connection, unfinished)
        check_structure(unfinished)
        plain = {**connection.settings_dict["OPTIONS"], "init_command": ""}
        with opened(NAME=str(unfinished), OPTIONS=plain) as alias:
            followed(verify(tally, alias), tally, self.stderr)
            return heads(alias, timezone.now())

    def _of_postgres(self, unfinished: Path, tally: Tally) -> list[str]:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with one_moment():
            followed(verify(tally), tally, self.stderr)
            postgres.dump(connection, unfinished)
            return heads(connection.alias, timezone.now())
