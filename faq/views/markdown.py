"""A version as a Markdown file that can be imported again."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.digest import fingerprint
from faq.exchange.markdown import write
from faq.models import Version
from faq.remembered import ByFingerprint
from faq.views import Asked
from faq.views.access import public_version
from faq.views.answers import text_answer
from faq.views.showing import ask_each_time

#: Long policies take a second to write, because each part is read back to see that it fits.
_written: ByFingerprint[bytes] = ByFingerprint(1_000_000, len)


@require_safe
def version_markdown(request: Asked, slug: str, number: int) -> HttpResponse:
    """The wording of a version as its editors wrote it."""
    version = public_version(request, slug, number)
    if hasattr(version, "withholding"):
        response = _hidden(version)
    else:
        body = _body(version, settings.POLICY_LANGUAGE)
        etag = f'"{fingerprint(body)}"'
        response = HttpResponse(body, content_type="text/markdown; charset=utf-8")
        response.headers["ETag"] = etag
        response = get_conditional_response(request, etag=etag, response=response) or response
    return ask_each_time(response)


def _body(version: Version, language: str) -> bytes:
    key = version.digest, language
    known = _written.get(key)
    return known or _written.keep(key, write(version.to_document(), language).encode())


def _hidden(version: Version) -> HttpResponse:
    text = _("The wording of version %(number)d is hidden: %(reason)s") % {
        "number": version.approval.number,
        "reason": version.withholding.reason,
    }
    digest = _("Fingerprint (SHA-256): %(digest)s") % {"digest": version.digest}
    return text_answer(f"{text}\n{digest}", status=410)
