"""The WSGI application around Django's: it hands out finished pages and passes the rest on."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl, unquote_to_bytes

from django.conf import settings
from django.utils import timezone

from faq.delivery.answers import Answer, Application, Environ, StartResponse, ask, request_for
from faq.delivery.build import fingerprint_of_build
from faq.delivery.front import seconds_to_hold, tags_of, telling
from faq.delivery.memory import Key, Memory
from faq.delivery.pages import Page, compressed, finish
from faq.delivery.purging import Hook, Purger
from faq.delivery.snapshot import Snapshot
from faq.delivery.sources import Source, place_of, source_of
from faq.delivery.state import Epoch
from faq.delivery.warming import Warmer
from faq.delivery.watch import Watch
from faq.views import AT, TROUBLE, UNAVAILABLE

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000
#: How often a page is made anew because the record changed meanwhile.
TRIES = 5
#: Seconds for which a reader waits for a page that is being made for another.
PATIENCE = 30
SAFE = ("GET", "HEAD")
#: What public views read of a query. Anything else there (the mark of a campaign) changes no page.
PARAMETERS = frozenset({"q", "on", "from", "to"})
#: How the address ends that answers for the date in a header.
TIMEGATE = "/versions/timegate/"


class Delivery:
    """Finished pages around an application.

    `made` lists pages that were just kept and are still to be put into Brotli and on disk. With
    `purges`, caches in front are told of each change, and so may hold pages for longer.
    """

    def __init__(
        self,
        application: Application,
        *,
        source: Source,
        snapshot: Snapshot | None = None,
        memory: int = 32 * MEGABYTE,
        purges: bool = False,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self.application = application
        self.snapshot = snapshot
        self.memory = Memory(memory)
        self.watch = Watch(source, snapshot, clock)
        self.made: deque[Key] = deque(maxlen=10_000)
        self._purges = purges
        self._flights: dict[Key, Future[Page | Answer]] = {}
        self._lock = Lock()
        self._site = site = settings.SITE_URL
        #: The host that the site's own addresses name.
        self.host = site.origin.partition("://")[2]
        root = site.path
        self._ready = f"{root}/health/ready"
        self._beside = (
            *settings.PRIVATE_PREFIXES,
            f"{root}/preview/",
            settings.STATIC_URL,
            f"{root}/health/",
        )
        proxy: tuple[str, str] | None = getattr(settings, "SECURE_PROXY_SSL_HEADER", None)
        self._proto, self._secure = proxy or ("", "")
        self._scheme = site.scheme

    @classmethod
    def of_site(cls, application: Application) -> Delivery:
        """The layer as the settings want it, with pages made ahead of readers from now on."""
        snapshot = None
        if settings.PAGES_ON_DISK:
            snapshot = site_snapshot(build=fingerprint_of_build())
        delivery = cls(
            application,
            source=source_of(),
            snapshot=snapshot,
            memory=settings.PAGES_IN_MEMORY * MEGABYTE,
            purges=settings.PURGE_HOOK is not None,
        )
        Warmer(delivery).start()
        if settings.PURGE_HOOK is not None:
            site = settings.SITE_URL
            hook = Hook(settings.PURGE_HOOK, site=f"{site.origin}{site.path}/")
            Purger(delivery.watch, hook.run).start()
        return delivery

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: the method that servers call."""
        host, path = environ.get("HTTP_HOST", ""), environ.get("PATH_INFO", "")
        if not self._enters(environ, host, path):
            return self._pass_on(environ, start_response, path)
        watch = self.watch
        epoch, trouble = watch.look(), watch.trouble
        if epoch is None and not trouble:
            return self.application(environ, start_response)
        query = environ.get("QUERY_STRING")
        if (query and is_read(query) or path.endswith(TIMEGATE)) and not trouble:
            return self._ask(environ, start_response)
        found: Page | Answer | None = None
        if epoch is not None:
            found = self.memory.get((epoch.name, host, path))
            if found is None:
                key = Key(epoch.name, host, path)
                found = self._without_database(key) if trouble else self._fetch(key, epoch)
        if found is None:
            environ[UNAVAILABLE] = True
            return self.application(environ, start_response)
        if isinstance(found, Page):
            if self._purges and epoch is not None:
                start_response = self._telling(start_response, path, epoch)
            return found.send(environ, start_response)
        if query and not trouble:
            return self._ask(environ, start_response)
        if found.varies:
            environ[AT] = self.watch.now()
            return self.application(environ, start_response)
        return self._send(found, environ, start_response)

    def _ask(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand out what Django answers to this request alone."""
        environ[AT] = self.watch.now()
        return self._send(ask(self.application, environ), environ, start_response)

    def _telling(self, start_response: StartResponse, path: str, epoch: Epoch) -> StartResponse:
        """The same, for an answer that caches in front may hold until the next moment."""
        watch = self.watch
        slugs = watch.state.heads if watch.state is not None else ()
        # In trouble nobody knows what was published since, and nobody purges once it is over.
        now = None if watch.trouble else watch.epoch
        seconds = seconds_to_hold(epoch, now, watch.now())
        return telling(start_response, seconds, tags_of(path[len(self._site.path) :], slugs))

    def make(self, epoch: Epoch, host: str, path: str, at: datetime) -> Answer:
        """Django's answer for a page at a moment, for nobody in particular."""
        return ask(self.application, request_for(self._site, host, path, **{AT: at}))

    def make_ahead(self, epoch: Epoch, path: str, at: datetime) -> None:
        """Make a page of this epoch or of the next, unless it is there already.

        Its address is on the site's own host. On disk it is kept whatever else is there, in memory
        if there is room.
        """
        key = Key(epoch.name, self.host, raw(path))
        if key in self.memory and (self.snapshot is None or self.snapshot.has(*key)):
            return
        answer = self.make(epoch, key.host, key.path, at)
        state = self.watch.look(afresh=True) and self.watch.state
        if self.watch.trouble or not state or state.number != epoch.number:
            return
        if answer.may_be_kept:
            self.memory.keep(key, finish(answer), if_there_is_room=True)
            self.made.append(key)
            self._write(key, answer, ahead=True)

    def complete(self, key: Key) -> None:
        """Put a page that was just kept into Brotli, and on disk if there is room."""
        page = self.memory.peek(key)
        if page is None:
            return
        if page.lacks_brotli:
            page = page.with_brotli()
            if key in self.memory:
                self.memory.keep(key, page)
        self._write(key, page.answer, ahead=False)

    def keep_only(self, epochs: Collection[str]) -> None:
        """Let go of the pages of all other epochs, and of the work that they still needed."""
        self.memory.keep_only(epochs)
        for _each in range(len(self.made)):  # readers may add to it meanwhile
            key = self.made.popleft()
            if key in self.memory:
                self.made.append(key)

    def _write(self, key: Key, answer: Answer, *, ahead: bool) -> None:
        if self.snapshot is not None:
            try:
                self.snapshot.keep(*key, answer, ahead=ahead)
            except OSError as error:
                logger.error("A page for times without a database was not written: %s", error)

    def _enters(self, environ: Environ, host: str, path: str) -> bool:
        """Whether it asks for a public page, by a host and scheme that Django would let pass."""
        return (
            environ["REQUEST_METHOD"] in SAFE
            and not environ.get("SCRIPT_NAME")
            and (host == self.host or self._site.is_loopback and self._is_local(host))
            and (self._told(environ) if self._proto else environ["wsgi.url_scheme"]) == self._scheme
            and not path.startswith(self._beside)
        )

    def _is_local(self, host: str) -> bool:
        return bool(self._site.origin_for(host) == f"{self._site.scheme}://{host}")

    def _told(self, environ: Environ) -> str:
        """The reader's scheme as the proxy in front tells it, and as Django would see it."""
        said = environ.get(self._proto)
        if said is not None:
            return "https" if said == self._secure else "http"
        return str(environ["wsgi.url_scheme"])

    def _pass_on(
        self, environ: Environ, start_response: StartResponse, path: str
    ) -> Iterable[bytes]:
        """Let Django answer; tell it of trouble where somebody asks for that."""
        if path.startswith(self._ready):
            self.watch.look()
            environ[TROUBLE] = self.watch.trouble
        answer = self.application(environ, start_response)
        if environ["REQUEST_METHOD"] not in SAFE:
            self.watch.source.ask_now()  # what this process has published it shows at once
        return answer

    def _send(
        self, answer: Answer, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Hand out an answer that is not kept."""
        answer = compressed(answer, environ.get("HTTP_ACCEPT_ENCODING", ""))
        return answer.send(start_response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def _fetch(self, key: Key, epoch: Epoch) -> Page | Answer | None:
        """A page that is not in memory, made once for all who ask for it at the same time.

        None for those who waited too long for another's.
        """
        with self._lock:
            flight = self._flights.get(key)
            mine = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if not mine:
            try:
                return flight.result(timeout=PATIENCE)
            except TimeoutError:
                return None
        try:
            found = self.memory.get(key) or self._make(key, epoch)
            flight.set_result(found)
            return found
        except BaseException as error:
            flight.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._flights[key]

    def _make(self, key: Key, epoch: Epoch) -> Page | Answer:
        """Ask Django, and keep the answer if nothing changed while it was made."""
        answer = None
        for _time in range(TRIES):
            at = self.watch.now()
            answer = self.make(epoch, key.host, key.path, at) if epoch.holds(at) else None
            now = self.watch.look(afresh=True)
            if self.watch.trouble:
                return self._without_database(key) or self._unavailable(key)
            if answer and answer.is_fault:
                return self._without_database(key) or answer
            if answer and now == epoch:
                return self.keep(key, answer) if answer.may_be_kept else answer
            if now is None:
                break
            epoch, key = now, key._replace(epoch=now.name)
        return answer or self._unavailable(key)

    def keep(self, key: Key, answer: Answer) -> Page:
        """Keep an answer for others."""
        page = finish(answer)
        self.memory.keep(key, page)
        self.made.append(key)
        return page

    def _without_database(self, key: Key) -> Page | None:
        """The page as it was written to disk in this epoch."""
        answer = self.snapshot.load(*key) if self.snapshot is not None else None
        if answer is None:
            return None
        page = finish(answer)
        self.memory.keep(key, page)
        return page

    def _unavailable(self, key: Key) -> Answer:
        return ask(
            self.application, request_for(self._site, key.host, key.path, **{UNAVAILABLE: True})
        )


def site_snapshot(*, build: str = "") -> Snapshot:
    """The pages on disk of this site's database."""
    return Snapshot(
        settings.DATA_DIR / "pages",
        place=place_of(),
        build=build,
        limit=settings.PAGES_ON_DISK * MEGABYTE,
    )


def is_read(query: str) -> bool:
    """Whether a public view reads any of a query's parameters."""
    return any(name in PARAMETERS for name, _value in parse_qsl(query, keep_blank_values=True))


def raw(path: str) -> str:
    """A path as WSGI has it, from one as it stands in a link."""
    return unquote_to_bytes(path).decode("latin-1")
