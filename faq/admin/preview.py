"""Previews of the draft: the same renderer, the same bytes that readers get."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from faq import rendering
from faq.admin.framing import policy_or_404, private_base
from faq.models import Policy, Question, Section
from faq.models.working_copy import Named
from faq.page import ANSWER_LEVELS, lay_out
from faq.rendering import place

#: More than any answer has; what is longer is not rendered while it is being typed.
MAX_LENGTH = 200_000
#: Stands for a policy that is not saved yet.
NEW = 0


def answer_html(source: str) -> str:
    """Markdown as HTML with nothing known of where it stands, for the editor package's setting."""
    return rendering.render(source, prefix="preview")


#: Whoever may write a text may see what becomes of it.
WRITERS = ("change_policy", "add_policy", "change_question", "add_question", "change_section")


def preview(request: HttpRequest, policy_id: int) -> HttpResponse:
    """The whole working copy as readers would see it."""
    policy = policy_or_404(request, policy_id)
    document, language = policy.to_document(), settings.POLICY_LANGUAGE
    page = lay_out(document, language, image_base=private_base())
    return render(request, "admin/faq/preview.html", {"page": page, "policy": policy})


@require_POST
def preview_text(
    request: HttpRequest, policy_id: int, kind: str, item_id: UUID | None = None
) -> HttpResponse:
    """One text as it will stand on the page: `kind` names the field it is typed into."""
    if not any(request.user.has_perm(f"faq.{each}") for each in WRITERS):
        raise PermissionDenied
    source = request.POST.get("content", "")
    if kind not in ANSWER_LEVELS:
        raise Http404
    if len(source) > MAX_LENGTH:
        return HttpResponse(_("This text is too long for a preview."), status=413)
    if policy_id == NEW:
        html = answer_html(source)
    else:
        policy = get_object_or_404(Policy, pk=policy_id)
        html = policy.render(source, _item(policy, kind, item_id))
    return HttpResponse(place(html, level=ANSWER_LEVELS[kind], image_base=private_base()))


def _item(policy: Policy, kind: str, item_id: UUID | None) -> Named | None:
    if kind in {"introduction", "contact"}:
        return None
    model = Section if kind == "section" else Question
    if item_id is None:
        return model(policy=policy, anchor="preview")
    return get_object_or_404(model, pk=item_id, policy=policy)


PATHS = [
    ("preview/", preview, "preview"),
    ("preview-text/<str:kind>/", preview_text, "preview_text"),
    ("preview-text/<str:kind>/<uuid:item_id>/", preview_text, "preview_text"),
]
