"""Rules for nginx, to be included in a `server` block: what a file alone does not say.

https://nginx.org/en/docs/http/ngx_http_core_module.html has the directives. Most pages need no
rule of their own; an exact `location` has each that does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from faq.delivery.answers import Header
from faq.static_site.places import NOT_FOUND, Entry

PAGE = "text/html; charset=utf-8"
#: Exact locations of nginx have names of at most so many bytes; longer ones match nothing.
LONGEST = 255

_HEAD = """\
# Written by manage.py export_site: include it in a server block that has the folder "site" beside
# this file as its root, and reload nginx after each export.

absolute_redirect off;
charset           off;
types             {{ }}
default_type      "{page}";

# The compressed files beside each file.
gzip         off;
gzip_static  on;
gzip_vary    on;
gzip_proxied any;
# With Debian's package libnginx-mod-http-brotli-static:
#   brotli_static on;
# With the module zstd-nginx-module, which has to be built:
#   zstd_static on;

# The headers of an ordinary page.
"""
_WITHOUT_NAMES = r"""
location ~ "/$" {
    try_files "${uri}index.html" =404;
}
# Nothing has a second address.
location ~ "/index\.html$|\.(br|gz|zst)$|^/_" {
    return 404;
}
"""


def rules(entries: Sequence[Entry], not_found: Sequence[Entry], root: str) -> str:
    """The text of the include. `root` is the path of SITE_URL, without a slash at its end."""
    ordinary = _ordinary(entries)
    lines = [_HEAD.format(page=PAGE), *_headers(ordinary, "")]
    lines += [*_not_found(not_found, ordinary, root), ""]
    history = re.compile(f"{re.escape(root)}/[a-z0-9-]+/versions/")
    # Patterns are tried in their order: those of long names come before the one for all names.
    for number, entry in sorted(enumerate(entries), key=lambda pair: not _is_long(pair[1])):
        asks = bool(history.fullmatch(entry.path)) and entry.code == "200"
        if asks or not _is_ordinary(entry, ordinary):
            lines += _location(entry, number, ordinary, asks=asks)
    lines.append(_WITHOUT_NAMES)
    return "".join(f"{line}\n" for line in lines)


def quoted(text: str) -> str:
    """A text as one word of a configuration."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ordinary(entries: Iterable[Entry]) -> tuple[Header, ...]:
    """The headers that most pages have."""
    pages = [each.headers for each in entries if each.code == "200" and each.content_type == PAGE]
    return Counter(pages).most_common(1)[0][0] if pages else ()


def _is_ordinary(entry: Entry, ordinary: tuple[Header, ...]) -> bool:
    return (
        entry.code == "200"
        and entry.path.endswith("/")
        and entry.has_own_name
        and entry.content_type == PAGE
        and entry.headers == ordinary
    )


def _is_long(entry: Entry) -> bool:
    return len(entry.decoded.encode()) > LONGEST


def _not_found(entries: Sequence[Entry], ordinary: tuple[Header, ...], root: str) -> Iterator[str]:
    """Which page says that there is nothing: by the form that is asked for, and by policy."""
    html, json, text = (f"{root}/{name}" for name in NOT_FOUND)
    yield ""
    yield "# What is said where there is nothing."
    yield f'set $nothing_here "{html}";'
    for entry in entries:
        folder = entry.decoded.removesuffix(NOT_FOUND[0])
        if entry.decoded.endswith(NOT_FOUND[0]) and folder != f"{root}/":
            yield f'if ($uri ~ "^{re.escape(folder)}") {{ set $nothing_here "{entry.decoded}"; }}'
    yield f'if ($uri ~ "\\.json$") {{ set $nothing_here "{json}"; }}'
    endings = r"\.(md|py|txt|xml|atom)$|/(timegate|timemap)/$"
    yield f'if ($uri ~ "{endings}") {{ set $nothing_here "{text}"; }}'
    yield "error_page 404 $nothing_here;"
    for entry in entries:
        yield f"location = {quoted(entry.decoded)} {{"
        yield "    internal;"
        yield from _kind(entry)
        yield from _own_headers(entry, ordinary)
        yield "}"


def _location(
    entry: Entry, number: int, ordinary: tuple[Header, ...], *, asks: bool
) -> Iterator[str]:
    """The rule for one address."""
    begin = f"location = {quoted(entry.decoded)} {{"
    if _is_long(entry):
        pattern = f"^{re.escape(entry.decoded)}$"
        begin = f"location ~ {quoted(pattern)} {{"
    inside = [*_kind(entry), *_own_headers(entry, ordinary), *_try(entry)]
    if asks:
        inside = [*_forms(entry.decoded), *inside]
    if entry.location:
        # A dollar would begin a variable, and nothing escapes it.
        target = quoted(entry.location.replace("$", "%24"))
        inside = [*_own_headers(entry, ordinary), f"    return {entry.code} {target};"]
    if entry.code in {"200", "301", "302"}:
        yield from (begin, *inside, "}")
        return
    yield from (begin, f"    error_page {entry.code} @said{number};")
    yield from (f"    return {entry.code};", "}")
    yield from (f"location @said{number} {{", *inside, "}")


def _kind(entry: Entry) -> Iterator[str]:
    if entry.content_type != PAGE:
        yield f"    default_type {quoted(entry.content_type)};"


def _own_headers(entry: Entry, ordinary: tuple[Header, ...]) -> Iterator[str]:
    """A location that adds any header has none of those around it."""
    if entry.headers != ordinary:
        yield from _headers(entry.headers, "    ")


def _headers(headers: Iterable[Header], indent: str) -> Iterator[str]:
    for name, value in headers:
        yield f"{indent}add_header {name} {quoted(value)} always;"


def _try(entry: Entry) -> Iterator[str]:
    if not entry.has_own_name:
        yield f'    try_files "/{entry.file}" =404;'
    elif entry.path.endswith("/"):
        yield '    try_files "${uri}index.html" =404;'
    elif entry.code != "200":
        yield '    try_files "$uri" =404;'


def _forms(path: str) -> Iterator[str]:
    """Lead what the forms of the list of versions ask to the address of the answer."""
    yield '    if ($arg_on ~ "^[0-9]{4}-[0-9]{2}-[0-9]{2}$") {'
    yield f'        return 302 "{path}$arg_on/";'
    yield "    }"
    yield '    if ($args ~ "^from=([1-9][0-9]*)&to=([1-9][0-9]*)$") {'
    yield f'        return 302 "{path}$1...$2/";'
    yield "    }"
