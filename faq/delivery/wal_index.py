"""Whether anybody has written to a SQLite database, read from what its connections share.

In WAL mode they share a file, `…-shm`, that each of them maps. Its first 48 bytes change with every
commit and before that returns: they hold a counter, the number of the last frame, and checksums
(sqlite.org/walformat.html, 2.1). Comparing them takes no system call and no call of SQLite, which
would let other threads in: that is what `PRAGMA data_version` costs under load.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from threading import Lock

#: The first of the two copies of the header. A writer finishes the second before this one.
SIZE = 48


class WalIndex:
    """The file that the connections to a database share. It stays open until the process ends.

    Whoever closes any descriptor of a file gives up all locks that the process has on it, SQLite's
    own too (sqlite.org/howtocorrupt.html, 2.2). That costs two descriptors for each such file, and
    there is another one only once a database was replaced: the layer always has it open.
    """

    def __init__(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(descriptor)
        #: Which file it is. No other gets this number while it is open.
        self.file = found.st_dev, found.st_ino
        self._memory = mmap.mmap(descriptor, SIZE, access=mmap.ACCESS_READ)
        # Not even when the interpreter ends, while another thread may be in the middle of a commit.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._memory))

    def header(self) -> bytes:
        """Bytes that differ after each commit."""
        return self._memory[:SIZE]


#: Every one that was opened, by its file; None for a file that could not be mapped. It is tried
#: once, since what was opened for that stays open.
_known: dict[tuple[int, int], WalIndex | None] = {}
_lock = Lock()


def file_beside(database: str) -> tuple[int, int] | None:
    """Which file the connections to a database share now; None if they share none."""
    try:
        found = os.stat(_path(database))
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= SIZE else None


def wal_index_of(database: str) -> WalIndex | None:
    """What the connections to a database share, for somebody who has just read through one of them.

    None where there is no such file (another journal mode) or it cannot be mapped.
    """
    if os.name != "posix":  # elsewhere an open file cannot be replaced
        return None
    file = file_beside(database)
    if file is None:
        return None
    with _lock:
        if file not in _known:
            try:
                index = WalIndex(_path(database))
            except FileNotFoundError:
                return None
            except (OSError, ValueError):
                _known[file] = None
                return None
            # It may be another file by now; whoever looks next finds that one.
            _known.setdefault(index.file, index)
        return _known.get(file)


def _path(database: str) -> str:
    """Where SQLite has it: beside the file itself, whatever link leads there."""
    return f"{os.path.realpath(database)}-shm"
