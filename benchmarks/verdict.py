"""What a benchmark found, as a section in Markdown, and whether its targets were met."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.results import machine, replace_section, table


@dataclass
class Verdict:
    """The section of one benchmark, printed as it comes about.

    With `kept` it takes its place in RESULTS.md at the end; short forms are not kept.
    """

    title: str
    kept: bool = False
    targets: list[tuple[str, str, str, bool]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"## {self.title}\n\n{machine()}\n", flush=True)

    def say(self, text: str) -> None:
        """A paragraph."""
        self._add(text)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Figures in columns; the first column says what they are of."""
        self._add(table(list(head), [[str(each) for each in row] for row in rows]))

    def target(self, what: str, wanted: str, found: str, *, met: bool) -> None:
        """Something that had to be so."""
        self.targets.append((what, wanted, found, met))

    def end(self) -> int:
        """Print the targets, keep the section; the exit code of the benchmark."""
        rows = [
            (what, wanted, found, "PASS" if met else "**FAIL**")
            for what, wanted, found, met in self.targets
        ]
        self.table(("target", "wanted", "found", ""), rows)
        if self.kept:
            replace_section(self.title, "\n\n".join(self.parts))
        return 0 if all(met for *_rest, met in self.targets) else 1

    def _add(self, part: str) -> None:
        self.parts.append(part)
        print(f"{part}\n", flush=True)


def progress(text: str) -> None:
    """Say on the side what is being done; it is no part of the section."""
    print(f"… {text}", file=sys.stderr, flush=True)
