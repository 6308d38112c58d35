"""Whether memory stays flat under a long load: python -m benchmarks.soak [--short].

The production server with two workers, and wrk at half the rate that it reached without a pause,
asking for pages of every kind. Every 30 seconds a version is published in another process, so that
pages are made anew, and every 5 seconds the memory of each worker is read. Within bin/with-postgres
it is done on PostgreSQL. It takes 13 minutes; with --short, one, and the margins are wide.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression

from benchmarks.editions import SLUG, Editions
from benchmarks.growth import MEGABYTE
from benchmarks.scratch import kind, scratch
from benchmarks.serving import BROWSER, ROOT, Server
from benchmarks.verdict import Verdict, progress

QUESTIONS = 50
QUESTION = f"/{SLUG}/what-about-matter-1/"
PATHS = (
    f"/{SLUG}/",
    f"/{SLUG}.json",
    QUESTION,
    f"{QUESTION}versions/",
    f"/{SLUG}/versions/",
    f"/{SLUG}/versions/1/",
    f"/{SLUG}/versions/1...2/",
    f"/{SLUG}/versions/2.json",
    f"/{SLUG}/versions.atom",
)
#: Milliseconds that a connection rests between two requests; so many connections make the rate.
REST = 20
#: Of the time at the start, while memory is being filled, the share that is not judged.
FILLING = 0.3


@dataclass(frozen=True)
class Plan:
    """What is done, in seconds and versions, and by how many MB memory may rise.

    A worker keeps pages up to a number of bytes. With many `versions` before, there are more than
    that from the start, and no page of those that are published meanwhile makes it larger.
    """

    versions: int
    seconds: int
    publish: int
    look: int
    rise: float


FULL, SHORT = Plan(40, 600, 30, 5, 5), Plan(2, 20, 5, 1, 40)


def main() -> int:
    """Measure, print the section, and say whether memory stays flat."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="twenty seconds, wide margins")
    plan = SHORT if parser.parse_args().short else FULL
    verdict = Verdict(f"A soak of {plan.seconds} seconds, on {kind()}", kept=plan is FULL)
    with scratch("soak") as site:
        site.set_up()
        editions = Editions(QUESTIONS)
        for _version in range(plan.versions):
            publish(editions)
        with site.server() as server:
            if not server.wait_until_idle(300):
                verdict.say("Pages were still being made ahead after five minutes.")
            top, _errors = load(server, seconds=8, connections=32, rest=0)
            connections = connections_for(server, top / 2)
            looks, rate, errors = soak(server, editions, plan, connections)
    verdict.say(
        f"Pages of {len(PATHS)} kinds in turn; {top:,.0f} requests/s without a pause, "
        f"{rate:,.0f} in the soak over {connections} connections; "
        f"{plan.versions} versions before it, {len(editions.digests) - plan.versions} published "
        "meanwhile."
    )
    verdict.table(
        ("MB of a worker", "at first", "most", "at last", "rise in the time that is judged"),
        (
            (
                f"worker {place}",
                *(f"{each:.0f}" for each in (sizes[0], max(sizes), sizes[-1])),
                f"{rise(sizes):+.1f}",
            )
            for place, sizes in enumerate(looks, 1)
        ),
    )
    steepest = max(map(rise, looks))
    verdict.target(
        "memory of a worker", f"rises by < {plan.rise:g} MB", f"{steepest:+.1f} MB",
        met=steepest < plan.rise,
    )  # fmt: skip
    verdict.target("errors", "0", str(errors), met=errors == 0)
    share = rate / top
    verdict.target("rate", "0.4 to 0.6 of the top", f"{share:.2f}", met=0.4 <= share <= 0.6
                   or plan is SHORT)  # fmt: skip
    return verdict.end()


def connections_for(server: Server, rate: float) -> int:
    """How many resting connections come to so many requests a second: it is tried."""
    connections = max(1, round(rate * REST / 1000))
    for _time in range(3):
        found, _errors = load(server, seconds=4, connections=connections, rest=REST)
        connections = max(1, min(5_000, round(connections * rate / found)))
    return connections


def publish(editions: Editions) -> None:
    """Publish the next version now."""
    from django.utils import timezone

    editions.word()
    editions.publish(timezone.now())


def command(server: Server, seconds: int, connections: int, rest: int) -> list[str]:
    """How wrk is called."""
    return [
        *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s"),
        *("-s", "benchmarks/paced.lua", "-H", f"Accept-Encoding: {BROWSER['Accept-Encoding']}"),
        *(server.url, "--", str(rest), *PATHS),
    ]


def load(server: Server, *, seconds: int, connections: int, rest: int) -> tuple[float, int]:
    """Ask for all kinds of pages; requests a second, and errors."""
    done = subprocess.run(
        command(server, seconds, connections, rest),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return outcome(done.stdout)


def outcome(said: str) -> tuple[float, int]:
    """Requests a second, and errors, from what wrk printed."""
    found = json.loads(said.strip().splitlines()[-1])
    return 1e6 * found["requests"] / found["microseconds"], found["errors"]


def soak(
    server: Server, editions: Editions, plan: Plan, connections: int
) -> tuple[list[list[float]], float, int]:
    """Megabytes of each worker at each look, requests a second, and errors."""
    workers = server.workers_pids()
    looks: list[list[float]] = [[] for _worker in workers]
    process = subprocess.Popen(
        command(server, plan.seconds, connections, REST),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        began = time.monotonic()
        published = began
        while process.poll() is None and time.monotonic() < began + plan.seconds + 30:
            time.sleep(plan.look)
            for sizes, kilobytes in zip(looks, server.resident(), strict=True):
                sizes.append(kilobytes / MEGABYTE)
            if time.monotonic() - published >= plan.publish:
                published = time.monotonic()
                publish(editions)
                progress(
                    f"{published - began:.0f} s: {', '.join(f'{s[-1]:.0f}' for s in looks)} MB"
                )
        said, _nothing = process.communicate(timeout=30)
    finally:
        process.kill()
    if server.workers_pids() != workers:
        raise SystemExit("A worker died and was replaced.")
    return looks, *outcome(said)


def rise(sizes: Sequence[float]) -> float:
    """By how much a straight line through the judged part rises from its first look to its last."""
    judged = sizes[int(FILLING * len(sizes)) :]
    slope = linear_regression(range(len(judged)), judged).slope
    return slope * (len(judged) - 1)


if __name__ == "__main__":
    sys.exit(main())
