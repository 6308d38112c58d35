"""How the databases find what readers ask for.

    bin/with-postgres .venv/bin/python -m benchmarks.queries

Every public address is asked once on SQLite and once on PostgreSQL, in a record of some thousand
versions, and docs/queries.md is written anew: each query, and the plan that each database has for
it. It takes some minutes, most of it for building the two records.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.long_record import record, slug_of
from benchmarks.scratch import postgres
from benchmarks.serving import ROOT, environment, python

FILE = ROOT / "docs" / "queries.md"
#: Each answer is worded anew by every second version, so that the list of its wordings has pages.
VERSIONS, POLICIES, QUESTIONS = 240, 10, 2
PAGE = f"/{slug_of(0)}/"
ANSWER = f"{PAGE}what-about-matter-1/"
#: An address of each public route that asks the database.
ADDRESSES = {
    "home": "/",
    "developers": "/developers/",
    "sitemap": "/sitemap.xml",
    "policy": PAGE,
    "policy-json": f"/{slug_of(0)}.json",
    "anchors-json": f"{PAGE}anchors.json",
    "versions-json": f"{PAGE}versions.json",
    "history": f"{PAGE}versions/",
    "history-older": f"{PAGE}versions/51-100/",
    "version": f"{PAGE}versions/60/",
    "version-json": f"{PAGE}versions/60.json",
    "version-md": f"{PAGE}versions/60.md",
    "redline": f"{PAGE}versions/59...60/",
    "day": f"{PAGE}versions/2020-01-03/",
    "upcoming": f"{PAGE}versions/upcoming/",
    "timegate": f"{PAGE}versions/timegate/",
    "timemap": f"{PAGE}versions/timemap/",
    "atom": f"{PAGE}versions.atom",
    "question": ANSWER,
    "question-history": f"{ANSWER}versions/",
    "question-history-older": f"{ANSWER}versions/1-20/",
}
#: What stands before a query whose rows PostgreSQL hands over one part at a time.
CURSOR = re.compile(r"^DECLARE .*? FOR (?=SELECT)")
ABOUT = f"""# What readers ask the database

What each kind of public address asks, and the plan that SQLite and PostgreSQL have for it, in a
record of {POLICIES} policies with {VERSIONS} versions each. This page is written by
`bin/with-postgres .venv/bin/python -m benchmarks.queries`; do not edit it. `tests/test_growth.py`
counts that no answer takes more queries, rows or wordings with more versions, but `versions.json`
and the TimeMap, which list them all. A finished page asks nothing: see [serving.md](serving.md).

Columns are left out, and so are the values asked for. SQLite says `SEARCH` where an index leads to
the rows, and `SCAN` where it reads all of a table; PostgreSQL says `Seq Scan` for that, which is
right for the table of policies and for others of a few pages: nothing is announced, withdrawn or
hidden in this record. So `upcoming` answers 404 here. Pictures, searches and what was removed or
hidden are left out.
"""


@dataclass
class Found:
    """A query, the routes that ask it, and the plan of each database."""

    routes: set[str] = field(default_factory=set)
    plans: dict[str, str] = field(default_factory=dict)


def main() -> int:
    """Ask both databases and write the page; or, with --one, ask the one that the settings name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().one:
        print(json.dumps(list(ask_all())))
        return 0
    if not postgres():
        print("PostgreSQL is needed too: bin/with-postgres .venv/bin/python -m benchmarks.queries",
              file=sys.stderr)  # fmt: skip
        return 2
    found: dict[str, Found] = {}
    with TemporaryDirectory(prefix="bench-queries-") as name:
        for database, variables in (("SQLite", {}), ("PostgreSQL", {"DATABASE_URL": postgres()})):
            for each in asked_on(database, Path(name), variables):
                query = found.setdefault(each["sql"], Found())
                query.routes.add(each["route"])
                query.plans[database] = each["plan"]
    FILE.write_text(page(found), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(found)} queries of {len(ADDRESSES)} routes.")
    return 0


def asked_on(database: str, folder: Path, variables: dict[str, str]) -> list[dict[str, str]]:
    """What each route asks that database, by a process of its own."""
    before = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "TEST_DATABASE_URL")}
    os.environ.update(variables)
    try:
        place = folder / database
        place.mkdir()
        site = record(place, VERSIONS, POLICIES, QUESTIONS)
        said = python(environment(place, 8000) | site.settings, "benchmarks.queries", "--one")
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    queries: list[dict[str, str]] = json.loads(said)
    return queries


def ask_all() -> Iterator[dict[str, str]]:
    """Each query of each route: `route`, `sql` without values, and `plan`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_site.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")  # as its own housekeeping does in time
    client = Client(headers={"host": "127.0.0.1:8000"})
    for route, address in ADDRESSES.items():
        with CaptureQueriesContext(connection) as asked:
            status = client.get(address).status_code
        if status >= 400 and route != "upcoming":
            raise SystemExit(f"{address} answered {status}.")
        for query in asked:
            sql = CURSOR.sub("", query["sql"])
            if sql.startswith("SELECT"):
                yield {"route": route, "sql": readable(sql), "plan": plan(connection, sql)}


def plan(connection: Any, sql: str) -> str:
    """How the database would find the rows, without figures."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (COSTS OFF)"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}".replace("%", "%%"))
        rows: list[Sequence[Any]] = cursor.fetchall()
    if connection.vendor == "sqlite":
        depth = {0: 0}
        lines = []
        for key, parent, _unused, text in rows:
            depth[key] = depth.get(parent, 0) + 1
            lines.append("  " * (depth[key] - 1) + text)
    else:
        lines = [without_values(text) for (text,) in rows]
    return "\n".join(lines)


def readable(sql: str) -> str:
    """A query without quotation marks, long lists of columns and values."""
    text = re.sub(r'"(\w+)"', r"\1", without_values(sql))
    text = re.sub(r"SELECT (DISTINCT )?(?:(?!SELECT|FROM).){60,}? FROM", r"SELECT \1… FROM", text)
    return re.sub(r" (FROM|(?:INNER|LEFT OUTER) JOIN|WHERE|ORDER BY|LIMIT) ", r"\n\1 ", text)


def without_values(text: str) -> str:
    """The text of a query or of a plan with `?` for each value that was asked for."""
    text = re.sub(r"'(?:[^']|'')*'(::[a-z]+(?: [a-z]+)*(\[\])?)?", "?", text)
    text = re.sub(r"(?<=[=<>] )\d+|(?<=LIMIT )\d+|(?<=OFFSET )\d+", "?", text)
    return re.sub(r"\((?:(?:\?|\d+), )*(?:\?|\d+)\)", "(?)", text)


def page(found: dict[str, Found]) -> str:
    """The page in Markdown: which route asks what, and each query with its plans."""
    numbers = {sql: number for number, sql in enumerate(found, 1)}
    lines = [ABOUT, "## By address", "", "| route | address | queries |", "|---|---|---|"]
    for route, address in ADDRESSES.items():
        asked = [numbers[sql] for sql, query in found.items() if route in query.routes]
        links = " ".join(f"[{number}](#query-{number})" for number in asked)
        lines.append(f"| `{route}` | `{address}` | {links} |")
    lines += ["", "## By query"]
    for sql, query in found.items():
        lines += ["", f"### Query {numbers[sql]}", "", "```sql", sql, "```"]
        for database in ("SQLite", "PostgreSQL"):
            text = query.plans.get(database, "not asked")
            lines += ["", f"{database}:", "", "```", text, "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
