"""The redline between two versions."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.models.record import SCHEDULED
from faq.page import frame
from faq.redline import redline as redline_of
from faq.views import Asked
from faq.views.access import base_of, public_version, versions_of
from faq.views.showing import leads_to, show, show_hidden


@require_safe
def redline(request: Asked, slug: str, old: int, new: int) -> HttpResponse:
    """What changed from one version to another, word by word; the older one comes first."""
    if old > new:
        return leads_to(reverse("faq:redline", args=[slug, new, old]))
    versions = [public_version(request, slug, number) for number in (old, new)]
    live = versions_of(slug).defer("document").in_force(request.at)
    for each in versions:
        if hasattr(each, "withholding"):
            return show_hidden(request, slug, each, live)
    before, after = (each.to_document() for each in versions)
    language = settings.POLICY_LANGUAGE
    old_base, new_base = (reverse("faq:version", args=[slug, number]) for number in (old, new))
    context = {
        "slug": slug,
        "versions": versions,
        "old": versions[0],
        "new": versions[1],
        "upcoming": versions[1].status(request.at, live=live) == SCHEDULED,
        "live": live,
        "page": frame(after, language, link_base=base_of(slug, versions[1], live)),
        "redline": redline_of(before, after, language, old_base=old_base, new_base=new_base),
    }
    return show(request, "redline", context)
