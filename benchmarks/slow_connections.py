"""Whether slow connections stop readers: python -m benchmarks.slow_connections [--short].

Five thousand connections to the production server with two workers, on this machine: a third says
nothing, a third sends its headers a byte every two seconds, a third asks for the page and reads the
answer 100 bytes a second. Those that the server closes are opened again. Meanwhile eight readers
ask for the page on connections that they keep, and one on a new connection each time. It takes a
minute and a half; with --short (500 connections) half a minute, with wide margins.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from http.client import HTTPConnection, HTTPException
from statistics import median
from threading import Event, Thread

from benchmarks.editions import SLUG, Editions
from benchmarks.growth import MEGABYTE
from benchmarks.scratch import OPTIONS, scratch
from benchmarks.verdict import Verdict, progress

PAGE = f"/{SLUG}/"
#: What a slow connection does with its two ends.
Kind = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
READERS = 8
#: Milliseconds within which 99 of 100 answers must be there.
LATEST = 100
#: Open files beside the connections.
OTHERS = 500
#: How many connections are opened at once.
AT_ONCE = 100


def main() -> int:
    """Measure, print the section, and say whether readers noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--short", action="store_true", help="fewer connections, wide margins")
    short = parser.parse_args().short
    connections, seconds, latest = (500, 10, 2_000) if short else (5_000, 40, LATEST)
    may_open(connections + OTHERS)
    verdict = Verdict(f"{connections:,} slow connections", kept=not short)
    with scratch("slow") as site:
        site.set_up()
        from django.utils import timezone

        editions = Editions(30)
        editions.word()
        editions.publish(timezone.now())
        with site.server() as server:
            server.wait_until_idle(60)
            progress("readers alone")
            alone = read_for(server.port, seconds / 2)
            progress(f"opening {connections} connections")
            crowd = Crowd(server.port, connections)
            crowd.start()
            try:
                crowd.wait_until_open()
                progress("readers among them")
                among = read_for(server.port, seconds)
            finally:
                crowd.stop()
            memory = max(server.resident()) / MEGABYTE
    verdict.say(
        f"The server's options: `{' '.join(OPTIONS)}`, two workers, eight blocking threads. "
        f"{crowd.least:,} to {crowd.most:,} connections were open; {crowd.opened:,} were opened "
        f"altogether, since the server closes those that say nothing. "
        f"A worker had {memory:.0f} MB."
    )
    verdict.table(
        ("ms until the answer", "answers", "median", "99 of 100", "longest", "errors"),
        (
            (
                what,
                f"{len(found.times):,}",
                *(f"{each:.1f}" for each in (median(found.times), found.p99, max(found.times))),
                found.errors,
            )
            for what, found in (("alone", alone), ("among slow connections", among))
        ),
    )
    verdict.target("answers", f"99 of 100 in < {latest} ms", f"{among.p99:.1f} ms",
                   met=among.p99 < latest)  # fmt: skip
    verdict.target("errors of readers", "0", str(among.errors), met=among.errors == 0)
    wanted = 0.8 * connections  # the server closes many at once, and they come again
    verdict.target("slow connections open at all times", f"≥ {wanted:,.0f}", f"{crowd.least:,}",
                   met=crowd.least >= wanted)  # fmt: skip
    return verdict.end()


def may_open(files: int) -> None:
    """Let this process, and the server that it starts, have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(hard, files)))
        except (ValueError, PermissionError):
            raise SystemExit(f"Allow {files} open files: ulimit -n {files}") from None


class Found:
    """What readers met: milliseconds of each answer, and errors."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.errors = 0

    @property
    def p99(self) -> float:
        """What 99 of 100 answers did not take longer than."""
        return sorted(self.times)[int(0.99 * (len(self.times) - 1))]


def read_for(port: int, seconds: float) -> Found:
    """Readers of this server for some time; one of them comes anew each time."""
    found, ending = Found(), Event()
    threads = [
        Thread(target=read, args=(port, found, ending, place > 0)) for place in range(READERS + 1)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    ending.set()
    for thread in threads:
        thread.join()
    if not found.times:
        raise SystemExit("No reader got any answer.")
    return found


def read(port: int, found: Found, ending: Event, keeps: bool) -> None:
    """Ask ten times a second for the page, on one connection or on a new one each time."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    while not ending.wait(0.1):
        began = time.perf_counter()
        try:
            connection.request("GET", PAGE)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200 or not body:
                found.errors += 1
        except (OSError, HTTPException):
            found.errors += 1
            connection.close()
        found.times.append(1000 * (time.perf_counter() - began))
        if not keeps:
            connection.close()
    connection.close()


class Crowd(Thread):
    """Slow connections, in a thread of their own; `least` and `most` were open at once."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.number = port, number
        self.open = self.opened = self.most = 0
        self.least = number
        self._full, self._ending = Event(), Event()

    def run(self) -> None:
        """Until `stop`."""
        asyncio.run(self._all())

    def wait_until_open(self) -> None:
        """Return once all are open; SystemExit if that takes over a minute."""
        if not self._full.wait(60):
            raise SystemExit(f"Only {self.open} connections could be opened.")

    def stop(self) -> None:
        """Hang up."""
        self._ending.set()
        self.join(20)

    async def _all(self) -> None:
        self.turns = asyncio.Semaphore(AT_ONCE)
        kinds = (self._silent, self._asking, self._reading)
        tasks = [
            asyncio.create_task(self._again(kinds[place % len(kinds)]))
            for place in range(self.number)
        ]
        while not self._ending.is_set():
            await asyncio.sleep(0.1)
            self.most = max(self.most, self.open)
            if self.open >= 0.99 * self.number:
                self._full.set()
            if self._full.is_set():
                self.least = min(self.least, self.open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again(self, kind: Kind) -> None:
        """A slow connection, and another one once the server has closed it."""
        while True:
            try:
                async with self.turns:
                    ends = await asyncio.open_connection("127.0.0.1", self.port, limit=4096)
            except OSError:
                await asyncio.sleep(1)
                continue
            self.open += 1
            self.opened += 1
            try:
                await kind(*ends)
            except OSError:
                pass
            finally:
                self.open -= 1
                ends[1].close()

    async def _silent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def _asking(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nX-Slow: ".encode())
        closed = asyncio.ensure_future(reader.read())
        while not closed.done():
            writer.write(b"a")
            await asyncio.wait({closed}, timeout=2)
        await closed

    async def _reading(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        while await reader.read(100):
            await asyncio.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
