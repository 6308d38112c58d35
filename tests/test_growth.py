"""What a reader asks for costs the same with few versions and many, with few policies and many.

Queries, rows and wordings that the database hands over are counted, and on SQLite the steps that
it takes. Time is not measured: it depends on the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from faq import publishing, remembered
from faq.models import Policy
from faq.views.every_page import public_paths
from tests.factory import (
    DAY,
    NOON,
    lengthen,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)
from tests.kinds import public_routes

pytestmark = pytest.mark.django_db

#: Where each public route is asked, in a policy with at least 110 versions.
ADDRESSES = {
    "home": "/",
    "developers": "/developers/",
    "openapi": "/openapi.json",
    "sitemap": "/sitemap.xml",
    "robots": "/robots.txt",
    "policy": "/privacy/",
    "policy-json": "/privacy.json",
    "anchors-json": "/privacy/anchors.json",
    "versions-json": "/privacy/versions.json",
    "history": "/privacy/versions/",
    "history-older": "/privacy/versions/1-50/",
    "version": "/privacy/versions/60/",
    "version-json": "/privacy/versions/60.json",
    "version-md": "/privacy/versions/60.md",
    "redline": "/privacy/versions/59...60/",
    "day": "/privacy/versions/2015-04-01/",
    "upcoming": "/privacy/versions/upcoming/",
    "timegate": "/privacy/versions/timegate/",
    "timemap": "/privacy/versions/timemap/",
    "verify": "/privacy/versions/verify.py",
    "atom": "/privacy/versions.atom",
    "question": "/privacy/who-are-we/",
    "question-history": "/privacy/who-are-we/versions/",
    "question-history-older": "/privacy/who-are-we/versions/41-60/",
    # Not routes of their own:
    "question-never-reworded": "/privacy/do-we-sell-data/versions/",
    "question-removed": "/privacy/do-we-use-fax/",
    "question-removed-history": "/privacy/do-we-use-fax/versions/",
    "compared-by-number": "/privacy/versions/?from=3&to=60",
    "asked-by-day": "/privacy/versions/?on=2015-04-01",
    "not-found": "/privacy/nothing/",
    "not-found-at-all": "/nothing/",
}
#: Those that are no reader's, and pictures, which are files.
OTHERS = {"health-live", "health-ready", "security-txt", "image", "preview-image"}
OTHERS |= {"preview", "preview-changes", "preview-sign-off", "no-preview"}
#: What lists all versions in one answer, for machines: rows without wordings.
WHOLE = {"versions-json", "timemap"}
#: What lists all policies, or looks for the first one in force.
LISTS = {"home", "sitemap", "developers"}


@dataclass(frozen=True)
class Cost:
    """What an answer cost the database; `documents` are the rows with a wording in them."""

    status: int
    queries: int
    rows: int
    documents: int


class Steps:
    """The steps that SQLite takes meanwhile, in hundreds; none elsewhere."""

    def __enter__(self) -> Steps:
        self.count = 0
        self._watch(self._tick)
        return self

    def __exit__(self, *raised: object) -> None:
        self._watch(None)

    def _tick(self) -> int:
        self.count += 1
        return 0

    def _watch(self, tick: Any) -> None:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            connection.connection.set_progress_handler(tick, 100)


def measure(address: str) -> tuple[Cost, int]:
    """The cost of an answer of which nothing is remembered, and SQLite's steps for it."""
    remembered.forget_what_pages_need()
    client = Client()
    with CaptureQueriesContext(connection) as asked, Steps() as steps:
        status = client.get(address).status_code
    rows = documents = 0
    for query in asked:
        if query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM ({query['sql']}) AS asked".replace("%", "%%"))
                found = cursor.fetchone()[0]
            rows += found
            said = query["sql"].replace('LENGTH("faq_version"."document")', "")
            documents += found * ('"faq_version"."document"' in said)
    return Cost(status, len(asked), rows, documents), steps.count


def measure_all() -> dict[str, tuple[Cost, int]]:
    for address in ("/privacy/", "/privacy/versions/1...2/"):  # whatever is made once
        Client().get(address)
    return {name: measure(address) for name, address in ADDRESSES.items()}


@pytest.fixture
def policy() -> Policy:
    """110 versions; each rewords one answer. One question is gone since the second."""
    policy = make_policy()
    who = make_question(policy)
    make_question(policy, "Do we sell data?", "No.")
    fax = make_question(policy, "Do we use fax?", "Yes.")
    early = NOON.replace(year=2015)
    publish(policy, early)
    publishing.retire(fax, at=early, reason="No more.")
    reword(who, "Another company.")
    publish(policy, early + DAY)
    lengthen(policy, 108, rewording=True)
    return policy


def test_every_public_route_is_asked() -> None:
    assert set(public_routes()) - OTHERS <= set(ADDRESSES)


def test_no_answer_costs_more_with_more_versions(policy: Policy) -> None:
    few = measure_all()
    lengthen(policy, 200, rewording=True)
    many = measure_all()
    for name in ADDRESSES:
        (before, _steps), (after, _more) = few[name], many[name]
        assert before.status in (200, 302, 404), name
        if name in WHOLE:
            assert after.rows == before.rows + 200, name
            assert (after.status, after.queries) == (before.status, before.queries), name
            assert after.documents == before.documents == 0, name
        else:
            assert after == before, (name, before, after)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts its steps")
def test_no_query_looks_through_more_rows_with_more_versions(policy: Policy) -> None:
    few = measure_all()
    lengthen(policy, 200, rewording=True)
    many = measure_all()
    grown = {
        name: (few[name][1], many[name][1])
        for name in ADDRESSES
        if many[name][1] > 1.25 * few[name][1] + 3
    }
    assert grown.keys() <= WHOLE, grown


def test_no_answer_costs_more_with_more_policies(policy: Policy) -> None:
    for number in range(6):
        make_published(slug=f"policy-{number}")
    few = measure_all()
    for number in range(20):
        make_published(slug=f"further-policy-{number}")
    many = measure_all()
    for name in ADDRESSES.keys() - LISTS:
        assert many[name][0] == few[name][0], name


def test_the_pages_to_make_ahead_are_found_as_they_are_wanted(policy: Policy) -> None:
    at = datetime.fromisoformat("2026-01-01T00:00:00Z")

    def first_ones() -> int:
        with CaptureQueriesContext(connection) as asked:
            paths = public_paths(at)
            assert [next(paths) for _each in range(6)][1] == "/privacy/"
        return len(asked)

    assert first_ones() <= 4
    lengthen(policy, 50)
    assert first_ones() <= 4


def test_older_pages_are_among_the_pages_to_make_ahead(policy: Policy) -> None:
    paths = set(public_paths(datetime.fromisoformat("2026-01-01T00:00:00Z")))
    assert paths >= {ADDRESSES["history-older"], ADDRESSES["question-history-older"]}


def test_the_tests_ask_a_site_that_is_there(policy: Policy) -> None:
    assert site.SITE_URL.path == ""
    older = ("history-older", "question-history-older", "question-removed")
    assert {measure(ADDRESSES[name])[0].status for name in older} == {200}


def test_the_documentation_has_the_queries_of_every_route_that_asks_the_database() -> None:
    text = (site.BASE_DIR / "docs" / "queries.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))
    silent = {"openapi", "robots", "verify"}
    assert described == set(public_routes()) - OTHERS - silent
    assert "not asked" not in text
