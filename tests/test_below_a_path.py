"""A site whose SITE_URL has a path: every address for machines is whole and below it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

ROOT = "https://example.org/legal"

# Settings are read once a process, so the site below a path is one of its own.
SCRIPT = """
import json, django
django.setup()
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.utils import setup_test_environment
setup_test_environment()
call_command("migrate", verbosity=0)
from tests.factory import make_every_kind_of_version
make_every_kind_of_version()
plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
client = Client(headers={"host": "example.org"})
pages = {}
with override_settings(STORAGES=plain):
    for path in ("privacy.json", "privacy/versions.json", "privacy/anchors.json", "openapi.json",
                 "sitemap.xml", "robots.txt", "developers/", "privacy/", "nothing.json"):
        answer = client.get(f"/legal/{path}", secure=True)
        pages[path] = [answer.status_code, answer.content.decode()]
    for path in ("/.well-known/security.txt", "/legal/.well-known/security.txt"):
        pages[path] = [client.get(path, secure=True).status_code,
                       client.get(path, secure=True).content.decode()]
    pages["probe"] = [client.get("/legal/health/live").status_code, ""]
    pages["outside"] = [client.get("/privacy.json", secure=True).status_code, ""]
print(json.dumps(pages))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a site at https://example.org/legal answers: status and text by path."""
    folder = tmp_path_factory.mktemp("below")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
            "PYTHONPATH": str(Path(settings.BASE_DIR)),
            "SECRET_KEY": "only for this test, and long enough to please the checks",
            "SITE_URL": f"{ROOT}/",
            "SECURITY_CONTACT": "security@example.org",
            "DEBUG": "false",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    pages: dict[str, Any] = json.loads(done.stdout)
    return pages


def test_what_is_in_force_has_whole_addresses(pages):
    said = json.loads(pages["privacy.json"][1])
    assert said["url"] == f"{ROOT}/privacy/"
    assert said["version_url"] == f"{ROOT}/privacy/versions/5/"
    assert said["document_url"] == f"{ROOT}/privacy/versions/5.json"
    assert said["next"]["url"] == f"{ROOT}/privacy/versions/7/"


def test_versions_and_link_names_have_whole_addresses(pages):
    versions = json.loads(pages["privacy/versions.json"][1])
    assert versions[0]["url"] == f"{ROOT}/privacy/versions/1/"
    names = json.loads(pages["privacy/anchors.json"][1])
    assert names[0]["url"] == f"{ROOT}/privacy/#who-are-we"
    assert {name["url"].startswith(f"{ROOT}/privacy/") for name in names} == {True}


def test_the_description_names_the_server_with_its_path(pages):
    assert json.loads(pages["openapi.json"][1])["servers"] == [{"url": ROOT}]


def test_search_engines_are_told_whole_addresses(pages):
    found = re.findall(r"<loc>(.*?)</loc>", pages["sitemap.xml"][1])
    assert {address.startswith(f"{ROOT}/") for address in found} == {True}
    assert f"{ROOT}/privacy/" in found
    lines = pages["robots.txt"][1].splitlines()
    assert lines == [
        "User-agent: *",
        "Disallow: /legal/admin/",
        "Disallow: /legal/preview/",
        "",
        f"Sitemap: {ROOT}/sitemap.xml",
    ]


@pytest.mark.parametrize("path", ["developers/", "privacy/"])
def test_pages_name_no_address_outside_the_path(pages, path):
    status, page = pages[path]
    assert status == 200
    inside = re.findall(r"https://example\.org[^\"'<&\s]*", page)
    assert f"{ROOT}/{path}" in inside
    assert [address for address in inside if not address.startswith(f"{ROOT}/")] == []
    assert [link for link in re.findall(r'href="(/[^"]*)"', page) if link[:7] != "/legal/"] == []


def test_nothing_answers_outside_the_path(pages):
    assert pages["outside"][0] == 404
    assert pages["nothing.json"][0] == 404


def test_a_probe_may_ask_the_process_itself_over_http(pages):
    assert pages["probe"][0] == 200


def test_whom_to_tell_of_a_security_problem_stands_at_the_root_of_the_host_too(pages):
    root, below = (pages[f"{path}/.well-known/security.txt"] for path in ("", "/legal"))
    assert root == below
    status, text = root
    assert status == 200
    assert "Canonical: https://example.org/.well-known/security.txt\n" in text
    assert f"Canonical: {ROOT}/.well-known/security.txt\n" in text
