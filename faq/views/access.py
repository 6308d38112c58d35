"""What public views may get hold of: versions readers may see, and nothing that tells of others."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from faq.models import Version
from faq.querysets import VersionQuerySet
from faq.views import Asked


def versions_of(slug: str) -> VersionQuerySet:
    """All versions of the policy at this address, whatever their state."""
    return Version.objects.filter(policy__slug=slug)


def live_version(request: Asked, slug: str) -> Version:
    """The version in force; 404 if there is none."""
    live = versions_of(slug).with_facts().in_force(request.at)
    if live is None:
        raise Http404
    return live


def speaking_version(request: Asked, slug: str, live: Version | None) -> Version | None:
    """Whose title and contact stand on a page that has no wording of its own.

    `live`, the version in force; if there is none or its wording is hidden, the newest that was
    in force and can be read, or else the newest that can be read. None if every wording is hidden.
    """
    if live is not None and not hasattr(live, "withholding"):
        return live
    versions = versions_of(slug)
    readable = versions.readable(request.at)
    begun = readable.filter(pk__in=versions.begun(request.at).values("pk"))
    return begun.first() or readable.first()


def base_of(slug: str, version: Version, live: Version | None) -> str:
    """The page that links within a version's wording lead to: its own, or the one in force."""
    if live is not None and version.pk == live.pk:
        return reverse("faq:policy", args=[slug])
    return reverse("faq:version", args=[slug, version.approval.number])


def public_version(request: Asked, slug: str, number: int) -> Version:
    """A version readers may see; 404 does not tell the others from those that never were."""
    public = versions_of(slug).public(request.at).with_facts()
    found = public.filter(approval__number=number).first()
    if found is None:
        raise Http404
    return found
