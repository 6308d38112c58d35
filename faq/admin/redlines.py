"""Whole redlines at the desk, with pictures that readers may not see yet."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from faq.admin.framing import private_base
from faq.document import Document
from faq.models import Version
from faq.redline import Redline, SectionRedline, redline
from faq.rendering import place


def redline_against(base: Version | None, document: Document) -> Redline:
    """What changed from a version, or from nothing, to a Document."""
    before = base.to_document() if base is not None else None
    found = redline(before, document, settings.POLICY_LANGUAGE)
    return replace(
        found,
        introduction=replace(found.introduction, html=_private(found.introduction.html)),
        contact=replace(found.contact, html=_private(found.contact.html)),
        sections=tuple(_section(section) for section in found.sections),
    )


def _section(section: SectionRedline) -> SectionRedline:
    questions = [replace(each, answer=_private(each.answer)) for each in section.questions]
    introduction = _private(section.introduction)
    return replace(section, introduction=introduction, questions=tuple(questions))


def _private(html: str) -> str:
    return place(html, image_base=private_base())
