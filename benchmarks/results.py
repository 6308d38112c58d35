"""benchmarks/RESULTS.md: a section for each benchmark, which its full form writes anew.

    from benchmarks.results import replace_section
    replace_section("Growth", text)

The text is Markdown without a heading; the date, the machine and the versions are put above it.
Sections keep their order, and those of other benchmarks stay as they are.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")
ABOUT = """# Results

What the benchmarks measured, each on the day and the machine that it names. They write this file
themselves; do not edit it. Compare ratios, not microseconds: those belong to the machine.
"""
#: Packages that every figure depends on.
PACKAGES = ("Django", "granian")


def replace_section(
    name: str,
    text: str,
    versions: Mapping[str, str] | None = None,
    *,
    file: Path = FILE,
) -> None:
    """Put a section in the place of the one of this name, or at the end.

    `versions` are those of the other programs that were measured.
    """
    former = file.read_text(encoding="utf-8") if file.exists() else ABOUT
    head, *rest = re.split(r"^## ", former, flags=re.MULTILINE)
    sections = dict(each.split("\n", 1) for each in rest)
    sections[name] = f"{_circumstances(versions or {})}\n\n{text}"
    parts = [head, *(f"## {key}\n\n{body.strip()}" for key, body in sections.items())]
    file.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def table(titles: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; every column but the first has figures, to the right."""
    rule = ["---", *["---:"] * (len(titles) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rule, *rows])


def machine() -> str:
    """The processor, its cores, the memory and the system; no name of a host."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"{platform.system()} {platform.release().split('-')[0]}"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(r"^model name\s*: *(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _circumstances(versions: Mapping[str, str]) -> str:
    known = {"Python": platform.python_version()}
    known |= {name: metadata.version(name) for name in PACKAGES}
    programs = ", ".join(f"{name} {version}" for name, version in {**known, **versions}.items())
    return f"{datetime.now(UTC):%Y-%m-%d}. {machine()}. {programs}."
