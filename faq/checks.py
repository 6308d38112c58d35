"""System checks of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from faq import theme


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
