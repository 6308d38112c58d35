"""The admin site: its first page is the list of policies and what to do next."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

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

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page of the desk knows; "View site" leads to where readers are."""
        readers = settings.SITE_URL.origin if settings.ADMIN_HOST else ""
        return {**super().each_context(request), "site_url": f"{readers}{reverse('faq:home')}"}

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, and with a second step used in this session."""
        from faq.admin.second_step import Standing, standing

        return super().has_permission(request) and standing(request) is Standing.IN

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead everybody to what they need next; Django's own form is not used."""
        from allauth.account.utils import get_login_redirect_url
        from allauth.account.views import LoginView

        from faq.admin.second_step import Standing, log_in_again, standing

        come = standing(request)
        if come is Standing.STRANGER:
            context = {"title": _("Log in"), "resets": bool(settings.MAIL_SERVER)}
            return LoginView.as_view(extra_context=context)(request)
        if self.has_permission(request):
            return HttpResponseRedirect(get_login_redirect_url(request))
        if come is Standing.UNPROVED:
            return log_in_again(request)
        if not super().has_permission(request):
            context = {"title": _("This account may not edit")}
            return render(request, "account/no_editor.html", context, status=403)
        return HttpResponseRedirect(reverse("mfa_index"))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Log out."""
        from allauth.account.views import LogoutView

        return LogoutView.as_view(extra_context={"title": _("Log out")})(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One's password is changed among one's account's pages."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As above."""
        return HttpResponseRedirect(reverse("mfa_index"))

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
        from faq.admin.pasting import pasted
        from faq.admin.pictures import add_picture, private_picture
        from faq.admin.start import start

        view = self.admin_view
        return [
            path("start/", view(start), name="faq_start"),
            path("reports/", view(reports.reports), name="faq_reports"),
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


def _card(policy: Policy, request: HttpRequest) -> dict[str, Any]:
    """What the first page says of one policy."""
    status = PolicyStatus.of(policy, request.at)
    return {
        "status": status,
        "steps": NextSteps.of(policy, request.user),
        "candidates": [(each, candidate_url(each)) for each in status.candidates],
    }
