"""Which file an address becomes, and what a server must be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote

from faq.delivery.answers import KEPT, Header
from faq.delivery.pages import IDENTITY, Page

#: How the files end that hold others in compressed form.
SUFFIXES = {"br": ".br", "gzip": ".gz", "zstd": ".zst"}
#: What stands for addresses at which there is nothing, by the form in which they say so.
NOT_FOUND = ("404.html", "404.json", "404.txt")
INDEX = "index.html"
#: The folder of pages whose address makes no good name for a file.
UNNAMED = "_"
#: The longest name that file systems on Linux take, in bytes.
LONGEST = 255
#: What a server makes itself, or what an address has for itself.
_OF_THE_SERVER = frozenset(("content-length", "etag", "last-modified", "location", "vary"))


@dataclass(frozen=True)
class Entry:
    """A public address as a server must answer it.

    `path` stands as in links, `file` is the name of its file (empty for a redirect), `headers`
    are those of its answer without Content-Type and without what a server makes itself.
    """

    path: str
    file: str
    code: str
    location: str
    content_type: str
    headers: tuple[Header, ...]

    @property
    def decoded(self) -> str:
        """The path as servers compare it."""
        return unquote(self.path)

    @property
    def has_own_name(self) -> bool:
        """Whether the file follows from the address."""
        return not self.file.startswith(f"{UNNAMED}/")


def entry_of(path: str, page: Page, file: str | None = None) -> Entry:
    """What a server must know of a finished page; `file` if it is not the usual one."""
    answer = page.answer
    # Only what is kept gets other words for caches (faq.delivery.pages).
    headers = page.variants[IDENTITY].headers if answer.code in KEPT else answer.headers
    kept = [each for each in headers if each[0].lower() not in _OF_THE_SERVER | {"content-type"}]
    location = answer.header("location")
    return Entry(
        path=path,
        file="" if location else file or file_of(path),
        code=answer.code,
        location=location,
        content_type=answer.header("content-type"),
        headers=tuple(kept),
    )


def file_of(path: str) -> str:
    """The name of the file for an address, as it stands in links, below the root of the site.

    A page is the index of a folder with its decoded name. A name that is too long for a file
    system (200 characters may take 800 bytes), or that a file of ours has, gets a fingerprint.
    """
    decoded = unquote(path).lstrip("/")
    *folders, last = decoded.split("/")
    room = LONGEST - max(map(len, SUFFIXES.values()))
    good = len(last.encode()) <= room and not any(map(_is_taken, folders))
    if good and not last.startswith("."):
        return decoded if last else f"{decoded}{INDEX}"
    return f"{UNNAMED}/{sha256(decoded.encode()).hexdigest()}.html"


def served_at(path: str) -> str:
    """Where a server without rules finds the page of an address."""
    file = file_of(path)
    return f"/{quote(file)}" if file.startswith(f"{UNNAMED}/") else path


def _is_taken(folder: str) -> bool:
    """Whether a folder cannot have this name, because a file may, or because it is too long."""
    return (
        len(folder.encode()) > LONGEST
        or folder in {INDEX, *NOT_FOUND}
        or folder.endswith(tuple(SUFFIXES.values()))
    )
