"""Ending the sessions of one user, wherever they are open."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as HALF_WAY,  # waits for its second step
)
from allauth.account.signals import password_changed, password_reset
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone


def end_sessions(user: User, *, but: str | None = None) -> int:
    """End every open session of a user, half-way log-ins too, but for one; return how many."""
    theirs = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.session_key != but and _is_of(session.get_decoded(), str(user.pk))
    ]
    Session.objects.filter(session_key__in=theirs).delete()
    return len(theirs)


def _is_of(values: dict[str, Any], user: str) -> bool:
    return user in (values.get(SESSION_KEY), values.get(HALF_WAY))


@receiver([password_changed, password_reset])
def _a_new_password_ends_the_others(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    end_sessions(user, but=request.session.session_key)
