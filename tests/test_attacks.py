"""Ways round the record's guards, each tried: what they cannot stop they show."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction

from faq import immutable, publishing
from faq.digest import fingerprint
from faq.models import Anchor, Approval, Policy, Version
from tests.factory import DAY, NOON, make_policy, make_published, make_question, publish
from tests.test_write_once import (
    REFUSED,
    TABLES,
    every_table,
    execute,
    next_approval,
    on_postgresql,
    on_sqlite,
    record,
    refused,
    stored,
    text_field,
)

__all__ = ["record"]


def unprotected(client: Any, name: str) -> None:
    """The trigger counts as missing, and both probes say so."""
    assert name in immutable.missing("default")
    with pytest.raises(SystemCheckError, match="not protected"):
        call_command("check", databases=["default"])
    assert client.get("/health/ready").status_code == 503


# A trigger by its right name that does not do its work.

NO_UPDATE = "faq_keep_faq_version_no_update"


@on_sqlite
@pytest.mark.parametrize(
    "other",
    [
        "BEFORE UPDATE ON faq_version BEGIN SELECT 1; END",
        "BEFORE UPDATE ON faq_version WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END",
        "BEFORE UPDATE OF frozen_by ON faq_version BEGIN SELECT RAISE(ABORT, 'no'); END",
        "BEFORE UPDATE ON faq_version BEGIN SELECT RAISE(IGNORE); END",
        "BEFORE UPDATE ON faq_comment BEGIN SELECT RAISE(ABORT, 'no'); END",
    ],
)
def test_a_trigger_of_our_name_with_another_body_is_missed(
    db: None, client: Any, other: str
) -> None:
    execute(f"DROP TRIGGER {NO_UPDATE}")
    execute(f"CREATE TRIGGER {NO_UPDATE} {other}")
    unprotected(client, NO_UPDATE)
    immutable.install("default")
    assert immutable.missing("default") == []


@on_sqlite
@every_table
def test_no_trigger_of_any_table_can_be_emptied_unnoticed(db: None, model: Any) -> None:
    for name, table in immutable.installed(connection).items():
        if table == model._meta.db_table:
            with transaction.atomic():
                execute(f"DROP TRIGGER {name}")
                execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")
                assert immutable.missing("default") == [name]
                transaction.set_rollback(True)


@on_sqlite
def test_the_schema_cannot_be_rewritten_unnoticed(db: None, client: Any) -> None:
    execute("PRAGMA writable_schema = ON")
    try:
        execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'ABORT', 'IGNORE') WHERE name = %s",
            [NO_UPDATE],
        )
    finally:
        execute("PRAGMA writable_schema = OFF")
    unprotected(client, NO_UPDATE)


@on_postgresql
@pytest.mark.parametrize(
    "change",
    [
        f"ALTER TABLE faq_version DISABLE TRIGGER {NO_UPDATE}",
        f"ALTER TABLE faq_version ENABLE TRIGGER {NO_UPDATE}",
        f"ALTER TABLE faq_version ENABLE REPLICA TRIGGER {NO_UPDATE}",
        f"CREATE OR REPLACE FUNCTION {NO_UPDATE}() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        f"ALTER FUNCTION {NO_UPDATE}() SET search_path = pg_temp, public",
        f"ALTER FUNCTION {NO_UPDATE}() RESET search_path",
        f"DROP TRIGGER {NO_UPDATE} ON faq_version; CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE OF "
        f"frozen_by ON faq_version FOR EACH ROW EXECUTE FUNCTION {NO_UPDATE}()",
        f"DROP TRIGGER {NO_UPDATE} ON faq_version; CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE "
        f"ON faq_version FOR EACH ROW WHEN (false) EXECUTE FUNCTION {NO_UPDATE}()",
        f"DROP TRIGGER {NO_UPDATE} ON faq_version; CREATE TRIGGER {NO_UPDATE} BEFORE UPDATE "
        f"ON faq_comment FOR EACH ROW EXECUTE FUNCTION {NO_UPDATE}()",
    ],
)
def test_a_function_or_trigger_that_was_changed_is_missed(
    db: None, client: Any, change: str
) -> None:
    execute(change)
    unprotected(client, NO_UPDATE)
    immutable.install("default")
    assert immutable.missing("default") == []


def test_a_table_put_in_the_place_of_one_of_the_record_is_missed(record: Any, client: Any) -> None:
    connection.check_constraints()
    execute("ALTER TABLE faq_changenote RENAME TO aside")
    execute("CREATE TABLE faq_changenote AS SELECT * FROM aside")
    execute("UPDATE faq_changenote SET text = 'Something else.'")
    unprotected(client, "faq_keep_faq_changenote_no_update")


def test_a_renamed_table_keeps_its_guards(record: Any) -> None:
    connection.check_constraints()
    execute("ALTER TABLE faq_changenote RENAME TO aside")
    for attack in ("UPDATE aside SET text = 'Else.'", "DELETE FROM aside"):
        with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
            execute(attack)


# Sessions in which less is enforced than usual.


@on_sqlite
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "relaxed", ["foreign_keys = OFF", "ignore_check_constraints = ON", "legacy_alter_table = ON"]
)
def test_no_pragma_lets_a_row_be_replaced(record: Any, recursive: str, relaxed: str) -> None:
    setting = relaxed.partition(" ")[0]
    kept = {}
    with connection.cursor() as cursor:
        for name in (setting, "recursive_triggers"):
            kept[name] = cursor.execute(f"PRAGMA {name}").fetchone()[0]
    execute(f"PRAGMA {relaxed}")
    execute(f"PRAGMA recursive_triggers = {recursive}")
    try:
        for sql in (
            "REPLACE INTO faq_changenote SELECT id, 'Else.', written_by, recorded_at, version_id"
            " FROM faq_changenote",
            "INSERT OR REPLACE INTO faq_anchor SELECT * FROM faq_anchor",
            "UPDATE OR REPLACE faq_approval SET number = 1",
        ):
            refused(Approval, lambda sql=sql: execute(sql))
    finally:
        for name, value in kept.items():
            execute(f"PRAGMA {name} = {value}")


@on_postgresql
@every_table
def test_no_session_role_lets_a_row_be_changed(record: Any, model: Any) -> None:
    table = model._meta.db_table
    connection.check_constraints()
    execute("SET session_replication_role = replica")
    try:
        refused(model, lambda: execute(f"UPDATE {table} SET id = id"))
        refused(model, lambda: execute(f"DELETE FROM {table}"))
        refused(model, lambda: execute(f"TRUNCATE {table} CASCADE"))
        refused(model, lambda: execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"))
    finally:
        execute("SET session_replication_role = DEFAULT")


@pytest.mark.parametrize("kind", ["TEMPORARY TABLE", "TEMPORARY VIEW"])
def test_a_temporary_table_does_not_pass_for_the_record(record: Policy, kind: str) -> None:
    """With an empty table in the place of the approvals, any number would follow."""
    candidate = publishing.freeze(publishable(record), by="alice", at=NOON + 20 * DAY)
    entry = next_approval(candidate, number=1)
    columns = [field.column for field in Approval._meta.concrete_fields if field.column != "id"]
    values = [
        field.get_db_prep_save(field.pre_save(entry, True), connection)
        for field in Approval._meta.concrete_fields
        if field.column != "id"
    ]
    real = "main" if connection.vendor == "sqlite" else "public"
    execute(f"CREATE {kind} faq_approval AS SELECT * FROM {real}.faq_approval WHERE id < 0")
    with pytest.raises(DatabaseError, match="numbers follow|written once"), transaction.atomic():
        execute(
            f"INSERT INTO {real}.faq_approval ({', '.join(columns)}) "
            f"VALUES ({', '.join(['%s'] * len(columns))})",
            values,
        )


def publishable(policy: Policy) -> Policy:
    """The policy with a new wording in its draft."""
    make_question(policy, "Why?", "So.")
    return policy


# Another program on the same file.


@pytest.fixture
def file(tmp_path: Path, transactional_db: None) -> Iterator[Callable[[str], Any]]:
    """The record in a file of its own, open in a program that is not ours: its `execute`."""
    make_published(2)
    connection.ensure_connection()
    with closing(sqlite3.connect(tmp_path / "record.sqlite3")) as target:
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(tmp_path / "other.sqlite3", isolation_level=None)) as program:
        program.execute("ATTACH ? AS record", [str(tmp_path / "record.sqlite3")])
        yield program.execute


@on_sqlite
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE record.faq_version SET digest = 'x'",
        "DELETE FROM record.faq_changenote",
        "REPLACE INTO record.faq_anchor SELECT * FROM record.faq_anchor",
        "INSERT INTO record.faq_approval SELECT * FROM record.faq_approval",
    ],
)
def test_a_program_that_attaches_the_file_is_refused(
    file: Callable[[str], Any], attack: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        file(attack)


# Fixtures and forms.


@every_table
def test_a_fixture_overwrites_nothing(record: Any, tmp_path: Path, model: Any) -> None:
    row = model.objects.order_by("pk").first()
    if model.__name__ != "ImageUse":  # it has nothing but what it ties together
        setattr(row, text_field(model), "Else.")
    fixture = tmp_path / "fixture.json"
    fixture.write_text(serializers.serialize("json", [row]), encoding="utf-8")
    refused(model, lambda: call_command("loaddata", str(fixture), verbosity=0))


@every_table
def test_the_admin_has_no_form_for_a_row_of_the_record(
    record: Any, admin_client: Any, model: Any
) -> None:
    assert not admin.site.is_registered(model)
    row = model.objects.order_by("pk").first()
    before = stored(model)
    for address in ("", "add/", f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/"):
        answer = admin_client.post(
            f"/admin/faq/{model._meta.model_name}/{address}",
            {"post": "yes", "action": "delete_selected", "_selected_action": row.pk},
        )
        assert answer.status_code in {302, 404}
    assert stored(model) == before


def test_a_published_policy_cannot_be_deleted_in_the_admin(
    record: Policy, admin_client: Any
) -> None:
    admin_client.post(f"/admin/faq/policy/{record.pk}/delete/", {"post": "yes"})
    admin_client.post(
        "/admin/faq/policy/",
        {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"},
    )
    question = record.question_set.get()
    admin_client.post(f"/admin/faq/question/{question.pk}/delete/", {"post": "yes"})
    assert Policy.objects.filter(pk=record.pk).exists()
    assert record.question_set.filter(pk=question.pk).exists()


def test_deleting_a_user_leaves_who_decided(record: Policy) -> None:
    who = User.objects.create_superuser("alice")
    before = [stored(model) for model in TABLES]
    who.delete()
    assert [stored(model) for model in TABLES] == before


# What is approved is what was stored, and what was seen.


def overwrite(version: Version, **values: Any) -> None:
    """Change a stored version, as somebody does who has taken the triggers away."""
    connection.check_constraints()
    with transaction.atomic():
        immutable.drop("default")
        sets = ", ".join(f"{name} = %s" for name in values)
        execute(f"UPDATE faq_version SET {sets} WHERE id = %s", [*values.values(), version.pk])
        immutable.install("default")


def test_bytes_that_were_changed_after_the_freeze_are_not_approved(db: None) -> None:
    policy = make_policy()
    make_question(policy)
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    overwrite(candidate, document=candidate.data().replace(b"A company.", b"B company."))
    with pytest.raises(publishing.Refused, match="does not match its fingerprint"):
        publishing.approve(candidate, by="bob", at=NOON, material=False)
    assert not Approval.objects.exists()
    assert not Anchor.objects.exists()


@pytest.mark.parametrize("says_what_was_seen", [True, False])
def test_bytes_and_fingerprint_changed_together_are_not_what_the_approver_saw(
    db: None, says_what_was_seen: bool
) -> None:
    policy = make_policy()
    make_question(policy)
    seen = publishing.freeze(policy, by="alice", at=NOON)
    other = seen.data().replace(b"A company.", b"B company.")
    overwrite(seen, document=other, digest=fingerprint(other))
    with pytest.raises(publishing.Refused, match="not the version you were looking at"):
        publishing.approve(
            seen,
            by="bob",
            at=NOON,
            material=False,
            expected=seen.digest if says_what_was_seen else None,
        )
    assert not Approval.objects.exists()


def test_publishing_refuses_a_clock_that_goes_backwards(db: None) -> None:
    policy = make_published(2)
    make_question(policy, "Why?", "So.")
    with pytest.raises(publishing.Refused, match="Set the clock right"):
        publish(policy, NOON, effective_at=NOON + 9 * DAY)
    assert publish(policy, NOON + DAY, effective_at=NOON + 9 * DAY).number == 3
