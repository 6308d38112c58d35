"""An organisation's own static files: the theme and the logo, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from faq.theme import OWN, served_as


class OwnFiles(BaseFinder):
    """Finds what THEME and LOGO name, so that it is collected and hashed like any other file."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Where the file that is served by this name is."""
        found = [str(each) for each in _files() if served_as(each) == path]
        return found if find_all else "".join(found[:1]) or []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Each file, with the folder that it is in."""
        for path in _files():
            folder = FileSystemStorage(location=path.parent)
            folder.prefix = OWN  # type: ignore[attr-defined]
            yield path.name, folder


def _files() -> list[Path]:
    return [path for path in (settings.THEME, settings.LOGO) if path]
