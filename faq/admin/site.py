"""The admin site: its first page is the list of policies and what to do next."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from faq.admin import reports
from faq.admin.next_steps import NextSteps, candidate_url
from faq.admin.status import PolicyStatus
from faq.admin.waiting import waiting_for
from faq.models import Policy


class Desk(AdminSite):
    """The editors' desk."""

    site_title = _("Policies")
    site_header = _("Policies")
    index_title = _("Policies")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Every policy with what is in force, what is changed, and what to do next."""
        may_see = request.user.has_perm("faq.view_policy")
        policies = list(Policy.objects.all()) if may_see else []
        context = {
            "waiting": waiting_for(request.user, policies, request.at),
            "cards": [_card(policy, request) for policy in policies],
            "reports": may_see and reports.are_of_use(),
            "may_start": request.user.has_perm("faq.add_policy"),
            "may_see_users": request.user.has_perm("auth.view_user"),
            "users": User.objects.filter(is_active=True).count(),
        }
        return super().index(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses, and ours for starting a policy."""
        from faq.admin.start import start

        return [
            path("start/", self.admin_view(start), name="faq_start"),
            path("reports/", self.admin_view(reports.reports), name="faq_reports"),
            *super().get_urls(),
        ]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one first page; an app's own is the same."""
        return self.index(request, extra_context)


def _card(policy: Policy, request: HttpRequest) -> dict[str, Any]:
    """What the first page says of one policy."""
    status = PolicyStatus.of(policy, request.at)
    return {
        "status": status,
        "steps": NextSteps.of(policy, request.user),
        "candidates": [(each, candidate_url(each)) for each in status.candidates],
    }
