"""A change of any value in any row of the record shows, and names the row."""

from __future__ import annotations

import importlib
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from faq import immutable
from faq.models import Anchor, ChangeNote, Event, Image, Seal, Version, Withholding
from faq.seals import columns_of, seal_of
from faq.verification import Broken, Tally, verify
from tests.factory import make_published, make_question
from tests.test_write_once import TABLES, execute, record

__all__ = ["record"]

pytestmark = pytest.mark.django_db
SEALED = [model for model in TABLES if model is not Seal]
every_sealed_table = pytest.mark.parametrize("model", SEALED, ids=lambda model: model.__name__)


def verified() -> str:
    """What verifying finds wrong; empty if nothing."""
    try:
        list(verify(Tally()))
    except Broken as broken:
        return str(broken)
    return ""


def tamper(sql: str, *values: Any) -> None:
    """Do to the record what its guards forbid, and put the guards back."""
    connection.check_constraints()
    immutable.drop("default")
    execute(sql, values)
    immutable.install("default")


def other(field: Any, value: Any) -> Any:
    """Another value that the column can hold."""
    while field.is_relation:
        field = field.target_field
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        return value + timedelta(microseconds=1)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(field, models.BinaryField):
        return bytes(value)[:-1] + b"?"
    return ("x" + value[1:]) if value else "x"


def test_every_row_of_the_record_is_sealed_as_it_is_written(record: Any) -> None:
    for model in SEALED:
        rows = {str(row.pk) for row in model.objects.all()}
        assert rows, model
        sealed = Seal.objects.filter(of_table=model._meta.db_table)
        assert set(sealed.values_list("of_row", flat=True)) == rows
    assert verified() == ""


@every_sealed_table
def test_any_value_that_changes_is_found_and_its_row_named(record: Any, model: Any) -> None:
    row = model.objects.order_by("pk").last()  # not the version whose wording is hidden
    table = model._meta.db_table
    changed = []
    for field in model._meta.concrete_fields:
        if field.primary_key or field.is_relation:  # the database refuses those that lead nowhere
            continue
        with transaction.atomic():
            value = field.get_db_prep_value(other(field, getattr(row, field.attname)), connection)
            try:
                tamper(f"UPDATE {table} SET {field.column} = %s WHERE id = %s", value, row.pk)
            except IntegrityError:
                found = f"{table}, row {row.pk}: the database itself refused"
            else:
                found = verified()
            # Its row, the row that refers to it, or the version or decision that it is.
            named = re.match(r"faq_\w+, row \d+: |(privacy|urgent), \S", found)
            assert named, (field.column, found)
            changed.append(field.column)
            transaction.set_rollback(True)
    assert changed or model.__name__ == "ImageUse"
    assert verified() == ""


def test_what_no_other_check_would_miss_is_named_by_its_row(record: Any) -> None:
    for model, column in ((ChangeNote, "text"), (Withholding, "reason"), (Event, "who")):
        row, table = model.objects.order_by("pk").first(), model._meta.db_table
        with transaction.atomic():
            tamper(f"UPDATE {table} SET {column} = 'x' WHERE id = %s", row.pk)
            assert verified().startswith(f"{table}, row {row.pk}: it is not as it was written")
            transaction.set_rollback(True)


def test_a_picture_whose_bytes_changed_is_named(record: Any) -> None:
    image = Image.objects.get()
    tamper("UPDATE faq_image SET content = %s", image.data()[:-1] + b"?")
    assert verified().startswith(f"faq_image, row {image.pk}: its picture")


def test_a_row_that_was_taken_out_is_named(record: Any) -> None:
    note = ChangeNote.objects.order_by("pk").last()
    tamper("DELETE FROM faq_changenote WHERE id = %s", note.pk)
    assert verified() == f"faq_changenote, row {note.pk}: it is not there any more."


def test_a_row_that_was_put_in_is_named(record: Any) -> None:
    """The guards let new rows in; only this program seals them."""
    note = ChangeNote.objects.order_by("pk").last()
    execute(
        "INSERT INTO faq_changenote (id, text, written_by, recorded_at, version_id) "
        "SELECT id + 1000, 'Made up.', written_by, recorded_at, version_id "
        "FROM faq_changenote WHERE id = %s",
        [note.pk],
    )
    assert verified().startswith(f"faq_changenote, row {note.pk + 1000}: it was not written by")


def test_a_seal_that_changed_is_found(record: Any) -> None:
    seal = Seal.objects.get(of_table="faq_anchor", of_row=str(Anchor.objects.first().pk))
    for column in ("sha256", "of_columns", "of_row", "of_table"):
        with transaction.atomic():
            tamper(f"UPDATE faq_seal SET {column} = 'x' WHERE id = %s", seal.pk)
            assert f"faq_anchor, row {seal.of_row}:" in verified()
            transaction.set_rollback(True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores nothing of the kind")
def test_a_value_that_cannot_even_be_read_is_named(record: Any) -> None:
    note = ChangeNote.objects.order_by("pk").first()
    for value in ("CAST(X'FF' AS TEXT)", "X'FF'"):
        with transaction.atomic():
            tamper(f"UPDATE faq_changenote SET text = {value} WHERE id = {note.pk}")
            assert f"faq_changenote, row {note.pk}:" in verified()
            transaction.set_rollback(True)
    with transaction.atomic():
        tamper(f"UPDATE faq_changenote SET recorded_at = 'nonsense' WHERE id = {note.pk}")
        assert f"faq_changenote, row {note.pk}:" in verified()
        transaction.set_rollback(True)


def test_wording_that_was_hidden_and_erased_keeps_its_seal(record: Any) -> None:
    hidden = Version.objects.get(withholding__isnull=False)
    tamper("UPDATE faq_version SET document = %s WHERE id = %s", b"", hidden.pk)
    assert verified() == ""


def test_a_record_of_before_there_were_seals_gets_them(record: Any) -> None:
    later = {"Rewording": "faq_rewording"}  # tables that there were not yet
    before = list(Seal.objects.order_by("of_table", "of_row").values_list("of_row", "sha256"))
    tamper("DELETE FROM faq_seal WHERE of_table <> %s", *later.values())
    migration = importlib.import_module("faq.migrations.0005_seals")
    migration.seal_what_is_there(apps, SimpleNamespace(connection=connection))
    after = list(Seal.objects.order_by("of_table", "of_row").values_list("of_row", "sha256"))
    assert after == before
    assert verified() == ""
    assert sorted([*migration.SEALED, *later]) == [model.__name__ for model in SEALED]


def test_a_seal_covers_the_columns_that_there_were(record: Any) -> None:
    """A later release may add a column; what was sealed before stays good."""
    row = ChangeNote.objects.first()
    columns = columns_of(ChangeNote)
    fewer = [column for column in columns if column != "written_by"]
    assert seal_of(row, fewer) != seal_of(row, columns)
    tamper(
        "UPDATE faq_seal SET of_columns = %s, sha256 = %s WHERE of_table = %s AND of_row = %s",
        ",".join(fewer),
        seal_of(row, fewer),
        "faq_changenote",
        str(row.pk),
    )
    assert verified() == ""


def test_a_row_that_is_refused_leaves_no_seal(db: None) -> None:
    policy = make_published()
    version = policy.version_set.get()
    before = Seal.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        Anchor.objects.create(
            policy=policy, name="who-are-we", question=make_question(policy, "X?"), version=version
        )
    assert Seal.objects.count() == before
