"""Who has proved a second step in this session, and what the others may still reach.

An authenticator that exists proves nothing: it must have been used in this session, and still
belong to the user. allauth writes into the session what was used (`get_authentication_records`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_reset
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


class Standing(Enum):
    """How far somebody has come in logging in."""

    STRANGER = "not logged in"
    SETTING_UP = "needs a second step and has none yet"
    UNPROVED = "has a second step and did not use it in this session"
    IN = "logged in"


def standing(request: HttpRequest) -> Standing:
    """How far this session has come; asked of the database once a request."""
    if not hasattr(request, "_standing"):
        request._standing = _standing(request)  # type: ignore[attr-defined]
    return request._standing  # type: ignore[attr-defined, no-any-return]


def _standing(request: HttpRequest) -> Standing:
    user = request.user
    if not user.is_authenticated:
        return Standing.STRANGER
    theirs = dict(Authenticator.objects.filter(user_id=user.pk).values_list("pk", "type"))
    used = {
        record.get("id")
        for record in get_authentication_records(request, user)
        if record.get("method") == "mfa"
    }
    if used & theirs.keys():
        return Standing.IN
    if set(theirs.values()) - {Authenticator.Type.RECOVERY_CODES}:
        return Standing.UNPROVED
    return Standing.SETTING_UP if settings.ADMIN_MFA else Standing.IN


def log_in_again(request: HttpRequest) -> HttpResponseRedirect:
    """End a session that does not prove enough, and start over."""
    address = request.GET.get("next", "")
    logout(request)
    return redirect_to_login(address, reverse("account_login"))


def guarded(view: View, *, while_setting_up: bool = False) -> View:
    """A page of the account, for those who have come far enough; never kept by a cache."""

    @never_cache
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        come = standing(request)
        request.must_set_up = come is Standing.SETTING_UP  # type: ignore[attr-defined]
        match come:
            case Standing.UNPROVED:
                return log_in_again(request)
            case Standing.SETTING_UP if not while_setting_up:
                return HttpResponseRedirect(reverse("mfa_index"))
        return view(request, *args, **kwargs)

    return inner


@receiver([authenticator_added, authenticator_reset])
def _setting_one_up_is_using_it(
    *, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    # Both need a code or a signature of the new one, or a session that is already proved; the
    # guard has let nobody else in.
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
