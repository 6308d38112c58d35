"""The record is written once, whoever tries otherwise and however."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import ProtectedError, RestrictedError

from faq import images, immutable, publishing, reviewing
from faq.digest import GENESIS
from faq.immutable import RecordIsWriteOnce, WriteOnce
from faq.models import (
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    Confirmation,
    Event,
    Image,
    ImageUse,
    Policy,
    Question,
    RecordState,
    Rejection,
    Review,
    Rewording,
    Seal,
    SignOff,
    Version,
    Withdrawal,
    Withholding,
)
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_section,
    picture,
    publish,
    reword,
)

TABLES = [
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    Confirmation,
    Event,
    Image,
    ImageUse,
    Rejection,
    Review,
    Rewording,
    Seal,
    SignOff,
    Version,
    Withdrawal,
    Withholding,
]
every_table = pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="this statement is SQLite's own"
)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="this statement is PostgreSQL's own"
)
LATER = NOON + 4 * DAY
REFUSED = r"(?i)rows of the record are written once"


@pytest.fixture
def record(db: None) -> Policy:
    """A policy with at least one row in every table of the record."""
    policy = make_policy()
    question = make_question(policy)
    first = publish(policy, NOON)
    reword(question, "Two.")
    publish(policy, NOON + DAY)
    reword(question, "Three.")
    third = publish(policy, NOON + 2 * DAY, effective_at=NOON + 9 * DAY)
    publishing.withdraw(third.version, by="bob", at=NOON + 3 * DAY, reason="Too early.")
    publishing.withhold(first.version, by="bob", at=NOON + 3 * DAY, reason="A name in it.")
    reword(question, "Four.")
    candidate = publishing.freeze(policy, by="alice", at=NOON + 4 * DAY)
    image = images.add(picture(), by="alice", at=LATER)
    ImageUse.objects.create(version=candidate, image=image)
    link = reviewing.make_link(
        policy, version=candidate, asks_for_sign_off=True, name="Dora", by="alice", at=LATER
    )
    reviewing.sign_off(link, approves=False, comment="No.", digest=candidate.digest, at=LATER)
    publishing.reject(candidate, by="bob", at=LATER, reason="Not yet.")
    reviewing.review(policy, by="bob", at=LATER)
    other = make_policy("urgent", second_person=True)
    make_question(other)
    urgent = publishing.freeze(other, by="alice", at=LATER)
    approval = publishing.approve(
        urgent, by="alice", at=LATER, material=True, emergency_reason="A leak."
    )
    publishing.confirm(approval, by="bob", at=LATER)
    return policy


def stored(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """Everything the model's table holds, as the database gives it."""
    columns = ", ".join(field.column for field in model._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} ORDER BY id")
        rows = cursor.fetchall()
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows]


