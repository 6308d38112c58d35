"""A version as a Markdown file that can be imported again."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.digest import fingerprint
from faq.document import Document
from faq.exchange.markdown import write
from faq.models import Version
from faq.remembered import while_making
from faq.views import Asked
from faq.views.access import public_version
from faq.views.answers import text_answer
from faq.views.showing import ask_each_time


@require_safe
def version_markdown(request: Asked, slug: str, number: int) -> HttpResponse:
    """The wording of a version as its editors wrote it."""
    version = public_version(request, slug, number)
    if hasattr(version, "withholding"):
        response = _hidden(version)
    else:
        body = _written(version.data(), settings.POLICY_LANGUAGE)
        etag = f'"{fingerprint(body)}"'
        response = HttpResponse(body, content_type="text/markdown; charset=utf-8")
        response.headers["ETag"] = etag
        response = get_conditional_response(request, etag=etag, response=response) or response
    return ask_each_time(response)


@while_making(16)
def _written(data: bytes, language: str) -> bytes:
    # Long policies take a second to write, because each part is read back to see that it fits.
    return write(Document.from_json(data), language).encode()


def _hidden(version: Version) -> HttpResponse:
    text = _("The wording of version %(number)d is hidden: %(reason)s") % {
        "number": version.approval.number,
        "reason": version.withholding.reason,
    }
    digest = _("Fingerprint (SHA-256): %(digest)s") % {"digest": version.digest}
    return text_answer(f"{text}\n{digest}", status=410)
