"""What a benchmark found, as a section in Markdown, and whether its targets were met."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """The section of one benchmark, printed as it comes about."""

    title: str
    targets: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"## {self.title}\n\n{machine()}\n", flush=True)

    def say(self, text: str) -> None:
        """A paragraph."""
        print(f"{text}\n", flush=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Figures in columns; the first column says what they are of."""
        print(f"| {' | '.join(head)} |")
        print(f"|---|{'---:|' * (len(head) - 1)}")
        for row in rows:
            print(f"| {' | '.join(str(each) for each in row)} |")
        print(flush=True)

    def target(self, what: str, wanted: str, found: str, *, met: bool) -> None:
        """Something that had to be so."""
        self.targets.append((what, wanted, found, met))

    def end(self) -> int:
        """Print the targets; the exit code of the benchmark."""
        rows = [
            (what, wanted, found, "PASS" if met else "**FAIL**")
            for what, wanted, found, met in self.targets
        ]
        self.table(("target", "wanted", "found", ""), rows)
        return 0 if all(met for *_rest, met in self.targets) else 1


def progress(text: str) -> None:
    """Say on the side what is being done; it is no part of the section."""
    print(f"… {text}", file=sys.stderr, flush=True)


def machine() -> str:
    """What it ran on."""
    import django

    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Django {django.get_version()}."
    )
