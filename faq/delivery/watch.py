"""Which epoch it is, asked at every request, and what readers are shown when nobody can say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic

from faq.delivery.snapshot import Snapshot
from faq.delivery.sources import FAILURES, Source
from faq.delivery.state import Epoch, State

logger = logging.getLogger(__name__)

#: Seconds after which a database in trouble is asked again.
AGAIN = 1.0


class Watch:
    """What this process knows of the record, and since when.

    `trouble` says in a sentence why the database is not to be believed; it is empty while all is
    well. Time does not run backwards here: a clock that is set back stays in its epoch.
    """

    def __init__(
        self, source: Source, snapshot: Snapshot | None, clock: Callable[[], datetime]
    ) -> None:
        self.source = source
        self.snapshot = snapshot
        self.clock = clock
        self.trouble = ""
        self.state: State | None = None
        self.epoch: Epoch | None = None
        self._ask_again_at = 0.0
        self._identity: object = None
        self._lock = Lock()  # for asking the database
        self._turn = Lock()  # for going to another epoch

    def now(self) -> datetime:
        """The moment to answer for."""
        at = self.clock()
        epoch = self.epoch
        if epoch is not None and epoch.begin is not None and at < epoch.begin:
            return epoch.begin
        return at

    def look(self, *, afresh: bool = False) -> Epoch | None:
        """The epoch now. None if it is not known, or if no trigger would tell of its end.

        With `afresh`, the database is asked even if somebody asked it a moment ago.
        """
        if self.trouble:
            self._try_again()
        else:
            try:
                if self.source.changed() or afresh or self.state is None:
                    self._read()
            except FAILURES as error:
                self._fail(error)
        epoch = self.epoch
        if epoch is not None and epoch.end is not None and self.clock() >= epoch.end:
            self._move_on()
            return self.epoch
        return epoch

    def _try_again(self) -> None:
        """Ask a database in trouble, now and then, and never two threads at once."""
        if monotonic() < self._ask_again_at or not self._lock.acquire(blocking=False):
            return
        try:
            with self.source.reading():
                self._take()
        except FAILURES as error:
            self._note_trouble(f"The database does not answer: {error}")
        finally:
            self._lock.release()

    def _read(self) -> None:
        # On SQLite whoever comes meanwhile waits here too: nobody is shown the epoch of before once
        # somebody has seen the change.
        with self._lock:
            if self.trouble:  # whoever was here before has waited for a locked file long enough
                return
            with self.source.reading():
                number = self.source.number()
                same = self.source.identity == self._identity
                if self.state is None or self.state.number != number or not same:
                    self._take()

    def _take(self) -> None:
        """Believe the state that is there, unless it is older than one that was seen."""
        identity = self.source.identity
        state = self.source.state(self.now())
        if state is None:  # without its triggers the record changes and nobody is told
            self.state = self.epoch = None
            self._note_trouble("")
            return
        if self._is_behind(state):
            state = self.source.state(self.now())  # another process may have just been faster
            if state is None or self._is_behind(state):
                self._note_trouble(self._older_database())
                return
        if self.snapshot is not None:
            try:
                self.snapshot.note(state)
            except OSError:
                logger.exception("The pages for times without a database cannot be written.")
        self.state = state
        self._identity = identity
        self._note_trouble("")
        self._move_on()

    def _is_behind(self, state: State) -> bool:
        """Whether the database lacks something that readers have been shown."""
        seen = self.snapshot.state() if self.snapshot is not None else None
        if seen is None:
            return False
        if state.number < seen.number:
            return True
        return not all(self.source.has(slug, head) for slug, head in seen.heads.items())

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._note_trouble(f"The database does not answer: {error}")

    def _note_trouble(self, trouble: str) -> None:
        if trouble and not self.trouble:
            logger.error("%s Readers get the pages that were kept.", trouble)
        elif self.trouble and not trouble:
            logger.warning("The database answers again.")
        if trouble:
            self._ask_again_at = monotonic() + AGAIN
            self._take_what_was_seen()
        self.trouble = trouble

    def _take_what_was_seen(self) -> None:
        """Take the newest state that any process has seen."""
        seen = self.snapshot.state() if self.snapshot is not None else None
        if seen is not None and (self.state is None or self.state.number < seen.number):
            self.state = seen
            self._move_on()

    def _move_on(self) -> None:
        """Go to the epoch that it is now; never back in time."""
        with self._turn:
            if self.state is not None:
                self.epoch = self.state.epoch(self.now())

    def _older_database(self) -> str:
        folder: Path | str = self.snapshot.folder if self.snapshot is not None else ""
        return (
            "The database is older than the pages that readers have seen. If it was restored on "
            f"purpose, delete {folder}; if not, put the newer one back."
        )
