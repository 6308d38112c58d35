"""Markdown on each request, by the library that most Django sites use."""

import markdown as library
from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def markdown(source: str) -> SafeString:
    """Markdown as HTML."""
    return mark_safe(library.markdown(source, extensions=["extra"]))
