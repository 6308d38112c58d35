"""The two halves of the data: what editors change, and the record of what was published."""

from faq.models.record import (
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    RecordState,
    Rejection,
    Version,
    Withdrawal,
    Withholding,
)
from faq.models.working_copy import Policy, Question, Section

__all__ = [
    "Anchor",
    "Announcement",
    "Approval",
    "ChangeNote",
    "Policy",
    "Question",
    "RecordState",
    "Rejection",
    "Section",
    "Version",
    "Withdrawal",
    "Withholding",
]
