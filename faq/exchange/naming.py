"""Link names for what a file has: its own ids first, then names made from the headings.

The names under which other Markdown sites link to a heading are kept as older names, so that
links from outside go on working; links inside the file are led to the names they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from faq import anchors
from faq.exchange.outline import Outline, Part
from faq.exchange.policy_file import BadPolicyFile, FileRemoved, Link, Name
from faq.exchange.slugs import Slugs
from faq.exchange.syntax import Heading
from faq.rendering import ids_in, render

#: The longest name in the ledger: a question's name, a dot, a sub-heading's.
LONGEST = 300
PAGE_IDS = frozenset({"_top", "_contents", "_policy", "_removed"})


class Naming:
    """The names of one file. `names` has those of each part, in the order of `outline.parts`."""

    def __init__(
        self,
        outline: Outline,
        headings: Sequence[Heading],
        inner: Mapping[int, Sequence[Heading]],
        bodies: Sequence[str],
        removed: Sequence[FileRemoved],
    ) -> None:
        """`inner` has every heading inside a question, by the number of its part."""
        self.parts = outline.parts
        self.written: dict[str, int] = {}
        self.links: dict[str, Link] = {}
        self._read_ids(removed)
        self.known = {*self.written, *PAGE_IDS}
        self.anchors = [self._anchor(part) for part in self.parts]
        self.inner = [
            list(zip(inside, _inner_ids(bodies[number]), strict=False))
            if (inside := inner.get(number))
            else []
            for number in range(len(self.parts))
        ]
        slugs = Slugs()
        self.slugs = {heading.start: slugs.next(heading.title) for heading in headings}
        kept = self._keep_slugs()
        self._lead_links(outline)
        self.names = [
            Name(
                anchor=anchor,
                explicit=bool(part.heading and part.heading.names),
                aliases=self._aliases(part),
                slugs=tuple(slugs),
            )
            for part, anchor, slugs in zip(self.parts, self.anchors, kept, strict=True)
        ]

    def _read_ids(self, removed: Iterable[FileRemoved]) -> None:
        """Take note of every id in the file; refuse bad ones and those that stand twice."""
        for part in self.parts:
            for heading in (*([part.heading] if part.heading else []), *part.subs):
                for name in heading.names:
                    self._write(name, heading.start + 1)
        for entry in removed:
            for name in entry.names:
                self._write(name, entry.line)

    def _write(self, name: str, line: int) -> None:
        if fault := _fault(name):
            raise BadPolicyFile(f"#{name[:60]}: {fault}", line)
        if name in self.written:
            raise BadPolicyFile(
                _("The link name “%(name)s” stands at line %(other)d too. Change one of them.")
                % {"name": name, "other": self.written[name]},
                line,
            )
        self.written[name] = line

    def _anchor(self, part: Part) -> str:
        if part.heading is None:
            return ""
        if part.heading.names:
            return part.heading.names[0]
        name = anchors.suggest(part.heading.title, self.known)
        self.known.add(name)
        return name

    def _aliases(self, part: Part) -> tuple[str, ...]:
        own = part.heading.names[1:] if part.heading else ()
        return (*own, *(name for heading in part.subs for name in heading.names))

    def _keep_slugs(self) -> list[list[str]]:
        """The slugs that are free: those of sections and questions first, then those inside."""
        kept: list[list[str]] = [[] for _part in self.parts]
        plain = [
            number
            for number, part in enumerate(self.parts)
            if part.heading is not None and not _was_written_for_us(part.heading)
        ]
        own = [(number, self.parts[number].heading) for number in plain]
        inside = [(number, heading) for number in plain for heading, _id in self.inner[number]]
        for number, heading in (*own, *inside):
            if heading is None or heading.names:
                continue
            slug = self.slugs[heading.start]
            if slug not in self.known and not anchors.fault(slug):
                self.known.add(slug)
                kept[number].append(slug)
        return kept

    def _lead_links(self, outline: Outline) -> None:
        """Say where links lead that mean a heading by its slug or a sub-heading by its id."""
        for part, anchor, inner in zip(self.parts, self.anchors, self.inner, strict=True):
            self.known.update(f"{anchor}.{name}" for _heading, name in inner)
            for heading, name in inner:
                if heading in part.subs:
                    self.links.update((each, Link(anchor, name)) for each in heading.names)
            if part.heading is None or _was_written_for_us(part.heading):
                continue
            self._lead(part.heading, Link(anchor))
            for heading, name in inner:
                self._lead(heading, Link(anchor, name))
        headings = [part.heading for part in self.parts if part.heading]
        if outline.heading and not all(map(_was_written_for_us, headings)):
            self._lead(outline.heading, Link("_top"))
        self.known.update(self.links)

    def _lead(self, heading: Heading, link: Link) -> None:
        slug = self.slugs[heading.start]
        if slug not in self.written:
            self.links.setdefault(slug, link)


def _was_written_for_us(heading: Heading) -> bool:
    """Whether it has an id in our own form: what stands below it then has no other names."""
    return bool(heading.names) and not heading.foreign


def _inner_ids(body: str) -> list[str]:
    return [name.removeprefix("x.") for name in ids_in(render(body, prefix="x"))]


def _fault(name: str) -> str | None:
    """What is wrong with an id. Only the ledger's names of sub-headings may be longer."""
    if anchors.MAX_LENGTH < len(name) <= LONGEST:
        question, _dot, heading = name.rpartition(".")
        return anchors.fault(question) or anchors.fault(heading)
    return anchors.fault(name)
