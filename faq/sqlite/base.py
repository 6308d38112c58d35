"""Django's SQLite, but a file that is not there is an error, never a new empty site.

SQLite makes the file that it is told to open. After a wrong path, a volume that was not mounted
or a file that was deleted, a site would go on with nothing in it, and nobody would be told.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3 import base, features, schema
from django.db.utils import OperationalError
from django.utils.functional import cached_property

#: How Django names a table while it remakes it; then it makes the indexes itself, in time.
REMADE = "new__"


class NoDatabase(OperationalError):
    """There is no database file where it should be; the text says what to do."""


class DatabaseFeatures(features.DatabaseFeatures):
    """What this SQLite can do, asked without the site's file: checks come before there is one."""

    @cached_property
    def supports_json_field(self) -> bool:  # type: ignore[override]  # a plain value in the stubs
        """Whether it has the JSON functions, as nearly every one has."""
        with closing(sqlite3.connect(":memory:")) as trial:
            try:
                trial.execute("SELECT json('{}')")
            except sqlite3.OperationalError:
                return False
        return True


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Makes the indexes of a table with the table.

    Django notes that a migration was made within the same transaction only if nothing is left for
    its end. Else a process that is killed in between leaves tables that the next one trips over.
    """

    def create_model(self, model: type[models.Model]) -> None:
        """Make a table and its indexes; foreign keys stand in the table itself."""
        super().create_model(model)
        # While a table is remade, its indexes have the names of those that will go.
        if not model._meta.db_table.startswith(REMADE):
            self._leave_nothing()

    def add_field(self, model: type[models.Model], field: models.Field[Any, Any]) -> None:
        """Make a column and its index."""
        super().add_field(model, field)
        self._leave_nothing()

    def _leave_nothing(self) -> None:
        while self.deferred_sql:
            self.execute(self.deferred_sql.pop(0))


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that opens a file only if it is there, and knows when it is so no longer."""

    features_class = DatabaseFeatures
    SchemaEditorClass = DatabaseSchemaEditor
    #: Device and number of the file that is open.
    _opened: tuple[int, int] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the file without making one."""
        path = file_of(self)
        if path is None:
            return super().get_new_connection(conn_params)
        if not path.exists():
            raise NoDatabase(
                f"There is no database at {path}. Correct DATABASE_URL or DATA_DIR, bring the "
                "file back with manage.py restore_backup FILE, or start a new site with "
                "manage.py migrate."
            )
        connection = super().get_new_connection(
            {**conn_params, "database": f"{path.absolute().as_uri()}?mode=rw"}
        )
        self._opened = _identity(path)
        return connection

    def is_usable(self) -> bool:
        """Whether the open file is still the one at its path. Django asks after errors."""
        path = file_of(self)
        return path is None or self._opened == _identity(path)

    def _start_transaction_under_autocommit(self) -> None:
        # A writer may have waited for its turn while the file was replaced. What it wrote now
        # would be in a file that nobody reads.
        super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in its stubs
        if not self.is_usable():
            self.close()
            raise OperationalError(
                "The database file was replaced or removed while it was open. Try again."
            )


def file_of(connection: BaseDatabaseWrapper) -> Path | None:
    """The file that a database is in; None if it is in memory or not SQLite."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name)


def make_file(connection: BaseDatabaseWrapper) -> None:
    """Make the file of a database where there is none, readable by its owner only.

    Raises OSError.
    """
    path = file_of(connection)
    if path is not None and not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
