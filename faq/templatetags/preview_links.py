"""Preview links as the desk lists them: their state, their address, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest

from faq import reviewing
from faq.models import Policy, PreviewLink, SignOff, Version
from faq.views.addresses import address

register = template.Library()


@dataclass(frozen=True)
class ListedLink:
    """A link at a moment: its address while it works, and its answers (the first counts)."""

    link: PreviewLink
    works: bool
    address: str
    answers: list[SignOff]


@register.simple_tag(takes_context=True)
def preview_links(
    context: dict[str, Any], policy: Policy, version: Version | None = None
) -> list[ListedLink]:
    """The links of a policy, or to one of its versions: those that work first, newest first."""
    request = context["request"]
    found = PreviewLink.objects.filter(policy=policy).select_related("version__approval")
    found = found.defer("version__document")
    if version:
        found = found.filter(version=version)
    listed = [_listed(link, request) for link in found.prefetch_related("sign_offs")]
    return sorted(listed, key=lambda entry: not entry.works)


def _listed(link: PreviewLink, request: HttpRequest) -> ListedLink:
    works = link.works(request.at)
    whole = address(request, "preview", reviewing.token_of(link)) if works else ""
    return ListedLink(link, works, whole, list(reversed(link.sign_offs.all())))
