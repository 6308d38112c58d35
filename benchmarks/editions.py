"""A policy whose every version says in several places which one it is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks.long_record import answers

if TYPE_CHECKING:
    from faq.models import Approval, Policy, Question

SLUG = "privacy"


class Editions:
    """The policy, in the database of this process, with nothing published yet."""

    def __init__(self, questions: int) -> None:
        from tests import factory

        self.policy: Policy = factory.make_policy(SLUG, contact="Write to us.")
        self.texts = answers(questions)
        self.questions: list[Question] = []
        for place, text in enumerate(self.texts):
            if place % 10 == 0:
                section = factory.make_section(self.policy, f"Part {place // 10 + 1}")
            title = f"What about matter {place + 1}?"
            self.questions.append(factory.make_question(self.policy, title, text, section=section))
        #: The fingerprint of each version by its number.
        self.digests: dict[int, str] = {}

    def word(self) -> int:
        """Word the first, the middle and the last answer for the next version; its number."""
        from tests import factory

        number = len(self.digests) + 1
        for place in {0, len(self.texts) // 2, len(self.texts) - 1}:
            wording = f"{self.texts[place]}\n\nThis is edition {number:04}."
            factory.reword(self.questions[place], wording)
        return number

    def publish(self, at: datetime, **options: Any) -> Approval:
        """Publish what was worded."""
        from faq import publishing

        approval = publishing.publish(self.policy, by="alice", at=at, material=False, **options)
        self.digests[approval.number] = approval.version.digest
        return approval
