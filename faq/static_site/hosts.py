"""`_headers` and `_redirects` as static hosts read them.

https://docs.netlify.com/routing/headers/ and https://developers.cloudflare.com/pages/configuration/
describe the form, which they share. Where several patterns match, the values of a header are
joined by commas. So each header stands once for an address; but for the security policy, where
browsers obey each of those that are joined, and the stricter one wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from faq.static_site.places import Entry

POLICY = "Content-Security-Policy"
#: What belongs to single answers.
_OF_ITS_OWN = frozenset(("Access-Control-Allow-Origin", "Link", "Memento-Datetime"))


def headers_file(entries: Sequence[Entry], root: str) -> str:
    """`_headers`: what is the same everywhere first, then by folder, then by address.

    Hosts stop reading after a number of patterns, so what matters most comes first.
    """
    answers = [each for each in entries if each.file]
    values = {each.path: dict(each.headers) for each in answers}
    found: dict[str, dict[str, str]] = {"/*": {}}
    folders: dict[str, list[str]] = {}
    for path in values:
        folders.setdefault(_folder(path, root), []).append(path)
    for pattern in folders:
        found.setdefault(pattern, {})
    names = {name: None for headers in values.values() for name in headers}
    for name in names:
        if name == POLICY or name in _OF_ITS_OWN:
            continue
        for pattern, paths in (
            {"/*": list(values)}.items() if _one(name, values, values) else (folders.items())
        ):
            if _one(name, paths, values):
                said = values[paths[0]].get(name)
                _note(found, pattern, name, said)
            else:
                for path in paths:
                    _note(found, path, name, values[path].get(name))
    page = next((values[each.path].get(POLICY) for each in answers if _is_page(each)), None)
    _note(found, "/*", POLICY, page)
    for each in answers:
        own = values[each.path]
        if own.get(POLICY) != page:
            _note(found, each.path, POLICY, own.get(POLICY))
        if not _is_page(each):
            _note(found, each.path, "Content-Type", each.content_type)
        for name in _OF_ITS_OWN:
            _note(found, each.path, name, own.get(name))
    return "".join(f"{line}\n" for line in _lines(found))


def redirects_file(entries: Sequence[Entry]) -> str:
    """`_redirects`: where addresses lead, and which file is shown for one that has another name."""
    lines = []
    for entry in entries:
        if entry.location:
            lines.append(f"{entry.path} {entry.location} {entry.code}")
        elif not entry.has_own_name:
            lines.append(f"{entry.path} /{entry.file} 200")
    return "".join(f"{line}\n" for line in lines)


def _folder(path: str, root: str) -> str:
    """The pattern of the first folder below the root; of a file there, its own address."""
    first, slash, _rest = path.removeprefix(root).lstrip("/").partition("/")
    within = path.startswith(f"{root}/")
    return f"{root}/{first}/*" if slash and within else path


def _one(name: str, paths: Iterable[str], values: dict[str, dict[str, str]]) -> bool:
    """Whether all of these answers have the same value, or none."""
    return len({values[path].get(name) for path in paths}) == 1


def _is_page(entry: Entry) -> bool:
    return entry.content_type.startswith("text/html")


def _note(found: dict[str, dict[str, str]], pattern: str, name: str, value: str | None) -> None:
    if value:
        found.setdefault(pattern, {})[name] = value


def _lines(found: dict[str, dict[str, str]]) -> Iterator[str]:
    for pattern, headers in found.items():
        if headers:
            yield pattern
            yield from (f"  {name}: {value}" for name, value in headers.items())
