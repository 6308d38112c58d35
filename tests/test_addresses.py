"""Whole addresses: the same for every reader of a real site, and one's own on this machine."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factory import make_published

pytestmark = pytest.mark.django_db

#: Everything that is read away from the site, or says where it is.
PATHS = (
    "/privacy.json",
    "/privacy/versions.json",
    "/privacy/anchors.json",
    "/openapi.json",
    "/privacy/versions.atom",
    "/privacy/versions/timemap/",
    "/sitemap.xml",
    "/robots.txt",
    "/developers/",
    "/privacy/",
    "/privacy/versions/",
    "/privacy/versions/1/",
    "/privacy/versions/1...2/",
    "/privacy/who-are-we/",
    "/privacy/who-are-we/versions/",
)
#: Whose addresses stand in feeds, link formats and data because their standards have them.
STANDARDS = {"http://www.w3.org", "http://www.sitemaps.org", "https://schema.org"}


def hosts_in(response: Any) -> set[str]:
    """Every origin that an answer names, in its body or its headers."""
    told = f"{dict(response.headers)}\n{response.content.decode()}"
    return set(re.findall(r"https?://[a-z0-9.\[\]:]+[a-z0-9\]]", told)) - STANDARDS


@pytest.fixture
def public(settings: Any) -> Any:
    """A site that others can reach, by several hosts."""
    settings.SITE_URL = type(django_settings.SITE_URL)(
        "https", "example.org", "https://example.org", ""
    )
    settings.ALLOWED_HOSTS = ["example.org", "www.example.org", "localhost"]
    return settings


@pytest.mark.parametrize("path", PATHS)
def test_on_a_real_site_every_host_gets_the_same_bytes(public, path):
    make_published(2)
    asked = ("example.org", "example.org:8443", "www.example.org", "localhost:8000")
    answers = [Client().get(path, headers={"Host": host}) for host in asked]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers.get("Link") for answer in answers}) == 1
    assert hosts_in(answers[3]) <= {"https://example.org"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8001", "[::1]:8000", "localhost"])
def test_on_this_machine_each_of_its_names_leads_on_under_that_name(path, host):
    make_published(2)
    answer = Client().get(path, headers={"Host": host})
    assert answer.status_code == 200
    assert hosts_in(answer) <= {f"http://{host}"}
    if path.endswith((".json", ".atom", ".xml", ".txt", "/timemap/")):
        assert hosts_in(answer)


def test_a_name_that_is_not_this_machines_gets_the_address_that_was_set(client):
    make_published()
    assert client.get("/privacy.json", headers={"Host": "testserver"}).json()["url"] == (
        f"{django_settings.SITE_URL.origin}/privacy/"
    )
