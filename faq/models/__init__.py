"""The data: what editors change, the record of what was published, and the review around it."""

from faq.models.images import Image, ImageUse
from faq.models.record import (
    Anchor,
    Announcement,
    Approval,
    ChangeNote,
    RecordState,
    Rejection,
    Rewording,
    Seal,
    Version,
    Withdrawal,
    Withholding,
)
from faq.models.review import (
    Comment,
    Confirmation,
    Event,
    PreviewLink,
    Reminder,
    Review,
    SignOff,
)
from faq.models.working_copy import Policy, Question, Section

__all__ = [
    "Anchor",
    "Announcement",
    "Approval",
    "ChangeNote",
    "Comment",
    "Confirmation",
    "Event",
    "Image",
    "ImageUse",
    "Policy",
    "PreviewLink",
    "Question",
    "RecordState",
    "Rejection",
    "Reminder",
    "Review",
    "Rewording",
    "Seal",
    "Section",
    "SignOff",
    "Version",
    "Withdrawal",
    "Withholding",
]
