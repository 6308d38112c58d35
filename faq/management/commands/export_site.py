"""Write the whole public site as files, for servers that know no Python."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone

from faq.delivery.answers import Answer, Application
from faq.delivery.pages import Page, finish
from faq.management.commands._common import PATIENCE, moment, one_line_errors
from faq.static_site import hosts, nginx
from faq.static_site.gathering import BadSite, Gathering
from faq.static_site.links import moved_page, with_relative_links
from faq.static_site.places import SUFFIXES, Entry, entry_of, file_of
from faq.static_site.releases import BadFolder, Release, Releases
from faq.verification import one_moment
from faq.views.every_page import paths_of_copy

SITE = "site"
#: Settings of the desk, which a copy does not have, and which depend on SITE_URL.
OF_THE_DESK = ("ADMIN_HOST", "ADMIN_MFA")


class Command(BaseCommand):
    help = (
        "Write every public page as a file, with .gz, .br and .zst beside it, for any web server, "
        "object store or CDN. DIR/current/site is what to serve, DIR/current/nginx.conf the rules "
        "for nginx; _headers and _redirects, for static hosts, are in the site. Files that did not "
        "change stay as they are. The new site takes the place of the old one in one step, which "
        "stays in DIR/releases. Ends with 1, and leaves what was there, if anything is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", metavar="DIR", type=Path, help="a folder for this alone, new or empty"
        )
        parser.add_argument(
            "--at",
            metavar="MOMENT",
            default="",
            help="the site as it will be then, such as 2026-03-01 or “2026-03-01 09:30” in the "
            "time zone of the site. Nobody should see it before: it needs another folder",
        )
        parser.add_argument(
            "--base",
            metavar="URL",
            default="",
            help="where the copy will stand, such as https://privacy.example.org; SITE_URL if you "
            "leave it out",
        )
        parser.add_argument(
            "--relative",
            action="store_true",
            help="links between pages that work below any path, and pages in place of redirects. "
            "Feeds, JSON and canonical addresses stay whole",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["base"]:
            self._in_a_process_for(options["base"], options)
            return
        if settings.DEBUG:
            raise CommandError("With DEBUG pages are for developers. Set DEBUG=false.")
        now = timezone.now()
        with one_line_errors():
            at = moment(options["at"], now) or now
        application = get_wsgi_application()
        releases = Releases(options["folder"].absolute())
        try:
            with releases.alone(), releases.kept_apart(at != now), releases.new() as release:
                with one_line_errors(), _quiet(), _kept_open(), one_moment():
                    number = self._write(release, application, at, relative=options["relative"])
                changed = releases.switch_to(release)
        except (BadFolder, BadSite) as error:
            raise CommandError(f"No site was written. {error}") from None
        except OSError as error:
            raise CommandError(
                f"No site was written: {error}. What was there before is still served."
            ) from None
        where = releases.current / SITE
        if changed:
            self.stdout.write(
                f"{number} addresses, {release.written} files new or changed: {where}"
            )
        else:
            self.stdout.write(f"{number} addresses, nothing changed: {where}")
        if at != now:
            shown = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
            warning = "let nobody see it before" if at > now else "it is not what applies now"
            self.stderr.write(f"This is the site as of {shown}: {warning}.")

    def _in_a_process_for(self, base: str, options: dict[str, Any]) -> None:
        """Run again for another SITE_URL, which settings are made from when a process starts."""
        environment = {name: value for name, value in os.environ.items() if name not in OF_THE_DESK}
        words = [f"--at={options['at']}"] if options["at"] else []
        words += ["--relative"] if options["relative"] else []
        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "export_site", *words]
            + ["--", str(options["folder"])],
            env={**environment, "SITE_URL": base},
        )
        if done.returncode:
            sys.exit(done.returncode)

    def _write(
        self, release: Release, application: Application, at: datetime, *, relative: bool
    ) -> int:
        """Write every file of a release; return how many addresses it answers."""
        gathering = Gathering(application, at)
        root = settings.SITE_URL.path
        paths = list(paths_of_copy(at))
        entries: list[Entry] = []
        for path, answer in self._shown(gathering.pages(paths), len(paths)):
            changed = _relative(path, answer) if relative else answer
            entries.append(_keep(release, path, changed, answer))
        folders = [f"{root}/", *_policies(entries, root)]
        nothing = [
            _keep(release, path, answer, answer, file=path.lstrip("/"))
            for folder in folders
            for path, answer in gathering.not_found(folder)
            if folder == f"{root}/" or path.endswith(".html")
        ]
        if root:
            # Where static hosts look for it.
            answer = next(iter(gathering.not_found(f"{root}/")))[1]
            _keep(release, "/404.html", answer, answer, file="404.html")
        for path, answer in gathering.files():
            entries.append(_keep(release, path, answer, answer))
        for name, text in (
            ("nginx.conf", nginx.rules(entries, nothing, root)),
            (f"{SITE}/_headers", hosts.headers_file(entries, root)),
            (f"{SITE}/_redirects", hosts.redirects_file(entries)),
        ):
            _put(release, name, text.encode())
        return len(entries)

    def _shown(
        self, steps: Iterable[tuple[str, Answer]], number: int
    ) -> Iterator[tuple[str, Answer]]:
        """The same, and say now and then how far it has come."""
        shown = time.monotonic()
        for done, step in enumerate(steps):
            if time.monotonic() - shown > PATIENCE:
                shown = time.monotonic()
                self.stderr.write(f"{done} of {number} pages …", style_func=str)
            yield step


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the log be silent of what is not found, since that is asked for here."""
    logger = logging.getLogger("django.request")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _kept_open() -> Iterator[None]:
    """Keep the connection, which Django looks at around each request: it holds the moment."""
    around = (request_started, request_finished)
    known = [each for each in around if each.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for each in known:
            each.connect(close_old_connections)


def _policies(entries: Iterable[Entry], root: str) -> list[str]:
    """The address of each policy that has a page."""
    return [
        entry.path.removesuffix("versions/")
        for entry in entries
        if entry.path.endswith("/versions/") and entry.path.removeprefix(root).count("/") == 3
    ]


def _keep(
    release: Release, path: str, answer: Answer, told: Answer, file: str | None = None
) -> Entry:
    """Write the file of an answer; return what servers must know, which is `told`."""
    entry = entry_of(path, finish(told), file)
    name = entry.file or (file_of(path) if answer.body else "")
    if name:
        _put(release, f"{SITE}/{name}", answer.body, finish(answer))
    return entry


def _put(release: Release, name: str, data: bytes, page: Page | None = None) -> None:
    """Write a file and its compressed forms, unless the release before has them."""
    packed = page is not None and page.lacks_brotli
    if release.has(name, data, tuple(SUFFIXES.values()) if packed else ()):
        return
    release.write(name, data)
    if page is not None and packed:
        for encoding, variant in page.with_brotli().variants.items():
            if encoding in SUFFIXES:
                release.write(f"{name}{SUFFIXES[encoding]}", b"".join(variant.body))


def _relative(path: str, answer: Answer) -> Answer:
    """A page whose links are relative; a page in place of a redirect."""
    location = answer.header("location")
    if location:
        return Answer(answer.status, answer.headers, moved_page(path, location).encode())
    if answer.header("content-type").startswith("text/html"):
        html = with_relative_links(answer.body.decode(), path)
        return Answer(answer.status, answer.headers, html.encode())
    return answer
