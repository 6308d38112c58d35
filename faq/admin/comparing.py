"""Redlines at the desk, where hidden wording and drafts are compared too."""

from __future__ import annotations

from django.conf import settings

from faq.document import Document
from faq.models import Version
from faq.redline import Redline, redline


def redline_against(base: Version | None, document: Document) -> Redline:
    """What changed from a version, or from nothing, to a Document."""
    before = base.to_document() if base is not None else None
    return redline(before, document, settings.POLICY_LANGUAGE)