def execute(sql: str, values: Any = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(model: type[models.Model], attempt: Callable[[], object], match: str = REFUSED) -> None:
    """The attempt is refused for the right reason, and nothing in the table has changed."""
    before = stored(model)
    assert before, f"{model.__name__} has no row to attack"
    with (
        pytest.raises((RecordIsWriteOnce, DatabaseError), match=match),
        transaction.atomic(),
    ):
        attempt()
    assert stored(model) == before


def a_row(model: type[WriteOnce]) -> Any:
    row = model.objects.order_by("pk").first()
    assert row is not None
    return row


def text_field(model: type[models.Model]) -> str:
    """A field with text, to be overwritten."""
    for field in model._meta.concrete_fields:
        kind = field.target_field if field.is_relation else field
        if isinstance(kind, models.CharField | models.TextField) and not field.primary_key:
            return str(field.attname)
    raise AssertionError(f"{model} has no text")


def unique_keys(model: type[models.Model]) -> list[list[str]]:
    """The columns of every key that the database itself says is unique."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    keys = [each["columns"] for each in found.values() if each["unique"] or each["primary_key"]]
    return sorted(keys)


def clashing_row(model: type[models.Model], key: list[str]) -> dict[str, Any]:
    """A copy of a stored row that clashes with it on this one key and on no other."""
    names = [field.column for field in model._meta.concrete_fields]
    values = dict(zip(names, stored(model)[0], strict=True))
    for field in model._meta.concrete_fields:
        if isinstance(field, models.TextField):
            values[field.column] = "Something else."
    for other in unique_keys(model):
        free = [column for column in other if column not in key]
        if free:
            old = values[free[-1]]
            values[free[-1]] = old + 1000 if isinstance(old, int) else f"{old}-other"[6:]
    return values


def insert(how: str, model: type[models.Model], values: dict[str, Any], then: str = "") -> None:
    places = ", ".join(["%s"] * len(values))
    execute(
        f"{how} INTO {model._meta.db_table} ({', '.join(values)}) VALUES ({places}) {then}",
        list(values.values()),
    )


def drop_triggers(containing: str) -> list[str]:
    """Take some triggers away; the test's own transaction brings them back."""
    connection.check_constraints()  # PostgreSQL alters no table that has checks outstanding
    names = [name for name in immutable.installed(connection) if containing in name]
    for name, table in immutable.installed(connection).items():
        if name in names:
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            execute(f'DROP TRIGGER "{name}"{on}')
    return names


def test_the_tables_under_attack_are_all_the_record_has() -> None:
    assert immutable.record_models() == TABLES


@every_table
def test_a_row_cannot_be_saved_again(record: Policy, model: type[WriteOnce]) -> None:
    row = a_row(model)
    setattr(row, text_field(model), "Something else.")
    refused(model, row.save)
    refused(model, lambda: row.save(update_fields=[text_field(model)]))
    refused(model, lambda: row.save_base(force_update=True))
    refused(model, lambda: row.save_base(raw=True))  # the way fixtures are loaded


@every_table
def test_a_row_cannot_be_deleted(record: Policy, model: type[WriteOnce]) -> None:
    row = a_row(model)
    refused(model, row.delete)
    refused(model, model.objects.all().delete)
    refused(model, lambda: model.objects.all()._raw_delete("default"))
    refused(model, lambda: execute(f"DELETE FROM {model._meta.db_table}"))
    refused(model, lambda: execute(f"DELETE FROM {model._meta.db_table} WHERE id = {row.pk}"))


@every_table
def test_a_row_cannot_be_updated(record: Policy, model: type[WriteOnce]) -> None:
    row, name, table = a_row(model), text_field(model), model._meta.db_table
    setattr(row, name, "Something else.")
    refused(model, lambda: model.objects.update(**{name: "Something else."}))
    refused(model, lambda: model.objects.filter(pk=row.pk).update(**{name: "Something else."}))
    refused(model, lambda: model._base_manager.update(**{name: "Something else."}))
    refused(model, lambda: model.objects.bulk_update([row], [name]))
    refused(model, lambda: model._base_manager.bulk_update([row], [name]))
    refused(model, lambda: model.objects.update_or_create(pk=row.pk, defaults={name: "Else."}))
    refused(model, lambda: execute(f"UPDATE {table} SET {name} = 'Something else.'"))


@every_table
def test_not_even_an_update_that_changes_nothing_is_let_through(
    record: Policy, model: type[WriteOnce]
) -> None:
    refused(model, lambda: execute(f"UPDATE {model._meta.db_table} SET id = id"))


@every_table
def test_bulk_create_overwrites_nothing_and_skips_nothing(
    record: Policy, model: type[WriteOnce]
) -> None:
    row, name = a_row(model), text_field(model)
    setattr(row, name, "Something else.")

    def upsert(manager: Any) -> None:
        manager.bulk_create(
            [row], update_conflicts=True, update_fields=[name], unique_fields=["id"]
        )

    refused(model, lambda: upsert(model.objects))
    refused(model, lambda: model.objects.bulk_create([row], ignore_conflicts=True))
    refused(model, lambda: model.objects.bulk_create([row], None, True))
    by_the_database = f"{REFUSED}|^{model._meta.db_table}: "  # the chain's rules may speak first
    base = model._base_manager
    refused(model, lambda: upsert(base), by_the_database)
    refused(model, lambda: base.bulk_create([row], ignore_conflicts=True), by_the_database)
    refused(model, lambda: model.objects.bulk_create([row]), by_the_database)


@on_sqlite
@every_table
def test_insert_or_replace_is_refused_on_every_unique_key(
    record: Policy, model: type[WriteOnce]
) -> None:
    drop_triggers("_rule_")  # the guard of the keys holds by itself, without the chain's rules
    for key in unique_keys(model):
        values = clashing_row(model, key)
        for how in ("INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"):
            refused(model, lambda how=how, values=values: insert(how, model, values))


@on_sqlite
@every_table
def test_insert_or_replace_is_refused_when_numbers_come_as_text(
    record: Policy, model: type[WriteOnce]
) -> None:
    drop_triggers("_rule_")
    for key in unique_keys(model):
        values = clashing_row(model, key)
        values |= {column: str(values[column]) for column in key}
        refused(model, lambda values=values: insert("INSERT OR REPLACE", model, values))


@on_sqlite
@every_table
def test_update_or_replace_is_refused(record: Policy, model: type[WriteOnce]) -> None:
    refused(model, lambda: execute(f"UPDATE OR REPLACE {model._meta.db_table} SET id = 1"))
    refused(model, lambda: execute(f"UPDATE OR IGNORE {model._meta.db_table} SET id = id + 1"))


@every_table
def test_on_conflict_do_update_is_refused_on_every_unique_key(
    record: Policy, model: type[WriteOnce]
) -> None:
    drop_triggers("_rule_")
    for key in unique_keys(model):
        values = clashing_row(model, key)
        name = text_field(model)
        for then in (f"DO UPDATE SET {name} = 'Something else.'", "DO NOTHING"):
            conflict = f"ON CONFLICT ({', '.join(key)}) {then}"
            refused(
                model,
                lambda values=values, conflict=conflict: insert("INSERT", model, values, conflict),
            )


@on_postgresql
@every_table
def test_truncate_is_refused(record: Policy, model: type[WriteOnce]) -> None:
    connection.check_constraints()
    refused(model, lambda: execute(f"TRUNCATE {model._meta.db_table} CASCADE"))
    refused(Version, lambda: execute("TRUNCATE faq_policy, faq_question, faq_section CASCADE"))


def test_what_was_published_cannot_be_deleted_from_the_working_copy(record: Policy) -> None:
    question = record.question_set.get()
    with pytest.raises(ProtectedError):
        question.delete()
    with pytest.raises(ProtectedError):
        record.delete()
    with pytest.raises(RecordIsWriteOnce):
        question.names.clear()


def test_a_policy_that_was_never_published_can_be_deleted_as_a_whole(db: None) -> None:
    policy = make_policy()
    section = make_section(policy)
    first = make_question(policy, section=section)
    make_question(policy, "Two?", section=section, successor=first)
    with pytest.raises(RestrictedError):
        section.delete()
    with pytest.raises(RestrictedError):
        first.delete()
    policy.delete()
    assert not Policy.objects.exists()
    assert not Question.objects.exists()


# What the chain's own rules refuse, whoever inserts. The right entry goes in; each wrong one not.


def next_approval(version: Version, **wrong: Any) -> Approval:
    """The approval that would follow, apart from what is said to be wrong."""
    seq, previous = publishing._head(version.policy)
    facts: dict[str, Any] = {
        "policy": version.policy,
        "version": version,
        "number": Approval.objects.filter(policy=version.policy).count() + 1,
        "effective_at": NOON + 30 * DAY,
        "material": False,
        "approved_by": "mallory",
        "recorded_at": NOON + 20 * DAY,
        "seq": seq + 1,
        "previous": previous,
    }
    approval = Approval(**{**facts, **wrong})
    approval.chain = approval.computed_chain()
    return approval


def next_withdrawal(version: Version, **wrong: Any) -> Withdrawal:
    seq, previous = publishing._head(version.policy)
    facts: dict[str, Any] = {
        "policy": version.policy,
        "version": version,
        "recorded_at": NOON + 20 * DAY,
        "seq": seq + 1,
        "previous": previous,
        "chain": "c" * 64,
        "reason": "None.",
        "withdrawn_by": "mallory",
    }
    return Withdrawal(**{**facts, **wrong})


def a_candidate(policy: Policy) -> Version:
    reword(policy.question_set.get(), "A wording of its own.")
    return publishing.freeze(policy, by="alice", at=NOON + 20 * DAY)


def rejected_by_the_database(row: WriteOnce, match: str) -> None:
    before = stored(type(row))
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        row.save()
    assert stored(type(row)) == before


def test_the_entry_that_follows_is_accepted(record: Policy) -> None:
    candidate = a_candidate(record)
    next_approval(candidate).save()
    next_withdrawal(candidate).save()
    assert Approval.objects.get(version=candidate).number == 4


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"number": 3}, "written once|numbers follow"),
        ({"number": 5}, "numbers follow"),
        ({"number": 0}, "numbers follow"),
        ({"previous": GENESIS}, "previous must be"),
        ({"previous": ""}, "previous must be"),
        ({"recorded_at": NOON + 3 * DAY - timedelta(microseconds=1)}, "does not go backwards"),
    ],
)
def test_an_approval_out_of_its_place_is_refused(
    record: Policy, wrong: dict[str, Any], reason: str
) -> None:
    rejected_by_the_database(next_approval(a_candidate(record), **wrong), reason)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"previous": GENESIS}, "previous must be"),
        ({"recorded_at": NOON + 3 * DAY - timedelta(microseconds=1)}, "does not go backwards"),
    ],
)
def test_a_withdrawal_out_of_its_place_is_refused(
    record: Policy, wrong: dict[str, Any], reason: str
) -> None:
    live = record.version_set.in_force(NOON + 3 * DAY)
    assert live is not None
    rejected_by_the_database(next_withdrawal(live, **wrong), reason)


