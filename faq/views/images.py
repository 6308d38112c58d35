"""A picture that a public version shows, at an address made of its bytes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from faq.models import Image, Version
from faq.models.images import CONTENT_TYPES
from faq.views import Asked

#: Other bytes would have another address.
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def image(request: Asked, sha256: str, extension: str) -> HttpResponse:
    """The picture, if readers can see a version that shows it; else there is none."""
    showing = Version.objects.public(request.at).filter(
        withholding__isnull=True, imageuse__image=sha256
    )
    found = Image.objects.filter(sha256=sha256, extension=extension).first()
    if found is None or not showing.exists():
        raise Http404
    response = picture(request, found)
    response.headers["Cache-Control"] = FOR_EVER
    return response


def picture(request: HttpRequest, image: Image) -> HttpResponse:
    """The bytes of a picture, whoever may have them."""
    etag = f'"{image.sha256}"'
    response = HttpResponse(image.data(), content_type=CONTENT_TYPES[image.extension])
    response.headers["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
