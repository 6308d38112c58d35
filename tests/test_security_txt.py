"""Whom to tell of a security problem, as RFC 9116 wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from sectxt import Parser

from faq.views.security import security_txt
from privacy_site.environment import SiteUrl
from tests.factory import NOON

ADDRESS = "/.well-known/security.txt"
CONTACTS = ["mailto:security@example.org", "https://example.org/report"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _somebody(settings):
    settings.SECURITY_CONTACT = CONTACTS
    settings.SITE_URL = SiteUrl("https", "example.org", "https://example.org", "")


def test_it_names_everybody_who_may_be_told(client):
    text = client.get(ADDRESS).content.decode()
    assert [line[9:] for line in text.splitlines() if line.startswith("Contact: ")] == CONTACTS


def test_a_parser_of_such_files_finds_no_fault(client):
    response = client.get(ADDRESS)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    found = Parser(response.content)
    assert found.is_valid(), found.errors
    assert {each["code"] for each in found.recommendations} <= {"not_signed", "no_encryption"}


def test_the_parser_would_find_one(client):
    text = client.get(ADDRESS).content
    assert not Parser(text.replace(b"Expires", b"Expired")).is_valid()


def test_it_expires_in_half_a_year_and_is_the_same_all_day():
    request = RequestFactory().get(ADDRESS)
    said = set()
    for hour in range(24):
        request.at = NOON.replace(hour=hour)
        said.add(security_txt(request).content)
    [text] = said
    [line] = [line for line in text.decode().splitlines() if line.startswith("Expires: ")]
    expires = datetime.fromisoformat(line.removeprefix("Expires: ").replace("Z", "+00:00"))
    assert expires.tzinfo == UTC
    assert timedelta(days=178) < expires - NOON < timedelta(days=181)


def test_where_nobody_was_named_there_is_none(client, settings):
    settings.SECURITY_CONTACT = []
    response = client.get(ADDRESS)
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