def test_a_place_that_is_taken_or_leaves_a_gap_is_refused(record: Policy) -> None:
    live = record.version_set.in_force(NOON + 3 * DAY)
    candidate = a_candidate(record)
    third = Approval.objects.get(seq=3).chain
    for place in ({"seq": 4, "previous": third}, {"seq": 6, "previous": GENESIS}):
        rejected_by_the_database(next_approval(candidate, **place), "seq must follow")
        rejected_by_the_database(next_withdrawal(live, **place), "seq must follow|written once")


def test_a_time_exactly_that_of_the_last_entry_is_not_backwards(record: Policy) -> None:
    next_approval(a_candidate(record), recorded_at=NOON + 3 * DAY).save()


def test_a_first_entry_stands_on_nothing(db: None) -> None:
    policy = make_policy()
    make_question(policy)
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    rejected_by_the_database(next_approval(candidate, number=2), "numbers follow")
    rejected_by_the_database(next_approval(candidate, seq=2), "seq must follow")
    rejected_by_the_database(next_approval(candidate, previous="1" * 64), "previous must be")
    next_approval(candidate).save()


def test_a_version_of_another_policy_is_refused(record: Policy) -> None:
    other = make_published(slug="cookies")
    version = other.version_set.get()
    candidate = a_candidate(other)
    seq, previous = publishing._head(record)
    place = {"policy": record, "seq": seq + 1, "previous": previous}
    rejected_by_the_database(
        next_approval(candidate, **place, number=4), "belongs to another policy"
    )
    rejected_by_the_database(next_withdrawal(version, **place), "belongs to another policy")
    rejected_by_the_database(
        Anchor(policy=record, name="new", question=other.question_set.get(), version=version),
        "belongs to another policy",
    )


