"""Both examples for nginx, as they stand, in a real nginx in front of the real server, over TLS.

Only ports, paths and the shortest time-outs are changed for the trial. Readers come from an address
of their own on the loopback net, so that it can be looked for in everything that nginx wrote.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests.test_server import Site

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not here"),
    pytest.mark.skipif(sys.platform != "linux", reason="the whole loopback net is Linux's"),
]

#: Without and with a cache; tests/faults/test_two_servers.py has what only the latter promises.
EXAMPLES = ("nginx.conf", "nginx-cache.conf")
NAME = "privacy.example.org"
DESK = "desk.example.org"
READER = "127.0.0.77"

MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {logs}/error.log;
events {{}}
http {{
    access_log {logs}/access.log;
    error_log {logs}/error.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/privacy;
}}
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Nginx:
    """A running nginx with our example in it, and a client to ask it."""

    def __init__(self, folder: Path, upstream: int, example: str) -> None:
        self.folder, self.logs = folder, folder / "logs"
        self.logs.mkdir()
        self.http, self.https = free_port(), free_port()
        subprocess.run(
            [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
            + ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
            + ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
            check=True,
            capture_output=True,
        )
        (folder / "privacy").write_text(self._adapted(example, upstream), encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        main = MAIN.format(folder=folder, logs=self.logs, user=user)
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        self.command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))

    def _adapted(self, example: str, upstream: int) -> str:
        text = (settings.BASE_DIR / "deploy" / example).read_text(encoding="utf-8")
        text = re.sub(r"^ *server 192\.0\.2\.12.*\n", "", text, flags=re.MULTILINE)
        text = text.replace("192.0.2.11:8000", "127.0.0.1:8000")
        text = text.replace("/var/cache/nginx-privacy", str(self.folder / "cache"))
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
        for former, here in (
            ("listen 80", f"listen 127.0.0.1:{self.http}"),
            ("listen 443", f"listen 127.0.0.1:{self.https}"),
            (f"/etc/letsencrypt/live/{NAME}", str(self.folder)),
            ("/var/log/nginx", str(self.logs)),
            ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
            ("client_header_timeout 10s", "client_header_timeout 1s"),
        ):
            assert former in text
            text = text.replace(former, here)
        # A host of its own for the desk, as docs/operators.md says: the last block once more.
        last = text[text.rindex("server {") :]
        return text + last.replace(f"server_name {NAME};", f"server_name {DESK};")

    def start(self) -> subprocess.Popen[bytes]:
        tried = subprocess.run([*self.command, "-t"], capture_output=True, text=True)
        assert tried.returncode == 0, tried.stderr
        server = subprocess.Popen(self.command)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.https)).close()
                return server
            except OSError:
                time.sleep(0.1)
        server.terminate()
        raise AssertionError("nginx did not start.")

    def connect(self, *, secure: bool = True, name: str = NAME) -> socket.socket:
        port = self.https if secure else self.http
        plain = socket.create_connection(("127.0.0.1", port), 20, source_address=(READER, 0))
        return self.tls.wrap_socket(plain, server_hostname=name) if secure else plain

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        secure: bool = True,
        **headers: str,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request; headers are given as Words_With_Underlines."""
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.connect(secure=secure)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, {"Host": NAME, **named})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def written(self) -> str:
        """Everything in its logs."""
        time.sleep(0.2)  # a line is written after the answer was sent
        return "".join(path.read_text(encoding="utf-8") for path in self.logs.iterdir())


class Echo(BaseHTTPRequestHandler):
    """A site that answers with the headers it was sent."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Print nothing."""


class Kept(Echo):
    """A site that keeps connections, and answers with what tells one from another."""

    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


#: What the site says of a page that caches in front may keep.
MAY_BE_KEPT = "public, max-age=0, s-maxage=1, stale-if-error=86400"


