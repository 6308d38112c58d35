"""Asking an application for an answer, and whether the answer may be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Header = tuple[str, str]

#: Answers worth keeping. 404 and errors are not: there is no end of addresses without a page.
KEPT = frozenset(("200", "301", "302", "410"))
#: What a view says of an answer that stays true until the record changes, or for ever.
ASK_EACH_TIME, FOR_EVER = "no-cache", "immutable"


@dataclass(frozen=True)
class Answer:
    """A whole answer: status line, headers in their order, body."""

    status: str
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header; empty if there is none."""
        return next((value for each, value in self.headers if each.lower() == name), "")

    @property
    def code(self) -> str:
        """The three digits of the status."""
        return self.status[:3]

    @property
    def is_fault(self) -> bool:
        """Whether something broke."""
        return self.code[0] == "5"

    @property
    def varies(self) -> bool:
        """Whether it was made for something in the request besides its address."""
        return self.header("vary").strip().lower() not in {"", "accept-encoding"}

    @property
    def may_be_kept(self) -> bool:
        """Whether others may get it too, until the record changes."""
        rule = self.header("cache-control")
        marked = rule == ASK_EACH_TIME or FOR_EVER in rule
        return self.code in KEPT and marked and not self.varies and not self.header("set-cookie")

    def send(self, start_response: StartResponse, *, with_body: bool = True) -> list[bytes]:
        """Hand it to the server."""
        start_response(self.status, list(self.headers))
        return [self.body] if with_body and self.body else []


def ask(application: Application, environ: Environ) -> Answer:
    """The whole answer of an application to one request."""
    started: list[Any] = []

    def start_response(status: str, headers: list[Header], exc_info: Any = None) -> Any:
        started[:] = [status, tuple(headers)]
        return written.append

    written: list[bytes] = []
    chunks = application(environ, start_response)
    try:
        body = b"".join([*written, *chunks])
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return Answer(started[0], started[1], body)


def request_for(site: Any, host: str, path: str, **more: Any) -> Environ:
    """A request for a page that carries nothing of any reader.

    `path` is as WSGI has it: the bytes of the decoded path, each as one character.
    """
    name, _colon, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name or not port.isdigit():
        name, port = host, "443" if site.scheme == "https" else "80"
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **more,
    }


def status_line(status: HTTPStatus) -> str:
    """A status as servers want it."""
    return f"{status.value} {status.phrase}"
