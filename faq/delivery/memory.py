"""Finished pages in memory, up to a number of bytes; those used last stay longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import NamedTuple

from faq.delivery.pages import Page


class Key(NamedTuple):
    """What a page is kept under."""

    epoch: str
    host: str
    path: str


class Memory:
    """The pages of a process. It is used by many threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._pages: OrderedDict[tuple[str, str, str], Page] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def __contains__(self, key: Key) -> bool:
        return key in self._pages

    def get(self, key: tuple[str, str, str]) -> Page | None:
        """The page, which counts as used now. A plain tuple is as good as a key, and quicker."""
        page = self._pages.get(key)
        if page is not None:
            try:
                self._pages.move_to_end(key)
            except KeyError:  # another thread has just let it go; it is as good as before
                return page
        return page

    def peek(self, key: Key) -> Page | None:
        """The page, which does not count as used."""
        return self._pages.get(key)

    def keep(self, key: Key, page: Page, *, if_there_is_room: bool = False) -> None:
        """Keep a page, and let go of those not used for longest if there are too many bytes."""
        with self._lock:
            before = self._pages.get(key)
            size = self.size + page.size - (before.size if before else 0)
            if page.size > self.limit or (if_there_is_room and size > self.limit):
                return
            self._pages[key] = page
            if not before and if_there_is_room:
                self._pages.move_to_end(key, last=False)  # nobody has used it yet
            self.size = size
            while self.size > self.limit:
                _key, oldest = self._pages.popitem(last=False)
                self.size -= oldest.size

    def keep_only(self, epochs: Collection[str]) -> None:
        """Let go of the pages of all other epochs."""
        with self._lock:
            # All at once, since `get` changes the order meanwhile.
            for key in list(self._pages):
                epoch, _host, _path = key
                if epoch not in epochs:
                    self.size -= self._pages.pop(key).size
