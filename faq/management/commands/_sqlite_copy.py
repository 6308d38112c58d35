"""A copy of a SQLite database beside it, made while others may read and write."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

#: How many copies are kept beside a database.
KEPT = 5


def copy_beside(connection: BaseDatabaseWrapper, at: datetime) -> Path:
    """Copy the database to NAME.before-YYYYmmdd-HHMMSS.sqlite3; keep the newest five.

    The copy gets its name when it is whole. Raises OSError and sqlite3.Error.
    """
    source = Path(connection.settings_dict["NAME"])
    copy = source.with_name(f"{source.stem}.before-{at:%Y%m%d-%H%M%S}.sqlite3")
    unfinished = copy.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    # Like the database itself it holds accounts: nobody else reads it.
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection.ensure_connection()
    target = sqlite3.connect(unfinished)
    try:
        connection.connection.backup(target)
    finally:
        target.close()
    unfinished.replace(copy)
    for old in sorted(source.parent.glob(f"{source.stem}.before-*.sqlite3"))[:-KEPT]:
        old.unlink()
    return copy
