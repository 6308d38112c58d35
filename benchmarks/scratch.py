"""Sites to measure: a folder and a database of their own, on SQLite or on PostgreSQL.

PostgreSQL is used if TEST_DATABASE_URL or DATABASE_URL names one, as within bin/with-postgres; then
each site has a database of its own beside the one that is named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from benchmarks.serving import Server, environment, manage

APPLICATION = "privacy_site.wsgi:application"
#: The server's options that docs/serving.md gives, beside those that every benchmark uses.
OPTIONS = (
    *("--http1-header-read-timeout", "10000"),
    "--respawn-failed-workers",
    *("--workers-kill-timeout", "30"),
)


def postgres() -> str:
    """The address of the PostgreSQL that is to be used; empty for SQLite."""
    named = (os.environ.get("TEST_DATABASE_URL"), os.environ.get("DATABASE_URL"))
    return next((url for url in named if url and url.startswith("postgres")), "")


def kind() -> str:
    """The name of the database, for people."""
    return "PostgreSQL" if postgres() else "SQLite"


@dataclass(frozen=True)
class Scratch:
    """A site: `folder` has its pages and static files, `database` is its address."""

    folder: Path
    database: str

    @property
    def settings(self) -> dict[str, str]:
        """What differs from a site with everything in its folder."""
        return {"DATABASE_URL": self.database}

    def manage(self, *words: str) -> None:
        """Run a management command."""
        manage(environment(self.folder, 8000) | self.settings, *words)

    def set_up(self) -> None:
        """Make this the site of this process; once, and before anything of Django is used."""
        os.environ.update(environment(self.folder, 8000) | self.settings)
        os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_site.settings"
        import django

        django.setup()

    def server(self, *, workers: int = 2, options: tuple[str, ...] = OPTIONS) -> Server:
        """The production server of it."""
        return Server(
            APPLICATION, self.folder, workers=workers, settings=self.settings, options=options
        )


@contextmanager
def scratch(name: str) -> Iterator[Scratch]:
    """An empty site that is ready to be filled and served, and gone afterwards."""
    with TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        site = Scratch(Path(folder), database(Path(folder) / "site.sqlite3", name))
        site.manage("migrate", "-v0")
        site.manage("collectstatic", "--noinput", "-v0")
        yield site


def database(file: Path, name: str, *, keep: bool = False) -> str:
    """The address of a database: this file, or on PostgreSQL one of this name, made empty.

    With `keep` one that is there stays.
    """
    url = postgres()
    if not url:
        return f"sqlite:///{quote(str(file))}"
    name = re.sub("[^a-z0-9]+", "_", f"bench_{name}".lower())
    import dj_database_url
    import psycopg

    named = dj_database_url.parse(url)
    with psycopg.connect(
        host=named["HOST"],
        port=named["PORT"] or None,
        user=named["USER"],
        password=named["PASSWORD"] or None,
        dbname=named["NAME"],
        autocommit=True,
    ) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        found = there.fetchone() is not None
        if found and not keep:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        if not (found and keep):
            connection.execute(f"CREATE DATABASE {name}")
    return f"{url.rpartition('/')[0]}/{name}"
