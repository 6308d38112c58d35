"""Mail to people who work here: something waits for them, or was decided.

A mail holds a policy's title and a link, nothing of its wording. Nothing here fails because of
the mail server: what was done stays done, and the caller says on the screen what did not go out.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from faq.admin.acting import acting_name
from faq.admin.next_steps import candidate_url
from faq.models import Policy, Version

log = logging.getLogger(__name__)

#: One address is refused; the server itself works, and the next one may be taken.
_ABOUT_ONE_MAIL = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    UnicodeError,
)


def is_set_up() -> bool:
    """Whether the site has a mail server."""
    return settings.MAIL_SERVER is not None


def holders(permission: str) -> list[Any]:
    """Everybody who may log in here, has that permission (of this app), and has an address."""
    found = get_user_model().objects.with_perm(
        f"faq.{permission}", backend="django.contrib.auth.backends.ModelBackend"
    )
    return list(found.filter(is_staff=True).exclude(email="").order_by("pk"))


def known_as(name: str) -> list[Any]:
    """Who acts under that name; nobody if two people do, for one of them did not."""
    users = get_user_model().objects.filter(is_active=True, username__startswith=name)
    exact = [user for user in users if user.get_username() == name]
    found = exact or [user for user in users if acting_name(user) == name]
    return [user for user in found if user.email] if len(found) == 1 else []


def tell_approvers(version: Version) -> int:
    """Tell everybody who may approve, but not the sender, that a version waits for them."""
    others = [user for user in holders("add_approval") if acting_name(user) != version.frozen_by]
    return _send(others, "waiting", version.policy, absolute(candidate_url(version)))[1]


def tell_sender(version: Version, decision: str, *, by: str) -> int:
    """Tell whoever sent a version what was decided: `approved` or `sent_back`."""
    sender = [] if version.frozen_by == by else known_as(version.frozen_by)
    return _send(sender, decision, version.policy, absolute(candidate_url(version)))[1]


def remind_of_review(policy: Policy, due_on: Any) -> tuple[int, int]:
    """Tell administrators that a review is due; return how many were told and how many not."""
    address = absolute(reverse("admin:index"))
    return _send(holders("set_rules"), "review", policy, address, due_on=due_on)


def absolute(path: str) -> str:
    """The whole address of a page of the desk."""
    return f"{settings.ADMIN_ORIGIN}{path}"


def _send(
    users: Iterable[Any], name: str, policy: Policy, address: str, **facts: Any
) -> tuple[int, int]:
    """Send each of them a mail of their own; return how many went out and how many did not."""
    if not is_set_up():
        return 0, 0
    context = {"policy": policy, "address": address, "organisation": settings.ORGANISATION, **facts}
    text = render_to_string(f"mail/{name}.txt", context)
    first, _line, body = text.partition("\n")
    # One line, whatever ends a line in a title: a header with two is refused (RFC 5322, 2.2).
    subject = " ".join(first.split())
    # One mail each: who else works here is nobody's to see.
    waiting = [EmailMessage(subject, body.lstrip(), to=[user.email]) for user in users]
    sent = failed = 0
    while waiting:
        mail = waiting.pop(0)
        try:
            mail.send()
        except _ABOUT_ONE_MAIL as error:
            failed += 1
            log.error("A mail “%s” was not sent: %s", name, type(error).__name__)
        except (OSError, ValueError) as error:
            failed += 1 + len(waiting)
            log.error("%d mails “%s” were not sent: %s", 1 + len(waiting), name, error)
            break
        else:
            sent += 1
    return sent, failed
