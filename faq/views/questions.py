"""One question on a page of its own, and every wording its answer ever had."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.document import Document, Question, Retired, Section
from faq.models import Anchor, Version
from faq.page import PageQuestion, alone, frame, said
from faq.paging import Numbers, range_of
from faq.redline import QuestionRedline, redline_question
from faq.views import Asked
from faq.views.access import live_version, versions_of
from faq.views.showing import leads_to, show, show_hidden
from faq.wordings import Wording, Wordings

#: The newest page shows all wordings of the newest versions, in whole ranges of this many numbers,
#: until there are at least as many; an older page those of one range.
SIZE = 20


@require_safe
def question(request: Asked, slug: str, anchor: str) -> HttpResponse:
    """The answer in force; an older name leads to the current one, a removed one says so.

    While the wording in force is hidden every name gets the same answer, because which names
    there are is part of what is hidden.
    """
    live = live_version(request, slug)
    if hasattr(live, "withholding"):
        return show_hidden(request, slug, live, live)
    document = live.to_document()
    found = document.find(anchor)
    if found is None:
        return _made_public_later(request, slug, live, document, anchor, "question")
    if isinstance(found, Section) or _was_section(found):
        return leads_to(f"{_base(slug)}#{anchor}")
    if isinstance(found, Question) and anchor != found.anchor:
        inside = f"#{anchor}" if anchor in found.inner_ids() else ""
        address = reverse("faq:question", args=[slug, found.anchor])
        return leads_to(f"{address}{inside}", permanent=not inside)
    if isinstance(found, Retired):
        return _removed(request, slug, live, document, found)
    return _show(request, slug, live, document, found)


@require_safe
def history(request: Asked, slug: str, anchor: str) -> HttpResponse:
    """How the answer changed: its newest wordings, each compared with the one before it."""
    return _history(request, slug, anchor, None)


@require_safe
def older_history(request: Asked, slug: str, anchor: str, numbers: Numbers) -> HttpResponse:
    """The same for older wordings, those of a fixed range of version numbers."""
    return _history(request, slug, anchor, numbers)


def _history(request: Asked, slug: str, anchor: str, numbers: Numbers | None) -> HttpResponse:
    live = live_version(request, slug)
    if hasattr(live, "withholding"):
        return show_hidden(request, slug, live, live)
    document = live.to_document()
    found = document.find(anchor)
    if found is None:
        return _made_public_later(request, slug, live, document, anchor, "question-history")
    if isinstance(found, Section) or _was_section(found):
        raise Http404
    if isinstance(found, Question) and anchor != found.anchor:
        return leads_to(_history_path(slug, found.anchor, numbers), permanent=True)
    wordings = Wordings(versions_of(slug), found.id, request.at)
    page = wordings.page(SIZE, numbers)
    if page is None:
        return _no_wordings(request, slug, live, anchor, wordings, numbers)
    # The first wording is compared with itself: nothing is marked.
    before = [*page.wordings[1:], page.before or page.wordings[-1]]
    entries = [
        {
            "version": each.version,
            "anchor": each.question.anchor,
            "change": _change(slug, older, each),
            "withdrawn": not each.stands,
            "upcoming": each.stands and each.version.approval.effective_at > request.at,
        }
        for each, older in zip(page.wordings, before, strict=True)
    ]
    context = {
        "slug": slug,
        "page": frame(document, settings.POLICY_LANGUAGE, link_base=_base(slug)),
        "title": said(found.title, settings.POLICY_LANGUAGE, document),
        "anchor": anchor,
        "removed": isinstance(found, Retired),
        "version": live,
        "entries": entries,
        "has_the_first": page.before is None,
        "numbers": numbers,
        "older": page.older and _history_path(slug, anchor, page.older),
        "newer": numbers and _history_path(slug, anchor, page.newer),
    }
    return show(request, "question_history", context)


def _no_wordings(
    request: Asked,
    slug: str,
    live: Version,
    anchor: str,
    wordings: Wordings,
    numbers: Numbers | None,
) -> HttpResponse:
    """A page without a wording to show: the newest page has them now, or they are hidden."""
    if numbers is not None and wordings.exist() and wordings.newest_page_has(numbers, SIZE):
        return leads_to(_history_path(slug, anchor, None))
    if numbers is None or numbers == range_of(numbers.first, SIZE):
        hidden = wordings.hidden(numbers)
        if hidden is not None:
            return show_hidden(request, slug, hidden, live)
    raise Http404


def _history_path(slug: str, anchor: str, numbers: Numbers | None) -> str:
    if numbers is None:
        return reverse("faq:question-history", args=[slug, anchor])
    return reverse("faq:question-history-older", args=[slug, anchor, numbers])


def _show(
    request: Asked, slug: str, live: Version, document: Document, found: Question
) -> HttpResponse:
    context = {
        "slug": slug,
        "version": live,
        "page": frame(document, settings.POLICY_LANGUAGE, link_base=_base(slug)),
        "question": _alone(found, slug, document),
    }
    return show(request, "question", context)


def _was_section(found: Question | Retired) -> bool:
    """Whether what was removed is a section: it had no page, and has none now."""
    return isinstance(found, Retired) and Anchor.objects.filter(section_id=found.id).exists()


def _removed(
    request: Asked, slug: str, live: Version, document: Document, found: Retired
) -> HttpResponse:
    """A removed question: why, what answers it now, and its last wording."""
    last = Wordings(versions_of(slug), found.id, request.at).newest()
    successor = document.question(document.successor_of(found) or "")
    language = settings.POLICY_LANGUAGE
    context = {
        "slug": slug,
        "version": live,
        "page": frame(document, language, link_base=_base(slug)),
        "title": said(found.title, language, document),
        "reason": said(found.reason, language, document),
        "anchor": found.anchors[0],
        "last": last and last.version,
        "question": last and _alone(last.question, slug, last.document),
        "successor": successor
        and {"anchor": successor.anchor, "title": said(successor.title, language, document)},
    }
    return show(request, "question_removed", context)


def _made_public_later(
    request: Asked, slug: str, live: Version, document: Document, name: str, page: str
) -> HttpResponse:
    """A name from a version that was withdrawn since: its holder, or the version that had it."""
    extra, later = live.names_made_public_later(document, request.at)
    holder = next((key for key, names in extra.items() if name in names), None)
    if holder is not None:
        found = document.question(holder)
        if found is None:  # a section, or something removed
            return leads_to(f"{_base(slug)}#{name}")
        return leads_to(reverse(f"faq:{page}", args=[slug, found.anchor]))
    for entry in later:
        if entry.name == name:
            return leads_to(f"{reverse('faq:version', args=[slug, entry.version])}#{name}")
    raise Http404


def _change(slug: str, before: Wording, after: Wording) -> QuestionRedline:
    """One wording compared with the one before it."""
    old_base, new_base = (
        reverse("faq:version", args=[slug, each.version.approval.number])
        for each in (before, after)
    )
    return redline_question(
        (before.document, before.question),
        (after.document, after.question),
        settings.POLICY_LANGUAGE,
        old_base=old_base,
        new_base=new_base,
    )


def _alone(question: Question, slug: str, document: Document) -> PageQuestion:
    return alone(document, question, settings.POLICY_LANGUAGE, link_base=_base(slug))


def _base(slug: str) -> str:
    return reverse("faq:policy", args=[slug])
