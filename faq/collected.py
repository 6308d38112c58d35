"""Whether the static files that every page names were collected."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from faq.theme import served_as


def uncollected() -> list[str]:
    """The names of those that `collectstatic` has not collected: pages cannot be made then.

    As the process knows them, which reads the list of what was collected once.
    """
    own = (served_as(path) for path in (settings.THEME, settings.LOGO) if path)
    return [name for name in ("css/tokens.css", *own) if not _is_collected(name)]


def _is_collected(name: str) -> bool:
    try:
        staticfiles_storage.url(name)
    except ValueError:
        return False
    return True
