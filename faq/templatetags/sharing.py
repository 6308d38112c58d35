"""What the head of a page tells other sites that link to it: Open Graph and JSON-LD."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from faq.page import Page
from faq.structured_data import describe, for_script_element
from faq.templatetags.wording import plain
from faq.views.addresses import address, place_in

register = template.Library()


@register.inclusion_tag("faq/_sharing.html", takes_context=True)
def share(context: dict[str, Any], title: str, description: str, url: str) -> dict[str, Any]:
    """How a link to this page looks where it is shared, given its whole address."""
    organisation = context.get("organisation", "")
    return {"organisation": organisation, "title": title, "description": description, "url": url}


@register.inclusion_tag("faq/_sharing.html", takes_context=True)
def share_policy(context: dict[str, Any]) -> dict[str, Any]:
    """The same for the page of the policy or of one version, with what it says as data."""
    page, approval, slug = context["page"], context["version"].approval, context["slug"]
    in_force = not context.get("at_its_own_address")
    where = ("policy", slug) if in_force else ("version", slug, approval.number)
    url = address(context["request"], *where)
    title = page.title
    if not in_force:
        title = _("%(title)s, version %(number)d") % {"title": title, "number": approval.number}
    description = Truncator(plain(page.introduction)).chars(160) or page.title
    data = describe(
        url=url,
        name=title,
        language=page.language,
        number=approval.number,
        effective_at=approval.effective_at,
        organisation=context.get("organisation", ""),
        questions=_questions(page, url) if in_force else None,
    )
    return {**share(context, title, description, url), "data": _in_script(data)}


def _questions(page: Page, url: str) -> list[tuple[str, str, str]]:
    return [
        (place_in(url, entry.anchor), entry.title, entry.in_short or plain(entry.answer))
        for section in page.sections
        for entry in section.questions
    ]


def _in_script(data: dict[str, Any]) -> SafeString:
    return mark_safe(for_script_element(data))
