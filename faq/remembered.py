"""What was rendered before, remembered by this process: the same answers, only sooner.

A desk that compares a draft of 300 questions with what is in force would render each of them for
every page. Anything here may be forgotten at any time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, Generic, TypeVar

from faq import rendering

Made = TypeVar("Made", bound=Callable[..., Any])
Value = TypeVar("Value")

#: How many texts are remembered: those of a few large policies.
MOST = 2_000
#: How many texts are remembered as they stand on a page: a worker needs them while it makes the
#: pages of one version after another, in which most answers are the same.
MOST_PLACED = 500


#: What to call so that what is remembered for making pages is forgotten.
_for_pages: list[Callable[[], object]] = []


def while_making(most: int) -> Callable[[Made], Made]:
    """A decorator: what a function gave is remembered while pages are made, and then forgotten.

    Pages share most of what they are made of. A process that has finished them hands them out as
    they are, and would keep some ten megabytes for nothing.
    """

    def decorate(function: Made) -> Made:
        remembering: Any = lru_cache(maxsize=most)(function)
        _for_pages.append(remembering.cache_clear)
        return remembering  # type: ignore[no-any-return]

    return decorate


class ByFingerprint(Generic[Value]):
    """What was made of whole Documents, by a small key, forgotten as `while_making` forgets.

    The Documents themselves are not held. Values are, as long as they have at most `most` bytes
    together; `size` says how many one has. Those used last stay longest.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self.most, self.size_of = most, size
        self._known: OrderedDict[Hashable, Value] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        _for_pages.append(self.forget)

    def get(self, key: Hashable) -> Value | None:
        """What is remembered under a key, if anything is."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def keep(self, key: Hashable, value: Value) -> Value:
        """Remember a value, unless it is too large, and give it back."""
        if self.size_of(value) > self.most:
            return value
        with self._lock:
            if key in self._known:  # another thread was faster
                self._size -= self.size_of(self._known.pop(key))
            self._known[key] = value
            self._size += self.size_of(value)
            while self._size > self.most:
                _key, oldest = self._known.popitem(last=False)
                self._size -= self.size_of(oldest)
        return value

    def forget(self) -> None:
        """Forget everything; others may be reading."""
        with self._lock:
            self._known.clear()
            self._size = 0


def forget_what_pages_need() -> None:
    """Forget what was remembered for making pages."""
    for each in _for_pages:
        each()


class _Asked(Mapping[str, str]):
    """A mapping that notes what it was asked, and what it said."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self.titles = titles
        self.answers: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        self.answers[name] = self.titles.get(name)
        return self.titles[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.titles)

    def __len__(self) -> int:
        return len(self.titles)

    def __bool__(self) -> bool:
        return True  # an empty one may have other titles tomorrow: it must be asked


@dataclass(frozen=True)
class _Rendered:
    """The HTML of a text, and the titles that are in it."""

    html: str
    titles: Mapping[str, str | None]


_rendered: OrderedDict[tuple[object, ...], _Rendered] = OrderedDict()
_lock = Lock()


def render(source: str, *, titles: Mapping[str, str], **options: Any) -> str:
    """The same as `rendering.render`, unless a title that the text shows has changed since."""
    key = (source, repr(sorted(options.items())))
    with _lock:
        known = _rendered.get(key)
        if known is not None:
            _rendered.move_to_end(key)
    if known is not None and all(titles.get(n) == said for n, said in known.titles.items()):
        return known.html
    asked = _Asked(titles)
    html = rendering.render(source, titles=asked, **options)
    with _lock:
        _rendered[key] = _Rendered(html, asked.answers)
        while len(_rendered) > MOST:
            _rendered.popitem(last=False)
    return html


@lru_cache(maxsize=2 * MOST)
def ids_in(html: str) -> tuple[str, ...]:
    """The same as `rendering.ids_in`, which every comparison asks of every answer."""
    return tuple(rendering.ids_in(html))


@while_making(MOST_PLACED)
def place(html: str, **where: Any) -> str:
    """The same as `rendering.place`."""
    return rendering.place(html, **where)


def forget() -> None:
    """Forget everything."""
    forget_what_pages_need()
    with _lock:
        _rendered.clear()
    ids_in.cache_clear()
