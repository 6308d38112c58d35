"""The redline between two versions."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.page import frame
from faq.redline import redline as redline_of
from faq.views import Asked
from faq.views.access import public_version
from faq.views.policies import ASK_EACH_TIME


@require_safe
def redline(request: Asked, slug: str, old: int, new: int) -> HttpResponse:
    """What changed from one version to another, word by word; the older one comes first."""
    if old > new:
        turned = redirect("faq:redline", slug=slug, old=new, new=old)
        turned.headers["Cache-Control"] = ASK_EACH_TIME
        return turned
    versions = [public_version(request, slug, number) for number in (old, new)]
    context: dict[str, object] = {"slug": slug, "old": versions[0], "new": versions[1]}
    hidden = next((each for each in versions if hasattr(each, "withholding")), None)
    if hidden is not None:
        response = render(request, "faq/withheld.html", {**context, "version": hidden}, status=410)
    else:
        before, after = (each.to_document() for each in versions)
        language = settings.POLICY_LANGUAGE
        context["page"] = frame(after, language, link_base=reverse("faq:policy", args=[slug]))
        context["redline"] = redline_of(before, after, language)
        response = render(request, "faq/redline.html", context)
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return response
