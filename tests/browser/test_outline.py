"""What a screen reader makes of the pages: Chromium's own accessibility tree, as an outline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from django.utils import timezone

from tests.factory import DAY_1, make_policy, make_question, make_section, publish
from tests.kinds import EMPTY, Kind, make_kinds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LANDMARKS = {"banner", "complementary", "contentinfo", "main", "navigation", "region", "search"}
#: Of these a page has one at most, so they need no name.
ONLY_ONE = {"banner", "contentinfo", "main", "search"}
#: What people operate, and must know by its name.
CONTROLS = {"button", "checkbox", "combobox", "Date", "DisclosureTriangle", "link", "radio"}
CONTROLS |= {"searchbox", "textbox"}


@dataclass(frozen=True)
class Thing:
    """Something a screen reader tells: what it is, what it is called, and within how many."""

    role: str
    name: str
    depth: int
    level: int = 0
    url: str = ""

    def __str__(self) -> str:
        role = f"h{self.level}" if self.level else self.role
        return "  " * self.depth + f"{role} {self.name}".strip()


def things_on(page) -> list[Thing]:
    """The landmarks, headings and controls of the page in the order in which they are read."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()

    def walk(node: dict, depth: int) -> Iterator[Thing]:
        role = "" if node["ignored"] else node["role"]["value"]
        if told := role in LANDMARKS | CONTROLS | {"heading"}:
            values = {each["name"]: each["value"].get("value") for each in node["properties"]}
            yield Thing(
                role, node["name"]["value"], depth, values.get("level", 0), values.get("url", "")
            )
        for child in node["childIds"]:
            if child in nodes:
                yield from walk(nodes[child], depth + (told and role in LANDMARKS))

    return list(walk(next(iter(nodes.values())), 0))


#: A policy as it is heard: in banner, main part and foot, with its contents as a landmark of its
#: own, headings that nest as the text does, and links that say where they lead.
OUTLINE = """\
link Skip to the text
banner
  link Tarnwhistle
main
  h1 Privacy policy
  link What changed
  navigation Contents
    h2 Contents
    search
      searchbox Find a question
      button Find
    link Who are we?
    link Your rights
    link What may you ask?
    link How to reach us
  h2 Who are we?
  link Link to “Who are we?”
  link Return to top
  h2 Your rights
  h3 What may you ask?
  link Link to “What may you ask?”
  h4 How?
  link Return to top
  h2 How to reach us
  link us
contentinfo
  link 1
  link Head of the record
  link JSON
  link Markdown
  link All versions
  link For developers"""


def test_the_outline_of_a_policy(page, live_server, settings):
    settings.ORGANISATION = "Tarnwhistle"
    policy = make_policy(introduction="What we do.", contact="Write to [us](mailto:us@a.example).")
    make_question(policy, in_short="A company.")
    rights = make_section(policy, "Your rights")
    make_question(policy, "What may you ask?", "Much.\n\n### How?\n\nIn a letter.", section=rights)
    publish(policy, DAY_1)
    page.goto(f"{live_server.url}/privacy/")
    assert "\n".join(map(str, things_on(page))) == OUTLINE


def faults(things: list[Thing]) -> list[str]:
    """What would make it harder to find one's way about the page by ear."""
    found = []
    roles = Counter(each.role for each in things)
    found += [f"{roles[role]} × {role}" for role in sorted(ONLY_ONE) if roles[role] > 1]
    headings = [each for each in things if each.role == "heading"]
    if roles["main"] != 1 or [each.level for each in headings].count(1) != 1:
        found.append("There is not one main part and one heading of level 1.")
    found += [
        f"“{one}” is followed by “{other}”"
        for one, other in pairwise(headings)
        if other.level > one.level + 1
    ]
    named = [each for each in things if each.role not in ONLY_ONE]
    found += [f"{each.role} has no name" for each in named if not each.name.strip()]
    landmarks = Counter((each.role, each.name) for each in named if each.role in LANDMARKS)
    found += [f"{number} × {each}" for each, number in landmarks.items() if number > 1]
    targets: dict[tuple[int, str], set[str]] = defaultdict(set)
    under = 0
    for place, each in enumerate(things):
        under = place if each.role == "heading" else under
        if each.role == "link":
            targets[under, each.name].add(each.url)
    found += [f"“{name}” leads to {urls}" for (_, name), urls in targets.items() if len(urls) > 1]
    return found


def test_every_kind_of_page_is_easy_to_find_ones_way_about(page, live_server):
    def check(kind: Kind) -> None:
        page.goto(live_server.url + kind.path)
        things = things_on(page)
        assert things[0].name == "Skip to the text", kind
        assert faults(things) == [], kind
        assert page.evaluate("document.documentElement.lang") in {"en", "en-gb"}, kind

    for kind in EMPTY:
        check(kind)
    for kind in make_kinds(timezone.now()):
        check(kind)


def test_what_makes_it_hard_would_be_told(page):
    page.set_content(
        """<!doctype html><html lang=en><main><h1>One</h1><h3>Three</h3><h1>Again</h1>
        <nav aria-label=Ways><a href=#a>Here</a><a href=#b>Here</a><a href=#c></a></nav>
        <nav aria-label=Ways></nav></main>"""
    )
    one, gap, nameless, twice, ambiguous = faults(things_on(page))
    assert one == "There is not one main part and one heading of level 1."
    assert gap == "“  h1 One” is followed by “  h3 Three”"
    assert nameless == "link has no name"
    assert twice == "2 × ('navigation', 'Ways')"
    assert ambiguous.startswith("“Here” leads to {")
