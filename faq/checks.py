"""System checks of our own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from faq.sqlite.base import file_of


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


@register(Tags.database)
def sqlite_keeps_what_it_is_given(
    app_configs: Any = None, *, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """Fail if a SQLite file is not written as the settings demand, whatever is the reason."""
    return [
        Error(
            f"SQLite's {name} is {found!r} and should be {wanted!r}: an approval could be lost.",
            hint="The file must be on a local disk, in a folder that the site may write to.",
            id="faq.E003",
        )
        for alias in databases or ()
        for name, wanted, found in _pragmas(alias)
        if found != wanted
    ]


def _pragmas(alias: str) -> Iterator[tuple[str, Any, Any]]:
    """What must be in effect on a connection to a file: name, the value it must have, the value."""
    connection = connections[alias]
    if file_of(connection) is None:
        return
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    try:
        with connection.cursor() as cursor:
            for name, value in wanted.items():
                yield name, value, cursor.execute(f"PRAGMA {name}").fetchone()[0]
    except DatabaseError:
        return  # the check above says so