def test_decisions_that_exclude_each_other_are_refused(record: Policy) -> None:
    approved = record.version_set.get(approval__number=2)
    sent_back = record.version_set.get(rejection__isnull=False)
    candidate = a_candidate(record)
    what = {"recorded_at": NOON + 20 * DAY}
    rejected_by_the_database(next_approval(sent_back), "was sent back")
    rejected_by_the_database(
        Rejection(version=approved, reason="No.", rejected_by="bob", **what), "was approved"
    )
    rejected_by_the_database(next_withdrawal(candidate), "only an approved version")
    rejected_by_the_database(
        Announcement(version=candidate, announced_by="bob", **what), "only an approved version"
    )


def test_a_second_decision_on_a_version_is_refused(record: Policy) -> None:
    approved = record.version_set.get(approval__number=2)
    withdrawn = record.version_set.get(approval__number=3)
    rejected_by_the_database(next_approval(approved), "written once")
    rejected_by_the_database(next_withdrawal(withdrawn), "written once")
    what = {"recorded_at": NOON + 20 * DAY}
    rejected_by_the_database(
        Announcement(version=withdrawn, announced_by="bob", **what), "written once"
    )


def test_an_anchor_has_one_holder(record: Policy) -> None:
    version = record.version_set.get(approval__number=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Anchor(policy=record, name="nobodys", version=version).save()


# The policy's address.


def test_the_address_is_fixed_by_the_first_approval(db: None) -> None:
    policy = make_policy()
    make_question(policy)
    policy.slug = "terms"
    policy.save()  # nothing is published yet
    candidate = publishing.freeze(policy, by="alice", at=NOON)
    publishing.approve(candidate, by="bob", at=NOON, material=False)

    def rename() -> None:
        policy.slug = "privacy"
        policy.save()

    fixed = "address is fixed"
    refused(Policy, rename, fixed)
    refused(Policy, lambda: Policy.objects.update(slug="privacy"), fixed)
    refused(Policy, lambda: Policy.objects.update(slug="zebra"), fixed)
    refused(Policy, lambda: execute("UPDATE faq_policy SET slug = 'privacy'"), fixed)


def test_the_rest_of_a_published_policy_stays_editable(record: Policy) -> None:
    record.title = "Another title"
    record.save()
    assert Policy.objects.get(slug="privacy").title == "Another title"


# The state that caches hang on.


def raised_by(action: Callable[[], object]) -> int:
    before = RecordState.objects.get().number
    action()
    return RecordState.objects.get().number - before


def test_each_insert_into_the_record_raises_the_state(db: None) -> None:
    policy = make_policy()
    question = make_question(policy)
    later = NOON + 9 * DAY
    frozen = []
    rises = {
        "freeze": raised_by(lambda: frozen.append(publishing.freeze(policy, by="a", at=NOON))),
        "reject": raised_by(
            lambda: publishing.reject(frozen[0], by="b", at=NOON, reason="Not yet.")
        ),
    }
    publish(policy, NOON)
    first = policy.version_set.get(approval__number=1)
    rises["note"] = raised_by(lambda: publishing.write_note(first, by="a", at=NOON, text="More."))
    reword(question, "Two.")
    publish(policy, NOON, effective_at=later, announce=False)
    second = policy.version_set.get(approval__number=2)
    rises["announce"] = raised_by(lambda: publishing.announce(second, by="a", at=NOON))
    rises["withdraw"] = raised_by(
        lambda: publishing.withdraw(second, by="a", at=NOON, reason="Too early.")
    )
    rises["withhold"] = raised_by(
        lambda: publishing.withhold(second, by="a", at=NOON, reason="A name.")
    )
    assert rises == dict.fromkeys(rises, 1)
    rises["approve"] = raised_by(lambda: next_approval(a_candidate(policy)).save()) - 1
    rises["anchor"] = raised_by(
        Anchor(policy=policy, name="older", question=question, version=first).save
    )
    assert rises == dict.fromkeys(rises, 1)


def test_editing_reading_and_refused_writes_leave_the_state_alone(record: Policy) -> None:
    def edit() -> None:
        reword(record.question_set.get(), "Another wording.")
        record.title = "Another title"
        record.save()
        make_question(record, "A new one?").delete()
        list(Version.objects.with_facts())

    def try_to_break() -> None:
        for model in TABLES:
            with pytest.raises(DatabaseError), transaction.atomic():
                execute(f"UPDATE {model._meta.db_table} SET id = id")

    def refuse() -> None:
        with pytest.raises(publishing.Refused):
            publish(record, NOON + 20 * DAY, effective_at=NOON)

    assert raised_by(edit) == raised_by(try_to_break) == raised_by(refuse) == 0


def test_there_is_one_state(record: Policy) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RecordState.objects.create(pk=2)


# Triggers that are gone are missed, and come back.


def test_the_triggers_are_all_in_place(db: None) -> None:
    assert immutable.missing("default") == []
    assert run_checks(databases=["default"]) == []


def test_each_trigger_is_missed_by_check_and_by_ready(db: None, client: Any) -> None:
    assert client.get("/health/ready").status_code == 200
    for name in immutable.installed(connection):
        with transaction.atomic():
            assert drop_triggers(name)
            assert name in immutable.missing("default")
            with pytest.raises(SystemCheckError, match="not protected"):
                call_command("check", databases=["default"])
            answer = client.get("/health/ready")
            assert (answer.status_code, answer.content[:9]) == (503, b"not ready")
            transaction.set_rollback(True)
    assert client.get("/health/ready").status_code == 200


@on_postgresql
def test_a_disabled_trigger_is_a_missing_one(db: None) -> None:
    execute("ALTER TABLE faq_version DISABLE TRIGGER faq_keep_faq_version_no_update")
    assert immutable.missing("default") == ["faq_keep_faq_version_no_update"]


def test_every_migrate_puts_missing_triggers_back(db: None) -> None:
    gone = drop_triggers("faq_keep_")
    assert sorted(immutable.missing("default")) == sorted(gone)
    call_command("migrate", verbosity=0)
    assert immutable.missing("default") == []


def test_rows_that_came_while_a_trigger_was_away_are_a_change_of_state(db: None) -> None:
    before = RecordState.objects.get().number
    call_command("migrate", verbosity=0)
    assert RecordState.objects.get().number == before
    assert drop_triggers("faq_keep_faq_approval_raises_state")
    call_command("migrate", verbosity=0)
    assert RecordState.objects.get().number == before + 1
    call_command("migrate", verbosity=0)
    assert RecordState.objects.get().number == before + 1


LATER_MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faq", "{newest}")]
    operations = [
        migrations.AlterField("anchor", "name", models.CharField(max_length=301)),
        migrations.AlterField("approval", "material", models.BooleanField(default=True)),
        migrations.AlterField("version", "frozen_by", models.TextField()),
    ]
"""


@pytest.mark.django_db(transaction=True)
def test_triggers_come_back_after_a_migration_that_remakes_their_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    policy = make_published()
    real = Path(immutable.__file__).parent / "migrations"
    newest = max(path.stem for path in real.glob("[0-9]*.py"))
    shutil.copytree(real, tmp_path / "later_migrations")
    later = tmp_path / "later_migrations" / "9999_remake.py"
    later.write_text(LATER_MIGRATION.format(newest=newest))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"faq": "later_migrations"}
    before = [stored(model) for model in TABLES]
    try:
        for target in (later.stem, newest):
            call_command("migrate", "faq", target, verbosity=0)
            assert immutable.missing("default") == []
            assert [stored(model) for model in TABLES] == before
            refused(Version, lambda: execute("UPDATE faq_version SET digest = 'x'"))
            refused(Anchor, lambda: execute("DELETE FROM faq_anchor"))
    finally:
        call_command("migrate", "faq", newest, verbosity=0)
    reword(policy.question_set.get(), "Two.")
    assert publish(policy, NOON + HOUR).number == 2


@pytest.mark.django_db(transaction=True)
def test_the_product_does_not_flush_a_record(db: None) -> None:
    make_published()
    before = [stored(model) for model in TABLES]
    with pytest.raises((CommandError, DatabaseError)):
        call_command("flush", interactive=False, verbosity=0)
    assert [stored(model) for model in TABLES] == before
    assert immutable.missing("default") == []
