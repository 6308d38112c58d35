"""Whether what is published next can be written: a site that reads may not be able to write."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

#: What a long version needs beside what SQLite may have to move, in bytes.
ROOM = 4_000_000


def fault(connection: BaseDatabaseWrapper) -> str:
    """Why the database cannot be written to; empty if nothing speaks against it.

    It writes nothing to find out, so that it may be asked often. Raises DatabaseError if the
    database does not answer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            [read_only] = cursor.fetchone()
        return "the database is read-only" if read_only == "on" else ""
    file = Path(str(connection.settings_dict["NAME"]))
    if not file.is_file():  # in memory, or gone: that other questions tell
        return ""
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)):
        return "the database's file, or its folder, is read-only"
    if shutil.disk_usage(file.parent).free < ROOM:
        return "the disk of the database is full"
    return ""
