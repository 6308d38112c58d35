"""CACHE_URL: counters of log-in attempts in Redis, which several servers share."""

from __future__ import annotations

import pickle
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.test import Client

from privacy_site.cache import IN_THE_DATABASE, shared_cache
from tests.delivering import Site as Layer
from tests.delivering import file_database
from tests.factory import DAY, NOON, make_record
from tests.logging_in import PASSWORD, log_in, make_user
from tests.test_at_once import Site, site
from tests.test_public_privacy import ADDRESSES

try:
    import redis
except ImportError:
    redis = None

__all__ = ["site"]  # the fixture
needs_the_client = pytest.mark.skipif(redis is None, reason="the package redis is not here")
needs_redis = pytest.mark.skipif(
    redis is None or not shutil.which("redis-server"),
    reason="redis-server or the package redis is not here",
)
LATER = NOON + 30 * DAY


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Redis:
    """A server with nothing in it, on a port, with a password and a Unix socket."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.socket = folder / "r.sock"
        self.url = f"redis://:{quote('pass#word')}@127.0.0.1:{self.port}/2"
        self.at_socket = f"unix://:{quote('pass#word')}@{self.socket}?db=2"
        self.command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        self.command += ["--unixsocket", str(self.socket), "--requirepass", "pass#word"]
        self.command += ["--dir", str(folder), "--save", "", "--logfile", str(folder / "log")]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command)
        limit = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert time.monotonic() < limit, "redis-server did not start."
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture
def server() -> Iterator[Redis]:
    # Not among the tests' own folders: the path of a socket is short, and no static file.
    with TemporaryDirectory(prefix="redis.", dir="/tmp") as folder:
        server = Redis(Path(folder))
        yield server
        if server.process.poll() is None:
            server.stop()


def test_without_it_counters_are_in_the_database():
    assert shared_cache("", prefix="x") == IN_THE_DATABASE


@needs_the_client
@pytest.mark.parametrize(
    "url",
    [
        "redis://cache.example.org",
        "redis://cache.example.org:6380/1",
        "rediss://user:pass%23word@cache.example.org:6379/0",
        "redis://:word@[::1]:6379",
        "unix:///run/redis/redis.sock",
        "unix://user:word@/run/redis/redis.sock?db=3",
    ],
)
def test_these_addresses_are_redis(url):
    found = shared_cache(url, prefix="privacy.example.org")
    assert found["BACKEND"] == "django.core.cache.backends.redis.RedisCache"
    assert found["LOCATION"] == url
    assert found["KEY_PREFIX"] == "privacy.example.org"
    assert found["OPTIONS"]["socket_timeout"] == found["OPTIONS"]["socket_connect_timeout"] == 2


@pytest.mark.parametrize(
    "url",
    [
        "cache.example.org",
        "http://cache.example.org",
        "memcached://cache.example.org",
        "redis://",
        "redis:///0",
        "redis://host:0",
        "redis://host:99999",
        "redis://host:port",
        "redis://host/name",
        "redis://host/0/1",
        "redis://host?db=1",
        "redis://host/0#word",
        "redis://:pass#word@host",
        "rediss://host/0?ssl_cert_reqs=none",
        "unix://",
        "unix:///",
        "unix:///run/",
        "unix://host/run/redis.sock",
        "unix:///run/redis.sock?db=x",
        "unix:///run/redis.sock?timeout=9",
    ],
)
def test_anything_else_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL must be like redis://") as told:
        shared_cache(url, prefix="x")
    assert "pass#word" not in str(told.value)


def test_a_user_without_a_password_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="CACHE_URL must have a password"):
        shared_cache("redis://user@host", prefix="x")


def test_that_the_packages_are_missing_is_said(monkeypatch):
    for name in ("redis", "redis.backoff", "redis.retry"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(ImproperlyConfigured, match=r"requirements-redis\.txt: install them"):
        shared_cache("redis://host", prefix="x")


class Untouchable(BaseCache):
    """A cache that nobody may ask for anything."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _refuse(self, *words: Any, **more: Any) -> Any:
        raise AssertionError("Somebody used the cache.")

    add = get = set = touch = delete = clear = _refuse


