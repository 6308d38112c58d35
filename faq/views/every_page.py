"""The address of every public page at a moment, the most important ones first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from faq.models import ImageUse, Policy, Version
from faq.paging import is_older_page, range_of
from faq.public_record import known_names, known_versions
from faq.timeline import predecessor
from faq.views import history, questions, security
from faq.wordings import Wordings


def public_paths(at: datetime) -> Iterator[str]:
    """Paths as they stand in links. Hidden wording has a page, too, which says so.

    They are found as they are asked for: whoever wants the first ones only does not wait for the
    names of a thousand versions.
    """
    yield reverse("faq:home")
    policies = list(Policy.objects.all())
    for policy in policies:
        yield from _now(policy, at)
    for policy in policies:
        yield from _record(policy, at)
    for name in ("developers", "openapi", "sitemap", "robots"):
        yield reverse(f"faq:{name}")
    for policy in policies:
        yield from _names(policy, at)
    # The newest versions of each policy before the older ones of any.
    for versions in zip_longest(*(_versions(policy, at) for policy in policies)):
        for paths in versions:
            yield from paths or ()
    for policy in policies:
        yield from _older_wordings(policy, at)
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
        live = policy.version_set.select_related("withholding").in_force(at)
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


def _now(policy: Policy, at: datetime) -> Iterator[str]:
    """What is said of the version in force."""
    live = policy.version_set.select_related("withholding").in_force(at)
    if live is not None:
        yield reverse("faq:policy", args=[policy.slug])
        yield reverse("faq:policy-json", args=[policy.slug])
        for anchor in _current(live):
            yield reverse("faq:question", args=[policy.slug, anchor])


def _record(policy: Policy, at: datetime) -> Iterator[str]:
    """The lists of versions and names, and the way to the next version if it is announced."""
    public = policy.version_set.public(at)
    if not public.exists():
        return
    for name in ("history", "atom", "versions-json", "anchors-json", "timemap", "verify"):
        yield reverse(f"faq:{name}", args=[policy.slug])
    if public.scheduled(at).exists():
        yield reverse("faq:upcoming", args=[policy.slug])


def _names(policy: Policy, at: datetime) -> Iterator[str]:
    """How each answer changed, and where every other name leads that readers can have met."""
    live = policy.version_set.select_related("withholding").in_force(at)
    if live is None or hasattr(live, "withholding"):
        return
    current = _current(live)
    for name in current:
        yield reverse("faq:question-history", args=[policy.slug, name])
    for known in known_names(policy.version_set.all(), at):
        if known.lead.name not in current:
            yield reverse("faq:question", args=[policy.slug, known.lead.name])


def _older_wordings(policy: Policy, at: datetime) -> Iterator[str]:
    """How answers changed that the policy has no longer, and the older pages of every answer's."""
    versions, slug = policy.version_set.all(), policy.slug
    live = versions.select_related("withholding").in_force(at)
    if live is None or hasattr(live, "withholding"):
        return
    document = live.to_document()
    removed = [(entry.anchors[0], entry.id) for entry in document.retired if entry.anchors]
    for name, key in removed:
        wordings = Wordings(versions, key, at)
        if wordings.exist() or wordings.hidden() is not None:
            yield reverse("faq:question-history", args=[slug, name])
    here = [(question.anchor, question.id) for question in document.questions()]
    for name, key in (*here, *removed):
        for numbers in Wordings(versions, key, at).older_pages(questions.SIZE):
            yield reverse("faq:question-history-older", args=[slug, name, numbers])


def _current(live: Version) -> list[str]:
    if hasattr(live, "withholding"):
        return []
    return [question.anchor for question in live.to_document().questions()]


def _versions(policy: Policy, at: datetime) -> Iterator[list[str]]:
    """The pages of each version, the newest first, and with each range of them the list's page."""
    versions, slug = policy.version_set.all(), policy.slug
    newest = versions.newest_public(at)
    number = newest.approval.number if newest is not None else 0
    while number > 0:
        numbers = range_of(number, history.SIZE)
        span = (numbers.first, number)
        public = [each.version for each in known_versions(versions, at, span) if each.public]
        for version in reversed(public):
            replaced = predecessor(version, public) or versions.public(at).replaced_by(version)
            yield _paths(slug, version, replaced)
        if newest and is_older_page(numbers, newest.approval.number, history.SIZE):
            yield [reverse("faq:history-older", args=[slug, numbers])]
        number = numbers.first - 1


def _paths(slug: str, version: Version, replaced: Version | None) -> list[str]:
    """The pages of one version."""
    number = version.approval.number
    paths = [
        reverse(f"faq:{name}", args=[slug, number])
        for name in ("version", "version-json", "version-md")
    ]
    if replaced is not None:
        paths.append(reverse("faq:redline", args=[slug, replaced.approval.number, number]))
    return paths
