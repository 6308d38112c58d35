"""The rooms of the house: who may import whom, who reads the clock, who writes the record.

And the list of addresses, which are promises: other people's links hang on them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from faq import immutable
from faq import urls as public_urls
from faq.paging import Numbers

ROOT = Path(settings.BASE_DIR)

# From the top down. A module may import from its own layer and from those below.
LAYERS = {
    "edge": [
        "faq.admin",
        "faq.apps",
        "faq.checks",
        "faq.delivery",
        "faq.finders",
        "faq.headers",
        "faq.kept_connections",
        "faq.logs",
        "faq.mail",
        "faq.management",
        "faq.middleware",
        "faq.static_site",
    ],
    "web": [
        "faq.collected",
        "faq.context_processors",
        "faq.feeds",
        "faq.templatetags",
        "faq.urls",
        "faq.views",
    ],
    "verbs": [
        "faq.editing",
        "faq.exchange",
        "faq.images",
        "faq.publishing",
        "faq.restoring",
        "faq.reviewing",
        "faq.trail",
        "faq.verification",
    ],
    "record": [
        "faq.immutable",
        "faq.migrations",
        "faq.models",
        "faq.public_record",
        "faq.querysets",
        "faq.rewordings",
        "faq.roles",
        "faq.seals",
        "faq.shown",
        "faq.sqlite",
        "faq.storage",
        "faq.timeline",
        "faq.wordings",
    ],
    "pure": [
        "faq.anchors",
        "faq.digest",
        "faq.document",
        "faq.memento",
        "faq.moments",
        "faq.nearest",
        "faq.page",
        "faq.paging",
        "faq.redline",
        "faq.remembered",
        "faq.rendering",
        "faq.resolving",
        "faq.search",
        "faq.structured_data",
        "faq.theme",
    ],
}
ORDER = list(LAYERS)
#: What pure modules may use from outside: no ORM, no request, no settings, no clock.
PURE_IMPORTS = {"django.utils.translation", "markdown_it", "mdit_py_plugins", "nh3"}
#: Where the moment may be read. Everywhere else it is passed in.
CLOCK_READERS = ("faq.admin", "faq.delivery", "faq.management", "faq.middleware")
#: Who writes the record.
WRITERS = ("faq.images", "faq.publishing", "faq.reviewing", "faq.rewordings", "faq.trail")


def modules() -> dict[str, ast.Module]:
    """Every module of the app, by its dotted name."""
    found = {}
    for path in sorted((ROOT / "faq").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


MODULES = modules()


def within(name: str, packages: list[str] | tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def layer_of(name: str) -> str | None:
    return next((layer for layer, packages in LAYERS.items() if within(name, packages)), None)


def imports(module: str, tree: ast.Module) -> Iterator[str]:
    """Every module that this one imports, anywhere in it, by its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            source = node.module or ""
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in MODULES else source


def test_every_module_has_a_layer() -> None:
    assert [name for name in MODULES if name != "faq" and layer_of(name) is None] == []


@pytest.mark.parametrize("layer", ORDER)
def test_the_page_for_developers_names_every_module_in_its_room(layer: str) -> None:
    page = (ROOT / "docs" / "developers.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {layer} \| ([^|]*) \|", page, re.MULTILINE)
    named = {name.removesuffix(".py").rstrip("/") for name in re.findall("`([^`]+)`", row)}
    assert named == {name.removeprefix("faq.") for name in LAYERS[layer]}


@pytest.mark.parametrize("module", [name for name in MODULES if name != "faq"])
def test_imports_go_downwards_only(module: str) -> None:
    own = ORDER.index(layer_of(module) or "")
    upwards = [
        target
        for target in imports(module, MODULES[module])
        if within(target, ["faq"]) and target != "faq" and ORDER.index(layer_of(target) or "") < own
    ]
    assert upwards == []


def test_nothing_of_the_app_needs_the_project() -> None:
    for module, tree in MODULES.items():
        assert not [each for each in imports(module, tree) if within(each, ["privacy_site"])]


@pytest.mark.parametrize("module", LAYERS["pure"])
def test_pure_modules_know_no_database_no_request_and_no_settings(module: str) -> None:
    foreign = {
        target
        for target in imports(module, MODULES[module])
        if target.split(".")[0] in {"django", "markdownx", "markdown_it", "mdit_py_plugins", "nh3"}
        and not within(target, tuple(PURE_IMPORTS))
    }
    assert foreign == set()


CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def clock_readings(tree: ast.Module) -> Iterator[str]:
    """Whatever in a module reads the clock, called or handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.attr) in CLOCKS:
                yield f"{name}.{node.attr}"
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield str(node.arg)
        elif isinstance(node, ast.Call) and not node.args and not node.keywords:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"localtime", "localdate", "Now"}:
                yield f"{name}()"
        elif isinstance(node, ast.ImportFrom) and node.module in {"time", "django.utils.timezone"}:
            names = {alias.name for alias in node.names}
            yield from names & {"now", "time", "time_ns", "localdate"}


@pytest.mark.parametrize("module", MODULES)
def test_only_the_edge_reads_the_clock(module: str) -> None:
    if not within(module, CLOCK_READERS):
        assert list(clock_readings(MODULES[module])) == []


def test_no_template_reads_the_clock() -> None:
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "faq").rglob("*.html")]
    assert templates
    assert [path.name for path in templates if "{% now" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "source",
    [
        "timezone.now()",
        "django.utils.timezone.now()",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "DateTimeField(default=timezone.now)",
        "DateTimeField(auto_now_add=True)",
        "timezone.localtime()",
        "from django.utils.timezone import now",
    ],
)
def test_the_search_for_clocks_finds(source: str) -> None:
    assert list(clock_readings(ast.parse(source)))


def test_the_search_for_clocks_leaves_other_things_alone() -> None:
    assert not list(clock_readings(ast.parse("timezone.localtime(at); request.at; version.time()")))


def writes(tree: ast.Module) -> Iterator[str]:
    """Rows of the record that a module makes: `Approval(…)`, `Approval.objects.create(…)`."""
    names = {model.__name__ for model in immutable.record_models()}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        first, _dot, rest = called.partition(".")
        if first in names and rest.split(".")[-1] in {
            *("", "create", "bulk_create", "get_or_create", "update_or_create", "acreate")
        }:
            yield called


@pytest.mark.parametrize("module", MODULES)
def test_only_these_write_the_record(module: str) -> None:
    if not within(module, WRITERS):
        assert list(writes(MODULES[module])) == []


def test_the_search_for_writers_finds_them() -> None:
    assert set(writes(MODULES["faq.publishing"])) >= {
        "Approval",
        "Withdrawal",
        "Version.objects.create",
        "Anchor.objects.bulk_create",
    }


# Addresses are promises. One that stands here may never change or go.

PROMISED = {
    "home": ("/", {}),
    "policy": ("/privacy/", {"slug": "privacy"}),
    "history": ("/privacy/versions/", {"slug": "privacy"}),
    "history-older": (
        "/privacy/versions/51-100/",
        {"slug": "privacy", "numbers": Numbers(51, 100)},
    ),
    "version": ("/privacy/versions/3/", {"slug": "privacy", "number": 3}),
    "day": ("/privacy/versions/2018-05-25/", {"slug": "privacy", "day": date(2018, 5, 25)}),
    "upcoming": ("/privacy/versions/upcoming/", {"slug": "privacy"}),
    "version-json": ("/privacy/versions/3.json", {"slug": "privacy", "number": 3}),
    "version-md": ("/privacy/versions/3.md", {"slug": "privacy", "number": 3}),
    "verify": ("/privacy/versions/verify.py", {"slug": "privacy"}),
    "atom": ("/privacy/versions.atom", {"slug": "privacy"}),
    "timegate": ("/privacy/versions/timegate/", {"slug": "privacy"}),
    "timemap": ("/privacy/versions/timemap/", {"slug": "privacy"}),
    "policy-json": ("/privacy.json", {"slug": "privacy"}),
    "versions-json": ("/privacy/versions.json", {"slug": "privacy"}),
    "anchors-json": ("/privacy/anchors.json", {"slug": "privacy"}),
    "developers": ("/developers/", {}),
    "openapi": ("/openapi.json", {}),
    "sitemap": ("/sitemap.xml", {}),
    "robots": ("/robots.txt", {}),
    "redline": ("/privacy/versions/2...3/", {"slug": "privacy", "old": 2, "new": 3}),
    "question": ("/privacy/who-are-we/", {"slug": "privacy", "anchor": "who-are-we"}),
    "question-history": (
        "/privacy/who-are-we/versions/",
        {"slug": "privacy", "anchor": "who-are-we"},
    ),
    "question-history-older": (
        "/privacy/who-are-we/versions/21-40/",
        {"slug": "privacy", "anchor": "who-are-we", "numbers": Numbers(21, 40)},
    ),
    "preview": ("/preview/k~s/", {"token": "k~s"}),
    "preview-changes": ("/preview/k~s/changes/", {"token": "k~s"}),
    "preview-sign-off": ("/preview/k~s/sign-off/", {"token": "k~s"}),
    "preview-image": (
        f"/preview/k~s/images/{'0' * 64}.webp",
        {"token": "k~s", "sha256": "0" * 64, "extension": "webp"},
    ),
    "no-preview": ("/preview/k~s/nothing/", {"rest": "k~s/nothing"}),
    "image": (
        f"/images/{'0' * 64}.webp",
        {"sha256": "0" * 64, "extension": "webp"},
    ),
    "health-live": ("/health/live", {}),
    "security-txt": ("/.well-known/security.txt", {}),
    "health-ready": ("/health/ready", {}),
}


@pytest.mark.parametrize("name", PROMISED)
def test_a_promised_address_stays(name: str) -> None:
    address, arguments = PROMISED[name]
    assert reverse(f"faq:{name}", kwargs=arguments) == address


def test_every_public_address_is_promised() -> None:
    assert {pattern.name for pattern in public_urls.urlpatterns} == set(PROMISED)


def test_nothing_stands_beside_the_public_addresses_but_the_desk() -> None:
    def prefixes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver) and not here:
                yield from prefixes(pattern.url_patterns, here)
            elif isinstance(pattern, URLResolver):
                yield here
            else:
                yield "public"

    # The Markdown editor's package has views that are open to anyone: never mount them.
    assert set(prefixes(get_resolver().url_patterns)) == {"admin/", "public"}
