"""Pictures at the desk: added by whoever may write, and shown before readers may have them."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from faq import images
from faq.admin.acting import acting_name
from faq.admin.preview import WRITERS
from faq.models import Image
from faq.views.images import picture


@require_POST
def add_picture(request: HttpRequest) -> HttpResponse:
    """Take a picture in and answer with its address."""
    if not any(request.user.has_perm(f"faq.{each}") for each in WRITERS):
        raise PermissionDenied
    if not settings.IMAGES:
        raise Http404
    file = request.FILES.get("picture")
    if file is None:
        return _said(_("Choose a picture first."), 400)
    if (file.size or 0) > images.MAX_BYTES:
        return _said(_("This file is too large: 10 MB at most."), 413)
    try:
        image = images.add(file.read(), by=acting_name(request.user), at=request.at)
    except images.BadImage as error:
        return _said(str(error), 400)
    return _said(image.address, 200)


@require_safe
def private_picture(request: HttpRequest, sha256: str, extension: str) -> HttpResponse:
    """A picture for whoever may read drafts."""
    if not request.user.has_perm("faq.view_policy"):
        raise PermissionDenied
    return picture(request, get_object_or_404(Image, sha256=sha256, extension=extension))


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