@pytest.mark.django_db(transaction=True)
def test_no_public_page_touches_the_cache(transactional_db, tmp_path, settings):
    from django.core.cache import caches

    made_before = caches["default"]
    with file_database(tmp_path):
        make_record()
        layer = Layer(LATER)
        settings.CACHES = {"default": {"BACKEND": f"{__name__}.Untouchable"}}
        try:
            with pytest.raises(AssertionError, match="used the cache"):
                caches["default"].get("x")
            for path in [*ADDRESSES, "/privacy/?q=cookies", "/privacy/nothing/", "/health/ready"]:
                assert layer.get(path).code < "500", path
        finally:
            settings.CACHES = {"default": IN_THE_DATABASE}
    assert caches["default"] is not made_before


@pytest.fixture
def shared(settings, server) -> Redis:
    """This process's own cache in Redis."""
    settings.CACHES = {"default": shared_cache(server.at_socket, prefix="privacy.example.org")}
    return server


@needs_redis
@pytest.mark.django_db
def test_while_redis_is_away_nobody_logs_in_and_guessing_is_not_let_through(shared, caplog):
    make_user()
    client = Client(raise_request_exception=False)
    assert log_in(client, password="wrong").status_code == 200
    shared.stop()
    for password in ("wrong", PASSWORD) * 5:
        answer = log_in(client, password=password)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "30"
        page = answer.content.decode()
        assert "Attempts to log in cannot be counted" in page
        assert "CACHE_URL" in page
        assert "Traceback" not in page
        assert not {"sessionid", "session"} & set(client.cookies)
    assert client.get("/admin/").status_code == 302
    assert "ConnectionError" in caplog.text
    shared.start()
    assert log_in(client).status_code == 302


@needs_redis
def test_entries_are_json_and_counted_by_redis_itself(shared):
    values = [True, False, None, 0, 5, "ä", [1795.5, 2.0], {"a": 1}]
    for value in values:
        cache.set("entry", value)
        found = cache.get("entry")
        assert (found, type(found)) == (value, type(value))
    cache.set("count", 1)
    assert cache.incr("count") == cache.get("count") == 2
    with redis.Redis.from_url(shared.at_socket) as known:
        cache.set("entry", ["text"])
        assert set(known.mget(known.keys())) == {b"2", b'["text"]'}
        known.set(cache.make_key("entry"), pickle.dumps(["text"]))
    with pytest.raises(ValueError, match="."):
        cache.get("entry")


@needs_the_client
@pytest.mark.django_db
def test_migrate_makes_the_table_even_if_redis_takes_its_place(settings):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")
    settings.CACHES = {"default": shared_cache("redis://192.0.2.1", prefix="x")}
    call_command("migrate", verbosity=0)
    settings.CACHES = {"default": IN_THE_DATABASE}
    cache.set("entry", "text")
    assert cache.get("entry") == "text"


@needs_redis
@pytest.mark.django_db
def test_a_redis_that_is_there_and_says_nothing_is_given_up_soon(settings):
    make_user()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings.CACHES = {"default": shared_cache(url, prefix="x")}
        began = time.monotonic()
        assert log_in(Client(raise_request_exception=False)).status_code == 503
        assert time.monotonic() - began < 15


GUESS = """
from django.test import Client
from tests.logging_in import log_in
client = Client(headers={{"host": "127.0.0.1"}}, REMOTE_ADDR="192.0.2.{number}")
print("ready", flush=True)
sys.stdin.readline()
pages = [log_in(client, password="wrong").content.decode() for _time in range(4)]
print(sum("not correct" in page for page in pages))
"""
THEN = """
from django.test import Client
from tests.logging_in import log_in
client = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="192.0.2.9")
print("Too many failed" in log_in(client).content.decode())
"""


@needs_redis
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["port", "socket"])
def test_processes_share_the_limit_of_wrong_passwords(site: Site, server: Redis, kind: str) -> None:
    """Two processes guess four times each, from two addresses; five guesses are tried in all."""
    site.environment["DEBUG"] = "true"  # static files by their own names
    site.environment["CACHE_URL"] = server.url if kind == "port" else server.at_socket
    site.run("from tests.logging_in import make_user\nmake_user()")
    said = site.at_once(*[GUESS.format(number=number) for number in (1, 2)])
    assert sum(map(int, said)) == 5
    assert site.run(THEN).strip() == "True"
    with redis.Redis.from_url(server.at_socket) as known:
        assert known.dbsize() > 0
