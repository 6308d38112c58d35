"""A whole site in a folder: its database, its processes, its server, and people who read it."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

PREAMBLE = """
import os, sys
import django
django.setup()
from django.db import connection, transaction
from django.utils.timezone import now
from faq import digest, immutable, publishing
from faq.models import *
from tests.factory import *

def wait():
    print("ready", flush=True)
    return sys.stdin.readline()
"""
#: How long anything may take before a test gives up.
PATIENCE = 300


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def text(self) -> str:
        return self.body.decode()


class Site:
    """A site with a database and a port of its own; all its processes have the same settings."""

    def __init__(self, folder: Path, database_url: str, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
            "SECRET_KEY": "only for this test, and long enough to please the checks",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "DEBUG": "false",
        }

    @property
    def file(self) -> Path:
        """The database's file, on SQLite."""
        return Path(self.environment["DATABASE_URL"].removeprefix("sqlite:///"))

    def start(self, code: str, under: tuple[str, ...] = (), **settings: str) -> subprocess.Popen:
        """Start a process that runs this code; `under` is a program to run it under."""
        return subprocess.Popen(
            [*under, sys.executable, "-c", PREAMBLE + code],
            cwd=ROOT,
            env={**self.environment, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, code: str, under: tuple[str, ...] = (), **settings: str) -> str:
        """Run this code in a process, which must end well, and return what it printed."""
        process = self.start(code, under, **settings)
        said, _nothing = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        return said.strip()

    def at_once(self, *codes: str) -> list[str]:
        """Let each code begin when all of them wait; return what each printed, sorted."""
        processes = [self.start(code) for code in codes]
        for process in processes:
            first = process.stdout.readline()
            assert first == "ready\n", first + process.stdout.read()
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return sorted(process.communicate(timeout=PATIENCE)[0].strip() for process in processes)

    def manage(
        self, *words: str, under: tuple[str, ...] = (), **settings: str
    ) -> subprocess.CompletedProcess:
        """Run a management command, however it ends."""
        return subprocess.run(
            [*under, sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def verify(self) -> str:
        """What verify_record says, which must be that all is right."""
        done = self.manage("verify_record")
        assert done.returncode == 0, done.stderr
        assert "all as recorded" in done.stdout
        return done.stdout

    @contextmanager
    def serving(self, port: int | None = None, **settings: str) -> Iterator[Server]:
        """Serve the site, on another port than its own if one is given, until the block ends."""
        server = Server(self, port or self.port, settings)
        try:
            server.wait_until_it_lives()
            yield server
        finally:
            server.stop()


class Server:
    """The production server of a site, with the options that bin/run gives it."""

    def __init__(self, site: Site, port: int, settings: dict[str, str]) -> None:
        self.site, self.port = site, port
        self.log = (site.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*as_bound_as_anyone(), sys.executable, *options_of_the_server(port)],
            cwd=ROOT,
            env={**site.environment, **settings},
            stdout=self.log,
            stderr=self.log,
        )

    def wait_until_it_lives(self) -> None:
        """Wait until the process answers, whatever it can answer."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and self.process.poll() is None:
            try:
                if self.get("/health/live").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"The server did not start:\n{self.said()[-3000:]}")

    def said(self) -> str:
        """What it wrote to its log."""
        return Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> Answer:
        """Ask over a new connection, so that any worker may answer, under the site's own name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Host": f"127.0.0.1:{self.site.port}"})
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.headers)
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """What /health/ready says."""
        return self.get("/health/ready").status == 200

    def wait_until_kept(self, number: int) -> None:
        """Wait until at least so many pages are kept for bad times, and no more are being made."""
        kept, before = 0, -1
        limit = time.monotonic() + PATIENCE
        while kept < number or kept != before:
            assert time.monotonic() < limit, f"Only {kept} pages are on the disk."
            time.sleep(3)
            files = (self.site.folder / "pages").rglob("*")
            kept, before = sum(1 for file in files if file.is_file()), kept

    def wait_until_ready(self) -> None:
        """Wait until it is: repaired things may take a moment to be noticed."""
        limit = time.monotonic() + PATIENCE
        while not self.is_ready():
            assert time.monotonic() < limit, self.get("/health/ready").text
            time.sleep(0.2)

    def stop(self) -> None:
        """End it, in order, and with all its workers."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


@dataclass
class Readers:
    """People who read these addresses over and over and know what each has to say."""

    server: Server
    expected: dict[str, bytes]
    number: int = 200
    reads: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def __enter__(self) -> Readers:
        self._lock, self._end = threading.Lock(), threading.Event()
        self._turns = [0] * self.number
        self._threads = [
            threading.Thread(target=self._read, args=(which,)) for which in range(self.number)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def each_reads(self, times: int = 1) -> None:
        """Wait until everybody has read so often from now on, a read that goes on not counted."""
        goal = [turns + times + 1 for turns in self._turns]
        limit = time.monotonic() + PATIENCE
        while any(turns < least for turns, least in zip(self._turns, goal, strict=True)):
            assert time.monotonic() < limit, f"Readers wait: {self.reads} reads, {self.wrong[:3]}"
            time.sleep(0.05)

    def saw_nothing_wrong(self) -> None:
        """Fail if anybody saw an error or other bytes."""
        assert not self.wrong, f"{len(self.wrong)} of {self.reads} reads: {self.wrong[:5]}"

    def _read(self, which: int) -> None:
        paths = sorted(self.expected)
        while not self._end.is_set():
            path = paths[(which + self._turns[which]) % len(paths)]
            began = time.monotonic()
            try:
                answer = self.server.get(path)
                fault = "" if answer.status == 200 else f"{answer.status}"
                if not fault and answer.body != self.expected[path]:
                    fault = "other bytes"
            except (OSError, http.client.HTTPException) as error:
                fault = repr(error)
            with self._lock:
                self.reads += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                self._turns[which] += 1
                if fault:
                    self.wrong.append(f"{path}: {fault}")


def options_of_the_server(port: int) -> list[str]:
    """What bin/run gives to Python to serve a site: the last command that stands there."""
    script = (ROOT / "bin" / "run").read_text(encoding="utf-8")
    command = script.rpartition('exec "$python" ')[2].replace("\\\n", " ")
    command = command.replace("$addresses", f"--bind 127.0.0.1:{port}").replace("$PORT", str(port))
    return shlex.split(command)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def as_bound_as_anyone() -> tuple[str, ...]:
    """For root, a program that takes away what lets root write where permissions forbid it."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return ()
    rights = "-dac_override,-dac_read_search"
    return ("setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}")


def kill(process: int) -> None:
    """Kill a process of ours, by its id, with the signal that it cannot see."""
    os.kill(process, signal.SIGKILL)


def links_in(page: str) -> set[str]:
    """The addresses on this site that a page leads to, without fragments."""
    return {link.partition("#")[0] for link in re.findall(r'(?:href|src)="(/[^"]*)"', page)}
