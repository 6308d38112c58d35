"""The admin site: its first page is the list of policies and what to do next."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from faq.admin.status import PolicyStatus
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
        policies = Policy.objects.all() if request.user.has_perm("faq.view_policy") else []
        context = {
            "statuses": [PolicyStatus.of(policy, request.at) for policy in policies],
            "may_start": request.user.has_perm("faq.add_policy"),
            "may_see_users": request.user.has_perm("auth.view_user"),
            "users": User.objects.filter(is_active=True).count(),
        }
        return super().index(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses, and ours for starting a policy."""
        from faq.admin.pasting import pasted
        from faq.admin.pictures import add_picture, private_picture
        from faq.admin.start import start

        view = self.admin_view
        return [
            path("start/", view(start), name="faq_start"),
            path("paste/", view(pasted), name="faq_paste"),
            path("images/", view(add_picture), name="faq_images"),
            path("images/<str:sha256>.<slug:extension>", view(private_picture), name="faq_image"),
            *super().get_urls(),
        ]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one first page; an app's own is the same."""
        return self.index(request, extra_context)
