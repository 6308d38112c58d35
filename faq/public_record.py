"""What anyone may know of a policy's record at a moment: its versions and its link names."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from faq.document import Document
from faq.models import Anchor, Version, Withdrawal
from faq.querysets import VersionQuerySet
from faq.resolving import Lead, Resolver


@dataclass(frozen=True)
class KnownVersion:
    """A version that readers know of; its wording and note only if it is `public`.

    `withdrawal` is the entry of the chain that took it out of force. It is `in_public_chain`
    unless an entry before it is still unknown to readers.
    """

    version: Version
    status: str
    public: bool
    withdrawal: Withdrawal | None
    in_public_chain: bool


@dataclass(frozen=True)
class KnownName:
    """A public link name: what it stands for, and the page where it works.

    `page` is None for the page in force, else the number of the version that has it.
    """

    lead: Lead
    page: int | None


@dataclass(frozen=True)
class Head:
    """The end of the public chain: its newest version's number, and its last chain value.

    Whoever notes it can show later that nothing up to it was cut off or written anew.
    """

    number: int
    chain: str

    def __str__(self) -> str:
        return f"{self.number}:{self.chain}"


def public_head(versions: VersionQuerySet, at: datetime) -> Head | None:
    """Of one policy's versions, where the chain that readers can know ends; None without one."""
    newest = versions.newest_public(at)
    if newest is None:
        return None
    number = newest.approval.number
    ends = [(newest.approval.seq, newest.approval.chain)]
    withdrawals = versions.filter(withdrawal__policy=F("policy"), withdrawal__recorded_at__lte=at)
    if (end := _end_of_public_chain(versions, number)) is not None:
        withdrawals = withdrawals.filter(withdrawal__seq__lt=end)
    ends += withdrawals.order_by("-withdrawal__seq").values_list(
        "withdrawal__seq", "withdrawal__chain"
    )[:1]
    return Head(number, max(ends)[1])


def _end_of_public_chain(versions: VersionQuerySet, number: int) -> int | None:
    """The seq of the first entry that is not public, given the newest number that is."""
    unknown = versions.numbered().filter(approval__number__gt=number).order_by("approval__number")
    seq: int | None = unknown.values_list("approval__seq", flat=True).first()
    return seq


@dataclass(frozen=True)
class Change:
    """A change that readers had to know of: the version it came with, its note, what to compare.

    `replaced` is None if there is nothing before it that readers may see.
    """

    version: Version
    note: str
    replaced: Version | None


def newest_change(versions: VersionQuerySet, live: Version, at: datetime) -> Change | None:
    """Of one policy's versions, the newest change behind `live` that readers had to know of.

    It stays until another takes its place: what is wording only does not hide it, and no time
    does, because the same page serves until the record changes. A policy's first version changes
    nothing. None too while its wording is hidden, since its note is.
    """
    standing = versions.approved(at).with_facts().defer("document").order_by("-approval__number")
    found = standing.filter(
        approval__material=True, approval__number__lte=live.approval.number
    ).first()
    if found is None or hasattr(found, "withholding"):
        return None
    replaced = versions.public(at).with_facts().defer("document").replaced_by(found)
    if replaced is None:
        return None
    note = found.note()
    shown = None if hasattr(replaced, "withholding") else replaced
    return Change(found, note, shown) if shown or note else None


def known_versions(
    versions: VersionQuerySet, at: datetime, numbers: tuple[int, int] | None = None
) -> list[KnownVersion]:
    """Of one policy's versions, those that readers know of, oldest first.

    With `numbers`, only those from the first of these numbers to the last.

    The public chain stops before the first entry that is not public. An approval in it comes
    before that entry, because numbers and entries rise together; a withdrawal may come after.
    """
    newest = versions.newest_public(at)
    if newest is None:
        return []
    first, last = numbers or (1, newest.approval.number)
    listed = list(
        versions.numbered()
        .filter(
            approval__number__gte=first,
            approval__number__lte=min(last, newest.approval.number),
        )
        .order_by("-approval__number")
        .with_facts()
        .defer("document")
    )
    end = _end_of_public_chain(versions, newest.approval.number)
    live = versions.defer("document").in_force(at)
    known = []
    for version in reversed(listed):
        withdrawal = version.withdrawal if version.withdrawn_by(at) else None
        known.append(
            KnownVersion(
                version=version,
                status=version.status(at, live=live),
                public=version.is_public(at),
                withdrawal=withdrawal,
                in_public_chain=end is None or withdrawal is None or withdrawal.seq < end,
            )
        )
    return known


def known_names(versions: VersionQuerySet, at: datetime) -> list[KnownName]:
    """Of one policy's versions, every link name that readers can have met, in order of birth.

    A name is public once a public version has it, and stays so when that version is withdrawn or
    its wording hidden: the page in force takes the link. Only while no page can show it, because
    the wording in force is hidden too, is it left out.
    """
    newest = versions.newest_public(at)
    if newest is None:
        return []
    holders = {
        name: str(question or section)
        for name, question, section in Anchor.objects.filter(
            policy=newest.policy_id, version__approval__number__lte=newest.approval.number
        )
        .order_by("pk")
        .values_list("name", "question_id", "section_id")
    }
    found: dict[str, KnownName] = {}
    for page, document, names in _pages(versions, at):
        resolver = Resolver(document)
        for name in holders.keys() - found.keys():
            if name in names:
                found[name] = KnownName(resolver.lead(name, holders[name]), page)
        if len(found) == len(holders):
            break
    return [found[name] for name in holders if name in found]


def _pages(
    versions: VersionQuerySet, at: datetime
) -> Iterator[tuple[int | None, Document, Collection[str]]]:
    """The pages where a name may work, best first: that in force, then the newest version's.

    No older one is needed: approving keeps every name that a version before it had, unless that
    version can never be public (`publishing` refuses a loss).
    """
    live = versions.select_related("withholding").in_force(at)
    if live is not None and not hasattr(live, "withholding"):
        document = live.to_document()
        extra, later = live.names_made_public_later(document, at)
        names = {name for name, _holder in document.holders()}
        names |= {name for more in extra.values() for name in more}
        yield None, document, names | {entry.name for entry in later}
    newest = versions.readable(at).first()
    if newest is not None:
        document = newest.to_document()
        yield newest.approval.number, document, {name for name, _ in document.holders()}
