"""Real histories, published again one version after the other: what becomes of their link names.

Every file goes the way of an editor who imports it and publishes: what the file lacks is removed
with a reason, what comes back is brought back.
"""

from __future__ import annotations

import json
import re
import string
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import html5lib
from django.test import Client

from faq.exchange.markdown import BadPolicyFile, PolicyFile, apply, decode, read
from faq.models import Anchor, Policy
from faq.publishing import approve, freeze
from faq.redline import compare
from tests.corpus import ROOT

_ESCAPES = str.maketrans({character: f"\\{character}" for character in string.punctuation})


@dataclass(frozen=True)
class Step:
    """One version of a history: its moment, and its file as bytes."""

    moment: datetime
    name: str
    data: bytes


@dataclass
class Replayed:
    """What a replay published.

    `met` are the names that stood in the page of any version, and `lost` those of them that are
    no id in the page now in force. `asked` are the names of questions, and `dead` those whose
    own page is not there. `unchanged` counts the files that say what the one before them says.
    """

    policy: Policy
    versions: int = 0
    unchanged: int = 0
    met: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    brought_back: list[str] = field(default_factory=list)


def histories() -> list[str]:
    """The folders of dated files, such as `docs/basecamp-privacy/en`."""
    return [str(each.relative_to(ROOT)) for each in sorted(ROOT.glob("docs/*/*")) if each.is_dir()]


def bundles() -> list[tuple[str, str]]:
    """The repositories, each with one language of the policy in it."""
    rows = _json("git/index.json")
    return [(row["name"], language) for row in rows for language in row["final_paths"]]


def dated_files(folder: Path) -> Iterator[Step]:
    """The versions in a folder, oldest first."""
    for path in sorted(folder.glob("????-??-??.*")):
        moment = datetime.combine(date.fromisoformat(path.stem), time(12), UTC)
        yield Step(moment, path.name, path.read_bytes())


def commits(name: str, language: str, into: Path) -> Iterator[Step]:
    """The versions that a repository's commits have of one policy, oldest first."""
    row = next(each for each in _json("git/index.json") if each["name"] == name)
    clone = into / name
    _git("clone", "--quiet", "--bare", str(ROOT / row["file"]), str(clone))
    for commit in row["history"]:
        for file in commit["files"]:
            if file["lang"] == language:
                data = _git("-C", str(clone), "show", f"{commit['commit']}:{file['path']}")
                moment = datetime.fromisoformat(commit["committed"])
                yield Step(moment, file["path"], data)


def replay(steps: Iterable[Step]) -> Replayed:
    """Import and publish each version, then look for every name that readers can have met."""
    policy = Policy.objects.create(slug="privacy", title="Policy")
    found, client, at = Replayed(policy), Client(), datetime.min.replace(tzinfo=UTC)
    for step in steps:
        at = max(step.moment, at + timedelta(seconds=1))
        found.brought_back += apply(readable(step), policy, at=at).brought_back
        newest = policy.version_set.newest()
        if newest is not None and not compare(newest.to_document(), policy.to_document()):
            found.unchanged += 1
            continue
        found.versions += 1
        version = freeze(policy, by="alice", at=at)
        approval = approve(version, by="bob", at=at, material=True, note="Something changed.")
        found.met |= ids_of(client, f"/privacy/versions/{approval.number}/")
    found.met |= _ledger(policy)
    found.lost = found.met - ids_of(client, "/privacy/")
    found.asked = _ledger(policy, question__isnull=False)
    pages: dict[str, int] = {}
    found.dead = {
        name for name in found.asked if not _ends_well(client, f"/privacy/{quote(name)}/", pages)
    }
    return found


def readable(step: Step) -> PolicyFile:
    """Read a version's file; where it is refused, do with it what the refusal says."""
    text = _from_html(step.data) if step.name.endswith(".html") else decode(step.data)
    while True:
        try:
            return read(text)
        except BadPolicyFile as error:
            if "no questions" in str(error):
                text = f"## Everything\n\n{_without_front_matter(text)}"
            elif error.line and "stands at line" in str(error):
                lines = text.splitlines(keepends=True)
                lines[error.line - 1] = re.sub(r"\s*\{.*\}", "", lines[error.line - 1])
                text = "".join(lines)
            else:
                raise


def ids_of(client: Client, path: str) -> set[str]:
    """The ids in the policy text of a page, without those that the page makes for itself."""
    response = client.get(path)
    assert response.status_code == 200, path
    ids = _Ids.of(response.content.decode())
    assert len(ids) == len(set(ids)), path
    return {each for each in ids if not each.startswith("_")}


def vanished(history: str) -> set[str]:
    """The names that the real site lost at any step, apart from those of the policy's title.

    They are the names that other Markdown sites give to headings, or the headings' own ids. A
    title is no place in a policy: a link to it leads to the top of the page.
    """
    _docs, name, language = history.split("/")
    steps = [
        step
        for row in _json("anchor_history.json")
        if (row["name"], row["lang"]) == (name, language)
        for step in row["steps"]
    ]
    rows = [
        row
        for row in _json("manifest.json")
        if (row["name"], row["lang"]) == (name, language) and row["headings"]
    ]
    no_places = {name for row in rows for name in _no_places(row)}
    return {each for step in steps for each in step["vanished"]} - no_places


def _no_places(row: Any) -> Iterator[str]:
    """The names of a file's title, and those that a heading would have without its own id."""
    for number, (level, _title, slug, *own_id) in enumerate(row["headings"]):
        if own_id or (number == 0 and level == 1):
            yield slug


class _Ids(HTMLParser):
    """Collects the ids within <main>."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    @classmethod
    def of(cls, html: str) -> list[str]:
        parser = cls()
        parser.feed(html)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside |= tag == "main"
        if self._inside:
            self.found += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "main"


def _ledger(policy: Policy, **which: bool) -> set[str]:
    return set(Anchor.objects.filter(policy=policy, **which).values_list("name", flat=True))


def _ends_well(client: Client, path: str, pages: dict[str, int]) -> bool:
    """Whether a path answers 200 in the end; where one path leads is asked once."""
    for _redirect in range(5):
        if path not in pages:
            response = client.get(path)
            pages[path] = response.status_code
            if response.status_code not in {301, 302}:
                return response.status_code == 200
            path = urlsplit(response["Location"]).path
        else:
            return pages[path] == 200
    return False


def _from_html(data: bytes) -> str:
    """The headings of an HTML page and the words between them, as a policy file."""
    tree = html5lib.parse(decode(data), namespaceHTMLElements=False)
    parts = []
    for element in tree.find("body").iter():
        words = " ".join("".join(element.itertext()).split())
        if words and re.fullmatch("h[1-6]", str(element.tag)):
            parts.append(f"{'#' * int(element.tag[1])} {words}")
        elif words and element.tag in {"p", "li", "td"}:
            parts.append(words.translate(_ESCAPES))
    return "\n\n".join(parts)


def _without_front_matter(text: str) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout


@cache
def _json(name: str) -> Any:
    path = ROOT / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
