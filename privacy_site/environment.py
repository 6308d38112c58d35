"""Reading settings from the environment, strictly: a value that cannot be read stops the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


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

    def secret(self, name: str) -> str:
        """A secret from NAME, or from the file that NAME_FILE names; empty if neither is set."""
        path = self.text(f"{name}_FILE")
        if self.text(name) or not path:
            return self.text(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error.strerror}: {path}") from None

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
        try:
            parts = urlsplit(value)
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            raise ImproperlyConfigured(f"{name} is not an address: “{value}”.") from None
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
            raise ImproperlyConfigured(
                f"{name} must be like https://privacy.example.org, not “{value}”."
            )
        url = SiteUrl(parts.scheme, host, f"{parts.scheme}://{host}{port}", parts.path.rstrip("/"))
        if url.scheme == "http" and not url.is_loopback:
            raise ImproperlyConfigured(
                f"{name} must start with https:// (http is for {', '.join(LOOPBACK)} only)."
            )
        return url
