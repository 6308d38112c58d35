"""Rows that are written once: a kind refusal in Python and a final one in the database.

Everything in the record is append-only. `WriteOnce` refuses changes with a sentence a person
can read; the triggers refuse whatever walks round Python (raw SQL, upserts, `INSERT OR
REPLACE`). They are dropped before migrations run, because SQLite remakes tables, and installed
again after every migrate. The product has no way to unlock a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

PREFIX = "faq_keep_"


class RecordIsWriteOnce(Exception):
    """Something tried to change or delete a row of the record."""

    def __init__(self) -> None:
        super().__init__(
            _("Rows of the record are written once. They cannot be changed or deleted.")
        )


class WriteOnceQuerySet(models.QuerySet[Any]):
    """A queryset that can add and read, and nothing else."""

    def update(self, **kwargs: Any) -> int:
        raise RecordIsWriteOnce

    def delete(self) -> tuple[int, dict[str, int]]:
        raise RecordIsWriteOnce

    def bulk_update(self, objs: Any, fields: Any, batch_size: Any = None) -> int:
        raise RecordIsWriteOnce

    def bulk_create(
        self,
        objs: Any,
        batch_size: Any = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Any = None,
        unique_fields: Any = None,
    ) -> list[Any]:
        if ignore_conflicts or update_conflicts:
            raise RecordIsWriteOnce
        return super().bulk_create(objs, batch_size)


class WriteOnce(models.Model):
    """The base of every row in the record."""

    #: SQL conditions on NEW under which an INSERT is refused, with the reason.
    refusals: tuple[tuple[str, str], ...] = ()
    #: Whether public pages read it: then each new row raises the RecordState.
    is_public_record = True

    objects: ClassVar[Any] = WriteOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RecordIsWriteOnce
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise RecordIsWriteOnce


def record_models() -> list[type[WriteOnce]]:
    """Every write-once model, in the order of their tables' names."""
    found = [m for m in apps.get_app_config("faq").get_models() if issubclass(m, WriteOnce)]
    return sorted(found, key=lambda m: m._meta.db_table)


def install(using: str) -> None:
    """Put every trigger in place, replacing those that are there, and make the state row."""
    connection = connections[using]
    state = apps.get_model("faq", "RecordState")
    with transaction.atomic(using=using):  # never a moment without them
        drop(using)
        with connection.cursor() as cursor:
            for statement in _functions(connection):
                cursor.execute(statement)
            for _name, _table, statement in triggers(connection):
                cursor.execute(statement)
        state.objects.using(using).get_or_create(pk=1)


def drop(using: str) -> None:
    """Take every trigger away: before migrations, which put them back, and around test fixtures."""
    connection = connections[using]
    present = installed(connection)
    with connection.cursor() as cursor:
        for name, table in present.items():
            on = f" ON {connection.ops.quote_name(table)}" if _is_postgres(connection) else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {connection.ops.quote_name(name)}{on}")


def missing(using: str) -> list[str]:
    """The names of triggers that should be there and are not."""
    connection = connections[using]
    present = installed(connection)
    return [name for name, _table, _sql in triggers(connection) if name not in present]


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Our triggers in this database: name and table."""
    if _is_postgres(connection):
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        )
    else:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name: table for name, table in cursor.fetchall() if name.startswith(PREFIX)}


def triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Name, table and SQL of every trigger this database should have."""
    write = _postgres_trigger if _is_postgres(connection) else _sqlite_trigger
    state = apps.get_model("faq", "RecordState")._meta.db_table
    for model in record_models():
        table = model._meta.db_table
        message = f"{table}: rows of the record are written once"
        for event in ("update", "delete"):
            yield write(table, f"no_{event}", f"BEFORE {event.upper()}", "", message)
        if _is_postgres(connection):
            yield write(table, "no_truncate", "BEFORE TRUNCATE", "", message)
        for number, columns in enumerate(_unique_columns(model)):
            same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
            clash = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
            yield write(table, f"no_replace_{number}", "BEFORE INSERT", clash, message)
        for number, (condition, reason) in enumerate(model.refusals):
            yield write(table, f"rule_{number}", "BEFORE INSERT", condition, f"{table}: {reason}")
        if model.is_public_record:
            yield _raise_state(connection, table, state)
    policy = apps.get_model("faq", "Policy")._meta.db_table
    approval = apps.get_model("faq", "Approval")._meta.db_table
    yield write(
        policy,
        "slug_is_fixed",
        "BEFORE UPDATE",
        f"NEW.slug <> OLD.slug AND EXISTS (SELECT 1 FROM {approval} WHERE policy_id = OLD.id)",
        "a policy's address is fixed once a version is approved",
    )


def _unique_columns(model: type[models.Model]) -> Iterable[list[str]]:
    """The columns of the primary key and of every unique key: each can carry a REPLACE."""
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.unique:
            yield [columns[field.name]]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield [columns[name] for name in constraint.fields]


def _is_postgres(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "postgresql"


def _sqlite_trigger(
    table: str, name: str, event: str, condition: str, message: str
) -> tuple[str, str, str]:
    name = f"{PREFIX}{table}_{name}"
    when = f" WHEN {condition}" if condition else ""
    sql = (
        f'CREATE TRIGGER "{name}" {event} ON "{table}"{when} '
        f"BEGIN SELECT RAISE(ABORT, '{message.replace(chr(39), chr(39) * 2)}'); END"
    )
    return name, table, sql


def _postgres_trigger(
    table: str, name: str, event: str, condition: str, message: str
) -> tuple[str, str, str]:
    # PostgreSQL's WHEN takes no sub-query, so the condition stands in a function of its own.
    name = f"{PREFIX}{table}_{name}"
    quoted = message.replace("'", "''")
    refuse = f"RAISE EXCEPTION '{quoted}' USING ERRCODE = 'integrity_constraint_violation';"
    body = f"IF {condition} THEN {refuse} END IF; RETURN NEW;" if condition else refuse
    each = "STATEMENT" if "TRUNCATE" in event else "ROW"
    sql = (
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$body$ BEGIN {body} END $body$; "
        f'CREATE TRIGGER "{name}" {event} ON "{table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()'
    )
    return name, table, sql


def _raise_state(connection: BaseDatabaseWrapper, table: str, state: str) -> tuple[str, str, str]:
    name = f"{PREFIX}{table}_raises_state"
    step = f"UPDATE {state} SET number = number + 1 WHERE id = 1"
    if _is_postgres(connection):
        sql = (
            f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {PREFIX}raise_state()"
        )
    else:
        sql = f'CREATE TRIGGER "{name}" AFTER INSERT ON "{table}" BEGIN {step}; END'
    return name, table, sql


def _functions(connection: BaseDatabaseWrapper) -> list[str]:
    if not _is_postgres(connection):
        return []
    state = apps.get_model("faq", "RecordState")._meta.db_table
    return [
        f"CREATE OR REPLACE FUNCTION {PREFIX}raise_state() RETURNS trigger LANGUAGE plpgsql AS "
        f"$body$ BEGIN UPDATE {state} SET number = number + 1 WHERE id = 1; RETURN NULL; END $body$"
    ]
