"""Plain functions that make what tests need, with defaults that make a policy one can publish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from faq import publishing
from faq.models import Approval, Policy, Question, Section

#: A moment to count from. Tests pass moments in; none of them reads the clock.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_policy(slug: str = "privacy", title: str = "Privacy policy", **fields: str) -> Policy:
    """A policy without questions."""
    return Policy.objects.create(slug=slug, title=title, **fields)


def make_section(policy: Policy, title: str = "Your rights", **fields: Any) -> Section:
    """A section at the end of the contents."""
    fields.setdefault("anchor", title.lower().replace(" ", "-"))
    fields.setdefault("position", policy.section_set.count())
    return Section.objects.create(policy=policy, title=title, **fields)


def make_question(
    policy: Policy, title: str = "Who are we?", answer: str = "A company.", **fields: Any
) -> Question:
    """A question at the end of the contents, with an answer."""
    fields.setdefault("anchor", title.lower().rstrip("?").replace(" ", "-"))
    fields.setdefault("position", policy.question_set.count())
    return Question.objects.create(policy=policy, title=title, answer=answer, **fields)


def publish(
    policy: Policy, at: datetime = NOON, *, effective_at: datetime | None = None, **options: Any
) -> Approval:
    """Publish the working copy, as a change readers must know unless told otherwise."""
    options.setdefault("material", True)
    options.setdefault("note", "Something changed.")
    options.setdefault("by", "alice")
    return publishing.publish(policy, at=at, effective_at=effective_at, **options)


def reword(question: Question, answer: str) -> Question:
    """Give a question another answer in the working copy."""
    question.answer = answer
    question.save()
    return question


def make_published(versions: int = 1, **fields: str) -> Policy:
    """A policy with that many versions, published a day apart from NOON."""
    policy = make_policy(**fields)
    question = make_question(policy)
    for number in range(1, versions + 1):
        publish(policy, NOON + (number - 1) * DAY)
        reword(question, f"A company, as of version {number + 1}.")
    reword(question, f"A company, as of version {versions}." if versions > 1 else "A company.")
    return policy
