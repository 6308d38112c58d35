"""What importing a file did, for the person who did it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


@dataclass
class Report:
    """What was read, what it changed in the working copy (titles), and what to look at."""

    sections: int
    questions: int
    words: int
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    brought_back: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def has_news(self) -> bool:
        """Whether anything in the working copy is another now."""
        return any((self.added, self.changed, self.removed, self.brought_back))

    def lines(self) -> list[str]:
        """The report in a few lines."""
        read = _("Read %(sections)s, %(questions)s, %(words)s.") % {
            "sections": ngettext("%d section", "%d sections", self.sections) % self.sections,
            "questions": ngettext("%d question", "%d questions", self.questions) % self.questions,
            "words": ngettext("%d word", "%d words", self.words) % self.words,
        }
        counts = [
            f"{len(titles)} {said}"
            for titles, said in (
                (self.added, _("new")),
                (self.changed, _("changed")),
                (self.removed, _("removed")),
                (self.brought_back, _("brought back")),
            )
            if titles
        ]
        draft = ", ".join(counts) or _("nothing new")
        return [read, _("In the draft: %(changes)s.") % {"changes": draft}, *self.notices]
