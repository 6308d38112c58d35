"""Users with and without a second step, and the codes that their apps would show."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

PASSWORD = "a long pass phrase"
LOGIN = "/admin/login/"
ACCOUNT = "/admin/account/"


def make_user(name: str = "alice", **fields: Any) -> User:
    """Somebody who may do everything, once logged in."""
    return User.objects.create_superuser(name, password=PASSWORD, **fields)


def app_code(secret: str, steps: int = 0) -> str:
    """What an app that knows the secret shows now, or so many half minutes later (RFC 6238)."""
    key = base64.b32decode(secret)
    counter = int(time.time()) // 30 + steps
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def wait_for_a_whole_step(least: float = 3) -> None:
    """Codes change every half minute: leave a test enough of one."""
    left = 30 - time.time() % 30
    if left < least:
        time.sleep(left + 0.05)


def log_in(client: Client, name: str = "alice", password: str = PASSWORD, **query: str) -> Any:
    """The first step: name and password."""
    address = f"{LOGIN}?next={query['next']}" if query else LOGIN
    return client.post(address, {"login": name, "password": password, **query})


def set_up_app(client: Client) -> str:
    """Set up an app for somebody who has just logged in, and return its secret."""
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    wait_for_a_whole_step()
    done = client.post(reverse("mfa_activate_totp"), {"code": app_code(secret)})
    assert done.status_code == 302, done.context["form"].errors
    return secret


def recovery_codes(client: Client) -> list[str]:
    """The codes as their page shows them."""
    return client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]


def is_in(client: Client) -> bool:
    """Whether the desk opens."""
    return client.get("/admin/").status_code == 200
