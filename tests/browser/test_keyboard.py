"""Every kind of public page by keyboard alone, on a screen made small by zooming in to 400 %."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

import pytest
from django.utils import timezone

from tests.kinds import EMPTY, Kind, make_kinds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What is left of 1280 by 1024 pixels at 400 % (WCAG 1.4.10).
ZOOMED = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}

#: Lists what can be reached, in the order of the text, and looks at what has the focus whenever
#: Tab is pressed to leave it, until the page has been left.
WATCH = """() => {
    const all = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
    const radios = name => all.filter(each => each.type === "radio" && each.name === name);
    const isStop = each => each.type !== "radio" ||
        each === (radios(each.name).find(one => one.checked) || radios(each.name)[0]);
    window.stops = all.filter(each => each.checkVisibility() && isStop(each));
    window.passed = [];
    window.isLeft = false;
    window.first = null;
    addEventListener("keydown", event => {
        const element = document.activeElement;
        isLeft = isLeft || passed.length > 0 && [document.body, window.first].includes(element);
        if (isLeft) { event.preventDefault(); }
        if (isLeft || element === document.body) { return; }
        window.first = window.first || element;
        const box = element.getClientRects()[0];
        const there = document.elementFromPoint(
            box.left + Math.min(box.width, 8) / 2, box.top + box.height / 2);
        const style = getComputedStyle(element);
        passed.push({
            place: stops.indexOf(element),
            top: box.top + scrollY,
            isCovered: !there || !element.contains(there) &&
                !(there.contains(element) && getComputedStyle(there).position === "static"),
            isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
            html: element.outerHTML.slice(0, 200),
        });
    }, true);
}"""


def go_through(page) -> list[dict[str, Any]]:
    """Press Tab until the page is left; return the stops on the way, each once."""
    page.evaluate(WATCH)
    # A field for a date has several stops within it.
    most = page.evaluate("stops.length + 4 * document.querySelectorAll('[type=date]').length + 2")
    for _press in range(most):
        page.keyboard.press("Tab")
    assert page.evaluate("isLeft"), "The keyboard is trapped."
    return [next(group) for _place, group in groupby(page.evaluate("passed"), lambda p: p["place"])]


def test_tab_passes_everything_in_order_in_sight_and_marked(browser, live_server):
    context = browser.new_context(**ZOOMED)
    page = context.new_page()
    # It writes what is found anew as soon as the field has the focus: test_finding.py goes there.
    page.route("**/filter.js", lambda route: route.abort())

    def check(kind: Kind) -> None:
        page.goto(live_server.url + kind.path)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320, kind
        passed = go_through(page)
        assert [each["place"] for each in passed] == [*range(page.evaluate("stops.length"))], kind
        for each in passed:
            assert not each["isCovered"] and each["isMarked"], (kind, each)
        for one, other in pairwise(passed):  # in one column the eye goes down only
            assert other["top"] > one["top"] - 30, (kind, one, other)

    for kind in EMPTY:
        check(kind)
    for kind in make_kinds(timezone.now()):
        check(kind)
    context.close()


#: One that is fine, one below something else, one without a mark, one further up, and one that
#: would be the last but comes first.
FAULTY = """<!doctype html><style>a { position: absolute; left: 0 } a:focus { outline: 2px solid }
#cover { position: fixed; top: 60px; height: 40px; left: 0; right: 0; z-index: 1 }
#plain:focus { outline: 0 }</style><div id=cover></div>
<a href=#a style="top: 10px">A</a><a href=#b style="top: 70px">B</a>
<a href=#c style="top: 110px" id=plain>C</a><a href=#d style="top: 30px">D</a>
<a href=#e style="top: 150px" tabindex=1>E</a>"""


def test_what_is_covered_not_marked_or_out_of_order_would_be_told(page):
    page.set_viewport_size(ZOOMED["viewport"])
    page.set_content(FAULTY)
    passed = go_through(page)
    assert [each["place"] for each in passed] == [4, 0, 1, 2, 3]
    assert [each["place"] for each in passed if each["isCovered"]] == [1]
    assert [each["place"] for each in passed if not each["isMarked"]] == [2]


def test_a_trap_would_be_told(page):
    page.set_content(FAULTY)
    page.evaluate(
        "document.querySelector('#plain').addEventListener('keydown', e => e.preventDefault())"
    )
    with pytest.raises(AssertionError, match="trapped"):
        go_through(page)
