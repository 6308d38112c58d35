"""What every page of a policy at the desk begins with, and how it is framed."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from faq.admin.status import PolicyStatus
from faq.models import Policy, Version


def policy_or_404(request: HttpRequest, policy_id: int, permission: str = "view_policy") -> Policy:
    """The policy, if this person has that permission (a codename of this app)."""
    if not request.user.has_perm(f"faq.{permission}"):
        raise PermissionDenied
    return get_object_or_404(Policy, pk=policy_id)


def version_or_404(policy: Policy, version_id: int) -> Version:
    """A version of that policy, whatever its status."""
    return get_object_or_404(policy.version_set.with_facts(), pk=version_id)


def show(
    request: HttpRequest,
    policy: Policy,
    name: str,
    title: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """One of the templates in admin/faq, in the desk's frame."""
    frame = {**admin.site.each_context(request), "title": title, "policy": policy}
    return render(request, f"admin/faq/{name}.html", {**frame, **context}, status=status)


def private_base() -> str:
    """The path below which the desk's pages find pictures, whether or not readers may have them."""
    return reverse("admin:faq_image", args=["0" * 64, "webp"]).rpartition("/")[0] + "/"


def said(moment: Any) -> str:
    """A moment as people read it, in the site's legal time zone."""
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def say_saved(request: HttpRequest, policy: Policy) -> None:
    """Tell the editor that the draft is saved and what readers see meanwhile."""
    status = PolicyStatus.of(policy, request.at)
    words = f"{_('Saved as draft.')} {status.readers_see()}"
    messages.success(request, words, extra_tags=saved_tag(request))


def saved_tag(request: HttpRequest) -> str:
    """Tells the browser, with a message's class, which of the texts that it keeps was saved."""
    name = request.POST.get("_unsaved", "")
    return f"saved-{name}" if re.fullmatch("[0-9a-f]{16}", name) else ""
