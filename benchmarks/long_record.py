"""Records of any length, through the verbs: python -m benchmarks.long_record VERSIONS [POLICIES].

A database on SQLite is kept under var/bench/ and used again as long as this file and the tables are
the same; `manage.py verify_record` passes on it. A thousand versions take a few minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from benchmarks.scratch import Scratch, database
from benchmarks.serving import ROOT, environment, python
from benchmarks.verdict import progress

KEPT = ROOT / "var" / "bench"
QUESTIONS = 50
FIRST = datetime(2020, 1, 1, 12, tzinfo=UTC)
#: Files that decide what is in such a database.
MADE_OF = (
    "benchmarks/long_record.py",
    "faq/migrations/*.py",
    "faq/models/record.py",
    *(
        f"faq/{name}.py"
        for name in ("digest", "document", "immutable", "publishing", "rendering", "seals")
    ),
)


def slug_of(place: int) -> str:
    """The address of a policy; the first is the one that is measured."""
    return f"policy-{place}"


def record(folder: Path, versions: int, policies: int = 1, questions: int = QUESTIONS) -> Scratch:
    """A site in `folder` with such a record, built if it is not there yet.

    Each of `policies` has `versions` of `questions` each.
    """
    size = f"{versions}x{policies}x{questions}"
    name = f"{size}-{_key()}"
    file = KEPT / f"{name}.sqlite3"
    KEPT.mkdir(parents=True, exist_ok=True)
    site = Scratch(folder, database(file, name, keep=True))
    done = KEPT / f"{name}.done"
    on_sqlite = site.database.startswith("sqlite")
    if on_sqlite and done.exists():
        return site
    progress(f"building {policies} × {versions} versions of {questions} questions")
    if on_sqlite:
        for old in KEPT.glob(f"{size}-*"):
            old.unlink()
    site.manage("migrate", "-v0")
    python(
        environment(folder, 8000) | site.settings,
        *("benchmarks.long_record", str(versions), str(policies), str(questions)),
    )
    site.manage("verify_record")
    if on_sqlite:
        done.touch()
    return site


def main() -> int:
    """Fill the database that the settings name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("versions", type=int)
    parser.add_argument("policies", type=int, nargs="?", default=1)
    parser.add_argument("questions", type=int, nargs="?", default=QUESTIONS)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_site.settings"
    import django

    django.setup()
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")  # it can be built again
    for place in range(given.policies):
        build(slug_of(place), given.versions, given.questions)
    return 0


def build(slug: str, versions: int, questions: int) -> None:
    """Publish that many versions, an hour apart; each words one question anew."""
    from tests import factory

    policy = factory.make_policy(
        slug, f"The {slug}", introduction="What we do.", contact="Write to us."
    )
    texts = answers(questions)
    made = []
    for place, text in enumerate(texts):
        if place % 10 == 0:
            section = factory.make_section(policy, f"Part {place // 10 + 1}")
        title = f"What about matter {place + 1}?"
        made.append(factory.make_question(policy, title, text, section=section))
    for number in range(1, versions + 1):
        place = number % questions
        factory.reword(made[place], f"{texts[place]}\n\nLooked at for edition {number:04}.")
        at = FIRST + (number - 1) * timedelta(hours=1)
        factory.publish(policy, at, note=f"Matter {place + 1}, edition {number}.", material=False)
        if number % 100 == 0:
            progress(f"{slug}: {number} versions")


def answers(number: int) -> list[str]:
    """Answers of some length with what answers have in them, each in other words."""
    from tests.long_policy import sample_answers

    sample = [text for _title, text in sample_answers() if text.strip()]
    return [sample[place % len(sample)] for place in range(number)]


def _key() -> str:
    """The same as long as the same would be built."""
    digest = sha256()
    for pattern in MADE_OF:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
