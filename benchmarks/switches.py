"""Whether every process switches in time, and nobody sees a mixture.

    python -m benchmarks.switches [--short] [--gap SECONDS] [--switches NUMBER]

A policy whose hundred versions begin to apply one after the other, all scheduled beforehand. The
production server has two workers; wrk asks for the page over 16 connections without a pause, and
readers who know which worker answers them note what they are shown, of the page and of what
machines read. Within bin/with-postgres it is done on PostgreSQL. It takes eight minutes; --short
(ten switches) takes one and has wide margins.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from statistics import median
from threading import Event, Thread

from benchmarks.editions import SLUG, Editions
from benchmarks.readers import Mixture, Reader, edition_in, readers_of_each_worker
from benchmarks.scratch import kind, scratch
from benchmarks.serving import BROWSER, ROOT, Server
from benchmarks.verdict import Verdict, progress

QUESTIONS = 20
PAGE, DATA = f"/{SLUG}/", f"/{SLUG}.json"
CONNECTIONS = 16
#: Readers of each process.
READERS = 2
#: Seconds from the start of the server until the first switch.
BEFORE = 15
#: In how many of a hundred switches every process must have switched, after so many milliseconds.
WANTED, LATEST = 95, 100


@dataclass
class Notes:
    """What the readers of one process noted: when something was asked and there, and its number."""

    seen: list[tuple[float, float, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Measure, print the section, and say whether all is well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="ten switches, wide margins")
    parser.add_argument("--gap", type=float, default=4, help="seconds between two switches")
    parser.add_argument("--switches", type=int, help="how many there are")
    given = parser.parse_args()
    switches = given.switches or (10 if given.short else 100)
    latest = 2_000 if given.short else LATEST
    verdict = Verdict(f"Switches at their moment, on {kind()}", kept=switches == 100)
    with scratch("switches") as site:
        site.set_up()
        editions = Editions(QUESTIONS)
        progress(f"scheduling {switches} versions")
        moments = schedule(editions, switches, given.gap)
        with site.server() as server:
            notes, errors = watch(server, editions, until=moments[-1] + given.gap)
    waits = [waits_until_seen(each, moments) for each in notes]
    slowest = [max(of_each) for of_each in zip(*waits, strict=True)]
    in_time = sum(wait <= latest for wait in slowest)
    ordered = sorted(slowest)
    verdict.say(
        f"{switches} switches, {given.gap:g} s apart; {len(notes)} processes under wrk with "
        f"{CONNECTIONS} connections; {sum(len(each.seen) for each in notes):,} answers were noted."
    )
    verdict.table(
        ("ms from the moment until seen in every process", "median", "95 of 100", "longest"),
        [("", *(f"{each:.0f}" for each in (
            median(ordered), ordered[int(0.95 * len(ordered)) - 1], ordered[-1]
        )))],
    )  # fmt: skip
    verdict.target(
        "seen in every process", f"≤ {latest} ms in {WANTED} of 100",
        f"{in_time} of {switches}", met=100 * in_time >= WANTED * switches,
    )  # fmt: skip
    early = sum(early_sights(each, moments) for each in notes)
    back = sum(map(steps_back, notes))
    faults = [fault for each in notes for fault in each.faults]
    verdict.target("shown before its moment", "0", str(early), met=early == 0)
    verdict.target("an older version after a newer one", "0", str(back), met=back == 0)
    verdict.target("mixtures and errors of readers", "0", str(len(faults)), met=not faults)
    verdict.target("errors of wrk", "0", str(errors), met=errors == 0)
    code = verdict.end()
    for fault in faults[:5]:
        verdict.say(fault)
    return code


def schedule(editions: Editions, switches: int, gap: float) -> list[float]:
    """Publish version 1, and those that apply later; their moments, in seconds since 1970."""
    from django.utils import timezone

    editions.word()
    editions.publish(timezone.now())
    began = time.monotonic()
    # Scheduling takes a tenth of a second for each.
    first = timezone.now() + timedelta(seconds=BEFORE + 0.5 * switches)
    moments = [first + place * timedelta(seconds=gap) for place in range(switches)]
    for moment in moments:
        editions.word()
        editions.publish(timezone.now(), effective_at=moment, announce=False)
    progress(f"scheduled in {time.monotonic() - began:.0f} s; the first applies at {first:%X}")
    if datetime.now(UTC) > first - timedelta(seconds=BEFORE / 2):
        raise SystemExit("Scheduling took too long on this machine.")
    return [moment.timestamp() for moment in moments]


def watch(server: Server, editions: Editions, *, until: float) -> tuple[list[Notes], int]:
    """Read until then; what was noted of each process, and the errors of wrk."""
    readers = readers_of_each_worker(server, READERS)
    notes = {pid: Notes() for pid in readers}
    seconds = max(1, round(until - time.time()))
    load = subprocess.Popen(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"]
        + ["-s", "benchmarks/wrk.lua", "-H", f"Accept-Encoding: {BROWSER['Accept-Encoding']}"]
        + [f"{server.url}{PAGE}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    ending = Event()
    threads = [
        Thread(target=read, args=(reader, place, editions.digests, notes[pid], ending))
        for pid, each in readers.items()
        for place, reader in enumerate(each)
    ]
    for thread in threads:
        thread.start()
    try:
        said, _nothing = load.communicate(timeout=seconds + 30)
    finally:
        load.kill()
        ending.set()
        for thread in threads:
            thread.join()
    return list(notes.values()), json.loads(said.strip().splitlines()[-1])["errors"]


def read(reader: Reader, place: int, digests: dict[int, str], notes: Notes, ending: Event) -> None:
    """Ask again and again, now for the page, now for what machines read, and note it."""
    turn = place
    known: dict[bytes, int] = {}  # what was checked need not be checked again
    while not ending.wait(0.004):
        turn += 1
        try:
            shown = reader.get(PAGE if turn % 2 else DATA)
            number = known.get(shown.body)
            if number is None:
                shown.check_etag()
                number = known[shown.body] = number_of(shown.body, digests)
        except (Mixture, OSError, HTTPException) as error:
            notes.faults.append(f"{datetime.now(UTC):%X}: {error!r}")
            if not isinstance(error, Mixture):
                return
        else:
            notes.seen.append((shown.asked, shown.there, number))


def number_of(body: bytes, digests: dict[int, str]) -> int:
    """The version that a page or its JSON shows; Mixture if its parts do not belong together."""
    if not body.startswith(b"{"):
        return edition_in(body.decode(), digests)
    said = json.loads(body)
    if said["digest"] != digests.get(said["number"]):
        raise Mixture(f"version {said['number']} with the fingerprint {said['digest']}")
    return int(said["number"])


def waits_until_seen(notes: Notes, moments: Sequence[float]) -> list[float]:
    """Milliseconds from each moment until a reader of this process had an answer that shows it.

    Version 1 was there before; version 2 is that of the first moment.
    """
    first: dict[int, float] = {}
    for _asked, there, number in notes.seen:
        first[number] = min(there, first.get(number, there))
    newest = max(first, default=0)
    found = []
    for place, moment in enumerate(moments):
        seen = [first[number] for number in range(place + 2, newest + 1) if number in first]
        found.append(1000 * (min(seen) - moment) if seen else float("inf"))
    return found


def early_sights(notes: Notes, moments: Sequence[float]) -> int:
    """How often a version was there before its moment."""
    return sum(number > 1 and there < moments[number - 2] for _asked, there, number in notes.seen)


def steps_back(notes: Notes) -> int:
    """How often something older was shown to a request that began after something newer was there.

    The readers of a process are looked at together.
    """
    ends = sorted((there, number) for _asked, there, number in notes.seen)
    moments: list[float] = []
    newest: list[int] = []
    for there, number in ends:
        moments.append(there)
        newest.append(max(number, newest[-1] if newest else 0))
    found = 0
    for asked, _there, number in notes.seen:
        place = bisect_right(moments, asked)
        found += bool(place) and number < newest[place - 1]
    return found


if __name__ == "__main__":
    sys.exit(main())
