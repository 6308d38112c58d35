"""What the page in force costs, beside other ways to give the same page.

    python -m benchmarks.delivery [--short]

All servers run at once; each round loads each of them in turn, beginning with another one every
time, so that a slow spell of the machine falls on all. Figures are medians of the rounds. CPU is
that of a server and all its processes, so what the load itself costs is left out; requests a second
are not, because load and server share the cores. Django's answers are not compressed, the others
are. Wagtail takes part where BENCH_WAGTAIL names an environment that has it.

The full form writes a section of RESULTS.md and ends with 1 if a target is missed. The short one is
for machines whose speed nobody knows: it writes nothing and allows three times as much (four, for
the slowest answers).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import brotli

from benchmarks import results
from benchmarks.peers import nginx
from benchmarks.serving import (
    BROWSER,
    CONNECTIONS,
    ROOT,
    WORKERS,
    Load,
    Running,
    Server,
    environment,
    manage,
)

PAGE = "/privacy/"
OURS, NGINX, WAGTAIL = "this site", "nginx, ready file", "Wagtail"
MIDDLEWARE, ORM = "WhiteNoise, middleware", "ordinary view"
FLOOR = "the server alone, one answer"
#: What each peer is called, by its module.
PEERS = {
    "constant": FLOOR,
    "whitenoise_wrapped": "WhiteNoise, around WSGI",
    "whitenoise_middleware": MIDDLEWARE,
    "empty": "Django, empty view",
    "orm_cached": "ordinary view, site-wide cache",
    "flatpages": "flatpages",
    "orm": ORM,
    "orm_markdown": "ordinary view, Markdown",
}
OWN_VIEW = "this site without the layer"
#: These take so long that with many connections most of what was begun would not be counted.
SLOW, FEW = {OWN_VIEW, PEERS["orm_markdown"]}, 2
KNOWN = ", 304"
#: Who answers 304 to a browser that has the page.
CONDITIONAL = (OURS, NGINX, FLOOR, MIDDLEWARE)


@dataclass(frozen=True)
class Target:
    """That ours takes at most so many times what the other takes."""

    other: str
    most: float
    figure: str = "cpu"
    known: bool = False

    def __str__(self) -> str:
        what = {"cpu": "CPU", "p99": "p99"}[self.figure] + (KNOWN if self.known else "")
        return f"{what}: at most {spoken(self.most)} of {self.other}"


@dataclass(frozen=True)
class Judgement:
    """How a target was met: whether it holds, and whether at least with the margin of the form."""

    target: Target
    ratio: float
    holds: bool
    passes: bool


TARGETS = [
    Target(NGINX, 3),
    Target(NGINX, 3, known=True),
    Target(MIDDLEWARE, 1 / 4),
    Target(MIDDLEWARE, 1 / 4, known=True),
    Target(ORM, 1 / 70),
    Target(WAGTAIL, 1 / 200),
    Target(MIDDLEWARE, 1, "p99"),
    Target(MIDDLEWARE, 1, "p99", known=True),
]


def main() -> int:
    """Measure; exit 1 if the finished page is not worth it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="two short rounds")
    short = parser.parse_args().short
    rounds, seconds = (2, 2) if short else (5, 5)
    for each in (signal.SIGINT, signal.SIGTERM):  # so that the servers are ended
        signal.signal(each, lambda number, _frame: sys.exit(128 + number))
    with TemporaryDirectory() as name, serving(Path(name)) as servers:
        title = json.loads((Path(name) / "policy.json").read_bytes())["title"]["en"]
        sizes = {what: check(server, title) for what, server in servers.items()}
        loads = measure(servers, rounds, seconds)
        memory = max(servers[OURS].resident()) // 1024
    found = {what: medians(each) for what, each in loads.items()}
    faults = sum(load.errors for each in loads.values() for load in each)
    judged = [judge(target, found, short=short) for target in TARGETS if target.other in found]
    text = report(found, sizes, judged, memory, rounds, seconds)
    print(text)
    if faults:
        print(f"{faults} requests failed.", file=sys.stderr)
    if not short and not faults:
        results.replace_section("The page in force, beside others", text, versions())
    return 1 if faults or not all(each.passes for each in judged) else 0


# Servers


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, Running]]:
    """Start all of them on this machine's loopback; give them by their names."""
    settings = environment(folder, 8000)
    manage(settings, "prepare_site", "--sample")
    manage(settings, "collectstatic", "--noinput", "-v0")
    with ExitStack() as stack:
        ours: Running = stack.enter_context(Server("privacy_site.wsgi:application", folder))
        write_files(folder, ours)
        servers = {OURS: ours}
        servers[NGINX] = stack.enter_context(nginx.Nginx(folder, folder / "files", PAGE))
        for module, what in PEERS.items():
            servers[what] = stack.enter_context(peer(module, folder))
        servers[OWN_VIEW] = stack.enter_context(
            Server("benchmarks.bare_django:application", folder)
        )
        if python := wagtails_python():
            servers[WAGTAIL] = stack.enter_context(peer("wagtail_site", folder, python))
        ours.wait_until_idle()
        yield servers


def write_files(folder: Path, ours: Running) -> None:
    """Our page and the document it is made from, for the peers, and the page as a ready file."""
    page = fetch(f"{ours.url}{PAGE}")
    (folder / "page.html").write_bytes(page)
    document = json.loads(fetch(f"{ours.url}/privacy.json"))["document_url"]
    (folder / "policy.json").write_bytes(fetch(f"{ours.url}{document[document.index(PAGE) :]}"))
    (folder / "static").mkdir(exist_ok=True)
    place = folder / "files" / PAGE.strip("/")
    place.mkdir(parents=True)
    (place / "index.html").write_bytes(page)
    (place / "index.html.gz").write_bytes(gzip.compress(page, 9))
    (place / "index.html.br").write_bytes(brotli.compress(page, mode=brotli.MODE_TEXT))


