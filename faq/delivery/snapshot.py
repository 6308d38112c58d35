"""The last good pages on disk: what readers get while the database cannot be asked.

    pages/<database>/state.json          the newest state that was seen
    pages/<database>/<epoch>-<build>/…   a file for each page

Every file is written beside its place, synced and renamed, and holds the fingerprint of what it
says. One that is torn or altered counts as not there. All of it may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from faq.delivery.answers import Answer
from faq.delivery.state import State
from faq.digest import fingerprint

try:
    import fcntl
except ImportError:  # Windows, where one process serves and nobody else writes
    fcntl = None  # type: ignore[assignment]

#: What a damaged file may make of reading it.
DAMAGE = (OSError, ValueError, TypeError, KeyError, AttributeError)
#: What even the smallest file takes on a disk.
BLOCK = 4096
EPOCH = re.compile(r"([0-9]+-[0-9T.]+)-([0-9a-f]+)")


class Snapshot:
    """The pages of one database, as one build of the site made them.

    `limit` is how many bytes an epoch may take; pages made ahead of readers may go beyond it.
    """

    def __init__(self, folder: Path, *, place: str, build: str, limit: int) -> None:
        self.folder = folder / fingerprint(place.encode())[:16]
        self.build = build
        self.limit = limit
        self._began = time.time()
        self._sizes: dict[str, int] = {}
        self._lock = Lock()

    def state(self) -> State | None:
        """The newest state that was seen; None if nobody noted any."""
        try:
            return State.from_json(json.loads(_unsealed(self._state_file.read_bytes())))
        except DAMAGE:
            return None

    def note(self, state: State) -> None:
        """Note a state, unless a newer one stands there."""
        with self._alone():
            known = self.state()
            if known is None or known.number < state.number:
                _write(self._state_file, _sealed(json.dumps(state.to_json()).encode()))

    def forget(self) -> None:
        """Delete everything: whatever the database says from now on is right."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def has(self, epoch: str, host: str, path: str) -> bool:
        """Whether this build's page is there."""
        return self._file(epoch, host, path).exists()

    def load(self, epoch: str, host: str, path: str) -> Answer | None:
        """A page of this epoch, made by this build or, if there is none, by another."""
        own = self._file(epoch, host, path)
        others = sorted(self.folder.glob(f"{epoch}-*/{own.name}"))
        for file in [own, *others]:
            try:
                head, _line, body = _unsealed(file.read_bytes()).partition(b"\n")
                value = json.loads(head)
                if (value["host"], value["path"]) == (host, path):
                    headers = tuple((str(name), str(said)) for name, said in value["headers"])
                    return Answer(str(value["status"]), headers, body)
            except DAMAGE:
                continue
        return None

    def keep(self, epoch: str, host: str, path: str, answer: Answer, *, ahead: bool) -> None:
        """Write a page, unless it is there; one that a reader asked for only if there is room."""
        file = self._file(epoch, host, path)
        if file.exists():
            return
        head = {"host": host, "path": path, "status": answer.status, "headers": answer.headers}
        data = _sealed(json.dumps(head).encode() + b"\n" + answer.body)
        with self._lock:
            size = self._sizes.get(epoch)
            if size is None:
                size = sum(_on_disk(each.stat().st_size) for each in file.parent.glob("*"))
            size += _on_disk(len(data))
            if not ahead and size > self.limit:
                return
            self._sizes[epoch] = size
        _write(file, data)

    def keep_only(self, epochs: Collection[str]) -> None:
        """Delete the pages of all other epochs, and those of builds that no longer run.

        While a server is reloaded two builds run, each in an epoch of its own perhaps. So another
        build's pages stay if this process saw them written, unless their epoch is over.
        """
        first = min(map(_order, epochs))
        for folder in self.folder.glob("*"):
            if found := EPOCH.fullmatch(folder.name):
                epoch, build = found[1], found[2]
                if build == self.build:
                    stays = epoch in epochs
                else:
                    stays = _order(epoch) >= first and self._saw_written(folder)
                if not stays:
                    shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._sizes = {name: size for name, size in self._sizes.items() if name in epochs}

    def _saw_written(self, folder: Path) -> bool:
        """Whether somebody wrote a page there since this process began."""
        try:
            return folder.stat().st_mtime >= self._began
        except OSError:  # another process has just deleted it
            return False

    @property
    def _state_file(self) -> Path:
        return self.folder / "state.json"

    def _file(self, epoch: str, host: str, path: str) -> Path:
        name = fingerprint(f"{host}\n{path}".encode())
        return self.folder / f"{epoch}-{self.build}" / name

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait for other processes that are writing the state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _order(epoch: str) -> tuple[int, str]:
    """What sorts the names of epochs by when they begin."""
    number, _dash, since = epoch.partition("-")
    return int(number), since


def _on_disk(size: int) -> int:
    """What a file of this size takes there."""
    return -(-size // BLOCK) * BLOCK


def _sealed(data: bytes) -> bytes:
    return fingerprint(data).encode() + b"\n" + data


def _unsealed(data: bytes) -> bytes:
    """What was sealed; raises ValueError if it has been torn or altered since."""
    seal, _line, rest = data.partition(b"\n")
    if seal != fingerprint(rest).encode():
        raise ValueError("torn or altered")
    return rest


def _write(file: Path, data: bytes) -> None:
    """Put a file in its place whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as beside:
            beside.write(data)
            beside.flush()
            os.fsync(beside.fileno())
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
