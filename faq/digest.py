"""Fingerprints of frozen bytes, and the chain that ties approvals and withdrawals together."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

#: What stands before the first entry of every policy's chain.
GENESIS = "0" * 64


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def stamp(moment: datetime) -> str:
    """Write an aware moment as UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always to the microsecond."""
    if moment.tzinfo is None:
        raise ValueError("A moment in the record needs a time zone.")
    # Not strftime: some systems write the years before 1000 without their zeros.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def link(
    *,
    previous: str,
    seq: int,
    kind: str,
    digest: str,
    number: int,
    recorded_at: datetime,
    effective_at: datetime,
) -> str:
    """Return the chain value of one entry: SHA-256 over seven lines, each ended by LF.

    `previous` is the chain value of the entry before (GENESIS for the first), `seq` counts
    entries of the policy from 1, `kind` is `approval` or `withdrawal`, `digest` and `number`
    name the version. For a withdrawal `effective_at` is the moment from which it counts.
    """
    lines = (
        previous,
        str(seq),
        kind,
        digest,
        str(number),
        stamp(recorded_at),
        stamp(effective_at),
    )
    return fingerprint("".join(f"{line}\n" for line in lines).encode("utf-8"))
