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
from typing import Self

from tests import processes

ROOT = Path(__file__).parents[1]
CONNECTIONS = 32
#: Processes that answer, the same number for every server.
WORKERS = 2
#: What docs/serving.md has the server give back to the system.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "_RJEM_MALLOC_CONF": "narenas:1,lg_tcache_max:10,dirty_decay_ms:500,muzzy_decay_ms:0",
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


class Running:
    """A server that was started and can be loaded; a context manager that ends it.

    `command` starts it and all its processes. It is there once `ready` answers.
    """

    def __init__(self, command: Sequence[str], port: int, ready: str, env: Mapping[str, str]):
        self.command, self.port, self.ready, self.env = command, port, ready, env
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        # A group of its own: Ctrl-C reaches only us, and we end it.
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=dict(self.env), start_new_session=True
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_ready(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}{self.ready}", timeout=10).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"This did not start: {' '.join(self.command)}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def wait_until_idle(self, most: float = 1800, *, rest: float = 2) -> bool:
        """Wait until `rest` seconds pass in which nothing is done, such as making pages ahead.

        At most so many seconds; says whether it is idle.
        """
        return processes.wait_until_idle(self.process.pid, most, rest=rest)

    def workers_pids(self) -> list[int]:
        """The processes that answer."""
        return processes.children(self.process.pid)

    def cpu(self) -> float:
        """Seconds of CPU that the server and its workers have used."""
        return processes.cpu(self.process.pid)

    def resident(self) -> list[int]:
        """Kilobytes of memory of each worker."""
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in self.workers_pids()]
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


class Server(Running):
    """The production server with an application, ours or a peer's, in docs/serving.md's way.

    `settings` go before those of a site in `folder`, `options` are the server's. For a peer,
    `python` is that of another environment, and `env` what it reads instead of our settings.
    """

    def __init__(
        self,
        application: str,
        folder: Path,
        *,
        workers: int = WORKERS,
        ready: str = "/health/live",
        settings: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        python: str = sys.executable,
        env: Mapping[str, str] | None = None,
    ) -> None:
        port = free_port()
        site = environment(folder, port) if env is None else env
        super().__init__(
            [python, "-m", "granian", application, "--interface", "wsgi", "--http", "1"]
            + ["--no-ws", "--port", str(port), "--workers", str(workers)]
            + ["--blocking-threads", "8", "--backpressure", "8192", "--log-level", "error"]
            + [*options],
            port,
            ready,
            MEMORY | dict(site) | dict(settings or {}),
        )
