"""Making a database ready: copied before it is migrated, with a sample and an account."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from faq.delivery.answers import Answer
from faq.delivery.snapshot import Snapshot
from faq.delivery.state import Head, State

ACCOUNT = re.compile(r"^User: admin  Password: [a-z2-9]{4}(-[a-z2-9]{4}){3}\n$")
pytestmark = pytest.mark.slow

SET_EARLIER = "Password: set earlier (change it with: manage.py changepassword"


def start(database: Path, *args: str) -> subprocess.Popen[str]:
    """Start manage.py on a database of its own."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DATA_DIR": str(database.parent),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def manage(database: Path, *args: str) -> str:
    """Run manage.py to its end, well; return what it printed."""
    with start(database, *args) as process:
        out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out


def count(database: Path, table: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
    finally:
        connection.close()


def copies(database: Path) -> list[Path]:
    return sorted(database.parent.glob(f"{database.stem}.before-*.sqlite3"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "site.sqlite3"


def test_it_makes_an_empty_site_and_an_account_whose_password_is_shown_once(database):
    assert ACCOUNT.match(manage(database, "prepare_site"))
    assert count(database, "faq_policy") == 0
    assert manage(database, "prepare_site") == f"User: admin  {SET_EARLIER} admin)\n"
    assert count(database, "auth_user") == 1
    assert copies(database) == []


def test_the_password_that_it_shows_is_the_account_s(database):
    password = manage(database, "prepare_site").split()[-1]
    check = (
        "from django.contrib.auth import authenticate as a;"
        f"print(a(username='admin', password='{password}').is_superuser)"
    )
    assert manage(database, "shell", "-v0", "-c", check) == "True\n"


def test_it_loads_the_sample_once(database):
    manage(database, "prepare_site", "--sample")
    assert (count(database, "faq_policy"), count(database, "faq_approval")) == (1, 3)
    manage(database, "prepare_site", "--sample")
    assert (count(database, "faq_policy"), count(database, "faq_approval")) == (1, 3)


def test_the_sample_never_joins_a_policy_that_is_there(database):
    manage(database, "prepare_site")
    file = database.with_name("own.md")
    file.write_text("# Own\n\n## A\n\na\n", encoding="utf-8")
    manage(database, "import_policy", str(file), "--policy", "own")
    manage(database, "prepare_site", "--sample")
    assert count(database, "faq_policy") == 1


def test_it_names_the_administrator_that_is_there(database):
    manage(database, "prepare_site")
    rename = "from django.contrib.auth.models import User; User.objects.update(username='carol')"
    manage(database, "shell", "-v0", "-c", rename)
    assert manage(database, "prepare_site") == f"User: carol  {SET_EARLIER} carol)\n"


def test_it_copies_a_database_before_it_migrates_it(database):
    manage(database, "migrate", "-v0", "auth", "0011")
    manage(database, "prepare_site")
    (copy,) = copies(database)
    assert re.fullmatch(r"site\.before-\d{8}-\d{6}\.sqlite3", copy.name)
    assert copy.stat().st_mode & 0o777 == 0o600
    connection = sqlite3.connect(copy)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert "auth_user" in tables and "faq_policy" not in tables
    assert count(database, "faq_policy") == 0


def test_it_keeps_the_newest_five_copies(database):
    manage(database, "migrate", "-v0", "auth", "0011")
    for year in range(2001, 2008):
        database.with_name(f"site.before-{year}0101-000000.sqlite3").touch()
    database.with_name("other.before-20010101-000000.sqlite3").touch()
    manage(database, "prepare_site")
    years = [copy.name[12:16] for copy in copies(database)]
    assert years[:4] == ["2004", "2005", "2006", "2007"]
    assert len(years) == 5
    assert database.with_name("other.before-20010101-000000.sqlite3").exists()


def test_two_at_once_do_it_once(database):
    with (
        start(database, "prepare_site", "--sample") as one,
        start(database, "prepare_site", "--sample") as two,
    ):
        printed = [process.communicate(timeout=120)[0] for process in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0)
    assert sum(bool(ACCOUNT.match(each)) for each in printed) == 1
    assert (count(database, "faq_policy"), count(database, "faq_approval")) == (1, 3)
    assert count(database, "auth_user") == 1


def pages_of(database: Path, heads: dict[str, Head]) -> Snapshot:
    """Pages that readers have seen of this database."""
    pages = Snapshot(database.parent / "pages", place=str(database), build="1", limit=10_000)
    pages.note(State(7, (), heads))
    pages.keep("7-0", "localhost", "/privacy/", Answer("200 OK", (), b"A page."), ahead=True)
    return pages


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_a_lost_database_does_not_become_a_new_site(database, left):
    pages = pages_of(database, {"privacy": Head(1, "0" * 64)})
    if left == "an empty file":
        database.touch()
    with start(database, "prepare_site", "--sample") as process:
        out, errors = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    (line,) = errors.strip().split("\n")
    assert "restore_backup FILE" in line
    assert str(pages.folder) in line
    assert pages.state() is not None
    assert pages.has("7-0", "localhost", "/privacy/")
    assert database.exists() == (left == "an empty file")
    pages.forget()
    assert ACCOUNT.match(manage(database, "prepare_site"))


def test_a_lost_database_that_had_no_record_is_made_anew(database):
    pages = pages_of(database, {})
    assert ACCOUNT.match(manage(database, "prepare_site"))
    assert not pages.folder.exists()


def test_a_database_that_cannot_be_used_is_named_in_one_line(database):
    database.write_text("This is no database, however you look at it.")
    with start(database, "prepare_site") as process:
        out, errors = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    assert (
        errors.strip().split("\n")[-1].startswith("CommandError: The database cannot be prepared")
    )
