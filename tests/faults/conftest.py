"""Sites for the fault tests, on SQLite or on a PostgreSQL server of their own."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ON_POSTGRES
from tests.faults.site import Site

SHORT = os.environ.get("FAULTS") == "short"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(autouse=True)
def _plain_static_files() -> None:
    """Sites here run with their own settings: nothing of this process is changed."""


@pytest.fixture
def short() -> bool:
    """Whether fewer repetitions will do."""
    return SHORT


@pytest.fixture
def chance() -> random.Random:
    """Chance that can be repeated: set SEED to what a failed test printed."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    print(f"SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """A server that may be stopped and killed."""
    from tests.faults.postgres import PostgresServer

    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Site:
    """A site that was only migrated and has its static files: others begin as its copy."""
    folder = tmp_path_factory.mktemp("template")
    if ON_POSTGRES:
        server = request.getfixturevalue("postgres")
        server.execute("CREATE DATABASE migrated")
        site = Site(folder, server.url("migrated"))
    else:
        site = Site(folder, f"sqlite:///{folder}/site.sqlite3")
    for words in (("migrate", "-v0"), ("collectstatic", "--noinput", "-v0")):
        done = site.manage(*words)
        assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def make_site(
    template: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """Make a site in a folder of its own; its database is empty, or a copy of another site's.

    That is the migrated one, unless another is given, which nobody uses then.
    """
    databases: list[str] = []

    def make(name: str = "site", like: Site | None = template, **options: Any) -> Site:
        folder = options.pop("folder", tmp_path / name)
        folder.mkdir(exist_ok=True)
        (folder / "static").symlink_to(template.folder / "static")
        if ON_POSTGRES:
            server = request.getfixturevalue("postgres")
            origin = like.environment["DATABASE_URL"].rpartition("/")[2] if like else "template0"
            server.execute(f"CREATE DATABASE {name} TEMPLATE {origin}")
            databases.append(name)
            return Site(folder, server.url(name), **options)
        file = folder / "site.sqlite3"
        if like:
            shutil.copy(like.file, file)
        else:
            file.touch()
        return Site(folder, f"sqlite:///{file}", **options)

    yield make
    for name in databases:
        request.getfixturevalue("postgres").execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A migrated site without any policy."""
    return make_site()
