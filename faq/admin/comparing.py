"""Two wordings of what is being edited, compared as readers would see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from faq import redline
from faq.admin.framing import private_base
from faq.admin.widgets import MarkdownEditor
from faq.document import in_language
from faq.editing import policy_of
from faq.models import Question, Version
from faq.models.working_copy import Edited, Named
from faq.redline import QuestionRedline, redline_question
from faq.rendering import place
from faq.templatetags.redlines import pieces, redlined

#: How many versions are read for one page of earlier wordings.
VERSIONS_A_PAGE = 50


@dataclass(frozen=True)
class Difference:
    """A field in which two people wrote different things."""

    label: str
    redline: SafeString
    saved: str


@dataclass(frozen=True)
class SinceLive:
    """What changed in a question since the version in force."""

    number: int
    question: QuestionRedline


@dataclass(frozen=True)
class EarlierWording:
    """What a question said from one version on."""

    number: int
    effective_at: datetime
    withdrawn: bool
    title: str
    in_short: str
    source: str
    answer: str


def differences(saved: Edited, form: Any) -> list[Difference]:
    """The fields in which what was typed differs from what is saved now."""
    return list(_differences(saved, form))


def _differences(saved: Edited, form: Any) -> Iterator[Difference]:
    item = saved if isinstance(saved, Named) else None
    policy = policy_of(saved)
    for name in form.names():
        field = form.fields.get(name)
        if field is None or field.disabled:
            continue
        theirs, mine = getattr(saved, name), getattr(form.instance, name)
        if theirs == mine:
            continue
        if isinstance(field.widget, MarkdownEditor):
            before, after = (policy.render(each, item) for each in (theirs, mine))
            shown = redlined(place(redline.html(before, after).html, image_base=private_base()))
        else:
            shown = pieces(redline.text(_words(theirs), _words(mine)))
        yield Difference(str(field.label), shown, _words(theirs))


def _words(value: Any) -> str:
    return "" if value is None else str(value)


def since_live(question: Question, at: datetime) -> SinceLive | None:
    """What changed since the version in force; None if that has not got the question."""
    live = question.policy.version_set.in_force(at)
    document = live.to_document() if live else None
    before = document.question(str(question.pk)) if document else None
    if live is None or document is None or before is None:
        return None
    now = question.policy.to_question(question)
    language = settings.POLICY_LANGUAGE
    found = redline_question((document, before), (document, now), language)
    answer = place(found.answer, image_base=private_base())
    return SinceLive(live.approval.number, replace(found, answer=answer))


def earlier_wordings(
    question: Question, before: int | None
) -> tuple[list[EarlierWording], int | None]:
    """What a question said in approved versions, newest first, and where the next page begins.

    A wording is told once, by the first version that had it. `before` is a version's number.
    """
    versions = readable(question)
    if before is not None:
        versions = versions.filter(approval__number__lt=before)
    read = list(versions[: VERSIONS_A_PAGE + 1])
    wordings = [_wording(each, question) for each in read]
    entries = [
        entry
        for entry, older in zip(wordings, [*wordings[1:], None], strict=True)
        if entry is not None and (older is None or _said(entry) != _said(older))
    ]
    if len(read) <= VERSIONS_A_PAGE:
        return entries, None
    last = read[VERSIONS_A_PAGE - 1].approval.number
    return [entry for entry in entries if entry.number >= last], last


def wording_of(question: Question, number: int) -> EarlierWording | None:
    """What a question said in one version; None if that has not got it, or nobody may read it."""
    version = readable(question).filter(approval__number=number).first()
    return _wording(version, question) if version is not None else None


def readable(question: Question) -> Any:
    """The approved versions of its policy whose wording is not hidden, newest first."""
    versions = question.policy.version_set.filter(
        approval__isnull=False, withholding__isnull=True
    ).select_related("approval", "withdrawal")
    return versions.order_by("-approval__number")


def _wording(version: Version, question: Question) -> EarlierWording | None:
    document = version.to_document()
    found = document.question(str(question.pk))
    if found is None:
        return None
    language = settings.POLICY_LANGUAGE
    answer = found.answer.get(language) or next(iter(found.answer.values()), None)
    return EarlierWording(
        number=version.approval.number,
        effective_at=version.approval.effective_at,
        withdrawn=hasattr(version, "withdrawal"),
        title=in_language(found.title, language),
        in_short=in_language(found.in_short, language),
        source=answer.source if answer else "",
        answer=place(answer.html, level=4, image_base=private_base()) if answer else "",
    )


def _said(wording: EarlierWording) -> tuple[str, str, str]:
    return wording.title, wording.in_short, wording.source
