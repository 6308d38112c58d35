"""Two databases side by side: one more beside the site's own, and what each has recorded."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from faq import immutable
from faq.delivery.state import State
from faq.models import Approval, Policy, RecordState, Rewording, Version, Withdrawal
from faq.public_record import public_head

#: What other databases than the site's own are known as, while a command looks at them.
COPY = "copy"

Recorded = dict[str, Set[Any]]


@contextmanager
def opened(alias: str = COPY, **changes: Any) -> Iterator[str]:
    """Know a database by an alias, with the settings of the site's own apart from `changes`."""
    own: Any = connections[DEFAULT_DB_ALIAS]
    connections[alias] = type(own)({**own.settings_dict, "CONN_MAX_AGE": 0, **changes}, alias)
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]


def recorded(using: str) -> Recorded:
    """What the public record of a database consists of: by kind, something that tells rows apart.

    Empty for a database without our tables. Rewordings follow from the versions, and are not asked
    for: an older release has none.
    """
    tables = set(connections[using].introspection.table_names())
    found: Recorded = {}
    for model in immutable.record_models():
        if model.is_public_record and model is not Rewording and model._meta.db_table in tables:
            fields = {Version: ["pk", "digest"], Approval: ["chain"], Withdrawal: ["chain"]}
            rows = model.objects.using(using).values_list(*fields.get(model, ["pk"]))
            found[model._meta.db_table] = frozenset(rows)
    return found


def lacking(present: Recorded, other: Recorded) -> str:
    """What `present` has and `other` has not, in words; empty if nothing."""
    names = {model._meta.db_table: model for model in immutable.record_models()}
    lost = []
    for table, rows in present.items():
        if number := len(rows - other.get(table, frozenset())):
            meta = names[table]._meta
            lost.append(
                f"{number} {meta.verbose_name if number == 1 else meta.verbose_name_plural}"
            )
    return ", ".join(lost)


def bring_up_to_date(using: str) -> list[str]:
    """Migrate a copy of a database; return the triggers that it lacked.

    Raises CommandError if it is not one of ours, or that of a newer release.
    """
    connection = connections[using]
    tables = connection.introspection.table_names()
    if not {"django_migrations", Version._meta.db_table} <= set(tables):
        raise CommandError("The backup has no policies of this program in it.")
    executor = MigrationExecutor(connection)
    ours = {name for label, name in executor.loader.graph.nodes if label == "faq"}
    applied = {name for label, name in executor.loader.applied_migrations if label == "faq"}
    if newer := sorted(applied - ours):
        raise CommandError(
            f"The backup was made by a newer release ({newer[0]}). Put that code in place first."
        )
    gone = immutable.missing(using) if applied == ours else []
    call_command("migrate", database=using, interactive=False, verbosity=0)
    return gone


def outnumber(using: str, present: int) -> None:
    """Raise the state above that of the database that it replaces, so that no cache is believed."""
    state = RecordState.objects.using(using).get()
    state.number = max(state.number, present) + 1
    state.save(using=using)


def state_of(using: str) -> int:
    """The number of the state row; 0 if there is none."""
    if RecordState._meta.db_table not in connections[using].introspection.table_names():
        return 0
    state = RecordState.objects.using(using).first()
    return state.number if state else 0


def is_behind(using: str, seen: State) -> bool:
    """Whether a database lacks something of a state that readers have been shown."""
    return state_of(using) < seen.number or not all(
        any(
            model.objects.using(using)
            .filter(policy__slug=slug, seq=head.seq, chain=head.chain)
            .exists()
            for model in (Approval, Withdrawal)
        )
        for slug, head in seen.heads.items()
    )


def heads(using: str, at: datetime) -> list[str]:
    """For each policy, the head of its public record at a moment, as others can have noted it."""
    said = []
    for policy in Policy.objects.using(using).order_by("slug"):
        head = public_head(Version.objects.using(using).filter(policy=policy), at)
        said.append(
            f"{policy.slug}: nothing is public yet."
            if head is None
            else f"{policy.slug}: version {head.number} is the newest. Head: {head}"
        )
    return said
