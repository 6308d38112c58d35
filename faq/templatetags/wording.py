"""How wording and dates get into the public pages' templates."""

from __future__ import annotations

from datetime import datetime
from html import unescape

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from faq.page import PageQuestion
from faq.remembered import MOST_PLACED, while_making
from faq.rendering import place
from faq.views.addresses import images_base

register = template.Library()


@register.filter
def frozen(html: str) -> SafeString:
    """Let frozen wording through unescaped: it was sanitised when it was rendered.

    This is the only place that does so. Templates use it for a page's introductions, answers
    and contact, and for nothing else. Pictures that were not placed yet are where every reader
    finds them, below whatever path the site stands.
    """
    return mark_safe(place(html, image_base=images_base()))


@register.simple_tag
def shown(question: PageQuestion) -> SafeString:
    """A question as it stands on a page with the whole policy.

    Most are the same from one version to the next, and take half of the time that a page takes.
    """
    # Whoever changes a template with DEBUG on wants to see it at once.
    make = _shown.__wrapped__ if settings.DEBUG else _shown  # type: ignore[attr-defined]
    found: SafeString = make(question, get_language(), images_base())
    return found


@while_making(MOST_PLACED)
def _shown(question: PageQuestion, _language: str | None, _images_base: str) -> SafeString:
    return render_to_string("faq/_question.html", {"question": question})


@register.filter
@while_making(MOST_PLACED)
def plain(html: str) -> str:
    """The text of frozen wording on one line, for a description."""
    return " ".join(unescape(strip_tags(html)).split())


@register.filter
def link_to(title: str) -> str:
    """What the link to a question is called where its words alone would not say."""
    return _("Link to “%(title)s”") % {"title": title}


@register.filter(expects_localtime=True)
def day(moment: datetime) -> SafeString:
    """The legal day of a moment in words, with the exact moment for machines."""
    return _time(moment, _day(moment))


@register.filter(expects_localtime=True)
def instant(moment: datetime) -> SafeString:
    """The legal day, with the time of day unless it begins with the day."""
    if moment.hour or moment.minute:
        return _time(moment, f"{_day(moment)}, {date_format(moment, 'H:i')}")
    return day(moment)


def day_in_words(moment: datetime) -> str:
    """The legal day of a moment as plain text, where no markup can stand."""
    return _day(timezone.localtime(moment))


def _day(moment: datetime) -> str:
    # Django's own British form cuts months short ("1 Mar 2026"). Translators write theirs.
    return date_format(moment, _("j F Y"))


def _time(moment: datetime, words: str) -> SafeString:
    exact = moment.isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', exact, words)
