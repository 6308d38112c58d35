"""A PostgreSQL server of the fault tests' own, which keeps what it says and may be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

#: Debian keeps the server's programs off the PATH, in one folder for each version.
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


class PostgresServer:
    """A server in a folder of its own, on a Unix socket there; it refuses to run as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="faults.", dir="/tmp"))  # sockets: 107 bytes
        self.folder.chmod(0o755)  # a server of ours has no more rights than others
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._call("initdb", "-D", "data", "-U", "site", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def _call(self, program: str, *words: str) -> None:
        found = shutil.which(program, path=":".join([*map(str, PROGRAMS), os.environ["PATH"]]))
        assert found, f"There is no {program}. Install PostgreSQL: bin/with-postgres does."
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_user, found, *words]
        # Into a file: the server would keep a pipe open that it was given.
        with (self.folder / "said.log").open("a") as said:
            code = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said).returncode
        if code:
            logs = (self.folder / name for name in ("said.log", "server.log"))
            raise OSError("\n".join(log.read_text()[-2000:] for log in logs if log.exists()))

    def start(self) -> None:
        """Start it, and wait until it answers; after a crash it puts itself right first."""
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=60"
        log = ("-l", "server.log", "-w", "-t", "60", "-o", options)
        self._call("pg_ctl", "-D", "data", *log, "start")

    def stop(self) -> None:
        """Stop it at once, in order."""
        self._call("pg_ctl", "-D", "data", "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """Kill it with all its processes, none of which can put anything in order."""
        [first] = (self.folder / "data" / "postmaster.pid").read_text().split()[:1]
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *children):
            try:
                os.kill(int(process), signal.SIGKILL)
            except ProcessLookupError:
                continue
        limit = time.monotonic() + 30  # they are gone when whoever inherits them has looked
        while any(Path(f"/proc/{process}").exists() for process in (first, *children)):
            assert time.monotonic() < limit, "Killed processes are still there."
            time.sleep(0.02)

    def remove(self) -> None:
        """Stop it if it runs, and take its folder away."""
        with suppress(OSError):  # it does not run
            self._call("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple]:
        """Run one statement, committed, and return its rows."""
        with self.connect(database) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str) -> psycopg.Connection:
        """A connection on which each statement commits."""
        return psycopg.connect(host=str(self.folder), user="site", dbname=database, autocommit=True)

    def url(self, database: str) -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgres://site@{quote(str(self.folder), safe='')}/{database}"
