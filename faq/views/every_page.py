"""The address of every public page at a moment, the most important ones first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from faq.models import ImageUse, Policy, Version
from faq.models.record import SCHEDULED
from faq.public_record import KnownVersion, known_names, known_versions
from faq.timeline import predecessor
from faq.views import security


def public_paths(at: datetime) -> Iterator[str]:
    """Paths as they stand in links. Hidden wording has a page, too, which says so."""
    yield reverse("faq:home")
    policies = list(Policy.objects.all())
    for policy in policies:
        live = _live(policy, at)
        if live is not None:
            yield from _now(policy.slug, live)
    known = {policy.pk: known_versions(policy.version_set.all(), at) for policy in policies}
    for policy in policies:
        if known[policy.pk]:
            yield from _record(policy.slug, known[policy.pk])
    for name in ("developers", "openapi", "sitemap", "robots"):
        yield reverse(f"faq:{name}")
    for policy in policies:
        live = _live(policy, at)
        if live is not None and not hasattr(live, "withholding"):
            yield from _names(policy, live, at)
    # The newest versions of each policy before the older ones of any.
    for versions in zip_longest(*(_versions(each.slug, known[each.pk]) for each in policies)):
        for paths in versions:
            yield from paths or ()
    for use in ImageUse.objects.select_related("image").order_by("-pk").defer("image__content"):
        yield reverse("faq:image", args=[use.image.sha256, use.image.extension])


def paths_of_copy(at: datetime) -> Iterator[str]:
    """Paths that a copy of the site has: all of these, each once, and a few that nobody keeps.

    Those are whom to tell of security problems, the days on which a version began, each version
    compared with the one in force, and how the answer under each name changed.
    """
    yield from dict.fromkeys((*public_paths(at), *_beside(at)))


def _beside(at: datetime) -> Iterator[str]:
    if settings.SECURITY_CONTACT:
        yield f"/{security.PATH}"
        yield reverse("faq:security-txt")
    for policy in Policy.objects.all():
        live = _live(policy, at)
        for known in known_versions(policy.version_set.all(), at):
            if not known.public:
                continue
            approval = known.version.approval
            if known.version.was_ever_in_force(at):
                day = timezone.localtime(approval.effective_at).date()
                yield reverse("faq:day", args=[policy.slug, day])
            if live is not None and live != known.version:
                pair = sorted((approval.number, live.approval.number))
                yield reverse("faq:redline", args=[policy.slug, *pair])
        if live is not None and not hasattr(live, "withholding"):
            for name in known_names(policy.version_set.all(), at):
                yield reverse("faq:question-history", args=[policy.slug, name.lead.name])


def _live(policy: Policy, at: datetime) -> Version | None:
    return policy.version_set.select_related("withholding").in_force(at)


def _now(slug: str, live: Version) -> Iterator[str]:
    """What is said of the version in force."""
    yield reverse("faq:policy", args=[slug])
    yield reverse("faq:policy-json", args=[slug])
    if not hasattr(live, "withholding"):
        for question in live.to_document().questions():
            yield reverse("faq:question", args=[slug, question.anchor])


def _record(slug: str, known: list[KnownVersion]) -> Iterator[str]:
    """The lists of versions and names, and the way to the next version if it is announced."""
    for name in ("history", "atom", "versions-json", "anchors-json", "timemap", "verify"):
        yield reverse(f"faq:{name}", args=[slug])
    if any(entry.public and entry.status == SCHEDULED for entry in known):
        yield reverse("faq:upcoming", args=[slug])


def _names(policy: Policy, live: Version, at: datetime) -> Iterator[str]:
    """How each answer changed, and where every other name leads that readers can have met."""
    current = [question.anchor for question in live.to_document().questions()]
    for name in current:
        yield reverse("faq:question-history", args=[policy.slug, name])
    for known in known_names(policy.version_set.all(), at):
        if known.lead.name not in current:
            yield reverse("faq:question", args=[policy.slug, known.lead.name])


def _versions(slug: str, known: list[KnownVersion]) -> Iterator[list[str]]:
    """The pages of each version, the newest first."""
    public = [entry.version for entry in known if entry.public]
    for version in reversed(public):
        number = version.approval.number
        paths = [
            reverse(f"faq:{name}", args=[slug, number])
            for name in ("version", "version-json", "version-md")
        ]
        replaced = predecessor(version, public)
        if replaced is not None:
            paths.append(reverse("faq:redline", args=[slug, replaced.approval.number, number]))
        yield paths
