"""Style sheets as browsers of 2016 read them, and as readers with other wishes need them.

Such a browser drops a declaration that it does not understand, and keeps the one before it; and
it drops the whole rule if it does not understand the selector. So every rule has to be readable
without what is newer. A CSS parser reads the sheets here; browsers read them in tests/browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tinycss2
from django.conf import settings

STYLES = Path(settings.BASE_DIR) / "static" / "css"
NAMES = sorted(path.name for path in STYLES.glob("*.css"))

#: At-rules that old browsers know, and @page, without which paper has ordinary margins.
AT_RULES = {"media", "page", "supports"}
#: Functions that came after 2016 in some browser that is still about.
NEW_FUNCTIONS = {"var", "env", "min", "max", "clamp", "color-mix", "light-dark", "oklch", "lab"}
#: Selectors that came later. Whoever uses one may do so only where reading does not need the rule.
NEW_SELECTORS = {"has", "is", "where", "dir", "focus-within", "user-invalid", "popover-open"}
#: What makes something move by itself.
MOVEMENT = ("animation", "transition", "scroll-behavior")
#: The one place where the focus may go unmarked: where the browser thinks that nobody needs it.
UNMARKED = ":focus:not(:focus-visible)"


@dataclass(frozen=True)
class Rule:
    """A rule of a sheet: its selector, its declarations in their order, and where it holds."""

    selector: str
    declarations: tuple[tuple[str, str, frozenset[str]], ...]
    within: str

    def names(self) -> list[str]:
        return [name for name, _value, _functions in self.declarations]


def rules_of(sheet: str, within: str = "") -> Iterator[Rule]:
    """Every rule of a sheet, those within at-rules included; fails for what cannot be parsed."""
    parsed = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    yield from _walk(parsed, within)


def _walk(nodes: list[Any], within: str) -> Iterator[Rule]:
    for node in nodes:
        assert node.type != "error", f"line {node.source_line}: {node.message}"
        prelude = tinycss2.serialize(node.prelude).strip()
        if node.type == "qualified-rule":
            yield Rule(prelude, tuple(_declarations(node)), within)
        else:
            assert node.at_keyword in AT_RULES, f"line {node.source_line}: @{node.at_keyword}"
            if node.at_keyword != "page":
                inner = tinycss2.parse_rule_list(
                    node.content, skip_comments=True, skip_whitespace=True
                )
                yield from _walk(inner, f"@{node.at_keyword} {prelude}")


def _declarations(rule: Any) -> Iterator[tuple[str, str, frozenset[str]]]:
    content = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    for each in content:
        where = f"line {each.source_line}"
        assert each.type == "declaration", f"{where}: a {each.type} within a rule"
        functions = frozenset(_functions(each.value))
        yield each.lower_name, tinycss2.serialize(each.value).strip(), functions


def _functions(values: list[Any]) -> Iterator[str]:
    for each in values:
        if each.type == "function":
            yield each.lower_name
            yield from _functions(each.arguments)
        elif each.type == "url":
            yield "url"


def faults(sheet: str) -> list[str]:
    """What an old browser would not understand, and nothing before it stands in for."""
    found = []
    for rule in rules_of(sheet):
        for place, (name, value, functions) in enumerate(rule.declarations):
            if name.startswith("--"):
                continue
            plain = [
                earlier
                for earlier, _value, others in rule.declarations[:place]
                if not others & NEW_FUNCTIONS
            ]
            said = f"{rule.selector} {{ {name}: {value} }}"
            is_new = functions & NEW_FUNCTIONS and "linear-gradient" not in functions  # a shadow
            if is_new and not any(stands_for(name, each) for each in plain):
                found.append(f"{said} has no plain value before it")
            if name == "outline" and value in {"0", "none"} and UNMARKED not in rule.selector:
                found.append(f"{said} hides where the keyboard is")
            if is_logical(name) and physical(name) not in rule.names()[:place]:
                found.append(f"{said} has no {physical(name)} before it")
            if name.startswith(MOVEMENT) and "reduced-motion: no-preference" not in rule.within:
                found.append(f"{said} moves for those who asked for less motion, too")
            if "url" in functions:
                found.append(f"{said} loads something")
        if new := pseudo_classes(rule.selector) & NEW_SELECTORS:
            found.append(f"{rule.selector} needs {', '.join(sorted(new))}")
    return found


def stands_for(name: str, earlier: str) -> bool:
    """Whether the earlier property sets what this one sets: itself, or the shorthand of it."""
    return name == earlier or name.startswith(f"{earlier}-")


def is_logical(name: str) -> bool:
    return any(f"-{word}" in name for word in ("inline", "block")) or name.startswith("inset")


def physical(name: str) -> str:
    return name.replace("-inline", "").replace("-block", "")


def pseudo_classes(selector: str) -> set[str]:
    """What stands after a colon in a selector."""
    nodes = tinycss2.parse_component_value_list(selector)
    return {
        node.lower_name if node.type == "function" else node.lower_value
        for before, node in pairwise(nodes)
        if before == ":" and node.type in {"ident", "function"}
    }


@pytest.mark.parametrize("name", NAMES)
def test_old_browsers_understand_every_rule_or_what_stands_before_it(name):
    assert faults((STYLES / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("a { color: var(--link) }", "no plain value"),
        ("a { color: var(--link); color: red }", "no plain value"),
        ("a { width: min(100%, 4rem) }", "no plain value"),
        ("@media print { a { border-color: calc(var(--x)) } }", "no plain value"),
        ("a { margin-inline: 1px 2px }", "no margin before"),
        ("a { border-inline-width: 1px; border-width: 1px }", "no border-width before"),
        ("a:focus { outline: none }", "where the keyboard is"),
        ("a { transition: color 1s }", "moves"),
        ("a { background: url(https://a.example/x.png) }", "loads something"),
        ("a { background: url('x.png') }", "loads something"),
        ("li:has(a) { color: red }", "needs has"),
        (":is(h2, h3) a { color: red }", "needs is"),
    ],
)
def test_what_an_old_browser_does_not_understand_would_be_told(rule, said):
    [found] = faults(rule)
    assert said in found


@pytest.mark.parametrize(
    "sheet",
    [
        "@import 'other.css';",
        "@layer base { a { color: red } }",
        "@container (width > 1em) { a { color: red } }",
        "a { color: red; b { color: blue } }",
        "a { color: red; &:hover { color: blue } }",
        "a { color red }",
        "a { color: red } }",
    ],
)
def test_a_sheet_that_an_old_browser_cannot_parse_would_be_told(sheet):
    with pytest.raises(AssertionError):
        faults(sheet)


@pytest.mark.parametrize(
    "rule",
    [
        "a { color: red; color: var(--link) }",
        "a { border: 1px solid red; border-color: var(--line) }",
        "a { margin: 0 1px; margin-inline: 1px 0 }",
        ":focus:not(:focus-visible) { outline: 0 }",
        "@media (prefers-reduced-motion: no-preference) { a { transition: color 1s } }",
        ":root { --link: light-dark(red, blue) }",
    ],
)
def test_what_has_something_to_stand_in_for_it_is_fine(rule):
    assert faults(rule) == []
