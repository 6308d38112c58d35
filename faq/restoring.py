"""Copying a past version into the working copy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from faq.document import Document, Wordings, in_language
from faq.models import Policy, Version
from faq.models.working_copy import Named


def put_back(policy: Policy, version: Version, *, by: str, at: datetime) -> None:
    """Give the working copy the wording of a version, in the caller's transaction.

    What the version has stands again as it did; what it says was removed is removed; what is
    newer than it is removed with a reason, or put aside if no version ever had it. Link names
    stay.
    """
    document = version.to_document()
    changed = {"changed_by": by, "changed_at": at, "revision": F("revision") + 1}
    Policy.objects.filter(pk=policy.pk).update(
        title=in_language(document.title, settings.POLICY_LANGUAGE) or policy.title,
        introduction=_source(document.introduction),
        contact=_source(document.contact),
        **changed,
    )
    wordings = {**_sections(document), **_questions(document)}
    removed = {entry.id: entry for entry in document.retired}
    published = {str(entry.holder_id) for entry in policy.anchor_set.all()}
    reason = _("It is not part of version %(number)d, which applies again.") % {
        "number": version.approval.number
    }
    items: list[Named] = [*policy.section_set.all(), *policy.question_set.all()]
    for item in items:
        key = str(item.pk)
        values: dict[str, Any] | None = None
        if key in wordings:
            values = wordings[key] | _standing()
        elif key in removed:
            entry = removed[key]
            values = {
                "retired_at": item.retired_at or at,
                "retired_reason": in_language(entry.reason, settings.POLICY_LANGUAGE),
                "successor_id": entry.successor,
                "set_aside": False,
            }
        elif item.retired_at is None:
            was_published = key in published
            values = {
                "retired_at": at,
                "retired_reason": reason if was_published else "",
                "successor_id": None,
                "set_aside": not was_published,
            }
        if values is not None and _differs(item, values):
            type(item)._default_manager.filter(pk=item.pk).update(**values, **changed)


def _standing() -> dict[str, Any]:
    return {"retired_at": None, "retired_reason": "", "successor_id": None, "set_aside": False}


def _sections(document: Document) -> dict[str, dict[str, Any]]:
    """What each section of a document says, by its id."""
    return {
        section.id: {
            "title": in_language(section.title or {}, settings.POLICY_LANGUAGE),
            "introduction": _source(section.introduction or {}),
            "position": position,
        }
        for position, section in enumerate(document.sections)
        if section.id
    }


def _questions(document: Document) -> dict[str, dict[str, Any]]:
    """What each question of a document says, by its id."""
    found: dict[str, dict[str, Any]] = {}
    for section in document.sections:
        for question in section.questions:
            found[question.id] = {
                "section_id": section.id,
                "title": in_language(question.title, settings.POLICY_LANGUAGE),
                "in_short": in_language(question.in_short, settings.POLICY_LANGUAGE),
                "answer": _source(question.answer),
                "also_asked": ", ".join(question.also_asked.get(settings.POLICY_LANGUAGE, ())),
                "position": len(found),
            }
    return found


def _differs(item: Named, values: dict[str, Any]) -> bool:
    def said(value: Any) -> Any:
        return None if value is None else str(value)

    return any(said(getattr(item, name)) != said(value) for name, value in values.items())


def _source(wordings: Wordings) -> str:
    wording = wordings.get(settings.POLICY_LANGUAGE) or next(iter(wordings.values()), None)
    return wording.source if wording else ""
