"""Reading EMAIL_URL, strictly: where mail goes, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

#: The usual port of each kind of address.
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
LOCAL = ("localhost", "127.0.0.1", "::1")
EXAMPLE = "smtp+tls://user:password@mail.example.org:587?from=privacy@example.org"
BACKEND = "django.core.mail.backends.{}.EmailBackend"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over; kind is smtp, smtp+tls (STARTTLS), smtps, console or dummy."""

    kind: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    def as_mailer(self) -> dict[str, Any]:
        """For MAILERS, from Django 6.1."""
        if self.kind not in PORTS:
            return {"BACKEND": BACKEND.format(self.kind)}
        return {
            "BACKEND": BACKEND.format("smtp"),
            "OPTIONS": {
                "host": self.host,
                "port": self.port,
                "username": self.user,
                "password": self.password,
                "use_tls": self.kind == "smtp+tls",
                "use_ssl": self.kind == "smtps",
                "timeout": 10,
            },
        }

    def as_settings(self) -> dict[str, Any]:
        """The same for Django below 6.1, which has a setting for each."""
        mailer = self.as_mailer()
        names = {"username": "EMAIL_HOST_USER", "password": "EMAIL_HOST_PASSWORD"}
        options = mailer.get("OPTIONS", {}).items()
        return {
            "EMAIL_BACKEND": mailer["BACKEND"],
            **{names.get(name, f"EMAIL_{name.upper()}"): value for name, value in options},
        }


NO_MAIL = MailServer("dummy", "", 0, "", "", "")


def mail_server(url: str, *, sender: str) -> MailServer | None:
    """The server that EMAIL_URL names; none if it is empty.

    The value holds a password, so no error repeats it.
    """
    if not url:
        return None
    if url == "console:":
        return MailServer("console", "", 0, "", "", sender)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    kind, host = parts.scheme, parts.hostname or ""
    asked = parse_qs(parts.query, keep_blank_values=True)
    if kind not in PORTS or not host or parts.path.strip("/") or parts.fragment or port == 0:
        raise _unreadable()
    if set(asked) - {"from"} or len(asked.get("from", [""])) > 1:
        raise ImproperlyConfigured("EMAIL_URL may say ?from=ADDRESS and nothing else after “?”.")
    if bool(parts.username) != bool(parts.password):
        raise ImproperlyConfigured("EMAIL_URL must have both a user and a password, or neither.")
    if parts.username and kind == "smtp" and host not in LOCAL:
        raise ImproperlyConfigured(
            "EMAIL_URL would send its password in the clear: use smtp+tls:// or smtps://."
        )
    [sender] = asked.get("from", [sender])
    if "from" in asked:
        try:
            validate_email(sender)
        except ValidationError:
            raise ImproperlyConfigured("EMAIL_URL: “from” is not an e-mail address.") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(kind, host, port or PORTS[kind], user, password, sender)


def _unreadable() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"EMAIL_URL must be like {EXAMPLE} (or smtp://, smtps://, console:), with “%23” for “#”"
        " and so on in the password."
    )
