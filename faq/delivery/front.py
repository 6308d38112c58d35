"""What caches in front of the site are told of a page where the site can purge them.

Without a purge hook they may hold a page for a second. With one they may hold it for minutes, but
not beyond the next effective moment, which nobody has to tell them of, and find it by its tags if
something changes before.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from faq.delivery.answers import Header, StartResponse
from faq.delivery.pages import SHARED
from faq.delivery.state import Epoch

#: What every page is found by, and the start of what those of one policy are found by.
EVERYTHING, ONE_POLICY = "policies", "policy-"
#: The longest that a page may be held, in seconds. A purge that is lost costs no more than that,
#: and a version that nobody may know of yet shows no sooner that something is to come.
LONGEST = 300
UNTIL_THEN = "public, max-age=0, s-maxage={seconds}, stale-if-error=86400"


def seconds_to_hold(epoch: Epoch, now: Epoch | None, at: datetime) -> int:
    """For how many seconds from `at` on a page of an epoch may be held, at least one.

    `now` is the epoch that the process is in by now. If that is another, the page may be of either.
    """
    if now != epoch:
        return 1
    if epoch.end is None:
        return LONGEST
    return max(1, min(LONGEST, int((epoch.end - at).total_seconds())))


def tags_of(path: str, slugs: Collection[str]) -> tuple[str, ...]:
    """The tags of a page by its path below the site's root, such as `/privacy/versions/3.json`.

    `slugs` are those of the policies that there are.
    """
    first = path.lstrip("/").partition("/")[0].removesuffix(".json")
    return (EVERYTHING, f"{ONE_POLICY}{first}") if first in slugs else (EVERYTHING,)


def telling(start_response: StartResponse, seconds: int, tags: tuple[str, ...]) -> StartResponse:
    """A `start_response` that adds how long the answer may be held and what it is found by.

    The answer may be whole, a HEAD or a 304: caches renew what they keep with the headers of that.
    """
    rule = UNTIL_THEN.format(seconds=seconds)

    def start(status: str, headers: list[Header], exc_info: Any = None) -> Any:
        told = [
            (name, rule if name == "Cache-Control" and value == SHARED else value)
            for name, value in headers
        ]
        told.append(("Surrogate-Key", " ".join(tags)))
        told.append(("Cache-Tag", ",".join(tags)))
        return start_response(status, told, *(() if exc_info is None else (exc_info,)))

    return start
