"""A layer of finished pages over the test's database, with a clock that the test sets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections

from faq.delivery import Delivery
from faq.delivery.answers import Answer, ask, request_for
from faq.delivery.layer import raw
from faq.delivery.snapshot import Snapshot
from faq.delivery.sources import place_of, source_of
from faq.delivery.warming import Warmer
from faq.views import AT

HOST = "127.0.0.1:8000"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Counting:
    """Django, and the paths it was asked for."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()
        self.asked: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self.asked.append(environ["PATH_INFO"])
        return self.application(environ, start_response)


class Site:
    """A process of a site: its layer, the clock, and what Django was asked."""

    #: Those that a test has made.
    made: ClassVar[list[Site]] = []

    def __init__(self, at: datetime, *, pages: Path | None = None, **options: Any) -> None:
        self.made.append(self)
        self.clock = Clock(at)
        self.django = Counting()
        self.snapshot = None
        if pages is not None:
            options.setdefault("build", "1")
            self.snapshot = Snapshot(
                pages, place=place_of(), build=options.pop("build"), limit=10_000_000
            )
        self.delivery = Delivery(
            self.django,
            source=options.pop("source", None) or source_of(),
            snapshot=self.snapshot,
            clock=self.clock,
            **options,
        )
        self.warmer = Warmer(self.delivery)

    def get(self, path: str, **more: Any) -> Answer:
        """What the site answers; a header is given as in HTTP_ACCEPT_ENCODING="br"."""
        return ask(self.delivery, request(path, **more))

    def get_in_thread(self, path: str) -> Answer:
        """The same in a thread that ends then, and leaves none of Django's connections open."""
        try:
            return self.get(path)
        finally:
            connections.close_all()

    def plain(self, path: str, **more: Any) -> Answer:
        """What Django alone answers at the same moment."""
        return ask(self.django.application, {**request(path, **more), AT: self.clock.at})

    def let_go(self) -> None:
        """Close the connection on which the state is looked at."""
        self.delivery.watch.source.close()

    def finish(self) -> None:
        """Put the pages that were asked for into Brotli and on disk."""
        for _page in self.warmer.finish_made():
            pass

    def warm(self) -> None:
        """Make every page ahead of readers, this epoch's and the next one's."""
        self.warmer.turn()


def request(path: str, **more: Any) -> dict[str, Any]:
    """A request for a path with or without a query."""
    path, _mark, query = path.partition("?")
    host = more.pop("HTTP_HOST", HOST)
    return request_for(settings.SITE_URL, host, raw(path), QUERY_STRING=query, **more)


@contextmanager
def file_database(folder: Path) -> Iterator[Path | None]:
    """A database of tests in a file, as sites have it; on PostgreSQL it is as it is.

    The test database of SQLite lives in memory, where nothing can be locked or lost.
    """
    try:
        if connection.vendor == "sqlite":
            with _moved_into(folder / "site.sqlite3") as file:
                yield file
        else:
            yield None
    finally:
        while Site.made:
            Site.made.pop().let_go()


@contextmanager
def _moved_into(file: Path) -> Iterator[Path]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    before, known = connections["default"], connections.databases["default"]
    options = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF"}
    connections.databases["default"] = {
        **known,
        "NAME": str(file),
        "OPTIONS": {**known["OPTIONS"], **options},
    }
    connections["default"] = connections.create_connection("default")
    try:
        yield file
    finally:
        connections["default"].close()
        connections["default"] = before
        connections.databases["default"] = known


def replace(file: Path, other: Path) -> None:
    """Put another database in the place of this one, with nothing left of this one."""
    connections["default"].close()
    for beside in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        beside.unlink(missing_ok=True)
    shutil.copy(other, file)
