"""What the processes of a server use, as Linux tells."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(each) for each in found.stdout.split()]


def cpu(pid: int) -> float:
    """Seconds of CPU that a process and those it started have used."""
    return sum(_seconds(each) for each in (pid, *children(pid)))


def wait_until_idle(pid: int, most: float = 1800, *, rest: float = 2) -> bool:
    """Wait until `rest` seconds pass in which nothing is done, such as making pages ahead.

    At most so many seconds; says whether it is idle.
    """
    before, end = -1.0, time.monotonic() + most
    while (now := cpu(pid)) - before > 0.025 * rest:
        if time.monotonic() > end:
            return False
        before = now
        time.sleep(rest)
    return True


def _seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK
