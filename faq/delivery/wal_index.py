"""Whether anybody has written to a SQLite database, read from what its connections share.

In WAL mode they share a file, `…-shm`, that each of them maps. Its first 48 bytes change with every
commit and before that returns: they hold a counter, the number of the last frame, and checksums
(sqlite.org/walformat.html, 2.1). To compare them takes neither a system call nor SQLite, so that no
thread lets another one in between, which is what `PRAGMA data_version` costs under load.
"""

from __future__ import annotations

import mmap
import os
from threading import Lock

#: The first of the two copies of the header. A writer finishes the second before this one.
SIZE = 48


class WalIndex:
    """The file that the connections to a database share.

    It must be closed by nobody while this process has a connection to that database: closing any
    descriptor of a file gives up all locks that the process has on it, SQLite's own too
    (sqlite.org/howtocorrupt.html, 2.2). So it stays open until the process ends.
    """

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._memory = mmap.mmap(self._descriptor, SIZE, access=mmap.ACCESS_READ)

    def header(self) -> bytes:
        """What is another after each commit."""
        return self._memory[:SIZE]


_known: dict[tuple[int, int], WalIndex] = {}
_lock = Lock()


def identity_of(database: str) -> tuple[int, int] | None:
    """Which file the connections to a database share now; None if they share none."""
    try:
        found = os.stat(f"{database}-shm")
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= SIZE else None


def wal_index_of(database: str) -> WalIndex | None:
    """What the connections to a database share, for somebody who has just read through one of them.

    None where there is no such file (another journal mode) or it cannot be mapped.
    """
    if os.name != "posix":  # elsewhere an open file cannot be replaced
        return None
    identity = identity_of(database)
    if identity is None:
        return None
    with _lock:
        if identity not in _known:
            try:
                _known[identity] = WalIndex(f"{database}-shm")
            except (OSError, ValueError):
                return None
        return _known[identity]
