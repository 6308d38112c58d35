"""How other sites link to a policy, check their links and record consent."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faq.views import Asked
from faq.views.addresses import address, place_in
from faq.views.policies import policies_in_force
from faq.views.showing import show


@require_safe
def developers(request: Asked) -> HttpResponse:
    """Examples that work as they stand, for the first policy in force."""
    shown = next((entry for entry in policies_in_force(request) if entry["page"]), None)
    slug, number, anchor = "privacy", 3, "when-do-we-use-cookies"
    question = _("When do we use cookies?")
    if shown:
        slug, number = shown["version"].policy.slug, shown["version"].approval.number
        first = next(each for section in shown["page"].sections for each in section.questions)
        anchor, question = first.anchor, first.title
    policy_url = address(request, "policy", slug)
    before = max(number - 1, 1)
    context = {
        "published": shown is not None,
        "question": question,
        "policy_url": policy_url,
        "answer_url": place_in(policy_url, anchor),
        "question_url": address(request, "question", slug, anchor),
        "version_url": address(request, "version", slug, number),
        "history_url": address(request, "history", slug),
        "redline_url": address(request, "redline", slug, before, before + 1),
        "policy_json": address(request, "policy-json", slug),
        "versions_json": address(request, "versions-json", slug),
        "anchors_json": address(request, "anchors-json", slug),
        "document_url": address(request, "version-json", slug, number),
        "verify_url": address(request, "verify", slug),
        "openapi_url": address(request, "openapi"),
    }
    return show(request, "developers", context)
