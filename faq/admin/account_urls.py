"""Logging in, and the pages of one's own account: those of allauth's that we want, and no others.

There is no sign-up, no log-in by mail or by other sites, and no list of addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, re_path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from faq.admin.second_step import guarded
from faq.admin.sessions import end_sessions


def page(view: Any, title: Any, *, while_setting_up: bool = False) -> Callable[..., HttpResponse]:
    """One of allauth's pages under our title and our guard."""
    shown = view.as_view(extra_context={"title": title})
    return guarded(shown, while_setting_up=while_setting_up)


def by_mail(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is there only where the site can send mail."""

    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL_SERVER:
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@require_POST
@login_required
def log_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this user, this one too."""
    user = request.user
    assert user.is_authenticated
    end_sessions(user)
    logout(request)
    messages.success(request, gettext("You are logged out everywhere."))
    return HttpResponseRedirect(reverse("account_login"))


def inactive(request: HttpRequest) -> HttpResponse:
    """The account exists, and may not be used."""
    context = {"title": gettext("This account is not active")}
    return render(request, "account/account_inactive.html", context, status=403)


RESET = _("Reset your password")
CONFIRM = _("Confirm that it is you")
SET = {"title": _("Set a password")}

urlpatterns = [
    path("login/", admin.site.login, name="account_login"),
    path(
        "account/", page(mfa.IndexView, _("Your account"), while_setting_up=True), name="mfa_index"
    ),
    path(
        "account/logout/",
        account.LogoutView.as_view(extra_context={"title": _("Log out")}),
        name="account_logout",
    ),
    path("account/logout/everywhere/", log_out_everywhere, name="account_logout_everywhere"),
    path("account/inactive/", inactive, name="account_inactive"),
    path(
        "account/confirm/",
        page(account.ReauthenticateView, CONFIRM, while_setting_up=True),
        name="account_reauthenticate",
    ),
    path("account/confirm/code/", page(mfa.ReauthenticateView, CONFIRM), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        page(passkeys.ReauthenticateWebAuthnView, CONFIRM),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/password/",
        page(account.PasswordChangeView, _("Change your password")),
        name="account_change_password",
    ),
    path(
        "account/password/set/",
        guarded(reauthentication_required(account.PasswordSetView.as_view(extra_context=SET))),
        name="account_set_password",
    ),
    path(
        "account/password/reset/",
        by_mail(page(account.PasswordResetView, RESET)),
        name="account_reset_password",
    ),
    path(
        "account/password/reset/sent/",
        by_mail(page(account.PasswordResetDoneView, RESET)),
        name="account_reset_password_done",
    ),
    re_path(
        r"^account/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        by_mail(page(account.PasswordResetFromKeyView, RESET)),
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/reset/done/",
        by_mail(page(account.PasswordResetFromKeyDoneView, RESET)),
        name="account_reset_password_from_key_done",
    ),
    path(
        "account/second-step/",
        page(mfa.AuthenticateView, _("Second step")),
        name="mfa_authenticate",
    ),
    path(
        "account/app/",
        page(totp.ActivateTOTPView, _("Set up an authenticator app"), while_setting_up=True),
        name="mfa_activate_totp",
    ),
    path(
        "account/app/remove/",
        page(totp.DeactivateTOTPView, _("Remove the authenticator app")),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/codes/",
        page(codes.ViewRecoveryCodesView, _("Recovery codes")),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/codes/new/",
        page(codes.GenerateRecoveryCodesView, _("New recovery codes")),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/codes/recovery-codes.txt",
        page(codes.DownloadRecoveryCodesView, _("Recovery codes")),
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/passkeys/",
        RedirectView.as_view(pattern_name="mfa_index"),
        name="mfa_list_webauthn",
    ),
    path(
        "account/passkeys/add/",
        page(passkeys.AddWebAuthnView, _("Add a passkey"), while_setting_up=True),
        name="mfa_add_webauthn",
    ),
    path(
        "account/passkeys/login/",
        page(passkeys.LoginWebAuthnView, _("Log in")),
        name="mfa_login_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/",
        page(passkeys.EditWebAuthnView, _("Rename a passkey")),
        name="mfa_edit_webauthn",
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        page(passkeys.RemoveWebAuthnView, _("Remove a passkey")),
        name="mfa_remove_webauthn",
    ),
]
