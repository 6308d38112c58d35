"""Every public page and file at a moment, asked from the application as readers ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import unquote_to_bytes, urljoin

from django.conf import settings

from faq.delivery.answers import KEPT, Answer, Application, ask, request_for
from faq.delivery.layer import raw
from faq.delivery.pages import compressed
from faq.static_site.places import NOT_FOUND
from faq.views import AT, COPY

#: Where pages and style sheets name files. Text of a policy cannot look so: its < is escaped.
_IN_PAGE = re.compile(r'<(?:link|script|img|source)\b[^>]*?\s(?:href|src)="([^"#?]+)')
_IN_SHEET = re.compile(r"""url\(\s*["']?([^"')#?]+)""")
#: An address that can never be a page, below a policy's or the site's own.
_NOWHERE = "-/-/-"


class BadSite(Exception):
    """The application did not answer with a page; the text says where."""


class Gathering:
    """The answers of an application as of one moment."""

    def __init__(self, application: Application, at: datetime) -> None:
        self.application = application
        self.at = at
        self.host = settings.SITE_URL.origin.partition("://")[2]
        self._files: dict[str, None] = {}

    def pages(self, paths: Sequence[str]) -> Iterator[tuple[str, Answer]]:
        """Each of these paths that leads anywhere, with its answer."""
        for path in paths:
            answer = self._ask(path)
            if answer.code in KEPT:
                self._note_files(path, answer)
                yield path, answer
            elif answer.code != "404":
                raise BadSite(f"{path} answered {answer.status}. See the log above.")

    def files(self) -> Iterator[tuple[str, Answer]]:
        """Each static file that the pages so far need, and those that these need."""
        done: set[str] = set()
        while left := [path for path in self._files if path not in done]:
            for path in left:
                done.add(path)
                answer = self._ask(path)
                if answer.code != "200":
                    raise BadSite(f"{path} is not there. Run manage.py collectstatic first.")
                self._note_files(path, answer)
                yield path, answer

    def not_found(self, folder: str) -> Iterator[tuple[str, Answer]]:
        """What is said where there is nothing below a folder, in each form that is asked for."""
        for name in NOT_FOUND:
            ending = name.removeprefix("404").replace(".html", "/")
            answer = self._ask(f"{folder}{_NOWHERE}{ending}", **{COPY: True})
            if answer.code != "404":
                raise BadSite(f"{folder} answered {answer.status} where there is nothing.")
            yield f"{folder}{name}", compressed(answer, "")

    def _ask(self, path: str, **more: object) -> Answer:
        environ = request_for(settings.SITE_URL, self.host, raw(path), **{AT: self.at, **more})
        return ask(self.application, environ)

    def _note_files(self, path: str, answer: Answer) -> None:
        kind = answer.header("content-type").partition(";")[0]
        pattern = {"text/html": _IN_PAGE, "text/css": _IN_SHEET}.get(kind)
        for found in pattern.findall(answer.body.decode()) if pattern else ():
            whole = urljoin(path, found)
            if whole.startswith(settings.STATIC_URL) and unquote_to_bytes(whole):
                self._files[whole] = None
