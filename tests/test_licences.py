"""Every package that the site runs on may be used and passed on by anybody."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest
from django.conf import settings

PERMISSIVE = re.compile(
    r"MIT(-0|-CMU)?|(New |Simplified )?BSD|BSD-[23]-Clause|Apache[- ]2(\.0)?|PSF-2\.0|ISC"
    r"|MIT License|BSD License|Apache Software License"
)
#: Those that say it otherwise, with what they are and why that is right.
OTHERS = {
    "psycopg": "LGPL-3.0-only",  # used as it is, and only with PostgreSQL
    "psycopg-binary": "LGPL-3.0-only",
    "fido2": "BSD-2-Clause; its list of public suffixes, unchanged, is MPL-2.0",
}


def locked() -> list[str]:
    """The names of all packages that requirements-redis.txt locks."""
    text = (Path(settings.BASE_DIR) / "requirements-redis.txt").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", text, re.MULTILINE)))


def licences(name: str) -> list[str]:
    """What a package says of itself: an expression, else a short word, else its classifiers."""
    about = metadata.metadata(name)
    if expression := about.get("License-Expression"):
        return re.split(r" (?:OR|AND) ", expression)
    short = about.get("License") or ""
    if short and "\n" not in short:
        return [short]
    classifiers = about.get_all("Classifier") or []
    return [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]


def installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.mark.parametrize("name", [name for name in locked() if installed(name)])
def test_a_package_has_a_licence_that_lets_everybody_use_it(name):
    said = licences(name)
    assert said
    assert name in OTHERS or all(PERMISSIVE.fullmatch(each) for each in said)


def test_only_what_another_system_or_python_needs_is_not_looked_at():
    """colorama is BSD-3-Clause; the others are looked at on the Pythons that use them."""
    elsewhere = {
        "async-timeout",
        "colorama",
        "tzdata",
        "django-csp",
        "packaging",
        "typing-extensions",
    }
    assert {name for name in locked() if not installed(name)} <= elsewhere


def test_the_list_of_dependencies_names_what_we_chose():
    project = (Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8")
    chosen = project.partition("dependencies = [")[2].partition("\n]")[0]
    page = (Path(settings.BASE_DIR) / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for name in re.findall(r'^ +"([\w-]+)', chosen, re.MULTILINE):
        assert re.search(rf"^\|.*\b{re.escape(name)}\b.*\|", page, re.MULTILINE), name