def peer(module: str, folder: Path, python: str = sys.executable) -> Server:
    """A Django site of benchmarks/peers, its database filled."""
    env = os.environ | {"BENCH_FOLDER": str(folder)}
    subprocess.run([python, "-m", "benchmarks.peers", module], cwd=ROOT, env=env, check=True)
    application = f"benchmarks.peers.{module}:application"
    return Server(application, folder, ready=PAGE, python=python, env=env)


def wagtails_python() -> str:
    """The Python of the environment that has Wagtail; empty if there is none."""
    named = os.environ.get("BENCH_WAGTAIL")
    return str(Path(named).absolute() / "bin" / "python") if named else ""


def check(server: Running, title: str) -> int:
    """That a server gives the page of this title; how many bytes a browser gets."""
    url = f"{server.url}{PAGE}"
    assert title in fetch(url).decode(), f"{url} is not the page"
    return len(fetch(url, BROWSER))


def knowing(server: Running, page: str = PAGE) -> dict[str, str]:
    """The headers of a browser that has the page; the server must answer 304."""
    url = f"{server.url}{page}"
    request = urllib.request.Request(url, headers=BROWSER)
    with urllib.request.urlopen(request, timeout=10) as answer:
        headers = {**BROWSER, "If-None-Match": str(answer.headers["ETag"])}
        changed = str(answer.headers["Last-Modified"] or "")
    if changed:
        headers["If-Modified-Since"] = changed
    try:
        fetch(url, headers)
    except urllib.error.HTTPError as answer:
        if answer.code == 304:
            return headers
    raise AssertionError(f"{url} does not know its own tag")


def fetch(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The body of an answer as it was sent."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
        return bytes(answer.read())


# Figures


def measure(servers: Mapping[str, Running], rounds: int, seconds: int) -> dict[str, list[Load]]:
    """Load every server in every round, with and without knowing the page."""
    cases = list(servers) + [what + KNOWN for what in CONDITIONAL]
    found: dict[str, list[Load]] = {what: [] for what in cases}
    for number in range(rounds):
        first = number * len(cases) // rounds
        for what in cases[first:] + cases[:first]:
            server = servers[what.removesuffix(KNOWN)]
            # Some requests may still be being answered when a load has ended.
            server.wait_until_idle(rest=0.2)
            headers = knowing(server) if what.endswith(KNOWN) else BROWSER
            connections = FEW if what in SLOW else CONNECTIONS
            found[what].append(server.load(PAGE, seconds, headers, connections=connections))
        print(f"Round {number + 1} of {rounds} is done.", file=sys.stderr)
    return found


def medians(loads: list[Load]) -> dict[str, float]:
    """Of each figure on its own; times in microseconds."""
    return {
        figure: median(getattr(each, figure) for each in loads)
        for figure in ("cpu", "rate", "median", "p99")
    }


def judge(target: Target, found: Mapping[str, Mapping[str, float]], *, short: bool) -> Judgement:
    """How many times the other's figure ours is, and whether that is little enough."""
    suffix = KNOWN if target.known else ""
    ratio = found[OURS + suffix][target.figure] / found[target.other + suffix][target.figure]
    margin = {"cpu": 3, "p99": 4}[target.figure] if short else 1
    return Judgement(target, ratio, ratio <= target.most, ratio <= target.most * margin)


# Telling

#: Whether a target holds, and whether it does with the margin of the short form.
HELD = {(True, True): "yes", (False, True): "no, but with the margin", (False, False): "**no**"}


def report(
    found: Mapping[str, Mapping[str, float]],
    sizes: Mapping[str, int],
    judged: list[Judgement],
    memory: int,
    rounds: int,
    seconds: int,
) -> str:
    """All of it as Markdown, the cheapest first."""
    floor = found[OURS]["cpu"]
    figures = [
        [
            what,
            f"{each['cpu']:,.0f}",
            f"{each['cpu'] / floor:.2g}"
            if each["cpu"] < 10 * floor
            else f"{each['cpu'] / floor:.0f}",
            f"{each['rate']:,.0f}",
            f"{each['median'] / 1000:,.2f}",
            f"{each['p99'] / 1000:,.2f}",
            f"{sizes[what]:,}" if what in sizes else "0",
        ]
        for what, each in sorted(found.items(), key=lambda pair: pair[1]["cpu"])
    ]
    targets = [
        [str(each.target), spoken(each.ratio), HELD[each.holds, each.passes]] for each in judged
    ]
    titles = ["", "CPU µs a request", "× ours", "requests/s", "p50 ms", "p99 ms", "bytes"]
    few = " and ".join(sorted(SLOW))
    return f"""\
wrk with {CONNECTIONS} connections ({FEW} for {few}), {WORKERS} workers of each server, medians of
{rounds} interleaved rounds of {seconds} seconds. A worker of ours has {memory} MB.

{results.table(titles, figures)}

{results.table(["target", "measured", "holds"], targets)}
"""


def spoken(ratio: float) -> str:
    """A ratio, small ones as a fraction."""
    return f"1/{1 / ratio:.3g}" if ratio < 0.6 else f"{ratio:.2g} ×"


def versions() -> dict[str, str]:
    """Of the programs that were compared."""
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split()[1]
    found = {"WhiteNoise": metadata.version("whitenoise"), "nginx": nginx.version(), "wrk": wrk}
    if python := wagtails_python():
        ask = "import django, wagtail; print(wagtail.__version__, 'on Django', django.__version__)"
        said = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
        found[WAGTAIL] = said.stdout.strip()
    return found


if __name__ == "__main__":
    sys.exit(main())
