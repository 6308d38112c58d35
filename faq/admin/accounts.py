"""What we decide differently from allauth: no addresses kept, secrets encrypted, our own words."""

from __future__ import annotations

import base64
import logging
import secrets
import time
from typing import Any

import qrcode
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.internal.httpkit import get_client_ip
from allauth.core.internal.ratelimit import truncate_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

logger = logging.getLogger(__name__)

HOUR = 3600


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an Administrator, and nothing about a visitor's address is kept."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """A name for the sender's address that means nothing to anybody after an hour.

        Rate limits need to tell senders apart, and their counters are kept in the cache. The
        salt lives there too and is forgotten within the hour, so that not even the secret key
        leads back from a counter to an address. IPv6 counts by network (/64).
        """
        salt = cache.get_or_set("sender-salt", lambda: secrets.token_hex(16), HOUR)
        address = truncate_ip(get_client_ip(request) or "")
        return salted_hmac("faq.sender", f"{salt} {address}", algorithm="sha256").hexdigest()

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just logged in need not do it again to set up a second step."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((record["at"] for record in records), default=0.0)
        return time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail, at the desk's own address whatever the request called it."""
        names = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=names)
        return settings.ADMIN_ORIGIN + path.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down must not show who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.error("A mail could not be sent: %s", type(error).__name__)


class MfaAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are encrypted with the site's key."""

    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A stored secret; one that no code fits, if the site's key is another one now."""
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return generate_totp_secret()

    def get_totp_label(self, user: Any) -> str:
        """Apps show the user name, which is what one logs in with."""
        return str(user.get_username())

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """What a new passkey is called until it is renamed."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey {number}").format(number=count + 1)

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element for the page: our rules allow no data: images."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        rows = code.get_matrix()
        path = "".join(
            f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
        )
        size = len(rows)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
            f' aria-labelledby="qr-title" shape-rendering="crispEdges">'
            f'<title id="qr-title">{gettext("QR code")}</title>'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
        )


def renewed(encrypted_text: str) -> str:
    """A stored secret, encrypted anew with the present key. Raises InvalidToken if no key fits."""
    return _vault().rotate(encrypted_text.encode()).decode()


def _vault() -> MultiFernet:
    """Encrypts with the present key; decrypts what the keys of before encrypted as well."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    keys = (salted_hmac("faq.second-step", "", each, algorithm="sha256") for each in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key.digest())) for key in keys])
