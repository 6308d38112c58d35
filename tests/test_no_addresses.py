"""The address of whoever asks is kept nowhere: a real server is asked, and then searched through.

Whatever a reader can bring about is done from one address, with another one in X-Forwarded-For as a
proxy would add it: pages, errors, refused forms and log-ins, nonsense. Then both are looked for in
the database, the cache in it, the log, the mails (which go to the log here) and every file of the
site.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import sqlite3
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.logging_in import PASSWORD
from tests.test_server import Site

pytestmark = pytest.mark.slow

SENDER, FORWARDED = "127.98.76.54", "203.0.113.77"
AGENT, SEARCH, TYPED = "Agentword", "searchword", "typedword"
KEPT_NOWHERE = (SENDER, FORWARDED, AGENT, SEARCH, TYPED)
LOGIN, RESET = "/admin/login/", "/admin/account/password/reset/"
SETTINGS = {
    "BEHIND_PROXY": "true",
    "ADMIN_MFA": "true",
    "EMAIL_URL": "console:",
    "LOG_FORMAT": "json",
    "DJANGO_SETTINGS_MODULE": "tests.settings_that_break",
    "PYTHONPATH": str(settings.BASE_DIR),
}
#: One process makes the site, as each takes its time to start.
MADE_OF = """
import sys, django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("import_policy", sys.argv[1], policy="privacy")
call_command("publish", "privacy", note="The first version.")
User.objects.create_superuser("root", "root@example.org", sys.argv[2])
"""
#: What is asked, with what must be answered: else the search would prove nothing.
ASKED = {
    "/": 302,
    "/privacy/": 200,
    "/privacy.json": 200,
    "/privacy/versions/?on=1999-01-01": 400,
    "/privacy/versions/timegate/": 302,
    "/nothing/": 404,
    "/nothing.json": 404,
    "/privacy/broken/": 500,
    "/preview/nothing/": 404,
    LOGIN: 200,
    "/admin/": 302,
    "/admin/nothing/": 302,
    "/health/ready": 200,
}


class Reader:
    """Asks from an address of its own, over a new connection each time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def ask(self, path: str, form: dict[str, str] | None = None, **more: str) -> tuple[int, str]:
        """What is answered: the status and the text."""
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "X-Forwarded-For": f"{SENDER}, {FORWARDED}",
            "Forwarded": f"for={FORWARDED}",
            "X-Real-IP": FORWARDED,
            "User-Agent": AGENT,
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        body = urllib.parse.urlencode(form) if form is not None else None
        source = (SENDER, 0)
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=20, source_address=source
        )
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        if cookies := answer.headers.get_all("Set-Cookie"):
            self.cookie = "; ".join(each.partition(";")[0] for each in cookies)
        connection.close()
        return answer.status, text

    def send(self, path: str, **fields: str) -> int:
        """Fill in a page's form and send it."""
        _status, page = self.ask(path)
        found = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        return self.ask(path, {**fields, "csrfmiddlewaretoken": found[1]})[0]

    def rave(self, nonsense: bytes) -> None:
        """Send what is no request."""
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=5, source_address=(SENDER, 0)
        ) as connection:
            connection.sendall(nonsense)
            connection.settimeout(1)
            try:
                connection.recv(1000)
            except TimeoutError:
                return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site behind a proxy, after everything was done to it."""
    folder = tmp_path_factory.mktemp("watched")
    site = Site(folder)
    site.environment |= SETTINGS
    done = subprocess.run(
        [sys.executable, "-c", MADE_OF, site.write("first"), PASSWORD],
        cwd=settings.BASE_DIR,
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    with (folder / "server.log").open("wb") as log:
        server = site.start(stdout=log, stderr=subprocess.STDOUT)
        try:
            do_everything(Reader(site.port))
        finally:
            server.terminate()
            server.wait(timeout=20)
    return site


def do_everything(reader: Reader) -> None:
    for path, status in ASKED.items():
        asked = f"{path}{'&' if '?' in path else '?'}q={SEARCH}"
        assert reader.ask(asked)[0] == status, path
    assert reader.ask("/privacy/", {"a": TYPED})[0] == 405
    assert reader.ask("/privacy/", Host="elsewhere.example")[0] == 400
    assert reader.ask(LOGIN, {"login": TYPED})[0] == 403
    assert reader.ask(LOGIN, {"login": TYPED}, Origin=f"http://{FORWARDED}")[0] == 403
    # More often than is allowed, so that the limits for senders and accounts write all they write.
    statuses = {reader.send(LOGIN, login=name, password=TYPED) for name in ["root", TYPED] * 8}
    assert statuses == {200}
    assert reader.send(RESET, email="root@example.org") == 302
    reader.send(f"{RESET}?x={SEARCH}", email=f"{TYPED}@example.org")
    for nonsense in (b"\x16\x03\x01\x00", b"GET /" + AGENT.encode() + b"\r\n\r\n", b"X" * 20_000):
        reader.rave(nonsense)


def kept(site: Site) -> dict[str, str]:
    """Everything that is left, as text, by where it stands."""
    found = {}
    database = sqlite3.connect(site.folder / "site.sqlite3")
    rows: list[Any] = list(database.iterdump())
    found["the database"] = "\n".join(rows)
    values = [value for [value] in database.execute("SELECT value FROM cache")]
    database.close()
    assert values, "Nothing was counted."
    found["the cache"] = "\n".join(base64.b64decode(each).decode("latin-1") for each in values)
    for path in site.folder.rglob("*"):
        if path.is_file() and path.parts[-2] != "static":
            found[str(path.relative_to(site.folder))] = path.read_bytes().decode("latin-1")
    return found


def test_neither_the_senders_address_nor_what_was_typed_is_found_anywhere(site: Site) -> None:
    found = kept(site)
    told = {word: [place for place, text in found.items() if word in text] for word in KEPT_NOWHERE}
    assert told == {word: [] for word in KEPT_NOWHERE}


def test_it_was_all_noticed_and_the_search_would_find_it(site: Site) -> None:
    found = kept(site)
    assert "The first answer." in found["the database"]
    assert "/admin/account/password/reset/" in found["server.log"]  # the mail
    lines = [json.loads(line) for line in found["server.log"].splitlines() if line[:1] == "{"]
    assert {line.get("status") for line in lines} >= {400, 403, 404, 405, 500}
    [broken] = [line for line in lines if line["status"] == 500]
    assert broken["path"] == "/privacy/broken/"
    assert "builtins.RuntimeError" in broken["error"]
