"""The redline of two Documents in one language: plain values that a template walks through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from faq.document import Document, Question, Retired, Section, Text, Wording, Wordings
from faq.page import ANSWER_LEVELS, said
from faq.redline.blocks import Redlined, html, plain
from faq.redline.changes import (
    ADDED,
    MOVED,
    RETIRED,
    RETITLED,
    REWORDED,
    compare,
    summary,
)
from faq.redline.words import SAME, Piece, text
from faq.rendering import place

#: The kinds of change that readers see; another link name or other search words are not.
VISIBLE = frozenset({ADDED, RETIRED, RETITLED, REWORDED, MOVED})


@dataclass(frozen=True)
class QuestionRedline:
    """A question where it stands now, or stood; `marked` says whether any words are marked.

    The answer of one that was added or retired is whole and has no marks: its title has. A
    reworded one is without marks if only its source was written in another way.
    """

    id: str
    anchor: str
    kinds: tuple[str, ...]
    title: tuple[Piece, ...]
    in_short: tuple[Piece, ...]
    answer: str
    level: int
    changed: bool
    marked: bool
    reason: str = ""


@dataclass(frozen=True)
class SectionRedline:
    """A group of questions; `title` is empty for those that stand without a heading."""

    id: str
    anchor: str
    kinds: tuple[str, ...]
    title: tuple[Piece, ...]
    introduction: str
    questions: tuple[QuestionRedline, ...]
    changed: bool


@dataclass(frozen=True)
class Redline:
    """What changed from one Document to another.

    `counts` has the number of questions of each kind of change, and `kinds` what changed in the
    policy's own title, introduction and contact. Sections and questions stand in the order of
    the new Document, those that were retired where they stood. Only what readers see counts.
    """

    language: str
    counts: dict[str, int]
    kinds: tuple[str, ...]
    title: tuple[Piece, ...]
    introduction: Redlined
    contact: Redlined
    sections: tuple[SectionRedline, ...]
    changed: bool

    @property
    def changed_sections(self) -> int:
        """How many sections changed themselves, whatever happened to their questions."""
        return sum(1 for section in self.sections if section.kinds)


def redline(
    old: Document | None, new: Document, language: str, *, old_base: str = "", new_base: str = ""
) -> Redline:
    """Compare two Documents as readers of one language see them.

    Without an old one everything is added. `old_base` and `new_base` are the addresses of both
    versions: they are put before links between questions in deleted and in other text. What has
    the same source is unchanged, even if a new release of the renderer wrote other HTML.
    """
    before = _in_language(old, language) if old else None
    after = _in_language(new, language)
    return _Comparison(before, after, language, old_base, new_base).whole()


def redline_question(
    old: tuple[Document, Question],
    new: tuple[Document, Question],
    language: str,
    *,
    old_base: str = "",
    new_base: str = "",
) -> QuestionRedline:
    """Compare two wordings of one question, each with its Document, and nothing around them."""
    before, after = (
        replace(
            document,
            title={},
            introduction={},
            contact={},
            sections=(Section(id=None, anchor=None, title=None, questions=(question,)),),
            retired=(),
        )
        for document, question in (old, new)
    )
    whole = redline(before, after, language, old_base=old_base, new_base=new_base)
    return whole.sections[0].questions[0]


def _in_language(document: Document, language: str) -> Document:
    """The Document as readers of one language see it: with nothing in any other."""

    def narrow(words: Text) -> Text:
        return {language: said(words, language, document)}

    def narrow_wordings(wordings: Wordings | None) -> Wordings:
        found = (wordings or {}).get(language) or (wordings or {}).get(document.prevails)
        return {language: found or Wording("", "")}

    def narrow_question(question: Question) -> Question:
        return replace(
            question,
            title=narrow(question.title),
            in_short=narrow(question.in_short),
            answer=narrow_wordings(question.answer),
        )

    def narrow_section(section: Section) -> Section:
        return replace(
            section,
            title=narrow(section.title or {}),
            introduction=narrow_wordings(section.introduction),
            questions=tuple(map(narrow_question, section.questions)),
        )

    def narrow_retired(entry: Retired) -> Retired:
        return replace(entry, title=narrow(entry.title), reason=narrow(entry.reason))

    return replace(
        document,
        title=narrow(document.title),
        introduction=narrow_wordings(document.introduction),
        contact=narrow_wordings(document.contact),
        sections=tuple(map(narrow_section, document.sections)),
        retired=tuple(map(narrow_retired, document.retired)),
    )


@dataclass
class _Group:
    """A section of either Document or of both, with its questions of either or both."""

    old: Section | None
    new: Section | None
    rows: list[tuple[Question | None, Question | None]] = field(default_factory=list)


def _groups(old: Document | None, new: Document) -> list[_Group]:
    """All sections and questions in the order of the new Document, lost ones where they stood."""
    before = {question.id: question for question in old.questions()} if old else {}
    sections = {section.id: section for section in old.sections} if old else {}
    groups = [
        _Group(
            sections.get(section.id), section, [(before.get(q.id), q) for q in section.questions]
        )
        for section in new.sections
    ]
    living = {question.id for question in new.questions()}
    place = 0
    for section in old.sections if old else ():
        lost = [question for question in section.questions if question.id not in living]
        known = [n for n, g in enumerate(groups) if g.new and g.new.id == section.id]
        if known:
            place = known[0]
            _put_back(lost, section, groups[place].rows)
            place += 1
        elif lost or section.id:
            groups.insert(place, _Group(section, None, [(question, None) for question in lost]))
            place += 1
    return groups


def _put_back(
    lost: Iterable[Question],
    section: Section,
    rows: list[tuple[Question | None, Question | None]],
) -> None:
    """Put each lost question after the one it stood after, if that one is still there."""
    gone = {question.id for question in lost}
    place = 0
    for question in section.questions:
        if question.id in gone:
            rows.insert(place, (question, None))
            place += 1
        else:
            here = [n for n, (_old, new) in enumerate(rows) if new and new.id == question.id]
            place = here[0] + 1 if here else place


class _Comparison:
    """Two Documents in one language, and what is said of each part."""

    def __init__(
        self, old: Document | None, new: Document, language: str, old_base: str, new_base: str
    ) -> None:
        self.old, self.new, self.language = old, new, language
        self.old_base, self.new_base = old_base, new_base
        changes = compare(old, new)
        self.counts = {k: n for k, n in summary(changes).items() if k in VISIBLE}
        self.kinds = {
            (change.subject, change.id): tuple(kind for kind in change.kinds if kind in VISIBLE)
            for change in changes
        }
        self.reasons = {entry.id: self.words(entry.reason) for entry in new.retired}

    def whole(self) -> Redline:
        old, new = self.old, self.new
        kinds = self.kinds.get(("policy", ""), ())
        sections = tuple(map(self.section, _groups(old, new)))
        return Redline(
            language=self.language,
            counts=self.counts,
            kinds=kinds,
            title=self.pieces(old.title if old else None, new.title),
            introduction=self.wording(
                old.introduction if old else None, new.introduction, ANSWER_LEVELS["introduction"]
            ),
            contact=self.wording(
                old.contact if old else None, new.contact, ANSWER_LEVELS["contact"]
            ),
            sections=sections,
            changed=bool(kinds) or any(section.changed for section in sections),
        )

    def section(self, group: _Group) -> SectionRedline:
        section = group.new or group.old
        assert section is not None
        kinds = self.kinds.get(("section", section.id or ""), ())
        has_heading = bool(self.words(section.title))
        questions = tuple(self.question(old, new, has_heading) for old, new in group.rows)
        introduction = self.wording(
            group.old.introduction if group.old else None,
            group.new.introduction if group.new else None,
            ANSWER_LEVELS["section"],
        )
        return SectionRedline(
            id=section.id or "",
            anchor=section.anchor or "",
            kinds=kinds,
            title=self.pieces(
                group.old.title if group.old else None, group.new.title if group.new else None
            ),
            introduction=introduction.html,
            questions=questions,
            changed=bool(kinds) or any(question.changed for question in questions),
        )

    def question(
        self, old: Question | None, new: Question | None, is_in_section: bool
    ) -> QuestionRedline:
        question = new or old
        assert question is not None
        kinds = self.kinds.get(("question", question.id), ())
        title = self.pieces(old.title if old else None, new.title if new else None)
        in_short = (
            self.pieces(old.in_short, new.in_short)
            if old and new
            else _unmarked(self.words(question.in_short))
        )
        answer = self.wording(
            old.answer if old else None,
            new.answer if new else None,
            ANSWER_LEVELS["question-in-section" if is_in_section else "question"],
        )
        return QuestionRedline(
            id=question.id,
            anchor=question.anchor,
            kinds=kinds,
            title=title,
            in_short=in_short,
            answer=answer.html,
            level=3 if is_in_section else 2,
            changed=bool(kinds),
            marked=answer.changed or any(piece.kind != SAME for piece in (*title, *in_short)),
            reason="" if new else self.reasons.get(question.id, ""),
        )

    def words(self, text: Text | None) -> str:
        return (text or {}).get(self.language, "")

    def pieces(self, old: Text | None, new: Text | None) -> tuple[Piece, ...]:
        """What a title or another plain text became."""
        before, after = self.words(old), self.words(new)
        return _unmarked(after) if before == after else text(before, after)

    def wording(self, old: Wordings | None, new: Wordings | None, level: int) -> Redlined:
        """What an answer became; it has marks only where there are an old and a new one."""
        before = old[self.language] if old else None
        after = new[self.language] if new else None
        if before and after and before.source != after.source:
            bases = {"old_base": self.old_base, "new_base": self.new_base}
            found = html(before.html, after.html, **bases)
        elif after:
            found = Redlined(plain(after.html, base=self.new_base), False)
        else:
            found = Redlined(plain(before.html, base=self.old_base) if before else "", False)
        return replace(found, html=place(found.html, level=level))


def _unmarked(words: str) -> tuple[Piece, ...]:
    return (Piece(SAME, words),) if words else ()
