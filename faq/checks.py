"""System checks of our own."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections


@register(Tags.database)
def triggers_are_in_place(
    app_configs: Any = None, *, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Fail while a table of the record can be written to twice."""
    from faq import immutable
    from faq.models import RecordState

    errors: list[CheckMessage] = []
    for alias in databases or ():
        try:
            tables = connections[alias].introspection.table_names()
            gone = immutable.missing(alias) if RecordState._meta.db_table in tables else []
        except DatabaseError as error:
            errors.append(Error(f"The database “{alias}” does not answer: {error}", id="faq.E002"))
            continue
        if gone:
            errors.append(
                Error(
                    f"The record is not protected: {len(gone)} triggers are missing ({gone[0]}…).",
                    hint="Run: manage.py migrate",
                    id="faq.E001",
                )
            )
    return errors
