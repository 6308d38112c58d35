"""Which build of the site makes the pages: its files, packages and settings, as one fingerprint."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings

#: Folders that pages are made from.
SOURCES = ("faq", "privacy_site", "templates", "static", "locale")
SECRETS = ("KEY", "PASSWORD")


def fingerprint_of_build() -> str:
    """The same in every process that would make the same pages."""
    digest = sha256()
    for folder in SOURCES:
        for file in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(f"{file.relative_to(settings.BASE_DIR)}\n".encode())
                digest.update(file.read_bytes())
    packages = sorted(f"{each.name} {each.version}" for each in distributions())
    plain = {
        name: value
        for name in dir(settings)
        if name.isupper() and not any(secret in name for secret in SECRETS)
        if isinstance(value := getattr(settings, name), str | int | float | tuple)
    }
    digest.update(repr((packages, sorted(plain.items()), settings.SITE_URL)).encode())
    return digest.hexdigest()[:16]
