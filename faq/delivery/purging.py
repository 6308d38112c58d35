"""Telling caches in front of the site that something has changed, by a program of the operator's.

Every process tells them for itself, after it has gone to another epoch: from then on it answers
with the new pages, so that no cache can fill itself again with an older one from this process.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from time import monotonic

from faq.delivery.front import EVERYTHING
from faq.delivery.watch import Watch

logger = logging.getLogger(__name__)

#: Seconds between two looks at the epoch.
INTERVAL = 0.25
#: Seconds that the program may take.
LIMIT = 30.0
#: Seconds until it is run again after it failed, and after it failed again; the last one stays.
PAUSES = (1.0, 5.0, 25.0, 125.0, 600.0)
#: Seconds after which it is run once more: an older page may have been on its way to a cache when
#: it ran first.
ONCE_MORE = 10.0
#: All that it finds in its environment, besides the site's address.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
#: How much of what it said goes into the log, in characters.
MOST_SAID = 200


@dataclass(frozen=True)
class Hook:
    """The operator's program. It gets tags as its arguments and says by its exit code 0: done."""

    program: Path
    site: str
    limit: float = LIMIT

    def run(self, *tags: str) -> str:
        """Run it, without a shell; says what went wrong, and nothing if nothing did."""
        try:
            with TemporaryFile() as said:
                code = self._code(tags, said.fileno())
                said.seek(0, os.SEEK_END)
                said.seek(max(0, said.tell() - 2000))
                lines = said.read().decode(errors="replace").split("\n")
        except OSError as error:
            return f"it cannot be run: {error.strerror}"
        if code is None:
            return f"it took more than {self.limit:g} seconds"
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")[:MOST_SAID]
        return f"exit code {code}{last and f', {last}'}" if code else ""

    def _code(self, tags: tuple[str, ...], said: int) -> int | None:
        """How it ended; None if it had to be ended, with all that it had started."""
        process = subprocess.Popen(
            [self.program, *tags],
            env={**ENVIRONMENT, "SITE_URL": self.site},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            return process.wait(self.limit)
        except subprocess.TimeoutExpired:
            with suppress(PermissionError):  # it may have become another user
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


class Purger(Thread):
    """A thread that runs the hook: at the start, for each new epoch, and again until it succeeds.

    At the start, because something may have been published while no server ran.
    """

    def __init__(
        self, watch: Watch, run: Callable[..., str], clock: Callable[[], float] = monotonic
    ) -> None:
        super().__init__(name="purge", daemon=True)
        self.watch = watch
        self._run_hook = run
        self._clock = clock
        self._epoch = ""
        self._due: float | None = None
        self._failures = 0
        self._succeeded = False
        self._ending = threading.Event()

    def run(self) -> None:
        """Work until the process ends, whatever happens."""
        while not self._ending.wait(INTERVAL):
            try:
                self.turn()
            except Exception:
                logger.exception("Caches in front could not be told of a change.")
                self._ending.wait(PAUSES[-1])

    def stop(self) -> None:
        """End soon."""
        self._ending.set()

    def turn(self) -> None:
        """Run the hook if that is due now."""
        epoch = self.watch.look()
        if self.watch.trouble:
            return  # caches hold what this process could not make
        if epoch is not None and epoch.name != self._epoch:
            self._epoch, self._due = epoch.name, self._clock()
            self._failures, self._succeeded = 0, False
        if self._due is not None and self._clock() >= self._due:
            self._tell()

    def _tell(self) -> None:
        fault = self._run_hook(EVERYTHING)
        if not fault:
            logger.info("The purge hook told caches in front of state %s.", self._epoch)
            self._due = None if self._succeeded else self._clock() + ONCE_MORE
            self._failures, self._succeeded = 0, True
            return
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        self._due = self._clock() + pause
        logger.error(
            "The purge hook failed for state %s: %s. It is run again in %d seconds; until it "
            "succeeds, caches in front may show what was public before.",
            *(self._epoch, fault, pause),
        )
