"""Verifying the record: everything that was stored is computed again and compared.

Nothing here writes, and nothing is taken on trust that a row could say of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models import F, QuerySet

from faq import digest, immutable
from faq.document import BadDocument, Document
from faq.immutable import WriteOnce
from faq.models import (
    Anchor,
    Approval,
    Image,
    Policy,
    Rejection,
    Rewording,
    Seal,
    Version,
    Withdrawal,
    Withholding,
)
from faq.models.record import REWORDED
from faq.seals import columns_of, seal_of


class Broken(Exception):
    """Something in the record is not as it was written; the text names it."""


@dataclass
class Tally:
    """How much was verified, and the versions whose wording is hidden on purpose."""

    policies: int = 0
    versions: int = 0
    entries: int = 0
    names: int = 0
    withheld: list[str] = field(default_factory=list)


def verify(tally: Tally, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Verify the whole record; yield what was verified, step by step, and keep count in `tally`.

    What is published meanwhile is left for the next time. Raises Broken at the first thing that
    is wrong.
    """
    try:
        with one_moment(using):
            yield from _verify(tally, using)
    except (DatabaseError, TypeError, ValueError) as error:
        raise Broken(_unreadable(using) or f"The record cannot be read: {error}") from None


@contextmanager
def one_moment(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Read as of one moment, and let whoever publishes go on.

    Inside a transaction that has begun already, it is that one's moment.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # SQLite's snapshot. With `atomic` it would begin as a writer's, and others would wait.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def _verify(tally: Tally, using: str) -> Iterator[str]:
    if missing := immutable.missing(using):
        raise Broken(
            f"{len(missing)} triggers are missing, the first is {missing[0]}. "
            "Rows could have been changed. Run: manage.py migrate"
        )
    yield "triggers"
    yield from _structure(using)
    for policy in Policy.objects.using(using):
        yield from _Verification(policy, tally).run()
        tally.policies += 1
    for image in Image.objects.using(using).iterator(chunk_size=20):
        right = digest.fingerprint(image.data()) == image.sha256
        _check(right, f"faq_image, row {image.pk}: its picture does not match its fingerprint.")
        yield f"picture {image.pk}"
    for model in immutable.record_models():
        if model.is_sealed:
            yield from _seals(model, using)


def _structure(using: str) -> Iterator[str]:
    """On SQLite, every page and index of the file, and every reference between rows."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        said = cursor.execute("PRAGMA integrity_check(1)").fetchone()[0]
        _check(said == "ok", f"The database file is damaged: {' '.join(said.split())}")
        for table, row, other, _number in cursor.execute("PRAGMA foreign_key_check").fetchall():
            raise Broken(f"{table}, row {row}: it refers to a row of {other} that is not there.")
    yield "the database file"


def _seals(model: type[WriteOnce], using: str) -> Iterator[str]:
    """Every row of a table as it was written, none taken out and none put in."""
    table = model._meta.db_table
    kept = {
        row: (columns, sha256)
        for row, columns, sha256 in Seal.objects.using(using)
        .filter(of_table=table)
        .values_list("of_row", "of_columns", "sha256")
    }
    for row in _without_bytes(model, using).iterator():
        where = f"{table}, row {row.pk}"
        columns, sha256 = kept.pop(str(row.pk), ("", ""))
        _check(bool(sha256), f"{where}: it was not written by this program.")
        known = set(columns.split(",")) <= set(columns_of(model))
        right = known and seal_of(row, columns.split(",")) == sha256
        _check(right, f"{where}: it is not as it was written, or its seal is not.")
        yield where
    for gone in kept:
        raise Broken(f"{table}, row {gone}: it is not there any more.")


def _without_bytes(model: type[WriteOnce], using: str) -> QuerySet[Any]:
    """A table's rows without what is long and has a fingerprint of its own."""
    fields = model._meta.concrete_fields
    long = [field.name for field in fields if field.column not in columns_of(model)]
    rows: QuerySet[Any] = model._base_manager.using(using).defer(*long).order_by("pk")
    return rows


def _unreadable(using: str) -> str:
    """The first row of the record that cannot be read at all, and why; empty if all can."""
    for model in immutable.record_models():
        rows = _without_bytes(model, using)
        try:
            keys = list(rows.values_list("pk", flat=True))
        except (DatabaseError, TypeError, ValueError) as error:
            return f"{model._meta.db_table} cannot be read: {error}"
        for key in keys:
            try:
                rows.get(pk=key)
            except (DatabaseError, TypeError, ValueError) as error:
                return f"{model._meta.db_table}, row {key}: it cannot be read: {error}"
    return ""


class _Verification:
    """One policy's record."""

    def __init__(self, policy: Policy, tally: Tally) -> None:
        self.policy, self.tally = policy, tally
        self.using = policy._state.db
        entries: list[Approval | Withdrawal] = [
            *self._all(Approval).filter(policy=policy).select_related("version"),
            *self._all(Withdrawal).filter(policy=policy).select_related("version__approval"),
        ]
        self.entries = sorted(entries, key=lambda entry: entry.seq)
        self.ledger = {
            entry.name: str(entry.holder_id)
            for entry in self._all(Anchor).filter(policy=policy).iterator()
        }

    def _all(self, model: type[WriteOnce]) -> QuerySet[Any]:
        """Every row of a table, in the database that is being verified."""
        rows: QuerySet[Any] = model.objects.using(self.using)
        return rows

    def run(self) -> Iterator[str]:
        yield from self._chain()
        yield from self._versions()
        yield from self._ledger()

    def _chain(self) -> Iterator[str]:
        """Seq, numbers, moments and chain values, entry after entry."""
        previous, number = digest.GENESIS, 0
        recorded_at: datetime | None = None
        standing: dict[int, Approval] = {}
        for seq, entry in enumerate(self.entries, 1):
            where = f"{self.policy.slug}, {entry.kind} with seq {entry.seq}"
            _check(entry.seq == seq, f"{where}: {seq} should come next; an entry is missing.")
            _check(entry.previous == previous, f"{where}: it does not follow the entry before.")
            _check(
                entry.version.policy_id == self.policy.pk,
                f"{where}: its version belongs to another policy.",
            )
            _check(
                recorded_at is None or entry.recorded_at >= recorded_at,
                f"{where}: it was recorded before the entry before it.",
            )
            if isinstance(entry, Approval):
                number += 1
                _check(entry.number == number, f"{where}: its number should be {number}.")
                _check(
                    entry.version.base == previous,
                    f"{where}: its version was made from another state of the record.",
                )
                _check(
                    all(each.effective_at < entry.effective_at for each in standing.values()),
                    f"{where}: it applies before a version that was approved before it.",
                )
                standing[entry.version_id] = entry
            else:
                _check(
                    standing.pop(entry.version_id, None) is not None,
                    f"{where}: its version had not been approved.",
                )
            _check(entry.computed_chain() == entry.chain, f"{where}: its chain value is wrong.")
            previous, recorded_at = entry.chain, entry.recorded_at
            self.tally.entries += 1
            yield where

    def _versions(self) -> Iterator[str]:
        """The stored bytes of every version, and the names of the approved ones."""
        approved = {
            entry.version_id: entry for entry in self.entries if isinstance(entry, Approval)
        }
        rejected = set(
            self._all(Rejection)
            .filter(version__policy=self.policy)
            .values_list("version_id", flat=True)
        )
        hidden = set(
            self._all(Withholding)
            .filter(version__policy=self.policy)
            .values_list("version_id", flat=True)
        )
        rewordings: dict[int, dict[str, str]] = {}
        for key, question, kind in (
            self._all(Rewording)
            .filter(version__policy=self.policy)
            .values_list("version_id", "question_id", "kind")
        ):
            rewordings.setdefault(key, {})[str(question)] = kind
        before: Document | None = None
        versions = self._all(Version).filter(policy=self.policy)
        by_number = versions.order_by(F("approval__number").asc(nulls_last=True), "pk")
        for version in by_number.iterator(chunk_size=20):
            approval = approved.get(version.pk)
            where = f"{self.policy.slug}, " + (
                f"version {approval.number}" if approval else f"candidate {version.pk}"
            )
            _check(
                approval is None or version.pk not in rejected,
                f"{where}: it was approved and sent back.",
            )
            if version.pk in hidden:
                self.tally.withheld.append(where)
            document = self._document(version, where, hidden=version.pk in hidden)
            if approval is not None and document is not None:
                self._names(document, where)
            noted = rewordings.pop(version.pk, {})
            _check_rewordings(noted, approval, document, before, where)
            before = document
            self.tally.versions += 1
            yield where

    def _document(self, version: Version, where: str, *, hidden: bool) -> Document | None:
        """The Document of a version; none if its wording was hidden and then erased."""
        computed = digest.fingerprint(version.data())
        if computed != version.digest:
            if hidden:
                return None
            raise Broken(
                f"{where}: its text does not match its fingerprint "
                f"({version.digest[:12]}… was stored, {computed[:12]}… is what it gives)."
            )
        try:
            document = version.to_document()
        except BadDocument as error:
            raise Broken(f"{where}: its text cannot be read: {error}") from None
        _check(document.policy == self.policy.slug, f"{where}: its text is of another policy.")
        return document

    def _names(self, document: Document, where: str) -> None:
        """Every name of an approved version is in the ledger, under what held it."""
        for name, holder in document.holders():
            kept = self.ledger.get(name)
            _check(kept is not None, f"{where}: the link name “{name}” is not in the record.")
            _check(kept == holder, f"{where}: the link name “{name}” belongs to something else.")

    def _ledger(self) -> Iterator[str]:
        """Every name in the ledger was made public by an approved version of this policy."""
        approved = {entry.version_id for entry in self.entries}
        names = self._all(Anchor).filter(policy=self.policy).values_list("name", "version_id")
        for name, version in names.iterator():
            where = f"{self.policy.slug}, link name “{name}”"
            _check(version in approved, f"{where}: no approved version of the policy has it.")
            self.tally.names += 1
            yield where


def _check_rewordings(
    noted: dict[str, str],
    approval: Approval | None,
    document: Document | None,
    before: Document | None,
    where: str,
) -> None:
    """What is noted as reworded is what differs from the version before, where both can be read."""
    if approval is None:
        right = not noted
    elif document is None:
        right = True
    elif before is None and approval.number > 1:
        here = {question.id for question in document.questions()}
        right = all((kind == REWORDED) == (key in here) for key, kind in noted.items())
    else:
        right = noted == document.rewordings(before)
    _check(
        right or bool(noted),
        f"{where}: nothing is noted of its reworded questions. Run: manage.py migrate",
    )
    _check(right, f"{where}: what is noted of its reworded questions is not so.")


def _check(right: bool, text: str) -> None:
    if not right:
        raise Broken(text)
