"""What public views may get hold of: versions readers may see, and nothing that tells of others."""

from __future__ import annotations

from django.http import Http404

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


def public_version(request: Asked, slug: str, number: int) -> Version:
    """A version readers may see; 404 does not tell the others from those that never were."""
    public = versions_of(slug).public(request.at).with_facts()
    found = public.filter(approval__number=number).first()
    if found is None:
        raise Http404
    return found
