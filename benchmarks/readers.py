"""Readers who know which process of the server answers them, and check what they are shown."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.serving import Server

#: How many connections are tried until every process has enough of them.
TRIES = 400
NUMBER = re.compile(r"/versions/([0-9]+)\.json\"")
DIGEST = re.compile(r"<code>([0-9a-f]{64})</code>")
EDITION = re.compile(r"edition ([0-9]{4})")


class Mixture(Exception):
    """What was shown does not belong together."""


@dataclass(frozen=True)
class Shown:
    """An answer: when it was asked for and there (seconds since 1970), and what it shows."""

    asked: float
    there: float
    etag: str
    body: bytes

    def check_etag(self) -> None:
        """Raise Mixture if the tag is not that of the body."""
        if self.etag != f'"{sha256(self.body).hexdigest()}"':
            raise Mixture(f"the tag {self.etag} is not that of the body")


class Reader:
    """A connection that is kept open, and the process at its other end."""

    def __init__(self, server: Server) -> None:
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        self.get("/health/live")
        self.worker = _worker_at(server, self.connection.sock.getsockname()[1])

    def get(self, path: str) -> Shown:
        """A page without any encoding; OSError for anything but 200."""
        asked = time.time()
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"{path} answers {answer.status}")
        return Shown(asked, time.time(), answer.headers.get("ETag", ""), body)

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


def readers_of_each_worker(server: Server, number: int = 1) -> dict[int, list[Reader]]:
    """So many readers of each process of the server, by its id."""
    found: dict[int, list[Reader]] = {pid: [] for pid in server.workers_pids()}
    for _try in range(TRIES):
        reader = Reader(server)
        if len(found[reader.worker]) < number:
            found[reader.worker].append(reader)
        else:
            reader.close()
        if all(len(readers) == number for readers in found.values()):
            return found
    raise SystemExit("Some process of the server takes no connection.")


def edition_in(page: str, digests: dict[int, str]) -> int:
    """The number of the version that a page shows.

    Its number, its fingerprint (which `digests` has by number) and what its answers say must
    belong together, else it is a Mixture.
    """
    numbers = {int(each) for each in NUMBER.findall(page)}
    editions = {int(each) for each in EDITION.findall(page)}
    fingerprints = set(DIGEST.findall(page))
    number = min(numbers, default=0)
    if numbers != {number} or editions != {number} or fingerprints != {digests.get(number)}:
        raise Mixture(f"versions {numbers}, wording of {editions}, fingerprints {fingerprints}")
    return number


def _worker_at(server: Server, port: int) -> int:
    """The process that holds the other end of the connection from this port of ours."""
    ends = f"0100007F:{server.port:04X}", f"0100007F:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    socket = next(f"socket:[{row[9]}]" for row in rows if (row[1], row[2]) == ends)
    for pid in server.workers_pids():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(descriptor) == socket:
                    return pid
            except OSError:  # closed meanwhile
                continue
    raise SystemExit("No process of the server holds the connection.")
