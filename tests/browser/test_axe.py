"""axe-core finds nothing wrong on any kind of public page, however it is looked at."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.template.loader import render_to_string
from django.utils import timezone

from tests.kinds import EMPTY, Kind, make_kinds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Each is looked at light and dark at each width. Which way lines run changes no colour, so from
#: right to left two of the six are enough.
VIEWS = [(scheme, width) for scheme in ("light", "dark") for width in (320, 768, 1280)]
VIEWS_FROM_THE_RIGHT = [("light", 320), ("dark", 1280)]
#: WCAG 2.2 AA, which includes what came before, and what the makers of axe advise besides.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: No rule of these asks for style sheets that axe would have to fetch itself.
RUN = """tags => axe.run({runOnly: tags, resultTypes: ["violations"], preload: false}).then(
    found => found.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.html} ${node.failureSummary}`)))"""


def faults(page, views: list[tuple[str, int]]) -> list[str]:
    """What axe finds on the page, looked at in each of these ways: it is loaded once for all."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for scheme, width in views:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{scheme}, {width} px: {each}" for each in page.evaluate(RUN, TAGS)]
    return found


@pytest.mark.parametrize(("direction", "views"), [("ltr", VIEWS), ("rtl", VIEWS_FROM_THE_RIGHT)])
def test_axe_finds_nothing_on_any_kind_of_page(page, live_server, settings, direction, views):
    if direction == "rtl":
        settings.POLICY_LANGUAGE = settings.LANGUAGE_CODE = "ar"

    def look_at(kinds: list[Kind]) -> None:
        for kind in kinds:
            assert page.goto(live_server.url + kind.path).status == kind.status, kind
            assert page.evaluate("document.dir || 'ltr'") == direction, kind
            assert faults(page, views) == [], kind

    look_at(EMPTY)
    look_at(make_kinds(timezone.now()))


def test_axe_finds_nothing_on_the_page_that_says_that_something_broke(page, live_server):
    broken = {"status": 500, "content_type": "text/html", "body": render_to_string("500.html")}
    page.route("**/broken/", lambda route: route.fulfill(**broken))
    assert page.goto(f"{live_server.url}/broken/").status == 500
    assert faults(page, VIEWS) == []


def test_axe_would_find_something(page):
    """Colours too near to each other on one width in one scheme are told, so nothing was idle."""
    page.set_content(
        """<!doctype html><html lang=en><title>A page</title><style>
        @media (min-width: 60em) and (prefers-color-scheme: dark) { p { color: #ddd } }
        </style><main><h1>A page</h1><p>Some words.</p></main></html>"""
    )
    [found] = faults(page, VIEWS)
    assert found.startswith("dark, 1280 px: color-contrast: <p>Some words.</p>")
