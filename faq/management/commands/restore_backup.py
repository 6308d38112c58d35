"""A backup becomes the database again, after its record was verified."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from faq import immutable
from faq.delivery.layer import site_snapshot
from faq.management.commands import _comparing as comparing
from faq.management.commands import _postgres_copy as postgres
from faq.management.commands import _sqlite_copy as sqlite
from faq.management.commands._common import counted, followed
from faq.sqlite.base import file_of
from faq.verification import Broken, Tally, verify

#: What is to be said of it, and where what was there before is kept, if anything was.
Restored = tuple[list[str], str]


class Command(BaseCommand):
    help = (
        "Make FILE, which `backup` wrote, the database again. Its record is restored beside the "
        "present database, migrated and verified before anything is replaced. A backup that has "
        "not all that is recorded now, or that readers saw of a database that is lost, is refused "
        "without --older. What it replaces is kept, and "
        "named. On SQLite the site may go on running; on PostgreSQL its sessions are ended. It "
        "works on an empty host as well. Ends with 1, and changes nothing, if anything is wrong."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
        parser.add_argument(
            "--older",
            action="store_true",
            help="go back to it even if something was published or hidden since",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        restore = self._on_sqlite if connection.vendor == "sqlite" else self._on_postgres
        try:
            said, kept = restore(options["file"], older=options["older"])
        except (Broken, sqlite.BadCopy) as error:
            raise CommandError(f"Nothing was restored. {error}") from None
        except (DatabaseError, sqlite3.Error, OSError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise CommandError(f"Nothing was restored: {first}") from None
        # From now on this database is right, whatever readers have been shown.
        site_snapshot().forget()
        for line in said:
            self.stdout.write(line)
        if kept:
            self.stdout.write(f"What was there before is kept: {kept}")

    def _on_sqlite(self, file: Path, *, older: bool) -> Restored:
        target = file_of(connection)
        if target is None:
            raise CommandError("The database of these settings is in memory.")
        fresh = target.with_name(f"{target.name}.restoring")
        plain = {**connection.settings_dict["OPTIONS"], "init_command": ""}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sqlite.copy_of(file, fresh)
            present, readable = self._present(target)
            with comparing.opened(NAME=str(fresh), OPTIONS=plain) as alias:
                said = self._make_right(alias)
                self._refuse_to_lose(present, alias, older=older, readable=readable)
                comparing.outnumber(alias, self._newest(present))
            kept = self._replace(fresh, target, present, readable=readable)
        finally:
            connection.close()
            sqlite.remove(fresh)
        return said, kept

    def _present(self, target: Path) -> tuple[comparing.Recorded, bool]:
        """What the present database has recorded, and whether it could be read at all."""
        if not target.exists():
            return {}, True
        try:
            return comparing.recorded(connection.alias), True
        except DatabaseError:
            connection.close()
            return {}, False

    def _replace(
        self, fresh: Path, target: Path, present: comparing.Recorded, *, readable: bool
    ) -> str:
        """Put the restored file in its place; return what is kept of the one before, if any."""
        now = timezone.localtime()
        aside = target.with_name(f"{target.stem}.unreadable-{now:%Y%m%d-%H%M%S}.sqlite3")
        if not target.exists() or not readable:
            kept = str(aside) if target.exists() else ""
            sqlite.move_aside(target, aside)  # a journal that was left behind as well
            sqlite.give_name(fresh, target)
            return kept
        kept = str(sqlite.copy_beside(connection, now)) if target.stat().st_size else ""
        sqlite.put_in_place(fresh, target, self._unless_changed(present))
        return kept

    def _unless_changed(self, present: comparing.Recorded) -> Callable[[], None]:
        def check() -> None:
            if comparing.recorded(connection.alias) != present:
                raise sqlite.BadCopy("Something was recorded meanwhile. Try again.")

        return check

    def _on_postgres(self, file: Path, *, older: bool) -> Restored:
        with file.open("rb"):
            pass
        postgres.looks_whole(connection, file)
        name = str(connection.settings_dict["NAME"])
        scratch = f"{name}_restoring"
        kept = f"{name}_before_{timezone.localtime():%Y%m%d_%H%M%S}"
        with postgres.beside(connection) as server:
            there = postgres.exists(server, name)
            present: comparing.Recorded = {}
            postgres.create(server, scratch, like=name)
            try:
                with comparing.opened(NAME=scratch) as alias:
                    postgres.restore_into(connections[alias], file)
                    said = self._make_right(alias)
                    if there:
                        tables = [model._meta.db_table for model in immutable.record_models()]
                        connection.set_autocommit(False)
                        postgres.lock(connection, tables)
                        present = comparing.recorded(connection.alias)
                    self._refuse_to_lose(present, alias, older=older, readable=True)
                    comparing.outnumber(alias, self._newest(present))
                postgres.swap(connection, server, scratch, kept)
            except BaseException:
                connection.close()
                with suppress(DatabaseError):  # what went wrong counts; the next restore drops it
                    postgres.drop(server, scratch)
                raise
        return said, f"database {kept}" if there else ""

    def _make_right(self, alias: str) -> list[str]:
        """Migrate and verify what was restored; return what is to be said of it."""
        gone = comparing.bring_up_to_date(alias)
        if gone:
            self.stderr.write(
                f"In the backup {len(gone)} of the record's triggers were missing or others than "
                f"ours, the first is {gone[0]}. They are in place again.",
                style_func=str,
            )
        tally = Tally()
        followed(verify(tally, alias), tally, self.stderr)
        return [f"Restored and verified {counted(tally)}.", *comparing.heads(alias, timezone.now())]

    def _refuse_to_lose(
        self, present: comparing.Recorded, alias: str, *, older: bool, readable: bool
    ) -> None:
        if older:
            return
        if not readable:
            raise CommandError(
                "The present database cannot be read, so nobody can say whether the backup has "
                "all that was published. Add --older to restore it all the same."
            )
        if lost := comparing.lacking(present, comparing.recorded(alias)):
            raise CommandError(
                f"The backup lacks what is recorded now: {lost}. Add --older to go back to it all "
                "the same."
            )
        seen = site_snapshot().state()
        if seen is None or present and not comparing.is_behind(connection.alias, seen):
            return  # then all that readers saw is in what was just compared
        if comparing.is_behind(alias, seen):
            raise CommandError(
                "The backup is from before what readers saw last. Add --older to go back to it "
                "all the same."
            )

    def _newest(self, present: comparing.Recorded) -> int:
        """The number of the newest state that the database has or that readers have seen."""
        seen = site_snapshot().state()
        return max(
            comparing.state_of(connection.alias) if present else 0, seen.number if seen else 0
        )
