"""The outline of a policy file: which heading is the title, a section, a question, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from faq.exchange.policy_file import BadPolicyFile
from faq.exchange.syntax import Heading, Source

#: Far more sections and questions than a policy has.
MOST_PARTS = 2000


@dataclass
class Part:
    """A section, a question, or (without a heading) the introduction.

    Its text stands on the lines `start` to `end`. `subs` are the headings in its text, and
    `section` is where a question belongs, if it does.
    """

    start: int
    heading: Heading | None = None
    is_section: bool = False
    section: Part | None = None
    end: int = 0
    subs: list[Heading] = field(default_factory=list)

    @property
    def is_question(self) -> bool:
        """Whether it is a question."""
        return self.heading is not None and not self.is_section


@dataclass(frozen=True)
class Outline:
    """The file's title, the heading it comes from if there is one, and the parts in order."""

    title: str
    heading: Heading | None
    parts: list[Part]


def outline(source: Source, has_text: bool) -> Outline:
    """Find the parts of a file.

    `has_text` says whether text follows the title of a file that has no other heading: such a
    file is one question. Raises BadPolicyFile for a file without questions.
    """
    matter, first_line = source.front_matter()
    front_title = _front_title(matter)
    tops = [each for each in source.headings if each.top]
    heading = _title_heading(tops, front_title)
    rest = [each for each in tops if each is not heading]
    if not rest and not (heading and has_text):
        raise BadPolicyFile(
            _("There are no questions in the file. Start each with a line such as: ## Who are we?")
        )
    parts = _parts(tops, heading if rest else None, _sections(source, rest), first_line)
    if len(parts) > MOST_PARTS:
        raise BadPolicyFile(
            _("It has more than %(most)d headings; no reader finds their way in that. Split it.")
            % {"most": MOST_PARTS}
        )
    parts[-1].end = len(source.lines)
    return Outline(heading.title if heading else front_title, heading, parts)


def _parts(
    tops: Sequence[Heading], title: Heading | None, sections: set[int], first_line: int
) -> list[Part]:
    """Cut the file. A heading is a question unless it stands below another in its section."""
    parts = [Part(first_line)]
    section: Part | None = None
    level = 0  # of the question, 0 where none has begun
    for heading in tops:
        if (
            level
            and heading.level > level
            and heading is not title
            and heading.start not in sections
        ):
            parts[-1].subs.append(heading)
            continue
        parts[-1].end = heading.start
        if heading is title:
            section, level = None, 0
            parts.append(Part(heading.end))
        elif heading.start in sections:
            section, level = Part(heading.end, heading, is_section=True), 0
            parts.append(section)
        else:
            if section and section.heading and heading.level <= section.heading.level:
                section = None
            level = heading.level
            parts.append(Part(heading.end, heading, section=section))
    return parts


def _sections(source: Source, headings: Sequence[Heading]) -> set[int]:
    """Where the sections are: at the marked headings, or at those that do nothing but group."""
    marked = {each.start for each in headings if each.is_section}
    if marked or not headings:
        return marked
    highest = min(each.level for each in headings)
    if headings[0].level != highest or headings[-1].level == highest:
        return set()
    for heading, after in pairwise(headings):
        between = source.lines[heading.end : after.start]
        if heading.level == highest and (
            after.level == highest or any(line.strip() for line in between)
        ):
            return set()
    return {each.start for each in headings if each.level == highest}


def _title_heading(tops: Sequence[Heading], front_title: str) -> Heading | None:
    """The heading that is the policy's title: the only # one, or the first of several.

    Where the front matter has another title, several # headings are not it.
    """
    ones = [each for each in tops if each.level == 1 and not each.is_section]
    if len(ones) == 1:
        return ones[0]
    if ones and ones[0] is tops[0] and front_title in {"", ones[0].title}:
        return ones[0]
    return None


def _front_title(matter: str) -> str:
    for line in matter.split("\n"):
        name, colon, value = line.partition(":")
        value = value.strip()
        if name == "title" and colon:
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            return value[1:-1].strip() if quoted else value
    return ""
