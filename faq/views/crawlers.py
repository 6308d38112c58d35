"""For search engines: every page worth finding, and where not to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemaps
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from faq.models import Policy, Version
from faq.public_record import KnownVersion, known_versions
from faq.views import Asked
from faq.views.addresses import address, origin
from faq.views.showing import ask_each_time


@dataclass(frozen=True)
class Entry:
    """A page, and when what it says began to hold."""

    path: str
    since: datetime | None = None


class Pages(Sitemap):
    """Every public page at the moment of a request."""

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
    """Every public page, with the day since which what it says holds."""
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
    slug, live = policy.slug, _live(policy, at)
    known = known_versions(policy.version_set.all(), at)
    public = [entry for entry in known if entry.public]
    ended = [entry for entry in public if entry.withdrawal]
    if live and not hasattr(live, "withholding"):
        # When a version is withdrawn the one before applies again: that changes the page, too.
        replaced = [entry for entry in ended if entry.version.was_ever_in_force(at)]
        since = max([live.approval.effective_at, *map(_end, replaced)])
        yield Entry(reverse("faq:policy", args=[slug]), since)
        for question in live.to_document().questions():
            yield Entry(reverse("faq:question", args=[slug, question.anchor]), since)
    if public:
        latest = max([*(_since(entry, at) for entry in public), *map(_end, ended)])
        yield Entry(reverse("faq:history", args=[slug]), latest)
    for entry in public:
        if not hasattr(entry.version, "withholding"):
            path = reverse("faq:version", args=[slug, entry.version.approval.number])
            yield Entry(path, _since(entry, at))


def _since(entry: KnownVersion, at: datetime) -> datetime:
    """Since when a public version can be read: it applies, or was announced."""
    begun = entry.version.approval.effective_at
    return begun if begun <= at else entry.version.announcement.recorded_at


def _end(entry: KnownVersion) -> datetime:
    """When a withdrawn version ceased to apply."""
    assert entry.withdrawal is not None
    return entry.withdrawal.recorded_at
