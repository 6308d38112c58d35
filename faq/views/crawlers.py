"""For search engines: every page worth finding, and where not to look.

What applies, and what is announced, is worth finding. Versions that were replaced are found from
the list of versions: who searches for an answer should not land in one that no longer applies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemaps
from django.db.models import F
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.models import Policy, Version
from faq.querysets import VersionQuerySet
from faq.views import Asked
from faq.views.addresses import address, origin
from faq.views.showing import ask_each_time


@dataclass(frozen=True)
class Entry:
    """A page, and when what it says began to hold."""

    path: str
    since: datetime | None = None


class Pages(Sitemap):
    """The pages worth finding at the moment of a request."""

    def __init__(self, request: Asked) -> None:
        self.at = request.at
        self.root = urlsplit(origin(request))

    def items(self) -> list[Entry]:
        """The pages of each policy, and those that belong to none."""
        policies = list(Policy.objects.all())
        pages = [entry for policy in policies for entry in _pages_of(policy, self.at)]
        several = sum(_live(policy, self.at) is not None for policy in policies) > 1
        home = [Entry(reverse("faq:home"))] if several else []
        return [*home, *pages, Entry(reverse("faq:developers"))]

    def location(self, item: Entry) -> str:
        """Its path."""
        return item.path

    def lastmod(self, item: Entry) -> datetime | None:
        """Since when what it says holds."""
        return item.since

    def get_domain(self, site: object = None) -> str:
        """The site's own host."""
        return self.root.netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        """The site's own."""
        return self.root.scheme


@require_safe
def sitemap(request: Asked) -> HttpResponse:
    """The pages worth finding, with the day since which what each says holds."""
    return ask_each_time(sitemaps.sitemap(request, {"pages": Pages(request)}))


@require_safe
def robots(request: Asked) -> HttpResponse:
    """Everything may be found but the editors' desk and previews of drafts."""
    lines = (
        "User-agent: *",
        f"Disallow: {settings.SITE_URL.path}/admin/",
        f"Disallow: {settings.SITE_URL.path}/preview/",
        "",
        f"Sitemap: {address(request, 'sitemap')}",
    )
    body = "".join(f"{line}\n" for line in lines)
    return ask_each_time(HttpResponse(body, content_type="text/plain; charset=utf-8"))


def _live(policy: Policy, at: datetime) -> Version | None:
    return policy.version_set.select_related("withholding").in_force(at)


def _pages_of(policy: Policy, at: datetime) -> Iterator[Entry]:
    versions, slug, live = policy.version_set.all(), policy.slug, _live(policy, at)
    begun, public = versions.begun(at), versions.public(at)
    if live and not hasattr(live, "withholding"):
        # When a version is withdrawn the one before applies again: that changes the page, too.
        ended = _last_withdrawal(versions, at, Version.was_ever_in_force)
        since = max(filter(None, [live.approval.effective_at, ended]))
        yield Entry(reverse("faq:policy", args=[slug]), since)
        for question in live.to_document().questions():
            yield Entry(reverse("faq:question", args=[slug, question.anchor]), since)
    announced = list(
        public.filter(approval__effective_at__gt=at)
        .select_related("approval", "announcement", "withholding")
        .defer("document")
        .order_by("approval__effective_at")
    )
    newest = begun.order_by("-approval__effective_at")
    moments = [
        newest.values_list("approval__effective_at", flat=True).first(),
        _last_withdrawal(versions, at, Version.is_public),
        *(version.announcement.recorded_at for version in announced),
    ]
    if latest := max(filter(None, moments), default=None):
        yield Entry(reverse("faq:history", args=[slug]), latest)
    for version in announced:
        if not hasattr(version, "withholding"):
            path = reverse("faq:version", args=[slug, version.approval.number])
            yield Entry(path, version.announcement.recorded_at)


def _last_withdrawal(
    versions: VersionQuerySet, at: datetime, counts: Callable[[Version, datetime], bool]
) -> datetime | None:
    """When a version was last withdrawn of those that count; None if none was."""
    withdrawn = (
        versions.filter(withdrawal__policy=F("policy"), withdrawal__recorded_at__lte=at)
        .select_related("approval", "withdrawal", "announcement")
        .defer("document")
        .order_by("-withdrawal__seq")
    )
    found = (each for each in withdrawn.iterator(chunk_size=10) if counts(each, at))
    last = next(found, None)
    return last.withdrawal.recorded_at if last is not None else None
