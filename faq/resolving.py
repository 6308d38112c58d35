"""Where a link name leads, as one Document has it."""

from __future__ import annotations

from dataclasses import dataclass

from faq.document import Document, Question, Section

LIVE, ALIAS, RETIRED = "live", "alias", "retired"


@dataclass(frozen=True)
class Lead:
    """What a name stands for.

    `current` is the name in use for the same place: the name itself if it is live, None if the
    place was removed. `successor` is the current name of what answers instead.
    """

    name: str
    status: str
    current: str | None = None
    successor: str | None = None

    @property
    def fragment(self) -> str:
        """The id in the page to link to."""
        return self.current or self.successor or self.name


class Resolver:
    """Answers for one Document, whose names it looks through once."""

    def __init__(self, document: Document) -> None:
        self._current: dict[str, str] = {}
        self._inside: set[str] = set()
        for section in document.sections:
            self._add(section)
            for question in section.questions:
                self._add(question)
        self._heirs = {entry.id: document.successor_of(entry) for entry in document.retired}

    def lead(self, name: str, holder: str) -> Lead:
        """Say where a name leads that belongs to the question or section with this id."""
        current = self._current.get(holder)
        if current is None:
            heir = self._heirs.get(holder)
            return Lead(name, RETIRED, successor=self._current.get(heir) if heir else None)
        if name == current or name in self._inside:
            return Lead(name, LIVE, current=name)
        return Lead(name, ALIAS, current=current)

    def _add(self, entry: Question | Section) -> None:
        if entry.id and entry.anchor:
            self._current[entry.id] = entry.anchor
            self._inside |= set(entry.names()) - {entry.anchor, *entry.aliases}
