"""What a finished page costs, beside the same page made by Django's view each time.

    python -m benchmarks.delivery [--short]

Both run on the production server, one after the other in each round. It needs wrk. Figures are
medians of the rounds; CPU is that of the server's processes. It fails only on ratios.
"""

from __future__ import annotations

import argparse
import sys
import urllib.request
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.serving import BROWSER, Load, Server, environment, manage

#: How many times less CPU a finished page must take than the view; measured: over 70.
LEAST = 20
PAGE = "/privacy/"


def main() -> int:
    """Measure; exit 1 if finished pages are not worth it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one short round")
    rounds, seconds = (1, 3) if parser.parse_args().short else (5, 5)
    with TemporaryDirectory() as name:
        folder = Path(name)
        settings = environment(folder, 8000)
        manage(settings, "prepare_site", "--sample")
        manage(settings, "collectstatic", "--noinput", "-v0")
        with (
            Server("privacy_site.wsgi:application", folder) as finished,
            Server("benchmarks.bare_django:application", folder) as view,
        ):
            finished.wait_until_idle()
            known = {**BROWSER, "If-None-Match": etag_of(finished, PAGE)}
            found: dict[str, list[Load]] = {"finished": [], "finished, 304": [], "view": []}
            for _round in range(rounds):
                found["finished"].append(finished.load(PAGE, seconds))
                found["finished, 304"].append(finished.load(PAGE, seconds, known))
                # Few connections, so that hardly any page is begun and not counted.
                found["view"].append(view.load(PAGE, 2 * seconds, connections=2))
            memory = max(finished.resident()) // 1024
    print(f"{PAGE:16}   CPU µs/request   requests/s    p50 µs    p99 µs   errors")
    for what, loads in found.items():
        figures = [median(getattr(each, name) for each in loads) for name in FIGURES]
        errors = sum(each.errors for each in loads)
        print(f"{what:16}" + "{:17.0f}{:13.0f}{:10.0f}{:10.0f}".format(*figures) + f"{errors:9}")
    cost = {what: median(each.cpu for each in loads) for what, loads in found.items()}
    ratio = cost["view"] / cost["finished"]
    faults = sum(each.errors for loads in found.values() for each in loads)
    print(f"A finished page takes 1/{ratio:.0f} of the view's CPU; a worker has {memory} MB.")
    return 1 if faults or ratio < LEAST else 0


FIGURES = ("cpu", "rate", "median", "p99")


def etag_of(server: Server, path: str) -> str:
    """The tag of a page as a browser gets it."""
    request = urllib.request.Request(f"{server.url}{path}", headers=BROWSER)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.headers["ETag"])


if __name__ == "__main__":
    sys.exit(main())
