"""Somebody changes what was recorded, behind everything that should stop them."""

from __future__ import annotations

import pytest

from tests.faults.site import Site

#: Version 2 applies from a moment that stands nowhere else in the file.
RECORD = """
from datetime import timedelta
policy = make_policy()
question = make_question(policy)
publish(policy, NOON, note="The first note.")
reword(question, "The answer of version 2.")
odd = NOON + timedelta(days=1, seconds=1, microseconds=654321)
publish(policy, NOON + DAY, effective_at=odd, note="The second note.")
reword(question, "The answer of version 3.")
publish(policy, NOON + 2 * DAY, note="The third note.")
publishing.withdraw(policy.version_set.newest(), by="bob", at=NOON + 3 * DAY, reason="Too soon.")
"""
#: Each place in the file at which something stands is changed in its last byte, and one at a
#: time; what verifying says of each is printed.
IN_THE_FILE = """
from pathlib import Path
from django.db import DatabaseError
from faq.verification import Broken, Tally, verify

first, second, third = Approval.objects.order_by("number")
things = {
    "text": b"The answer of version 2.", "digest": second.version.digest.encode(),
    "chain": second.chain.encode(), "effective_at": b"12:00:01.654321",
    "note": b"The second note.", "reason": b"Too soon.",
}
connection.close()
file = Path(connection.settings_dict["NAME"])
whole = file.read_bytes()
for name, thing in things.items():
    place = whole.find(thing)
    while place >= 0:
        changed = bytearray(whole)
        changed[place + len(thing) - 1] ^= 1
        file.write_bytes(changed)
        try:
            list(verify(Tally()))
            print(name, "nothing", sep="|")
        except Broken as broken:
            print(name, broken, sep="|")
        connection.close()
        place = whole.find(thing, place + 1)
file.write_bytes(whole)
list(verify(Tally()))
"""
#: The same on PostgreSQL, by whoever may take its triggers away and put them back.
IN_THE_ROWS = """
from faq.verification import Broken, Tally, verify

second = Approval.objects.get(number=2)
version = "(SELECT version_id FROM faq_approval WHERE number = 2)"
first = "CAST(1 - CAST(substr({0}, 1, 1) = '1' AS integer) AS text) || substr({0}, 2)"
byte = "set_byte(document, 100, get_byte(document, 100) # 1)"
for name, table, column, value, where in (
    ("text", "faq_version", "document", byte, f"id = {version}"),
    ("digest", "faq_version", "digest", first.format("digest"), f"id = {version}"),
    ("chain", "faq_approval", "chain", first.format("chain"), "number = 2"),
    ("chain", "faq_approval", "previous", first.format("previous"), "number = 3"),
    ("chain", "faq_version", "base", first.format("base"), f"base = '{second.chain}'"),
    ("effective_at", "faq_approval", "effective_at",
     "effective_at + interval '1 microsecond'", "number = 2"),
    ("note", "faq_changenote", "text", "'T' || lower(text)", f"version_id = {version}"),
    ("reason", "faq_withdrawal", "reason", "upper(reason)", "true"),
):
    with transaction.atomic(), connection.cursor() as cursor:
        immutable.drop("default")
        cursor.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}")
        assert cursor.rowcount == 1
        immutable.install("default")
        try:
            list(verify(Tally()))
            print(name, "nothing", sep="|")
        except Broken as broken:
            print(name, broken, sep="|")
        transaction.set_rollback(True)
list(verify(Tally()))
"""
NAMED = {
    "text": ["privacy, version 2: its text does not match its fingerprint"],
    "digest": ["privacy, approval with seq 2: its chain value is wrong"],
    "chain": [
        "privacy, approval with seq 2: its chain value is wrong",
        "privacy, approval with seq 3: it does not follow the entry before",
        "privacy, approval with seq 3: its version was made from another state",
    ],
    "effective_at": ["privacy, approval with seq 2: its chain value is wrong"],
    "note": ["faq_changenote, row 2: it is not as it was written"],
    "reason": ["faq_withdrawal, row 1: it is not as it was written"],
}
#: On SQLite a moment stands in two indexes, too. SQLite's own look at its file comes first, and
#: names one that does not agree.
IN_AN_INDEX = [
    f"The database file is damaged: row 2 missing from index faq_approval_{name}"
    for name in ("effective_at", "in_force")
]


def test_one_byte_that_was_changed_is_named(site: Site) -> None:
    """One byte of a text, fingerprint, chain value, moment, note or reason is changed.

    On SQLite in the file itself, at every place where it stands, one at a time, indexes and the
    trail included; on PostgreSQL in each row, while the triggers are away. Verifying must name
    the row.
    """
    site.run(RECORD)
    on_sqlite = site.environment["DATABASE_URL"].startswith("sqlite")
    said = site.run(IN_THE_FILE if on_sqlite else IN_THE_ROWS)
    named = {**NAMED, "effective_at": IN_AN_INDEX} if on_sqlite else NAMED
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        name, _bar, broken = line.partition("|")
        found.setdefault(name, []).append(broken)
    assert set(found) == set(named)
    for name, sentences in found.items():
        for sentence in sentences:
            known = (*named[name], "faq_event, row", "faq_seal, row")
            assert sentence.startswith(known), f"{name}: {sentence}"
        for expected in named[name]:
            assert any(each.startswith(expected) for each in sentences), f"{name}: {sentences}"
    print(f"{len(said.splitlines())} places")


@pytest.mark.sqlite
def test_verify_record_ends_with_one_sentence_when_a_byte_was_changed(site: Site) -> None:
    """A byte of version 2's text is changed in the file, and `manage.py verify_record` runs."""
    site.run(RECORD)
    data = site.file.read_bytes()
    site.file.write_bytes(data.replace(b"The answer of version 2.", b"The answer of version 7."))
    done = site.manage("verify_record")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "privacy, version 2: its text does not match its fingerprint" in done.stderr
