"""Text that was copied elsewhere and is pasted into the editor becomes Markdown."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from faq.admin.preview import WRITERS


@require_POST
def pasted(request: HttpRequest) -> HttpResponse:
    """The Markdown of the HTML in the request's body; nothing is stored."""
    # Only when somebody pastes: what reads HTML takes six megabytes of every worker.
    from faq.exchange.pasted import MAX_LENGTH, Unreadable, to_markdown

    most_bytes = 2 * MAX_LENGTH  # in UTF-8, which takes up to four bytes a character
    if not any(request.user.has_perm(f"faq.{each}") for each in WRITERS):
        raise PermissionDenied
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_bytes:
        return _too_much()
    try:
        markdown = to_markdown(request.body.decode("utf-8", "replace"))
    except Unreadable:
        return _too_much()
    return HttpResponse(markdown, content_type="text/plain; charset=utf-8")


def _too_much() -> HttpResponse:
    return HttpResponse(_("This is too much to convert. Paste it in parts."), status=413)
