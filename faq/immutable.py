"""Rows that are written once: a kind refusal in Python and a final one in the database.

Everything in the record is append-only. `WriteOnce` refuses changes with a sentence a person
can read; the triggers refuse whatever walks round Python (raw SQL, upserts, `INSERT OR
REPLACE`, a session in which ordinary triggers do not fire). They are dropped before migrations
run, because SQLite remakes tables, and installed again after every migrate. The product has no
way to unlock a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django.apps import apps
from django.db import connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.utils.translation import gettext as _

from faq.seals import seal

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
        with transaction.atomic(using=self.db):
            rows = super().bulk_create(objs, batch_size)
            if self.model.is_sealed:
                seal(rows, self.db)
        return rows


class WriteOnce(models.Model):
    """The base of every row in the record."""

    #: SQL conditions on NEW under which an INSERT is refused, with the reason.
    refusals: tuple[tuple[str, str], ...] = ()
    #: Whether public pages read it: then each new row raises the RecordState.
    is_public_record = True
    #: Whether a fingerprint of each row is kept beside it.
    is_sealed = True

    objects: ClassVar[Any] = WriteOnceQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RecordIsWriteOnce
        kwargs["force_insert"] = True
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            super().save(*args, **kwargs)
            if self.is_sealed:
                seal([self], using)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise RecordIsWriteOnce


def record_models() -> list[type[WriteOnce]]:
    """Every write-once model, in the order of their tables' names."""
    found = [m for m in apps.get_app_config("faq").get_models() if issubclass(m, WriteOnce)]
    return sorted(found, key=lambda m: m._meta.db_table)


@dataclass(frozen=True)
class Trigger:
    """A trigger that a database should have: the SQL that makes it, and how it is kept there."""

    name: str
    table: str
    sql: str
    #: What the database says of it once it is made. With another text it is not our trigger.
    definition: str


def install(using: str) -> None:
    """Put every trigger in place, replacing those that are there, and make the state row.

    A table that is not there (yet, or any more after a migration backwards) is passed over. If a
    trigger was away, rows may have come without raising the state: then it is raised here.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    state = apps.get_model("faq", "RecordState")
    with transaction.atomic(using=using):  # never a moment without them
        present, away = _present(connection), False
        drop(using)
        if _is_postgres(connection):
            connection.check_constraints()  # it alters no table that has checks outstanding
        with connection.cursor() as cursor:
            for trigger in triggers(connection):
                if trigger.table in tables:
                    cursor.execute(trigger.sql)
                    away |= present.get(trigger.name) != (trigger.table, trigger.definition)
        _row, made = state.objects.using(using).get_or_create(pk=1)
        if away and not made:
            state.objects.using(using).filter(pk=1).update(number=F("number") + 1)


def drop(using: str) -> None:
    """Take every trigger away: before migrations, which put them back, and around test fixtures."""
    connection = connections[using]
    present = installed(connection)
    with connection.cursor() as cursor:
        for name, table in present.items():
            on = f" ON {connection.ops.quote_name(table)}" if _is_postgres(connection) else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {connection.ops.quote_name(name)}{on}")


def missing(using: str) -> list[str]:
    """The names of triggers that should be there and are not, or do something else than ours."""
    connection = connections[using]
    present = _present(connection)
    return [
        trigger.name
        for trigger in triggers(connection)
        if present.get(trigger.name) != (trigger.table, trigger.definition)
    ]


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The triggers in this database that have names of ours, whatever they do: name and table."""
    return {name: table for name, (table, _definition) in _present(connection).items()}


