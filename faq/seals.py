"""A fingerprint beside every row of the record, so that a change of any value in it shows.

The chain covers what a version says, its number and its times. Notes, reasons, names and the rest
stand in rows that nothing else would miss. A seal keeps no secret and stops nobody who wants to
forge: it finds what a disk, a tool or a hand has changed, taken out or put in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from faq.digest import fingerprint, stamp


def columns_of(model: type[models.Model]) -> list[str]:
    """The columns that a seal of today covers. Bytes have a fingerprint of their own."""
    fields = model._meta.concrete_fields
    return sorted(str(f.column) for f in fields if not isinstance(f, models.BinaryField))


def seal_of(row: models.Model, columns: Sequence[str]) -> str:
    """The fingerprint of a row's table and of its values in these columns."""
    fields = {str(field.column): field for field in row._meta.concrete_fields}
    values = [(column, _plain(fields[column], row)) for column in columns]
    text = json.dumps([row._meta.db_table, values], ensure_ascii=False, separators=(",", ":"))
    return fingerprint(text.encode("utf-8"))


def make_seals(rows: Iterable[models.Model], seal: Any) -> list[Any]:
    """A row of the model `seal` for each of these rows, not saved yet."""
    made = []
    for row in rows:
        columns = columns_of(type(row))
        made.append(
            seal(
                of_table=row._meta.db_table,
                of_row=str(row.pk),
                of_columns=",".join(columns),
                sha256=seal_of(row, columns),
            )
        )
    return made


def seal(rows: Sequence[models.Model], using: str) -> None:
    """Seal rows that were just written, in the transaction that wrote them."""
    model = apps.get_model("faq", "Seal")
    models.QuerySet(model, using=using).bulk_create(make_seals(rows, model))


def _plain(field: Any, row: models.Model) -> Any:
    """A value as every database gives it back: text, a whole number, a truth, or nothing."""
    value = getattr(row, field.attname)
    while field.is_relation:
        field = field.target_field
    value = field.to_python(value)
    if isinstance(value, datetime):
        return stamp(value)
    return value if value is None or isinstance(value, bool | int) else str(value)
