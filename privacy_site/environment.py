"""Reading settings from the environment, strictly: a value that cannot be read stops the start."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import locale
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import RegexValidator, validate_email
from django.utils.translation import to_locale

from faq.theme import BadTheme, read_theme

# A plain host name (no user, no wildcard) and a plain path.
_HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]"
HOST = re.compile(_HOST, re.ASCII)
SITE_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    rf"(?P<host>{_HOST})"
    r"(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(/(?!\.{1,2}(/|$))[a-z0-9._~-]+)*/?)",
    re.IGNORECASE | re.ASCII,
)
#: Where Django keeps its translations.
CATALOGUES = Path(locale.__file__).parent
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
#: How to reach somebody (RFC 9116), and what the rest of such a URI must be.
CONTACTS: Mapping[str, Callable[[str], None]] = {
    "mailto": validate_email,
    "https": RegexValidator(r"\A//[!-~]+\Z"),
    "tel": RegexValidator(r"\A\+?[0-9.()-]{3,30}\Z"),
}
LOCAL_HOST = re.compile(f"({'|'.join(map(re.escape, LOOPBACK))})(:[0-9]{{1,5}})?")


@dataclass(frozen=True)
class SiteUrl:
    """The site's root address, taken apart: `path` starts with / and ends without."""

    scheme: str
    host: str
    origin: str
    path: str

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    def origin_for(self, asked: str) -> str:
        """The origin for whoever asked for this host: any name of this machine is kept."""
        local = self.is_loopback and LOCAL_HOST.fullmatch(asked)
        return f"{self.scheme}://{asked}" if local else self.origin

    def origin_on(self, host: str) -> str:
        """The origin of another host with the same scheme and port."""
        return self.origin.replace(f"://{self.host}", f"://{host}", 1)


