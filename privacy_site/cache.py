"""Reading CACHE_URL, strictly: where counters of log-in attempts are kept."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

#: A table of the site's own database, which all workers share; made by `migrate`.
IN_THE_DATABASE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "cache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
#: Seconds that Redis has to answer, before whoever logs in is told to come back.
PATIENCE = 2
#: In an address without a path, the number of the database may follow.
NUMBER = re.compile(r"(/[0-9]{0,3})?", re.ASCII)
SOCKET = re.compile(r"/.*[^/]")
QUERY = re.compile(r"(db=[0-9]{1,3})?", re.ASCII)


def shared_cache(url: str, *, prefix: str) -> dict[str, Any]:
    """The cache that CACHE_URL names, as Django takes it; the database's table if it is empty.

    `prefix` tells this site's entries from those of others in the same Redis. The value may hold a
    password, so no error repeats it.
    """
    if not url:
        return IN_THE_DATABASE
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unreadable() from None
    right: object
    if parts.scheme == "unix":
        right = not parts.hostname and SOCKET.fullmatch(parts.path) and QUERY.fullmatch(parts.query)
    else:
        right = (
            parts.scheme in {"redis", "rediss"}
            and parts.hostname
            and port != 0
            and NUMBER.fullmatch(parts.path)
            and not parts.query
        )
    if not right or "#" in url:
        raise _unreadable()
    if parts.username and not parts.password:
        raise ImproperlyConfigured("CACHE_URL must have a password where it has a user.")
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": prefix,
        "OPTIONS": {**_options(), "serializer": "privacy_site.cache.AsJson"},
    }


class AsJson:
    """Entries as JSON. Django's own way would run whatever code somebody put into Redis."""

    def dumps(self, value: Any) -> int | str:
        """The value as it is kept; Redis can count with integers only as they are."""
        return value if type(value) is int else json.dumps(value)

    def loads(self, data: bytes) -> Any:
        """The value again."""
        return json.loads(data)


def _options() -> dict[str, Any]:
    """Bounded waiting, and a second try on a new connection: Redis may have been restarted."""
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError:
        raise ImproperlyConfigured(
            "CACHE_URL needs the packages in requirements-redis.txt: install them first."
        ) from None
    return {
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": PATIENCE,
        "retry": Retry(NoBackoff(), 1),
    }


def _unreadable() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "CACHE_URL must be like redis://user:password@host:6379/0 (or rediss:// for TLS, or "
        "unix:///run/redis/redis.sock?db=0), with “%23” for “#” and so on in the password."
    )
