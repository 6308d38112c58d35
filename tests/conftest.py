"""What every test stands on; the triggers are in place except while fixtures are undone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase

from faq import immutable

# The browser driver runs an event loop in the test's own thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

#: Those kill processes and fill disks: bin/faults runs them.
collect_ignore = [] if os.environ.get("FAULTS") else ["faults"]

SHARED = Path(settings.BASE_DIR).parent / "shared"


#: The fixtures that give a test the database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_configure() -> None:
    """Let tests that need committed rows be undone: drop the triggers around the flush."""
    flush = TransactionTestCase._fixture_teardown

    def flush_without_triggers(self: TransactionTestCase) -> None:
        for alias in connections:
            immutable.drop(alias)
        flush(self)  # its post_migrate signal installs them again
        cache.clear()  # its table is no model's, so that the flush leaves log-in attempts there

    TransactionTestCase._fixture_teardown = flush_without_triggers
    # The live server starts before any fixture of a test and warns of a missing folder.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(tryfirst=True)  # before -m chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database, and skip, by name, what needs what is not here."""
    for item in items:
        if uses_the_database(item):
            item.add_marker(pytest.mark.database)
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason="../shared is not here"))
        if item.get_closest_marker("browser") and os.environ.get("BROWSER_TESTS") == "skip":
            item.add_marker(pytest.mark.skip(reason="there is no Chromium here"))


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
    import shutil

    from playwright.sync_api import sync_playwright

    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((path for name in names if name and (path := shutil.which(name))), None)
    assert program, "No Chromium was found: install it, or set BROWSER_TESTS=skip."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
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