class Changing(BaseHTTPRequestHandler):
    """A site that answers with a status and a rule for caches, which tests change."""

    status, rule, asked = 200, MAY_BE_KEPT, 0

    def do_GET(self) -> None:
        Changing.asked += 1
        self.send_response(Changing.status)
        self.send_header("Content-Length", "0")
        if Changing.rule:
            self.send_header("Cache-Control", Changing.rule)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Print nothing."""


@contextmanager
def in_front_of(
    site: type[BaseHTTPRequestHandler], folder: Path, example: str, kind: type[Nginx] = Nginx
) -> Iterator[Nginx]:
    """nginx with an example, in front of a site that runs here."""
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), site)
    thread = threading.Thread(target=upstream.serve_forever)
    thread.start()
    nginx = kind(folder, upstream.server_port, example)
    server = nginx.start()
    try:
        yield nginx
    finally:
        server.terminate()
        server.wait(timeout=20)
        upstream.shutdown()
        thread.join()
        upstream.server_close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx as a cache in front of a site that changes as tests want it."""
    with in_front_of(Changing, tmp_path_factory.mktemp("cache"), "nginx-cache.conf") as nginx:
        yield nginx


@pytest.fixture(scope="module", params=EXAMPLES)
def echo(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Nginx]:
    """nginx in front of a site that tells what reached it."""
    with in_front_of(Echo, tmp_path_factory.mktemp("echo"), request.param) as nginx:
        yield nginx


