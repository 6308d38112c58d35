"""What changed between two Documents: which questions, which blocks of them and which words."""

from faq.redline.blocks import Redlined, html
from faq.redline.changes import (
    ADDED,
    MOVED,
    RELINKED,
    RESEARCHED,
    RETIRED,
    RETITLED,
    REWORDED,
    Change,
    compare,
    summary,
)
from faq.redline.whole import QuestionRedline, Redline, SectionRedline, redline, redline_question
from faq.redline.words import DELETED, INSERTED, SAME, Piece, text

__all__ = [
    "ADDED",
    "DELETED",
    "INSERTED",
    "MOVED",
    "RELINKED",
    "RESEARCHED",
    "RETIRED",
    "RETITLED",
    "REWORDED",
    "SAME",
    "Change",
    "Piece",
    "QuestionRedline",
    "Redline",
    "Redlined",
    "SectionRedline",
    "compare",
    "html",
    "redline",
    "redline_question",
    "summary",
    "text",
]
