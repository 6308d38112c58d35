"""Starting a policy: from our outline, from a file, or blank."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from faq import editing
from faq.admin.acting import acting_name
from faq.admin.forms import ImportForm
from faq.exchange.markdown import BadPolicyFile, apply, decode, read
from faq.models import Policy

OUTLINE = Path(settings.BASE_DIR) / "faq" / "sample" / "outline.md"


@permission_required("faq.add_policy", raise_exception=True)
def start(request: HttpRequest) -> HttpResponse:
    """Offer the three ways, and take the first two."""
    from django.contrib.admin import site

    form = ImportForm(initial={"slug": _free_slug()})
    if request.method == "POST" and "outline" in request.POST:
        policy = _import(request, OUTLINE.read_text(encoding="utf-8"), _free_slug())
        messages.success(
            request, _("Here is the outline. Replace what stands in [square brackets].")
        )
        return redirect(_questions(policy))
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                text = decode(form.cleaned_data["file"].read())
                policy = _import(request, text, form.cleaned_data["slug"])
            except BadPolicyFile as error:
                form.add_error("file", str(error))
            else:
                messages.success(request, _("Imported as a draft. Readers see nothing yet."))
                return redirect(_questions(policy))
    context = {**site.each_context(request), "title": _("Start a policy"), "form": form}
    return render(request, "admin/faq/start.html", context)


def _import(request: HttpRequest, text: str, slug: str) -> Policy:
    file = read(text)
    with transaction.atomic():
        policy = Policy(slug=slug, title=file.title or _("Privacy policy"))
        by = acting_name(request.user)
        editing.start(policy, by=by, at=request.at)
        report = apply(file, policy, by=by, at=request.at)
    for notice in report.notices:
        messages.warning(request, notice)
    return policy


def _free_slug() -> str:
    taken = set(Policy.objects.values_list("slug", flat=True))
    names = ["privacy", *(f"policy-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _questions(policy: Policy) -> str:
    return reverse("admin:faq_policy_questions", args=[policy.pk])
