"""Servers under load: starting one, loading it with wrk, reading the CPU time it took."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[1]
CONNECTIONS = 32
TICK = os.sysconf("SC_CLK_TCK")
#: What docs/serving.md has the server give back to the system.
MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
#: What browsers of today send.
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@dataclass(frozen=True)
class Load:
    """What a round of load came to; times in microseconds."""

    requests: int
    seconds: float
    cpu: float
    median: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def environment(folder: Path, port: int) -> dict[str, str]:
    """Settings of a site in a folder of its own."""
    return os.environ | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "SECRET_KEY": "only-for-the-benchmark-and-long-enough-for-the-checks",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DEBUG": "false",
    }


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def manage(settings: Mapping[str, str], *words: str) -> None:
    """Run a management command."""
    subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=dict(settings),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def python(settings: Mapping[str, str], module: str, *words: str) -> str:
    """Run a module of ours in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=dict(settings),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


class Server:
    """The production server with one of our applications; a context manager.

    `settings` go before those of a site in a folder of its own, `options` are the server's.
    """

    def __init__(
        self,
        application: str,
        folder: Path,
        *,
        workers: int = 2,
        settings: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.application, self.folder, self.workers = application, folder, workers
        self.settings, self.options = dict(settings or {}), tuple(options)

    def __enter__(self) -> Server:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", self.application, "--interface", "wsgi"]
            + ["--http", "1", "--no-ws", "--port", str(self.port), "--log-level", "error"]
            + ["--workers", str(self.workers), "--blocking-threads", "8", *self.options],
            cwd=ROOT,
            env=MEMORY | environment(self.folder, self.port) | self.settings,
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/health/live", timeout=10).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.application} did not start")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)

    def wait_until_idle(self, most: float = 1800) -> bool:
        """Wait until pages are made ahead and nothing else is done; at most so many seconds.

        Says whether it is.
        """
        before, end = -1.0, time.monotonic() + most
        while (now := self.cpu()) - before > 0.05:
            if time.monotonic() > end:
                return False
            before = now
            time.sleep(2)
        return True

    def workers_pids(self) -> list[int]:
        """The processes that answer."""
        return _children(self.process.pid)

    def cpu(self) -> float:
        """Seconds of CPU that the server and its workers have used."""
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_seconds(pid) for pid in pids)

    def resident(self) -> list[int]:
        """Kilobytes of memory of each worker."""
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in _children(self.process.pid)]
        found = (re.search(r"VmRSS:\s+(\d+)", text) for text in texts)
        return [int(each[1]) for each in found if each]

    def load(
        self,
        path: str,
        seconds: int,
        headers: Mapping[str, str] = BROWSER,
        *,
        connections: int = CONNECTIONS,
    ) -> Load:
        """Ask for a page as fast as it is answered, over a number of connections."""
        options = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        before = self.cpu()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
            + ["-s", str(ROOT / "benchmarks/wrk.lua"), *options, f"{self.url}{path}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        used = self.cpu() - before
        said = json.loads(done.stdout.strip().splitlines()[-1])
        return Load(
            requests=said["requests"],
            seconds=said["microseconds"] / 1e6,
            cpu=1e6 * used / max(said["requests"], 1),
            median=said["median"],
            p99=said["p99"],
            errors=said["errors"],
        )


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(each) for each in found.stdout.split()]


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK
