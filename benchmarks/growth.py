"""Whether serving costs the same however long the record is: python -m benchmarks.growth [--short].

Sites with 1, 10, 100 and 1,000 versions of 50 questions, and one with 100 policies, each on the
production server with two workers, all at once and one loaded after the other in each round. The
pages of each are made ahead first. Within bin/with-postgres it is done on PostgreSQL. It needs wrk.

Each cost is compared with that of the smallest record in the same round, moments before or after:
what a machine does to all of them, being slower for a minute, is then not taken for growth.

The first time it builds the records, which takes some ten minutes; they are kept in var/bench/.
Then it takes a quarter of an hour, more where making pages ahead is slow. With --short (1 and 10
versions and 3 policies of 6 questions, two minutes) the margins are wide.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.delivery import knowing
from benchmarks.long_record import record, slug_of
from benchmarks.making import maker
from benchmarks.scratch import Scratch, kind, postgres
from benchmarks.serving import BROWSER, Server, environment
from benchmarks.verdict import Verdict, progress

PAGE = f"/{slug_of(0)}/"
#: Version 1 has the same wording in every record.
MADE = (PAGE, f"{PAGE}what-about-matter-2/", f"{PAGE}versions/1/")
SERVED = ("finished page", "finished page, 304")
#: A rise at every step that comes to more than this is a trend, within the margin or not.
TREND = 1.05
MOST_MEGABYTES = 120
MEGABYTE = 1_000_000 / 1024


@dataclass(frozen=True)
class Size:
    """How large a record is."""

    versions: int
    policies: int = 1

    def __str__(self) -> str:
        if self.policies > 1:
            return f"{self.policies} policies"
        return f"{self.versions:,} version{'s' if self.versions > 1 else ''}"


@dataclass(frozen=True)
class Plan:
    """What is measured, and how much dearer a larger record may be."""

    sizes: tuple[Size, ...]
    questions: int
    made: int
    served: int
    seconds: int
    margin: float


FULL = Plan((*(Size(10**n) for n in range(4)), Size(1, 100)), 50, 60, 25, 1, 1.15)
SHORT = Plan((Size(1), Size(10), Size(1, 3)), 6, 12, 4, 1, 2.5)
#: The first times load templates and fill what Django keeps.
BEFORE = 3

#: Of each thing that is measured, its cost in each site, round by round.
Costs = dict[str, dict[Size, list[float]]]


def main() -> int:
    """Measure, print the section, and say whether serving stays as cheap."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="small records, wide margins")
    short = parser.parse_args().short
    plan = SHORT if short else FULL
    verdict = Verdict(f"Growth, on {kind()}", kept=not short)
    with TemporaryDirectory(prefix="bench-growth-") as name, ExitStack() as stack:
        sites: dict[Size, Scratch] = {}
        for place, size in enumerate(plan.sizes):
            folder = Path(name) / str(place)
            folder.mkdir()
            sites[size] = record(folder, size.versions, size.policies, plan.questions)
            sites[size].manage("collectstatic", "--noinput", "-v0")
        making = cost_of_making(sites, plan)
        servers = {size: stack.enter_context(site.server()) for size, site in sites.items()}
        for size, server in servers.items():
            progress(f"waiting until the pages of {size} are made ahead")
            if not server.wait_until_idle(rest=5):
                verdict.say(f"Pages of {size} were still being made ahead after half an hour.")
        warm = {size: max(server.resident()) / MEGABYTE for size, server in servers.items()}
        served, errors = cost_of_serving(servers, plan)
        memory = {size: max(server.resident()) / MEGABYTE for size, server in servers.items()}
    show(verdict, plan, served | making)
    verdict.table(
        ("MB of a worker", *map(str, plan.sizes)),
        (
            ("after making pages ahead", *(f"{warm[size]:.0f}" for size in plan.sizes)),
            ("after load", *(f"{memory[size]:.0f}" for size in plan.sizes)),
        ),
    )
    for what, costs in (served | making).items():
        judge(verdict, plan, what, costs, trends=not short)
    most = max(memory.values())
    verdict.target("memory of a worker", f"< {MOST_MEGABYTES} MB", f"{most:.0f} MB",
                   met=most < MOST_MEGABYTES)  # fmt: skip
    verdict.target("errors", "0", str(errors), met=errors == 0)
    return verdict.end()


def cost_of_making(sites: dict[Size, Scratch], plan: Plan) -> Costs:
    """Milliseconds that making a page takes, in processes of their own that take turns.

    Of the processor; of the clock with PostgreSQL, which does its part in another process.
    """
    measure = "wall" if postgres() else "cpu"
    found: Costs = {f"making {path}": {size: [] for size in sites} for path in MADE}
    with ExitStack() as stack:
        makers = {
            size: stack.enter_context(maker(environment(site.folder, 8000) | site.settings))
            for size, site in sites.items()
        }
        progress(f"making pages, {plan.made} rounds")
        for turn in range(-BEFORE, plan.made):
            for path in MADE:
                for size in in_turn(plan.sizes, turn):
                    cost = makers[size](path)[measure]
                    if turn >= 0:
                        found[f"making {path}"][size].append(cost)
    return found


def cost_of_serving(servers: dict[Size, Server], plan: Plan) -> tuple[Costs, int]:
    """Microseconds of the processor for a request of finished pages, and errors."""
    found: Costs = {what: {size: [] for size in servers} for what in SERVED}
    errors = 0
    known = {size: knowing(server, PAGE) for size, server in servers.items()}
    progress(f"serving, {plan.served} rounds")
    for turn in range(plan.served):
        for place, what in enumerate(SERVED):
            for size in in_turn(plan.sizes, turn):
                headers = (BROWSER, known[size])[place]
                load = servers[size].load(PAGE, plan.seconds, headers)
                found[what][size].append(load.cpu)
                errors += load.errors
    return found, errors


def in_turn(sizes: tuple[Size, ...], turn: int) -> tuple[Size, ...]:
    """The sizes in the order of a round, each time another one first."""
    first = turn % len(sizes)
    return sizes[first:] + sizes[:first]


def show(verdict: Verdict, plan: Plan, costs: Costs) -> None:
    """The table of what everything costs."""
    clock = " of the clock" if postgres() else ""
    verdict.say(
        f"CPU for a request (finished pages in µs; making a page anew in ms{clock}), medians of "
        f"{plan.served} and {plan.made} interleaved rounds; {plan.questions} questions in each "
        "version. Below, × is the median of each round's ratio to 1 version."
    )
    verdict.table(
        ("", *map(str, plan.sizes)),
        ((what, *(f"{median(costs[what][size]):.1f}" for size in plan.sizes)) for what in costs),
    )


def judge(
    verdict: Verdict, plan: Plan, what: str, costs: dict[Size, list[float]], *, trends: bool
) -> None:
    """Whether the cost is the same in every site, and does not rise from one to the next."""
    first = costs[plan.sizes[0]]
    ratios = {
        size: median(cost / least for cost, least in zip(costs[size], first, strict=True))
        for size in plan.sizes
    }
    dearest = max(ratios.values())
    wanted = f"≤ {plan.margin} ×"
    by_versions = [ratios[size] for size in plan.sizes if size.policies == 1]
    rises = all(before < after for before, after in zip(by_versions, by_versions[1:], strict=False))
    trend = trends and rises and by_versions[-1] > TREND * by_versions[0]
    if trends:
        wanted += ", no trend"
    found = f"{dearest:.2f} ×{', rising' if trend else ''}"
    verdict.target(what, wanted, found, met=dearest <= plan.margin and not trend)


if __name__ == "__main__":
    sys.exit(main())