def _present(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Table and definition of each trigger that has a name of ours."""
    if _is_postgres(connection):
        query = (
            "SELECT t.tgname, c.relname, concat_ws(' ', t.tgenabled, l.lanname, p.proconfig, "
            "pg_get_triggerdef(t.oid, true), p.prosrc) "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang "
            "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
        )
    else:
        query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {
            name: (table, definition)
            for name, table, definition in cursor.fetchall()
            if name.startswith(PREFIX)
        }


def triggers(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Every trigger this database should have."""
    make = _OnPostgres(connection) if _is_postgres(connection) else _OnSqlite()
    for model in record_models():
        table = model._meta.db_table
        message = f"{table}: rows of the record are written once"
        for event in ("update", "delete"):
            yield make.refusing(table, f"no_{event}", f"BEFORE {event.upper()}", "", message)
        if _is_postgres(connection):
            yield make.refusing(table, "no_truncate", "BEFORE TRUNCATE", "", message)
        for number, columns in enumerate(_unique_columns(model)):
            same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
            clash = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
            yield make.refusing(table, f"no_replace_{number}", "BEFORE INSERT", clash, message)
        for number, (condition, reason) in enumerate(model.refusals):
            because = f"{table}: {reason}"
            yield make.refusing(table, f"rule_{number}", "BEFORE INSERT", condition, because)
        if model.is_public_record:
            yield make.raising_the_state(table)
    policy = apps.get_model("faq", "Policy")._meta.db_table
    approval = apps.get_model("faq", "Approval")._meta.db_table
    yield make.refusing(
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


def _raise_the_state() -> str:
    state = apps.get_model("faq", "RecordState")._meta.db_table
    return f"UPDATE {state} SET number = number + 1 WHERE id = 1"


class _OnSqlite:
    """Triggers as SQLite has them. It keeps the text of the statement that made one."""

    def refusing(self, table: str, name: str, event: str, condition: str, message: str) -> Trigger:
        """A trigger that refuses the event, under a condition or always."""
        when = f" WHEN {condition}" if condition else ""
        quoted = message.replace("'", "''")
        return self._trigger(
            table, name, f"{event} ON", f"{when} BEGIN SELECT RAISE(ABORT, '{quoted}'); END"
        )

    def raising_the_state(self, table: str) -> Trigger:
        """A trigger that says that the table has a new row."""
        return self._trigger(
            table, "raises_state", "AFTER INSERT ON", f" BEGIN {_raise_the_state()}; END"
        )

    def _trigger(self, table: str, name: str, event: str, body: str) -> Trigger:
        name = f"{PREFIX}{table}_{name}"
        sql = f'CREATE TRIGGER "{name}" {event} "{table}"{body}'
        return Trigger(name, table, sql, definition=sql)


class _OnPostgres:
    """Triggers as PostgreSQL has them: each calls a function, and fires in every session role.

    Its WHEN takes no sub-query, so the condition stands in the function. A search path of the
    function's own keeps a temporary table from passing for one of the record.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT quote_ident(current_schema())")
            self.path = f"{cursor.fetchone()[0]}, pg_temp"

    def refusing(self, table: str, name: str, event: str, condition: str, message: str) -> Trigger:
        """A trigger that refuses the event, under a condition or always."""
        quoted = message.replace("'", "''")
        refuse = f"RAISE EXCEPTION '{quoted}' USING ERRCODE = 'integrity_constraint_violation';"
        body = f"IF {condition} THEN {refuse} END IF; RETURN NEW;" if condition else refuse
        each = "STATEMENT" if "TRUNCATE" in event else "ROW"
        return self._trigger(table, name, event, each, body)

    def raising_the_state(self, table: str) -> Trigger:
        """A trigger that says that the table has new rows."""
        body = f"{_raise_the_state()}; RETURN NULL;"
        return self._trigger(table, "raises_state", "AFTER INSERT", "STATEMENT", body)

    def _trigger(self, table: str, name: str, event: str, each: str, body: str) -> Trigger:
        name = f"{PREFIX}{table}_{name}"
        made = f"CREATE TRIGGER {name} {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()"
        source = f" BEGIN {body} END "
        sql = (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET search_path = {self.path} AS $body${source}$body$; "
            f"{made}; ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
        )
        settings = f'{{"search_path={self.path}"}}'
        return Trigger(name, table, sql, definition=f"A plpgsql {settings} {made} {source}")
