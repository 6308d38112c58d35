"""The file of results: each benchmark writes its own section, and leaves those of others alone."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks.results import machine, replace_section, table


def test_a_section_is_replaced_where_it_stands_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    replace_section("Speed", "fast", file=file)
    replace_section("Growth", "none", file=file)
    others = file.read_text(encoding="utf-8").partition("## Growth")[2]
    replace_section("Speed", "faster", {"nginx": "1.2"}, file=file)
    text = file.read_text(encoding="utf-8")
    assert text.partition("## Growth")[2] == others
    assert text.count("## Speed") == 1
    assert text.index("## Speed") < text.index("faster") < text.index("## Growth")
    assert "nginx 1.2." in text and "\nfast\n" not in text


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    for name in ("Speed", "Growth"):
        replace_section(name, "text", file=file)
    before = file.read_bytes()
    replace_section("Speed", "text", file=file)
    assert file.read_bytes() == before


def test_a_table_has_its_figures_to_the_right() -> None:
    assert table(["", "ms"], [["ours", "1"]]) == "|  | ms |\n| --- | ---: |\n| ours | 1 |"


def test_the_machine_is_told_without_its_name() -> None:
    assert f"{os.cpu_count()} cores" in machine()
    assert platform.node() not in machine()
