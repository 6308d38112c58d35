"""A finished page: one answer, ready in every encoding, with what conditional requests need."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

import brotli
from backports import zstd
from django.utils.http import parse_etags

from faq.delivery.answers import (
    ASK_EACH_TIME,
    Answer,
    Environ,
    Header,
    StartResponse,
    status_line,
)
from faq.digest import fingerprint

#: Encodings from the smallest body to the largest, as they are chosen where a reader takes several.
BR, ZSTD, GZIP, IDENTITY = "br", "zstd", "gzip", "identity"
ENCODINGS = (BR, ZSTD, GZIP)
#: Media types that get smaller. Pictures do not.
COMPRESSIBLE = re.compile(r"text/|application/(.+\+)?(json|xml)\b|application/link-format")
#: Smaller bodies fit into the packet that carries the headers anyway.
WORTH_COMPRESSING = 500

#: Caches in front may hold a page for a second, and for a day if the site does not answer.
SHARED = "public, max-age=0, s-maxage=1, stale-if-error=86400"
#: Headers of an answer that a 304 repeats: whoever asks has the others (RFC 9110, 15.4.5).
#: Whether other sites may read it is told each time, since not every browser looks at what it has.
REPEATED = frozenset(("access-control-allow-origin", "cache-control", "etag", "vary"))
NOT_MODIFIED = status_line(HTTPStatus.NOT_MODIFIED)
#: What an entry takes in memory besides its bodies: mostly its headers, in four encodings.
OVERHEAD = 6_000


@dataclass(frozen=True)
class Variant:
    """The page in one encoding."""

    headers: tuple[Header, ...]
    body: list[bytes]
    etag: str
    headers_if_known: tuple[Header, ...]


@dataclass(frozen=True)
class Page:
    """An answer with its variants by encoding."""

    answer: Answer
    variants: dict[str, Variant]
    size: int = field(init=False)
    #: Whether somebody may have it already: conditions are for what would be a 200 and for nothing
    #: else (RFC 9110, 13.2.1).
    may_be_known: bool = field(init=False)

    def __post_init__(self) -> None:
        bodies = sum(len(body) for each in self.variants.values() for body in each.body)
        object.__setattr__(self, "size", bodies + OVERHEAD)
        known = self.answer.code == "200" and bool(self.answer.body)
        object.__setattr__(self, "may_be_known", known)

    @property
    def lacks_brotli(self) -> bool:
        """Whether the encoding that takes long is still to be made."""
        return GZIP in self.variants and BR not in self.variants

    def with_brotli(self) -> Page:
        """The same page, in Brotli too."""
        body = brotli.compress(self.answer.body, mode=brotli.MODE_TEXT, quality=11)
        return Page(self.answer, {**self.variants, BR: _variant(self.answer, BR, body)})

    def send(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """Answer a GET or HEAD request. The list of headers is the server's own, to change it."""
        variants = self.variants
        chosen = variants[IDENTITY]
        if len(variants) > 1:
            for encoding in preferred(environ.get("HTTP_ACCEPT_ENCODING", "")):
                if encoding in variants:
                    chosen = variants[encoding]
                    break
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and self.may_be_known and (known == chosen.etag or matches(chosen.etag, known)):
            start_response(NOT_MODIFIED, list(chosen.headers_if_known))
            return []
        start_response(self.answer.status, list(chosen.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else chosen.body


def finish(answer: Answer) -> Page:
    """Make an answer ready, in the encodings that take next to no time."""
    body = answer.body
    variants = {IDENTITY: _variant(answer, IDENTITY, body)}
    if _is_compressible(answer):
        variants[GZIP] = _variant(answer, GZIP, gzip.compress(body, 9, mtime=0))
        variants[ZSTD] = _variant(answer, ZSTD, zstd.compress(body, 9))
    return Page(answer, variants)


def compressed(answer: Answer, accepted: str) -> Answer:
    """An answer that is not kept, in gzip for whoever takes that by an Accept-Encoding header."""
    if not _is_compressible(answer) or answer.varies:
        return answer
    body, encoded = answer.body, []
    if GZIP in preferred(accepted):
        body, encoded = gzip.compress(body, 6, mtime=0), [("Content-Encoding", GZIP)]
    kept = [each for each in answer.headers if each[0] not in {"Content-Length", "Vary"}]
    size = ("Content-Length", str(len(body)))
    return Answer(answer.status, (*kept, size, ("Vary", "Accept-Encoding"), *encoded), body)


def matches(etag: str, known: str) -> bool:
    """Whether a reader who names these tags has this variant; a weakened tag counts too."""
    tags = parse_etags(known)
    return "*" in tags or etag in {tag.removeprefix("W/") for tag in tags}


@lru_cache(maxsize=256)
def preferred(accepted: str) -> tuple[str, ...]:
    """The encodings that an Accept-Encoding header takes, the best first (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weights[name] = _weight(parameters)
    rest = weights.get("*", 0.0)
    plain = weights.get(IDENTITY, 0.0)
    found = [(weights.get(each, rest), each) for each in ENCODINGS]
    wanted = [(weight, each) for weight, each in found if weight > 0 and weight >= plain]
    return tuple(each for _weight, each in sorted(wanted, key=lambda pair: -pair[0]))


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _equals, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _is_compressible(answer: Answer) -> bool:
    kind = answer.header("content-type")
    return bool(COMPRESSIBLE.match(kind)) and len(answer.body) >= WORTH_COMPRESSING


def _variant(answer: Answer, encoding: str, body: bytes) -> Variant:
    headers = [
        (name, SHARED if name == "Cache-Control" and value == ASK_EACH_TIME else value)
        for name, value in answer.headers
        if name not in {"Content-Length", "ETag", "Vary"}
    ]
    headers.append(("Content-Length", str(len(body))))
    etag = ""
    if answer.body:
        suffix = "" if encoding == IDENTITY else f"-{encoding}"
        etag = f'"{fingerprint(answer.body)}{suffix}"'
        headers.append(("ETag", etag))
    if _is_compressible(answer):
        headers.append(("Vary", "Accept-Encoding"))
    if encoding != IDENTITY:
        headers.append(("Content-Encoding", encoding))
    known = tuple((name, value) for name, value in headers if name.lower() in REPEATED)
    return Variant(tuple(headers), [body] if body else [], etag, known)
