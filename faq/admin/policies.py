"""A policy at the desk: its own texts and rules, and the addresses of its pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from faq import editing
from faq.admin import (
    approving,
    candidates,
    desk,
    links,
    preview,
    publish,
    removed,
    reports,
    restoring,
    sending,
    splitting,
    trail,
    versions,
)
from faq.admin.acting import acting_name
from faq.admin.forms import PolicyForm
from faq.admin.framing import saved_tag, say_saved
from faq.admin.saving import RevisionAdmin
from faq.models import Policy

#: The modules with pages below a policy's address.
PAGES = (
    desk,
    preview,
    removed,
    reports,
    splitting,
    sending,
    publish,
    candidates,
    approving,
    versions,
    restoring,
    links,
    trail,
)


@admin.register(Policy)
class PolicyAdmin(RevisionAdmin):
    """The pages of one policy. Lists of policies are the desk's first page."""

    form = PolicyForm
    change_form_template = "admin/faq/policy_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Django's addresses, and those of the desk."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.to_desk), name="faq_policy_changelist"),
            *(
                path(f"<int:policy_id>/{route}", view(page), name=f"faq_policy_{name}")
                for module in PAGES
                for route, page, name in module.PATHS
            ),
            *super().get_urls(),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Policies have their place on the first page, not in a menu."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """A policy that was ever published stays."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.version_set.exists())

    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        """The texts, and folded away the rules, for those who may set them."""
        names = [name for name in self.form.base_fields if name not in Policy.RULES]
        folded = {"fields": Policy.RULES, "classes": ["collapse"]}
        rules = [(_("Rules for approval and review"), folded)]
        may_set = request.user.has_perm("faq.set_rules")
        return [(None, {"fields": names}), *(rules if may_set else [])]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """A new one is started, as everywhere."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            editing.start(obj, by=acting_name(request.user), at=request.at)

    def to_desk(self, request: HttpRequest) -> HttpResponse:
        """The list of policies is the first page."""
        return redirect("admin:index")

    def response_add(self, request: HttpRequest, obj: Policy, *args: Any) -> HttpResponse:
        """Go on to the questions."""
        words = _("Saved as draft. Readers see nothing yet.")
        messages.success(request, words, extra_tags=saved_tag(request))
        return redirect("admin:faq_policy_questions", obj.pk)

    def response_change(self, request: HttpRequest, obj: Policy) -> HttpResponse:
        """Say what readers see, and go on."""
        say_saved(request, obj)
        if "_continue" in request.POST:
            return redirect(request.path)
        return redirect("admin:faq_policy_questions", obj.pk)
