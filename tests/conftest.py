"""What every test stands on."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections, transaction
from django.test import TransactionTestCase

from faq import immutable
from tests import serving

# The browser driver runs an event loop in the test's own thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

#: Those kill processes and fill disks: bin/faults runs them.
collect_ignore = [] if os.environ.get("FAULTS") else ["faults"]

SHARED = Path(settings.BASE_DIR).parent / "shared"
ON_POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


#: A copy of each database before the first test, by its alias.
EMPTY: dict[str, sqlite3.Connection] = {}

#: The fixtures that give a test the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--every N`: a share of the tests, the same ones each time, where all have run before."""
    text = "of the tests without a browser run about one in N only (default: all)"
    parser.addoption("--every", type=int, default=1, metavar="N", help=text)


def pytest_configure() -> None:
    """Let tests that need committed rows be undone."""
    TransactionTestCase._fixture_teardown = lambda self: put_back_empty_databases()
    # The live server starts before any fixture of a test and warns of a missing folder.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Keep a copy of each empty SQLite database: to put it back is quicker than to empty it."""
    with django_db_blocker.unblock():
        for alias in connections:
            if connections[alias].vendor == "sqlite":
                copy = sqlite3.connect(":memory:", check_same_thread=False)
                connections[alias].ensure_connection()
                connections[alias].connection.backup(copy)
                EMPTY[alias] = copy


def write_empty_database(file: Path) -> None:
    """Make a SQLite database as the first `migrate` leaves it."""
    with closing(sqlite3.connect(file)) as made:
        EMPTY["default"].backup(made)


def put_back_empty_databases() -> None:
    """Make the databases as they were before the first test, with what `migrate` writes in them."""
    for alias in connections:
        if alias in EMPTY:
            connections[alias].ensure_connection()
            EMPTY[alias].backup(connections[alias].connection)
        else:
            immutable.drop(alias)
            # Its post_migrate signal installs the triggers again.
            call_command("flush", database=alias, interactive=False, verbosity=0)
    cache.clear()  # its table is no model's, so that the flush leaves log-in attempts there


@pytest.hookimpl(tryfirst=True)  # before -m chooses by marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what uses the database, leave out what `--every` does, and skip what is not here."""
    left_out = [item for item in items if not is_asked(item, config.getoption("--every"))]
    if left_out:
        items[:] = [item for item in items if is_asked(item, config.getoption("--every"))]
        config.hook.pytest_deselected(items=left_out)
    for item in items:
        if uses_the_database(item):
            item.add_marker(pytest.mark.database)
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="../shared is not here"))
        if item.get_closest_marker("sqlite") and ON_POSTGRES:
            item.add_marker(pytest.mark.skip(reason="holds on SQLite only"))
        if item.get_closest_marker("postgres") and not ON_POSTGRES:
            item.add_marker(pytest.mark.skip(reason="holds on PostgreSQL only"))
        if item.get_closest_marker("browser") and os.environ.get("BROWSER_TESTS") == "skip":
            item.add_marker(pytest.mark.skip(reason="there is no Chromium here"))


def is_asked(item: pytest.Item, every: int) -> bool:
    """Whether `--every` asks for this test: by its name, so that it is the same ones each time.

    Those in a browser and those for PostgreSQL alone have not run before.
    """
    if item.get_closest_marker("browser") or item.get_closest_marker("postgres"):
        return True
    return zlib.crc32(item.nodeid.encode()) % every == 0


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(
    django_db_modify_db_settings_xdist_suffix: None, worker_id: str
) -> None:
    """Give each process of a run a file of its own on SQLite.

    A database in memory is one connection that all threads of the live server share: a request of
    a page that the test has left would be in the middle of the next test's transaction.
    """
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            file = Path(settings.DATA_DIR) / f"{worker_id}.sqlite3"
            connections[alias].settings_dict["TEST"]["NAME"] = str(file)


def uses_the_database(item: pytest.Item) -> bool:
    """Whether a test asks for the database by a mark or by a fixture."""
    asked = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or asked & DATABASE_FIXTURES)


@pytest.fixture(scope="module")
def rows_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep the rows that fixtures of a module make until its last test, and undo each test's own.

    For modules whose tests all run in a transaction: those that commit would find another's rows.
    """
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def shared() -> Path:
    """The folder of real policies beside the project."""
    return SHARED


@pytest.fixture(scope="session")
def no_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder: WhiteNoise reads all that lies in STATIC_ROOT for each client of a test."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any, no_files: Path) -> None:
    """Static files by their own names: the hashed ones need collectstatic first."""
    settings.STATIC_ROOT = no_files
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, one for the whole run."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=serving.chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh browser page with no cookies and no history."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
