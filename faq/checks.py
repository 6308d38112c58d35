"""System checks of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from faq import theme
from faq.collected import uncollected
from faq.sqlite.base import file_of


@register(Tags.staticfiles)
def a_theme_can_be_read(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Fail while the theme sets colours of no page, or leaves text too faint to read."""
    if not settings.THEME:
        return []
    styles = Path(settings.BASE_DIR) / "static" / "css"
    ours = theme.colours_of(
        "".join(
            (styles / name).read_text(encoding="utf-8") for name in ("tokens.css", "redline.css")
        )
    )
    own = theme.read_theme(settings.THEME.read_text(encoding="utf-8"))
    unknown = theme.unknown_tokens(own, ours)
    faults = [f"--{name} is the name of no colour" for name in unknown]
    faults += theme.too_faint(own.over(ours))
    return [
        Error(
            f"{settings.THEME}: {fault}.",
            hint="Names and contrasts: docs/operators.md, “Your colours and your logo”.",
            id="faq.E003",
        )
        for fault in faults
    ]


@register(Tags.staticfiles, deploy=True)
def static_files_were_collected(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Fail while a file that every page names was not collected."""
    return [
        Error(
            f"“{name}” is not among the static files: no page can be made.",
            hint="Run: manage.py collectstatic",
            id="faq.E005",
        )
        for name in uncollected()
    ]


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
            id="faq.E004",
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
