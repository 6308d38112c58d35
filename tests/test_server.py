"""The site as it runs: the production server with two workers, its own database, real requests."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests import processes

pytestmark = pytest.mark.slow

POLICY = "# Privacy policy\n\n## Who are we?\n\nThe {} answer.\n"
#: How many threads of a worker answer, and the seconds until one that has nothing to do is ended.
THREADS, IDLE = 4, 5


class Site:
    """A site in a folder of its own, with commands, and a server with two workers."""

    server: subprocess.Popen[bytes]

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
            "DATA_DIR": str(folder),
            "SECRET_KEY": "only for this test, and long enough to please the checks",
            "SITE_URL": self.url,
            "DEBUG": "false",
        }

    def manage(self, *words: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, which: str) -> str:
        """Write a policy file and return its path."""
        path = self.folder / "policy.md"
        path.write_text(POLICY.format(which), encoding="utf-8")
        return str(path)

    def get(self, path: str) -> bytes:
        """Fetch a page over a new connection, so that any worker may answer."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return answer.read()

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers; options are Popen's."""
        server = subprocess.Popen(
            [sys.executable, "-m", "granian", "privacy_site.wsgi:application"]
            + ["--interface", "wsgi", "--http", "1", "--no-ws", "--log-level", "error"]
            + ["--workers", "2", "--blocking-threads", str(THREADS), "--port", str(self.port)]
            + ["--blocking-threads-idle-timeout", str(IDLE)],
            cwd=settings.BASE_DIR,
            env=self.environment,
            **options,
        )
        for _ in range(100):
            try:
                self.get("/health/ready")
                return server
            except OSError:
                time.sleep(0.2)
        server.terminate()
        raise AssertionError("The server did not start.")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    site.manage("migrate", "-v0")
    site.manage("collectstatic", "--noinput", "-v0")
    site.manage("import_policy", site.write("first"), "--policy", "privacy")
    site.manage("publish", "privacy", "--note", "The first version.")
    site.server = server = site.start()
    yield site
    server.terminate()
    server.wait(timeout=20)


def test_the_fingerprint_on_the_page_is_that_of_the_downloaded_bytes(site):
    digest = hashlib.sha256(site.get("/privacy/versions/1.json")).hexdigest()
    assert digest.encode() in site.get("/privacy/versions/")
    assert digest.encode() in site.get("/privacy/")


def test_sha256sum_prints_the_fingerprint_of_what_curl_fetched(site):
    url = f"{site.url}/privacy/versions/1.json"
    piped = subprocess.run(
        f"curl -s {url} | sha256sum", shell=True, capture_output=True, text=True, check=True
    )
    assert piped.stdout.split()[0].encode() in site.get("/privacy/versions/")


def test_a_scheduled_version_is_in_force_within_a_second_in_every_worker(site):
    begun = datetime.now(UTC)
    site.manage("import_policy", site.write("second"), "--policy", "privacy")
    # Far enough ahead for the next command to end before it, however slow this machine is.
    ahead = max(timedelta(seconds=3), 3 * (datetime.now(UTC) - begun))
    moment = (datetime.now(UTC) + ahead).replace(microsecond=0) + timedelta(seconds=1)
    site.manage("publish", "privacy", "--note", "Soon.", "--effective", moment.isoformat())

    def ask(_number: int) -> tuple[datetime, datetime, bool]:
        begun = datetime.now(UTC)
        page = site.get("/privacy/")
        return begun, datetime.now(UTC), b"The second answer." in page

    with ThreadPoolExecutor(4) as readers:
        before = list(readers.map(ask, range(12)))
        time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 1)
        after = list(readers.map(ask, range(12)))
    assert not any(new for _begun, ended, new in before if ended < moment)
    assert any(ended < moment for _begun, ended, _new in before)
    assert all(new for _begun, _ended, new in after)


def test_threads_of_the_server_that_come_and_go_leave_no_database_open(site):
    workers = processes.children(site.server.pid)
    assert len(workers) == 2

    def threads() -> set[str]:
        return {task.name for each in workers for task in Path(f"/proc/{each}/task").iterdir()}

    seen: set[str] = set()
    for wait in (IDLE + 2, IDLE + 2, IDLE + 2, 0):
        with ThreadPoolExecutor(16) as readers:  # what is searched for is no finished page
            asked = [readers.submit(site.get, "/privacy/?q=answer") for _time in range(100)]
            while not all(each.done() for each in asked):
                seen |= threads()
                time.sleep(0.01)
        assert all(each.result() for each in asked)
        time.sleep(wait)
    assert len(seen - threads()) >= 2 * THREADS  # many have ended by now
    for worker in workers:
        names = [os.path.realpath(each) for each in Path(f"/proc/{worker}/fd").iterdir()]
        for ending in (".sqlite3", ".sqlite3-wal"):
            # One for each thread that answers, one for that which makes pages, and the layer's.
            assert sum(name.endswith(ending) for name in names) <= THREADS + 2, names


def test_static_files_are_served_by_hashed_names_that_never_change(site):
    page = site.get("/privacy/").decode()
    sheet = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    assert sheet.startswith("/static/css/")
    with urllib.request.urlopen(f"{site.url}{sheet}", timeout=10) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
