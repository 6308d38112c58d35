"""What nginx in front takes and gives, in three ways: python -m benchmarks.scaling [--short].

The page in force of the sample, on the production server with two workers; the same behind
deploy/nginx.conf, which keeps nothing; behind deploy/nginx-cache.conf; and as files that
export_site wrote, from nginx alone. TLS is left out of all four, and nginx has two workers as well.
They are loaded in turns, 32 connections each, and the figures are medians of the rounds.

The CPU is that of nginx and of the site together. Requests a second are those of a machine that
has to make the load too. It needs wrk and nginx, and takes three minutes; the full form writes a
section of RESULTS.md. With --short it takes one, writes nothing, and the margins are wide.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks import results
from benchmarks.delivery import check
from benchmarks.examples import MAIN, Front, as_this_user
from benchmarks.peers import nginx
from benchmarks.serving import BROWSER, WORKERS, Running, Server, environment, free_port, manage
from benchmarks.verdict import progress

PAGE = "/privacy/"
DIRECT, PLAIN = "the site alone", "behind nginx.conf"
CACHE, FILES = "behind nginx-cache.conf", "files of export_site"
ALONE = """
server {{
    listen 127.0.0.1:{port};
    access_log off;
    server_tokens off;
    root {files}/current/site;
    {brotli}
    include {files}/current/nginx.conf;
}}
"""


@dataclass(frozen=True)
class Round:
    """What a round of load came to: requests a second, µs of CPU for each, µs of the slowest 1 %.

    `own` is what the site alone took of the CPU.
    """

    rate: float
    cpu: float
    own: float
    p99: float
    errors: int


class Files(Running):
    """nginx with nothing but the files of export_site and the rules that it wrote for them."""

    def __init__(self, folder: Path, files: Path) -> None:
        port = free_port()
        brotli = "brotli_static on;" if nginx.has_brotli() else ""
        (folder / "privacy").write_text(
            ALONE.format(port=port, files=files, brotli=brotli), encoding="utf-8"
        )
        main = MAIN.format(folder=folder, user=as_this_user(), workers=WORKERS)
        main = main.replace("http {", "http {\n    access_log off;", 1)
        if brotli:
            main = f"load_module {nginx.MODULES / nginx.BROTLI};\n{main}"
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        command = [nginx.PROGRAM or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        super().__init__(command, port, PAGE, os.environ)


def main() -> int:
    """Measure, print the section, and say whether each is worth having."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="two short rounds")
    short = parser.parse_args().short
    rounds, seconds = (2, 2) if short else (7, 4)
    with TemporaryDirectory(prefix="bench-scaling-") as name, ExitStack() as stack:
        folder = Path(name)
        servers, site = start(folder, stack)
        for server in servers.values():
            check(server, "Privacy policy")
        site.wait_until_idle()
        found = measure(servers, site, rounds, seconds)
    errors = sum(each.errors for every in found.values() for each in every)
    held = targets(found, margin=2 if short else 1)
    text = report(found, held, rounds, seconds)
    print(text)
    if errors:
        print(f"{errors} requests failed.", file=sys.stderr)
    if not short and not errors:
        wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True).stdout.split()[1]
        results.replace_section("Scaling", text, {"nginx": nginx.version(), "wrk": wrk})
    return 1 if errors or not all(met for *_rest, met in held) else 0


def start(folder: Path, stack: ExitStack) -> tuple[dict[str, Running], Server]:
    """All four, by their names, and the site that three of them lead to."""
    settings = environment(folder, 8000)
    manage(settings, "prepare_site", "--sample")
    manage(settings, "collectstatic", "--noinput", "-v0")
    manage(settings, "export_site", str(folder / "files"))
    site = stack.enter_context(Server("privacy_site.wsgi:application", folder))
    servers: dict[str, Running] = {DIRECT: site}
    for what, example in ((PLAIN, "nginx.conf"), (CACHE, "nginx-cache.conf")):
        own = folder / example
        own.mkdir()
        servers[what] = stack.enter_context(Front(example, own, [site.port]))
    own = folder / "alone"
    own.mkdir()
    servers[FILES] = stack.enter_context(Files(own, folder / "files"))
    return servers, site


def measure(
    servers: Mapping[str, Running], site: Server, rounds: int, seconds: int
) -> dict[str, list[Round]]:
    """Load each in every round, beginning with another one each time."""
    found: dict[str, list[Round]] = {what: [] for what in servers}
    names = list(servers)
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        first = number % len(names)
        for what in names[first:] + names[:first]:
            server = servers[what]
            server.wait_until_idle(rest=0.2)
            before = site.cpu()
            load = server.load(PAGE, seconds, BROWSER)
            own = 1e6 * (site.cpu() - before) / max(load.requests, 1)
            cpu = load.cpu if server is site else load.cpu + own
            found[what].append(Round(load.rate, cpu, own, load.p99, load.errors))
    return found


def middle(found: Mapping[str, list[Round]], what: str, figure: str) -> float:
    """The median of a figure."""
    return float(median(getattr(each, figure) for each in found[what]))


def targets(
    found: Mapping[str, list[Round]], *, margin: float
) -> list[tuple[str, str, float, bool]]:
    """What has to hold for docs/scaling.md to be right: what, how much, what was found, whether."""
    cache = middle(found, CACHE, "cpu") / middle(found, PLAIN, "cpu")
    spared = middle(found, CACHE, "own") / middle(found, DIRECT, "own")
    files = middle(found, FILES, "cpu") / middle(found, DIRECT, "cpu")
    return [
        ("CPU behind the cache, of that without", "≤ 0.7", cache, cache <= 0.7 * margin),
        ("the site's CPU behind the cache, of that alone", "≤ 0.1", spared, spared <= 0.1 * margin),
        ("CPU of files, of that of the site alone", "≤ 1", files, files <= margin),
    ]


def report(
    found: Mapping[str, list[Round]],
    held: list[tuple[str, str, float, bool]],
    rounds: int,
    seconds: int,
) -> str:
    """All of it as Markdown."""
    rate, cpu = (middle(found, DIRECT, figure) for figure in ("rate", "cpu"))
    rows = [
        [
            what,
            f"{middle(found, what, 'rate'):,.0f}",
            f"{middle(found, what, 'rate') / rate:.2f}",
            f"{middle(found, what, 'cpu'):.0f}",
            f"{middle(found, what, 'cpu') / cpu:.2f}",
            f"{middle(found, what, 'own') / cpu:.3f}",
            f"{middle(found, what, 'p99') / 1000:.1f}",
        ]
        for what in found
    ]
    titles = [
        "",
        "requests/s",
        "× alone",
        "CPU µs a request",
        "× alone",
        "of it the site",
        "p99 ms",
    ]
    judged = [
        [what, wanted, f"{value:.3f}", "yes" if met else "**no**"]
        for what, wanted, value, met in held
    ]
    return f"""\
wrk with 32 connections, {WORKERS} workers of each program, no TLS, medians of {rounds} interleaved
rounds of {seconds} seconds.

{results.table(titles, rows)}

{results.table(["target", "at most", "measured", "holds"], judged)}
"""


if __name__ == "__main__":
    sys.exit(main())
