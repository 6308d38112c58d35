"""What making pages takes: python -m benchmarks.making PATH…; one line of JSON.

Django's own application is asked, as faq.delivery asks it for a page that is not there: for each
path the median time of the processor and of the clock, in milliseconds, and the queries.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

#: The first times load templates and fill what Django keeps.
BEFORE, TIMES = 3, 12


def main() -> int:
    """Measure every path that is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")
    from django.core.wsgi import get_wsgi_application

    print(json.dumps(cost_of_making(get_wsgi_application(), sys.argv[1:])))
    return 0


def cost_of_making(application: Any, paths: Sequence[str]) -> dict[str, dict[str, float]]:
    """`cpu` and `wall` in milliseconds, and `queries`, of each path; they take turns."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken: dict[str, list[tuple[float, float]]] = {path: [] for path in paths}
    for turn in range(BEFORE + TIMES):
        for path in paths:
            cpu, wall = time.process_time(), time.perf_counter()
            make(application, path)
            if turn >= BEFORE:
                spent = time.process_time() - cpu, time.perf_counter() - wall
                taken[path].append(spent)
    found = {}
    for path, times in taken.items():
        with CaptureQueriesContext(connection) as queries:
            make(application, path)
        found[path] = {
            "cpu": 1000 * median(cpu for cpu, _wall in times),
            "wall": 1000 * median(wall for _cpu, wall in times),
            "queries": len(queries),
        }
    return found


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
