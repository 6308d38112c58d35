"""Making pages before anybody asks: at the start, after each change, and for the next epoch."""

from __future__ import annotations

import ctypes
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice, zip_longest
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from django.db import connections

from faq import remembered
from faq.delivery.state import Epoch
from faq.views.every_page import public_paths

if TYPE_CHECKING:
    from faq.delivery.layer import Delivery

logger = logging.getLogger(__name__)

#: Seconds between two looks while nobody asks for a page.
INTERVAL = 1.0
#: How many pages of an epoch every process makes ahead after every change; the most important ones
#: come first. Others are made when somebody asks.
MOST = 1_000
#: The longest rest after a piece of work, in seconds. Readers go first: no more than half of the
#: time is spent here.
REST = 0.1
#: A page that took longer, in seconds, leaves much free memory behind.
LARGE = 1.0


class Warmer(Thread):
    """A thread beside those that serve readers."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(name="pages", daemon=True)
        self.delivery = delivery
        self._done = ""
        self._ending = threading.Event()

    def run(self) -> None:
        """Work until the process ends, whatever happens."""
        settle()
        settled = False
        while not self._ending.wait(INTERVAL if self._done else 0.01):
            try:
                self.turn(rest=self._rest)
            except Exception:
                logger.exception("Pages could not be made ahead of readers.")
                self._done = self._done or "-"
            if self._done and not settled:
                settled = True
                settle()  # what pages have in common was loaded as the first ones were made

    def stop(self) -> None:
        """End soon."""
        self._ending.set()

    def turn(self, *, rest: Callable[[float], object] = lambda seconds: None) -> None:
        """Do all there is to do now."""
        delivery = self.delivery
        epoch = delivery.watch.look()
        finished = False
        if epoch is not None and epoch.name != self._done and not delivery.watch.trouble:
            try:
                finished = all(_paced(self._epoch_ahead(epoch), rest))
            finally:
                connections.close_all()  # nobody else uses this thread's
            self._done = epoch.name if finished else "-"
        some = bool(delivery.made)
        for _page in _paced(self.finish_made(), rest):
            if self._ending.is_set() or delivery.watch.look() != epoch:
                return  # what has just begun is more urgent
        if finished:
            remembered.forget_what_pages_need()
        if some or finished:
            give_memory_back()

    def _epoch_ahead(self, epoch: Epoch) -> Iterator[bool]:
        """Make the pages of this epoch and of the next; says whether it is still this one.

        They take turns: the next may begin before all pages of this one are made.
        """
        delivery = self.delivery
        state = delivery.watch.state
        following = state.next_epoch(epoch) if state is not None else None
        epochs = [each for each in (epoch, following) if each is not None]
        names = {each.name for each in epochs}
        delivery.keep_only(names)
        give_memory_back()  # what the pages of before took
        for turns in zip_longest(*map(self._pages, epochs)):
            for turn in turns:
                if turn is None:
                    continue
                if self._ending.is_set() or delivery.watch.look() != epoch:
                    yield False
                    return
                delivery.make_ahead(*turn)
                yield True
        if delivery.snapshot is not None:
            delivery.snapshot.keep_only(names)

    def _pages(self, epoch: Epoch) -> Iterator[tuple[Epoch, str, datetime]]:
        """What `Delivery.make_ahead` is to make for an epoch."""
        now = self.delivery.watch.now()
        at = max(now, epoch.begin or now)
        for path in islice(public_paths(at), MOST):
            yield epoch, path, at

    def finish_made(self) -> Iterator[bool]:
        """Put pages into Brotli and on disk that are there without."""
        made = self.delivery.made
        while made:
            self.delivery.complete(made.popleft())
            yield True

    def _rest(self, seconds: float) -> None:
        if seconds > LARGE:
            give_memory_back()
        self._ending.wait(min(seconds, REST))


def settle() -> None:
    """Leave all objects that are there out of later collections: most of them stay for ever.

    What comes later is so little that it is looked through often, and quickly. Before, a hundred
    versions, each in a circle with its approval, waited until that was worth the while. Circles of
    requests that are just being answered stay too, so this is done at the start and never again.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # else Python goes on comparing with how much there was before


def give_memory_back() -> None:
    """Let the system have what making pages needed for a moment, where the C library can."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # glibc's alone has it
        return


def _paced(work: Iterator[bool], rest: Callable[[float], object]) -> Iterator[bool]:
    """The same work, with a rest after each piece that is as long as the piece took."""
    begun = monotonic()
    for each in work:
        yield each
        rest(monotonic() - begun)
        begun = monotonic()
