"""Links from page to page that hold below any path."""

from __future__ import annotations

import posixpath

from bs4 import BeautifulSoup
from bs4.dammit import EntitySubstitution
from bs4.formatter import HTMLFormatter
from django.template.loader import render_to_string

from faq.static_site.places import served_at

#: Attributes that hold an address which a browser follows or fetches.
ADDRESSES = ("action", "data-words", "href", "src")
#: As browsers read it, and as much as possible as it was.
_FORMATTER = HTMLFormatter(
    entity_substitution=EntitySubstitution.substitute_xml, void_element_close_prefix=""
)


def with_relative_links(html: str, path: str) -> str:
    """A page whose links to other pages of the site start from `path`, its own address.

    What is whole stays so: canonical addresses, and what is read away from the site. Forms that
    a server would have to answer are left out.
    """
    page = BeautifulSoup(html, "html.parser")
    for form in page.find_all("form"):
        if not str(form.get("action", "")).startswith("#"):
            form.decompose()
    for section in page.select("section.asks"):
        if section.form is None:
            section.decompose()
    for name in ADDRESSES:
        for tag in page.select(f"[{name}]"):
            target = str(tag[name])
            if target.startswith("/") and not target.startswith("//"):
                tag[name] = relative(path, target)
    return page.decode(formatter=_FORMATTER)


def moved_page(path: str, location: str) -> str:
    """A page that leads from `path` to another, for servers that are told of no redirects."""
    return render_to_string("moved.html", {"target": relative(path, location)})


def relative(path: str, target: str) -> str:
    """How the page at `path` names another address of the site; both as they stand in links."""
    place = min((target.find(mark) for mark in "?#" if mark in target), default=len(target))
    address, rest = target[:place], target[place:]
    if address == path and rest:
        return rest
    here, there = served_at(path), served_at(address)
    step = posixpath.relpath(there, here.rpartition("/")[0] or "/")
    if there.endswith("/"):
        step += "/"
    if ":" in step.partition("/")[0]:  # it would look like a scheme
        step = f"./{step}"
    return f"{step}{rest}"
