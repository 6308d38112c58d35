"""How long publishing takes, and until readers see it: python -m benchmarks.publishing [--short].

A policy of 100 questions. First it is frozen and approved again and again, three answers worded
anew each time, and the page of it made as if for the first reader; then the same while the
production server runs with two workers, and a reader of each asks at once. Within bin/with-postgres
it is done on PostgreSQL (which does not wait for its disk there). It takes up to five minutes; with
--short, one, with wide margins.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median

from benchmarks.editions import SLUG, Editions
from benchmarks.making import make
from benchmarks.readers import Reader, edition_in, readers_of_each_worker
from benchmarks.scratch import kind, postgres, scratch
from benchmarks.verdict import Verdict, progress

QUESTIONS = 100
PAGE = f"/{SLUG}/"
MOST_PUBLISHING, MOST_PAGE = 500, 60
#: Milliseconds until PostgreSQL's readers see what another process has published.
MOST_SEEING = 1100
#: How long to look for it.
PATIENCE = 10


def main() -> int:
    """Measure, print the section, and say whether it is fast enough."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="few rounds, wide margins")
    short = parser.parse_args().short
    rounds, watched, margin = (5, 5, 5) if short else (40, 40, 1)
    verdict = Verdict(f"Publishing, on {kind()}", kept=not short)
    with scratch("publishing") as site:
        site.set_up()
        editions = Editions(QUESTIONS)
        figures = publish_often(editions, rounds)
        verdict.table(
            (f"ms, {rounds} rounds", "median of CPU", "of the clock", "longest"),
            (
                (what, *(f"{each:.0f}" for each in (median(cpu), median(wall), max(wall))))
                for what, (cpu, wall) in figures.items()
            ),
        )
        for what, most in (("freeze and approve", MOST_PUBLISHING), ("cold page", MOST_PAGE)):
            longest = max(map(median, figures[what]))
            wanted = f"median < {margin * most} ms"
            verdict.target(what, wanted, f"{longest:.0f} ms", met=longest < margin * most)
        with site.server() as server:
            server.wait_until_idle(120)
            readers = [each for (each,) in readers_of_each_worker(server).values()]
            asked, seen = publish_and_look(editions, readers, watched)
    verdict.table(
        (f"{watched} times, readers of {len(readers)} processes", "median", "longest"),
        (
            ("ms from publishing until seen", f"{median(seen):.0f}", f"{max(seen):.0f}"),
            ("requests until seen", f"{median(asked):.0f}", max(asked)),
        ),
    )
    if postgres():
        met = max(seen) <= margin * MOST_SEEING
        found = f"{max(seen):.0f} ms at the most"
        verdict.target("seen in each process", f"≤ {margin * MOST_SEEING} ms", found, met=met)
    else:
        first = sum(each == 1 for each in asked)
        found = f"{first} of {len(asked)}"
        met = first == len(asked)
        verdict.target("seen in each process", "at the next request", found, met=met)
    return verdict.end()


def publish_often(editions: Editions, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of the processor and of the clock of each step, each time."""
    from django.core.wsgi import get_wsgi_application
    from django.utils import timezone

    from faq import publishing, remembered
    from faq.delivery.sources import source_of

    application = get_wsgi_application()
    # As in a worker, where it stays open: SQLite writes its log back when the last one closes.
    watching = source_of()
    watching.changed()
    steps = ("freeze", "approve", "freeze and approve", "cold page", "nothing remembered")
    figures: dict[str, tuple[list[float], list[float]]] = {step: ([], []) for step in steps}
    editions.word()
    editions.publish(timezone.now())
    make(application, PAGE)  # what every process does once: templates and the like
    for turn in range(rounds):
        if turn % 10 == 0:
            progress(f"publishing, round {turn + 1} of {rounds}")
        number = editions.word()
        frozen = taken(lambda: publishing.freeze(editions.policy, by="alice", at=timezone.now()))
        version = editions.policy.version_set.get(approval=None)
        approved = taken(
            lambda version=version: publishing.approve(  # type: ignore[misc]
                version, by="bob", at=timezone.now(), material=False
            )
        )
        editions.digests[number] = version.digest
        made = taken(lambda: make(application, PAGE))
        remembered.forget_what_pages_need()
        anew = taken(lambda: make(application, PAGE))
        both = frozen[0] + approved[0], frozen[1] + approved[1]
        for step, times in zip(steps, (frozen, approved, both, made, anew), strict=True):
            for place in (0, 1):
                figures[step][place].append(times[place])
    watching.close()
    return figures


def publish_and_look(
    editions: Editions, readers: list[Reader], rounds: int
) -> tuple[list[int], list[float]]:
    """For each round and reader, how many requests and how many milliseconds it took to see it."""
    from django.utils import timezone

    found: list[tuple[int, float]] = []
    with ThreadPoolExecutor(len(readers)) as together:
        for turn in range(rounds):
            number = editions.word()
            editions.publish(timezone.now())
            look = partial(look_for, number, editions, time.time())
            found += together.map(look, readers)
            time.sleep(0.3 + turn % 7 / 10)  # PostgreSQL is asked at times of its own
    return [times for times, _wait in found], [wait for _times, wait in found]


def look_for(number: int, editions: Editions, since: float, reader: Reader) -> tuple[int, float]:
    """How many requests, and milliseconds since then, a reader needs to see that version."""
    times = 0
    while True:
        times += 1
        shown = reader.get(PAGE)
        if edition_in(shown.body.decode(), editions.digests) == number:
            return times, 1000 * (shown.there - since)
        if shown.there - since > PATIENCE:
            raise SystemExit(f"Version {number} was not seen in {PATIENCE} seconds.")
        time.sleep(0.005)


def taken(run: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the processor and of the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


if __name__ == "__main__":
    sys.exit(main())
