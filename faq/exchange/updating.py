"""Writing to the working copy only what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Model

from faq.models.working_copy import Edited, split_words


def assign(row: Model, fields: Mapping[str, Any]) -> set[str]:
    """Set the fields that say something else than the row does; return their names."""
    changed = {name for name, value in fields.items() if not _same(name, getattr(row, name), value)}
    for name in changed:
        setattr(row, name, fields[name])
    return changed


def store(row: Edited, changed: set[str], *, by: str, at: datetime) -> None:
    """Write those fields; a form that is open on the text is told, unless only its place is new."""
    values: dict[str, Any] = {name: getattr(row, name) for name in changed}
    if changed - {"position"}:
        values |= {"revision": F("revision") + 1, "changed_by": by, "changed_at": at}
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def _same(name: str, old: Any, new: Any) -> bool:
    """Whether two values make the same Document, however they were typed."""
    if name == "also_asked":
        return split_words(old) == split_words(new)
    if name == "older_names":
        return set(old.split()) == set(new.split())
    if name == "in_short":
        return " ".join(old.split()) == " ".join(new.split())
    if isinstance(old, str) and isinstance(new, str):
        return old.replace("\r\n", "\n").replace("\r", "\n").strip() == new.strip()
    return bool(old == new)