class PublicSite(Site):
    """A site with an https address, that believes the proxy in front of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment |= {"SITE_URL": f"https://{NAME}", "BEHIND_PROXY": "true"}
        self.environment["DJANGO_SUPERUSER_PASSWORD"] = "only for this test"

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(f"{self.url}{path}", headers={"Host": NAME})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()


@pytest.fixture(scope="module", params=EXAMPLES)
def nginx(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Nginx]:
    """nginx in front of our server, with a policy and an administrator."""
    site = PublicSite(tmp_path_factory.mktemp("site"))
    site.manage("migrate", "-v0")
    site.manage("collectstatic", "--noinput", "-v0")
    site.manage("createsuperuser", "--noinput", "--username", "alice", "--email", "a@example.org")
    site.manage("import_policy", site.write("first"), "--policy", "privacy")
    site.manage("publish", "privacy", "--note", "The first version.")
    behind = site.start()
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), site.port, request.param)
    server = nginx.start()
    yield nginx
    server.terminate()
    behind.terminate()
    server.wait(timeout=20)
    behind.wait(timeout=20)


def cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    """The cookies that an answer sets, each with its attributes."""
    lines = answer.headers.get_all("Set-Cookie") or []
    return {line.partition("=")[0]: line for line in lines}


def test_what_a_client_says_of_itself_does_not_reach_the_site(echo):
    said = {
        "X_Forwarded_Proto": "http",
        "X_Forwarded_For": "203.0.113.9",
        "X_Forwarded_Host": "evil.example",
        "Forwarded": "for=203.0.113.9;proto=http",
        "X_Request_ID": "203.0.113.9",
    }
    for path in ("/privacy/", "/admin/login/"):
        seen = json.loads(echo.ask(path, **said)[1])
        assert seen["Host"] == NAME
        assert seen["X-Forwarded-Proto"] == "https"
        assert not {"X-Forwarded-Host", "Forwarded"} & set(seen)
        assert "203.0.113.9" not in str(seen)


@pytest.mark.parametrize("example", EXAMPLES)
def test_connections_to_the_site_are_kept_for_the_next_request(tmp_path, example):
    with in_front_of(Kept, tmp_path, example) as nginx:
        assert len({nginx.ask(f"/admin/{number}/")[1] for number in range(6)}) == 1


def test_the_desk_may_have_a_host_of_its_own(echo):
    for name in (NAME, DESK):
        assert json.loads(echo.ask("/admin/login/", Host=name)[1])["Host"] == name


class ClosedDesk(Nginx):
    """With the lines that close the desk while two servers are upgraded."""

    def _adapted(self, example: str, upstream: int) -> str:
        page = (settings.BASE_DIR / "docs" / "scaling.md").read_text(encoding="utf-8")
        lines = re.search(r"\n\n((?:    .*\n){3})\n1[.] `nginx -t", page)[1]
        before = "    location / {\n        proxy_pass"
        text = super()._adapted(example, upstream)
        assert before in text
        return text.replace(before, f"{lines}\n{before}")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_desk_can_be_closed_while_people_read(tmp_path, example):
    with in_front_of(Echo, tmp_path, example, ClosedDesk) as nginx:
        assert [nginx.ask(path)[0].status for path in ("/admin/", "/admin/login/")] == [503, 503]
        assert [nginx.ask(path)[0].status for path in ("/", "/privacy/admin/")] == [200, 200]


@pytest.mark.parametrize("path", ["/admin/login/", "/below/admin/"])
def test_the_desk_learns_the_address_that_nginx_saw(echo, path):
    assert json.loads(echo.ask(path, X_Forwarded_For="203.0.113.9")[1])["X-Forwarded-For"] == READER


def test_of_a_reader_the_site_learns_no_address(echo):
    assert READER not in echo.ask("/privacy/?q=/admin/")[1].decode()


def test_the_log_says_what_was_asked_but_not_by_whom_nor_what_was_searched(echo):
    echo.ask("/privacy/logged/?q=divorce", Referer="https://search.example/?q=divorce")
    written = echo.written()
    assert " GET /privacy/logged/ HTTP/1.1 200 " in written
    assert "divorce" not in written
    assert READER not in written


def test_the_site_and_the_log_call_a_request_by_the_same_id(echo):
    asked = json.loads(echo.ask("/privacy/identified/")[1])["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", asked)
    assert f" {asked}\n" in echo.written()


def test_links_that_are_keys_are_not_logged(echo):
    for path in ("/preview/s3cret/", "/below/preview/s3cret/x", "/%70review/s3cret/"):
        assert echo.ask(path)[0].status == 200
    echo.ask("/admin/account/password/reset/1-s3cret/")
    assert "s3cret" not in echo.written()


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_that_goes_wrong_writes_down_an_address(tmp_path, example):
    nginx = Nginx(tmp_path, free_port(), example)  # where no site listens
    server = nginx.start()
    try:
        assert nginx.ask("/privacy/")[0].status == 502
        assert nginx.ask("/privacy/", method="POST", Content_Length="99999999")[0].status == 413
        with nginx.connect() as broken:
            broken.sendall(b"\x00\xff nonsense\r\n\r\n")
            assert b"400" in broken.recv(1000)
        with nginx.connect(secure=False) as broken:
            broken.sendall(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n")
            broken.recv(1000)
        with nginx.connect() as gone:
            gone.sendall(b"GET /privacy/ HTTP/1.1\r\n")
        with socket.create_connection(("127.0.0.1", nginx.https), source_address=(READER, 0)) as it:
            it.sendall(b"no TLS at all\r\n\r\n")
            it.recv(1000)
        written = nginx.written()
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert " GET /privacy/ HTTP/1.1 502 " in written
    assert READER not in written


def test_http_leads_to_https(nginx):
    answer, _body = nginx.ask("/privacy/?a=b", secure=False)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/privacy/?a=b")


def test_a_page_comes_with_hsts_and_without_cookies(nginx):
    answer, body = nginx.ask("/privacy/", X_Forwarded_Proto="http", Cookie="sessionid=junk")
    assert answer.status == 200
    assert b"The first answer." in body
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert not cookies(answer)
    assert answer.headers["Server"] == "nginx"


def test_http_2_is_spoken(nginx):
    nginx.tls.set_alpn_protocols(["h2"])
    try:
        with nginx.connect() as connection:
            assert connection.selected_alpn_protocol() == "h2"
    finally:
        nginx.tls.set_alpn_protocols(["http/1.1"])


def test_another_host_gets_neither_an_answer_nor_a_certificate(nginx):
    with pytest.raises((http.client.RemoteDisconnected, http.client.BadStatusLine)):
        nginx.ask("/privacy/", Host="evil.example")
    with pytest.raises((http.client.RemoteDisconnected, http.client.BadStatusLine)):
        nginx.ask("/privacy/", secure=False, Host="evil.example")
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized"):
        nginx.connect(name="evil.example")


def test_static_files_come_compressed_and_may_be_kept(nginx):
    page = nginx.ask("/privacy/")[1].decode()
    sheet = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    answer, _body = nginx.ask(sheet, Accept_Encoding="br, gzip")
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]


def test_an_administrator_logs_in_through_it(nginx):
    login = "/admin/login/"
    answer, page = nginx.ask(login)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())[1]
    set_first = cookies(answer)
    assert set(set_first) == {"__Host-csrf"}
    form = {"csrfmiddlewaretoken": token, "login": "alice", "password": "only for this test"}
    sent: dict[str, Any] = {
        "method": "POST",
        "body": urlencode(form).encode(),
        "Content_Type": "application/x-www-form-urlencoded",
        "Cookie": set_first["__Host-csrf"].partition(";")[0],
    }
    assert nginx.ask(login, **sent, Origin="https://evil.example")[0].status == 403
    answer, _page = nginx.ask(login, **sent, Origin=f"https://{NAME}")
    assert answer.status == 302
    session = cookies(answer)["__Host-session"]
    assert {"Secure", "HttpOnly", "Path=/"} <= set(session.split("; "))
    assert "Secure" in set_first["__Host-csrf"]
    cookie = session.partition(";")[0]
    assert nginx.ask("/admin/account/", Cookie=cookie)[0].status in {200, 302}


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(nginx):
    answer, _body = nginx.ask("/admin/login/", method="POST", Content_Length=str(13 * 2**20))
    assert answer.status == 413


def test_a_sender_that_does_not_end_its_headers_is_cut_off(nginx):
    with nginx.connect() as slow:
        slow.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: ".encode())
        assert slow.recv(1000).partition(b"\r\n")[0] in {b"", b"HTTP/1.1 408 Request Time-out"}
    assert nginx.ask("/privacy/")[0].status == 200


def asked_twice(nginx: Nginx, path: str, status: int, rule: str) -> bool:
    """Whether the site is asked again for what it gave a moment ago."""
    Changing.status, Changing.rule = status, rule
    before = Changing.asked
    for _time in range(2):
        assert nginx.ask(path)[0].status == status
    return Changing.asked - before == 2


@pytest.mark.parametrize("status", [200, 301, 302, 410])
def test_the_cache_keeps_what_the_site_lets_it_keep(cache, status):
    for rule in (MAY_BE_KEPT, "public, max-age=31536000, immutable"):
        assert not asked_twice(cache, f"/{status}/{len(rule)}/", status, rule)


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        (200, ""),
        (200, "no-cache"),
        (200, "public, max-age=60"),
        (200, "public, max-age=0, s-maxage=3600, stale-if-error=86400"),
        (200, "public, max-age=0, s-maxage=10"),
        (404, MAY_BE_KEPT),
        (503, MAY_BE_KEPT),
    ],
)
def test_the_cache_keeps_nothing_else(cache, status, rule):
    assert asked_twice(cache, f"/other/{status}/{len(rule)}/", status, rule)


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_what_the_site_answers_now_counts_and_not_the_cache(cache, status):
    path = f"/gone/{status}/"
    assert not asked_twice(cache, path, 200, MAY_BE_KEPT)
    time.sleep(2.1)  # nginx counts whole seconds
    Changing.status, Changing.rule = status, ""
    for _time in range(2):
        assert cache.ask(path)[0].status == status
