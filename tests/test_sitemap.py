"""What search engines are told: the site map and robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.conf import settings

from faq import publishing
from faq.models import Withholding
from tests.factory import (
    DAY,
    HOUR,
    MARKER,
    NOON,
    make_every_kind_of_version,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

ROOT = settings.SITE_URL.origin
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
JUNK = "sessionid=junk; session=junk; csrftoken=junk; csrf=junk; messages=junk"
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def listed(client: Any) -> dict[str, str | None]:
    """The paths that the site map names, each with the day it gives."""
    answer = client.get("/sitemap.xml")
    assert answer.status_code == 200
    tree = ElementTree.fromstring(answer.content)
    assert tree.tag == f"{SPACE}urlset"
    found = {}
    for entry in tree.findall(f"{SPACE}url"):
        address = entry.findtext(f"{SPACE}loc")
        assert address is not None and address.startswith(f"{ROOT}/")
        found[address.removeprefix(ROOT)] = entry.findtext(f"{SPACE}lastmod")
    assert len(found) == len(tree)
    return found


def without_questions(pages: dict[str, str | None]) -> dict[str, str | None]:
    """The pages that do not hang on the questions there are."""
    known = ("/", "/developers/", "/privacy/", "/cookies/")
    return {page: day for page, day in pages.items() if page in known or "/versions/" in page}


def test_it_names_what_applies_with_the_day_since_which_it_holds(client):
    make_published(2)
    assert listed(client) == {
        "/privacy/": "2026-03-03",
        "/privacy/who-are-we/": "2026-03-03",
        "/privacy/versions/": "2026-03-03",
        "/developers/": None,
    }


def test_it_names_nothing_that_readers_cannot_read(client):
    make_every_kind_of_version()
    pages = listed(client)
    assert [page for page in pages if page.startswith("/privacy/versions/")] == [
        "/privacy/versions/",
        "/privacy/versions/7/",
    ]
    assert {client.get(page).status_code for page in pages} == {200}
    told = client.get("/sitemap.xml").content.decode()
    assert MARKER not in told
    assert MARKER.lower() not in told


def test_a_day_in_the_future_is_never_given(client):
    policy = make_published()
    reword(policy.question_set.get(), "Another company.")
    publish(policy, NOON + DAY, effective_at=FAR)
    pages = listed(client)
    assert pages["/privacy/versions/2/"] == "2026-03-03"
    assert pages["/privacy/"] == "2026-03-02"


def test_a_withdrawal_changes_the_page_in_force_on_its_day(client):
    policy = make_published(2)
    second = policy.version_set.get(approval__number=2)
    publishing.withdraw(second, by="bob", at=NOON + 5 * DAY, reason="A mistake.")
    pages = listed(client)
    assert (pages["/privacy/"], pages["/privacy/versions/"]) == ("2026-03-07", "2026-03-07")


def test_a_withdrawal_of_what_was_only_announced_leaves_its_day_as_it_was(client):
    policy = make_published()
    reword(policy.question_set.get(), "Another company.")
    second = publish(policy, NOON + DAY, effective_at=FAR)
    publishing.withdraw(second.version, by="bob", at=NOON + 5 * DAY, reason="A mistake.")
    pages = listed(client)
    assert (pages["/privacy/"], pages["/privacy/versions/"]) == ("2026-03-02", "2026-03-07")


def test_days_are_those_of_the_legal_time_zone(client):
    policy = make_policy()
    make_question(policy)
    publish(policy, NOON, effective_at=datetime(2025, 6, 30, 23, 30, tzinfo=UTC))
    assert listed(client)["/privacy/"] == "2025-07-01"


def test_hidden_wording_in_force_is_not_listed(client):
    policy = make_published(2)
    first, second = (policy.version_set.get(approval__number=number) for number in (1, 2))
    publishing.withdraw(second, by="bob", at=NOON + 3 * DAY, reason="A mistake.")
    Withholding.objects.create(
        version=first, reason="A court said so.", withheld_by="bob", recorded_at=NOON
    )
    pages = without_questions(listed(client))
    assert pages.keys() == {"/privacy/versions/", "/developers/"}


def test_the_first_page_is_listed_only_where_it_is_a_list(client):
    make_published()
    assert "/" not in listed(client)
    make_published(slug="cookies")
    assert {"/", "/privacy/", "/cookies/"} <= listed(client).keys()


def test_without_a_policy_it_names_the_page_for_developers(client):
    make_question(make_policy())
    assert listed(client) == {"/developers/": None}


def test_questions_are_listed_by_their_current_name(client):
    policy = make_published()
    question = policy.question_set.get()
    question.anchor = "من-نحن"
    question.save()
    publish(policy, NOON + DAY)
    pages = listed(client)
    assert pages["/privacy/%D9%85%D9%86-%D9%86%D8%AD%D9%86/"] == "2026-03-03"
    assert "/privacy/who-are-we/" not in pages


def test_an_announced_version_is_public_and_so_listed(client):
    policy = make_policy()
    make_question(policy)
    publish(policy, NOON, effective_at=FAR)
    assert without_questions(listed(client)) == {
        "/privacy/versions/": "2026-03-02",
        "/privacy/versions/1/": "2026-03-02",
        "/developers/": None,
    }


def test_the_moment_of_a_change_is_the_last_word_of_several(client):
    policy = make_published()
    for number, hours in ((2, 1), (3, 30)):
        reword(policy.question_set.get(), f"Company {number}.")
        publish(policy, NOON + hours * HOUR)
    assert listed(client)["/privacy/versions/"] == "2026-03-03"


def test_robots_may_go_everywhere_but_to_what_is_private(client):
    make_published()
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    rules = RobotFileParser()
    rules.parse(answer.content.decode().splitlines())
    assert rules.site_maps() == [f"{ROOT}/sitemap.xml"]
    for page in ("/", "/privacy/", "/privacy/versions/1.json", "/static/css/page.css"):
        assert rules.can_fetch("anyone", f"{ROOT}{page}")
    for page in ("/admin/", "/admin/faq/policy/", "/preview/abc/"):
        assert not rules.can_fetch("anyone", f"{ROOT}{page}")


@pytest.mark.parametrize("path", ["/sitemap.xml", "/robots.txt"])
def test_made_up_cookies_get_the_same_bytes_and_none_back(client, path):
    make_published()
    plain = client.get(path)
    junk = client.get(path, headers={"Cookie": JUNK})
    assert junk.content == plain.content
    assert "Set-Cookie" not in junk.headers
    assert client.post(path).status_code == 405
