"""The server itself: an application that knows one answer, and looks at two headers of a request.

No layer in Python can take less than this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.peers import site

TAG = '"constant-br"'
PAGE = (site.FOLDER / "files" / "privacy" / "index.html").read_bytes()
BODY = (site.FOLDER / "files" / "privacy" / "index.html.br").read_bytes()
ALWAYS = [
    ("Cache-Control", "public, max-age=0, s-maxage=1, stale-if-error=86400"),
    ("ETag", TAG),
    ("Vary", "Accept-Encoding"),
]
HEADERS = [
    *ALWAYS,
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(BODY))),
    ("Content-Encoding", "br"),
]


def prepare() -> None:
    """There is nothing to prepare: the benchmark has written the files."""


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Give the one answer, or say that the reader has it."""
    if environ.get("HTTP_IF_NONE_MATCH") == TAG:
        start_response("304 Not Modified", list(ALWAYS))
        return []
    if "br" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
        start_response("200 OK", list(ALWAYS))
        return [PAGE]
    start_response("200 OK", list(HEADERS))
    return [BODY]
