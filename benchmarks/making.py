"""What making pages takes: python -m benchmarks.making reads paths, one a line, to the end.

For each it asks Django's own application, as faq.delivery does for a page that is not there, and
says in a line of JSON the milliseconds of the processor and of the clock. Several of these, one
for each site, take turns at every page, so that a machine that slows down slows all of them down.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from benchmarks.serving import ROOT


@contextmanager
def maker(settings: Mapping[str, str]) -> Iterator[Callable[[str], dict[str, float]]]:
    """Such a process for the site with these settings, as a function that has a page made.

    It gives `cpu` and `wall`, in milliseconds; RuntimeError if the page cannot be made.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.making"],
        cwd=ROOT,
        env=dict(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def have_made(path: str) -> dict[str, float]:
        with suppress(BrokenPipeError):
            print(path, file=asks, flush=True)
        said = answers.readline()
        if not said:
            raise RuntimeError(f"{path} was not made: see above.")
        found: dict[str, float] = json.loads(said)
        return found

    try:
        yield have_made
    finally:
        process.communicate()


def main() -> int:
    """Make every page that is asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        make(application, line.strip())
        spent = time.process_time() - cpu, time.perf_counter() - wall
        print(json.dumps({"cpu": 1000 * spent[0], "wall": 1000 * spent[1]}), flush=True)
    return 0


def make(application: Any, path: str) -> bytes:
    """The page as it is now; SystemExit if there is none."""
    from django.conf import settings
    from django.utils import timezone

    from faq.delivery.answers import ask, request_for
    from faq.views import AT

    host = settings.SITE_URL.origin.partition("://")[2]
    answer = ask(application, request_for(settings.SITE_URL, host, path, **{AT: timezone.now()}))
    if answer.code != "200":
        raise SystemExit(f"{path} answers {answer.status}")
    return answer.body


if __name__ == "__main__":
    sys.exit(main())
