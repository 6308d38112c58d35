"""How a redline gets into a template: with words for those who do not see the marks."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from faq.redline import DELETED, INSERTED, Piece
from faq.rendering import place
from faq.views.addresses import images_base

register = template.Library()


@register.filter
def redlined(html: str) -> SafeString:
    """Say what is deleted and what is added in HTML that `faq.redline` wrote.

    It was made from sanitised wording and holds no other `<del>` and `<ins>` than those of the
    redline, because text is escaped. Many screen readers do not announce either of them.
    """
    html = place(html, image_base=images_base())
    spoken = format_html('<span class="spoken">{}</span>', _(" (end)"))
    for tag, word in (("del", _("deleted: ")), ("ins", _("added: "))):
        html = html.replace(
            f"<{tag}>", format_html('<{}><span class="spoken">{}</span>', mark_safe(tag), word)
        )
        html = html.replace(f"</{tag}>", f"{spoken}</{tag}>")
    return mark_safe(html)


@register.filter
def pieces(found: Iterable[Piece]) -> SafeString:
    """A compared title or other plain text."""
    forms = {DELETED: "<del>{}</del>", INSERTED: "<ins>{}</ins>"}
    return redlined("".join(format_html(forms.get(kind, "{}"), words) for kind, words in found))
