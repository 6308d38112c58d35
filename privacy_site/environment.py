"""Reading settings from the environment, strictly: a value that cannot be read stops the start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

from faq.theme import BadTheme, read_theme

# A plain host name (no user, no wildcard) and a plain path.
SITE_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])"
    r"(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(/(?!\.{1,2}(/|$))[a-z0-9._~-]+)*/?)",
    re.IGNORECASE | re.ASCII,
)
DEFAULT_PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
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
        return value

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