@dataclass(frozen=True)
class Environment:
    """Settings by name, each read with a rule and a default."""

    values: Mapping[str, str]

    @classmethod
    def of_process(cls) -> Environment:
        """The environment of this process."""
        return cls(os.environ)

    def text(self, name: str, default: str = "") -> str:
        """A text; empty counts as not set."""
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        """`true` or `false`, in any case; anything else is an error."""
        value = self.text(name).lower()
        if value not in {"", "true", "false"}:
            raise ImproperlyConfigured(f"{name} must be true or false, not “{value}”.")
        return value == "true" if value else default

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two others."""
        value = self.text(name, str(default))
        if not (re.fullmatch(r"[0-9]{1,9}", value) and least <= int(value) <= most):
            raise ImproperlyConfigured(
                f"{name} must be a whole number from {least} to {most}, not “{value}”."
            )
        return int(value)

    def secret(self, name: str) -> str:
        """A secret from NAME, or from the file that NAME_FILE names; empty if neither is set."""
        path = self.text(f"{name}_FILE")
        if self.text(name) or not path:
            return self.text(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error.strerror}: {path}") from None
        except UnicodeDecodeError:
            raise ImproperlyConfigured(f"{name}_FILE: not a text file: {path}") from None

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """One of a few words."""
        value = self.text(name, default).lower()
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not “{value}”.")
        return value

    def contacts(self, name: str) -> list[str]:
        """Where to write or call, as URIs; an e-mail address may stand by itself."""
        found = []
        for value in self.text(name).split():
            uri = f"mailto:{value}" if "@" in value and ":" not in value else value
            scheme, _colon, rest = uri.partition(":")
            try:
                CONTACTS[scheme](rest)
            except (KeyError, ValidationError):
                raise ImproperlyConfigured(
                    f"{name} must be an e-mail address, an https:// address or a tel: number,"
                    f" not “{value}”."
                ) from None
            found.append(uri)
        return found

    def file(self, name: str, *endings: str) -> Path | None:
        """A file that is there, whose name has one of these endings; None if it is not set."""
        value = self.text(name)
        if not value:
            return None
        path = Path(value).resolve()
        if not path.is_file():
            raise ImproperlyConfigured(f"{name}: there is no file {value}")
        if path.suffix.lower() not in endings:
            raise ImproperlyConfigured(
                f"{name} must name a file that ends in {' or '.join(endings)}, not “{value}”."
            )
        return path

    def program(self, name: str) -> Path | None:
        """The absolute path of a program that this process may run; None if it is not set."""
        value = self.text(name)
        if not value:
            return None
        path = Path(value)
        if not path.is_absolute():
            raise ImproperlyConfigured(f"{name} must be an absolute path, not “{value}”.")
        if not path.is_file():
            raise ImproperlyConfigured(f"{name}: there is no file {value}")
        if not os.access(path, os.X_OK):
            raise ImproperlyConfigured(f"{name}: {value} cannot be run: chmod +x it.")
        return path

    def theme(self, name: str) -> Path | None:
        """A theme file: CSS that gives the colours of the pages other values, and nothing else."""
        path = self.file(name, ".css")
        if path is not None:
            try:
                read_theme(path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                raise ImproperlyConfigured(f"{name}: not a text file: {path}") from None
            except OSError as error:
                raise ImproperlyConfigured(f"{name}: {error.strerror}: {path}") from None
            except BadTheme as error:
                raise ImproperlyConfigured(f"{name}: {path}: {error}") from None
        return path

    def time_zone(self, name: str, default: str) -> str:
        """The name of a time zone, such as Europe/London."""
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ImproperlyConfigured(
                f"{name} must be a time zone such as Europe/London, not “{value}”."
            ) from None
        return value

    def language(self, name: str, default: str) -> str:
        """The language of the policies, as a code such as `en`."""
        value = self.text(name, default).lower()
        if not value.replace("-", "").isalpha():
            raise ImproperlyConfigured(f"{name} must be one language code, not “{value}”.")
        if not (CATALOGUES / to_locale(value) / "LC_MESSAGES" / "django.mo").is_file():
            raise ImproperlyConfigured(
                f"{name}: Django has no translation into “{value}”. Choose one it has, such as en."
            )
        return value

    def database(self, name: str, default: str) -> str:
        """The address of a database. No error repeats it: it may hold a password."""
        value = self.text(name, default)
        scheme = value.partition("://")[0]
        if scheme not in {"sqlite", "postgres", "postgresql"} or "://" not in value:
            raise ImproperlyConfigured(
                f"{name} must be like sqlite:////var/lib/privacy/site.sqlite3 or "
                "postgres://user:password@host:5432/name."
            )
        if scheme != "sqlite" and find_spec("psycopg") is None:
            raise ImproperlyConfigured(
                f"{name} needs the packages in requirements-postgres.txt: install them first."
            )
        return value

    def other_host(self, name: str, site: SiteUrl) -> str:
        """A host name besides the site's own, as public or as local as that; empty if not set."""
        host = self.text(name).lower()
        if not host:
            return ""
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must be a host name like desk.example.org, not “{host}”."
            )
        if host == site.host:
            raise ImproperlyConfigured(f"{name} must be another host than that of SITE_URL.")
        if (host in LOOPBACK) != site.is_loopback:
            raise ImproperlyConfigured(
                f"{name} and SITE_URL must both be on this machine, or neither of them."
            )
        return host

    def site_url(self, name: str, default: str) -> SiteUrl:
        """The root address: https, or http on this machine only."""
        value = self.text(name, default)
        found = SITE_ADDRESS.fullmatch(value)
        port = int(found["port"] or DEFAULT_PORTS[found["scheme"].lower()]) if found else 0
        if not found or not 0 < port < 65536:
            raise ImproperlyConfigured(
                f"{name} must be like https://privacy.example.org, not “{value}”."
            )
        scheme, host = found["scheme"].lower(), found["host"].lower()
        # Browsers leave the usual port out of Origin, which forms are checked against.
        shown_port = "" if port == DEFAULT_PORTS[scheme] else f":{port}"
        url = SiteUrl(scheme, host, f"{scheme}://{host}{shown_port}", found["path"].rstrip("/"))
        if url.scheme == "http" and not url.is_loopback:
            raise ImproperlyConfigured(
                f"{name} must start with https:// (http is for {', '.join(LOOPBACK)} only)."
            )
        return url
