"""How fast the desk of a large policy is: python -m benchmarks.desk [--short].

A database of its own, in a temporary folder: 300 questions in 15 sections, 200 versions, and a
draft in which 30 answers are reworded. Each page is asked for 15 times as a superuser sees it.
The first time is told apart: the process has rendered nothing yet.

Ends with 1 if the median of a page is over 300 ms. With --short (60 questions, 40 versions),
which is for machines whose speed nobody knows, only the number of queries decides: it must not
be over 60.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from statistics import median
from tempfile import TemporaryDirectory

MOST_MILLISECONDS = 300
MOST_QUERIES = 60
TIMES = 15

ANSWER = """\
We keep what you tell us for as long as we need it for what you told us it for, and no longer.
When that time is over we delete it, unless a law says that we must keep it: then we lock it away
until that law allows us to delete it. This is answer {number}, and it is about matter {number}.

### What we keep

- your name and how to reach you, for **two years** after you last wrote to us;
- what you bought, for *ten years*, because the tax office may ask for it;
- what you looked at, for [thirty days](#question-1).

### How to have it deleted

Write to us, or call us between nine and five. We answer within a month. If we cannot delete
something we tell you why, for how long we must keep it, and whom you can complain to.
"""


def main() -> int:
    """Measure, print, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="a small policy, judged by queries")
    short = parser.parse_args().short
    with TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/desk.sqlite3"
        os.environ["DATA_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")
        os.environ.setdefault("SECRET_KEY", "only-for-the-benchmark-and-long-enough-for-the-checks")
        os.environ["SITE_URL"] = "http://127.0.0.1:8000"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(60, 40, judge_time=False) if short else measure(300, 200, judge_time=True)


def measure(questions: int, versions: int, *, judge_time: bool) -> int:
    """Build the policy and ask for its pages."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from faq import remembered

    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.ADMIN_MFA = False
    os.makedirs(settings.STATIC_ROOT, exist_ok=True)  # or the server warns of a missing folder
    policy = build(questions, versions)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser("alice"))
    pages = {
        "first page": reverse("admin:index"),
        "desk": reverse("admin:faq_policy_questions", args=[policy]),
    }
    print(f"{questions} questions, {versions} versions     queries   first   median   slowest, ms")
    faults = []
    for name, address in pages.items():
        remembered.forget()
        taken = []
        for _time in range(TIMES + 1):
            start = time.process_time()
            answer = client.get(address)
            taken.append(1000 * (time.process_time() - start))
            assert answer.status_code == 200, answer.status_code
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        first, *others = taken
        print(
            f"{name:34}{len(queries):5}{first:8.0f}{median(others):9.0f}{max(others):10.0f}"
            f"   ({len(answer.content) // 1024} KB)"
        )
        if judge_time and median(others) > MOST_MILLISECONDS:
            faults.append(f"{name}: {median(others):.0f} ms is over {MOST_MILLISECONDS} ms")
        if len(queries) > MOST_QUERIES:
            faults.append(f"{name}: {len(queries)} queries are over {MOST_QUERIES}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def build(questions: int, versions: int) -> int:
    """Make the policy; return its key."""
    from faq import editing
    from tests import factory

    policy = factory.make_policy(introduction="What we do.", contact="Write to us.")
    sections = [factory.make_section(policy, f"Section {n}") for n in range(1, questions // 20 + 1)]
    made = [
        factory.make_question(
            policy,
            f"Question {n}",
            ANSWER.format(number=n),
            section=sections[(n - 1) // 20 % len(sections)],
        )
        for n in range(1, questions + 1)
    ]
    factory.publish(policy)
    factory.lengthen(policy, versions - 1)
    at = factory.NOON + versions * factory.DAY
    for question in made[:: questions // 30]:
        answer = question.answer.replace("two years", "three years").replace("nine", "eight")
        editing.save(question, {"answer": answer}, revision=question.revision, by="bob", at=at)
    return policy.pk


if __name__ == "__main__":
    sys.exit(main())
