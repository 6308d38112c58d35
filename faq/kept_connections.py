"""A connection that a thread of the server keeps is closed as the thread ends.

Django keeps a connection for each thread for as long as CONN_MAX_AGE says, but looks at that only
while the thread answers. That of a thread that has ended stays open until Python collects garbage.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_thread = threading.local()


class Kept:
    """What a thread keeps. Python lets go of it as the last thing that the thread does."""

    def __init__(self) -> None:
        self.connections: set[BaseDatabaseWrapper] = set()

    def __del__(self) -> None:
        for connection in self.connections:
            connection.close()


def keep(*, connection: BaseDatabaseWrapper, **_more: Any) -> None:
    """Have a connection that this thread just opened closed with the thread.

    To be told by Django of each that is opened. The main thread ends with the process.
    """
    if not connection.settings_dict["CONN_MAX_AGE"]:
        return
    if threading.current_thread() is threading.main_thread():
        return
    if connection is connections[connection.alias]:  # and none that threads share
        if not hasattr(_thread, "kept"):
            _thread.kept = Kept()
        _thread.kept.connections.add(connection)
