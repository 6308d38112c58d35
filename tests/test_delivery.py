"""Finished pages: the same as Django's own, handed out without Django, and never out of date."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import brotli
import pytest
from backports import zstd
from django.conf import settings
from django.db import connection

from faq import publishing
from faq.delivery import layer
from faq.delivery.answers import Answer
from faq.delivery.memory import Key, Memory
from faq.delivery.pages import SHARED, finish, preferred
from faq.delivery.sources import source_of
from faq.digest import fingerprint
from faq.models import Policy, RecordState, Version
from faq.templatetags.wording import plain
from faq.views import UNAVAILABLE
from faq.views.every_page import public_paths
from tests.delivering import HOST, Site, file_database, request
from tests.factory import (
    DAY,
    DAY_6,
    FAR_AHEAD,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_record,
    publish,
    reword,
)
from tests.test_public_privacy import ADDRESSES

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + 30 * DAY


@pytest.fixture(autouse=True)
def _database(transactional_db, tmp_path):
    with file_database(tmp_path):
        yield


@pytest.fixture
def site(tmp_path) -> Site:
    """A site with a version in every state."""
    make_record()
    return Site(LATER)


def others(answer) -> dict[str, str]:
    """The headers that the layer leaves as they are."""
    own = {"Cache-Control", "ETag", "Vary", "Content-Length", "Content-Encoding"}
    return {name: value for name, value in answer.headers if name not in own}


@contextmanager
def taking_short_turns():
    """Let threads take turns as often as they can, for what happens between two of their steps."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


class TestTheSameAsDjango:
    def test_every_public_address_has_the_bytes_and_headers_that_django_gives(self, site):
        for path in [*ADDRESSES, *public_paths(LATER)]:
            plain = site.plain(path)
            for _time in ("made", "kept"):
                answer = site.get(path)
                assert answer.status == plain.status, path
                assert answer.body == plain.body, path
                assert others(answer) == others(plain), path

    def test_every_public_page_comes_from_memory_the_second_time(self, site):
        paths = list(public_paths(LATER))
        for path in paths:
            site.get(path)
        site.django.asked.clear()
        for path in paths:
            assert site.get(path).code in {"200", "301", "302", "410"}
        assert site.django.asked == []

    def test_every_route_is_among_the_public_addresses_or_said_not_to_be_kept(self, site):
        from django.urls import resolve

        from faq.urls import urlpatterns

        kept = {resolve(path).url_name for path in public_paths(LATER)}
        asked_each_time = {"health-live", "health-ready", "day", "timegate", "image"}
        asked_each_time |= {"security-txt"}  # it says until which day it is good
        previews = {each.name for each in urlpatterns if "preview" in each.name}
        # tests/test_growth.py has a record that is long enough for them.
        older = {"history-older", "question-history-older"}
        rest = asked_each_time | previews | older
        assert kept | rest == {each.name for each in urlpatterns}

    def test_the_page_is_made_for_nobody(self, site):
        seen = []

        def application(environ, start_response):
            seen.append(environ)
            return site.django.application(environ, start_response)

        site.delivery.application = application
        site.get(
            "/privacy/",
            HTTP_COOKIE="session=1",
            HTTP_USER_AGENT="Somebody's",
            REMOTE_ADDR="192.0.2.7",
            HTTP_X_FORWARDED_FOR="192.0.2.7",
            HTTP_IF_NONE_MATCH='"x"',
        )
        [environ] = seen
        names = {name for name in environ if name.startswith(("HTTP_", "REMOTE"))}
        assert names == {"HTTP_HOST"}

    def test_an_answer_is_asked_about_and_may_be_shared_for_a_second(self, site):
        assert site.get("/privacy/").header("cache-control") == SHARED


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "unpack"),
        [("br", brotli.decompress), ("zstd", zstd.decompress), ("gzip", gzip.decompress)],
    )
    def test_each_encoding_unpacks_to_the_same_page(self, site, encoding, unpack):
        plain = site.get("/privacy/")
        site.finish()
        packed = site.get("/privacy/", HTTP_ACCEPT_ENCODING=encoding)
        assert packed.header("content-encoding") == encoding
        assert unpack(packed.body) == plain.body
        assert packed.header("etag") == f'"{fingerprint(plain.body)}-{encoding}"'
        assert plain.header("etag") == f'"{fingerprint(plain.body)}"'
        assert packed.header("vary") == plain.header("vary") == "Accept-Encoding"
        assert int(packed.header("content-length")) == len(packed.body) < len(plain.body)

    @pytest.mark.parametrize(
        ("accepted", "wanted"),
        [
            ("gzip, deflate, br, zstd", ("br", "zstd", "gzip")),
            ("gzip", ("gzip",)),
            ("GZIP;q=0.5, zstd;q=0.9", ("zstd", "gzip")),
            ("br;q=0, *", ("zstd", "gzip")),
            ("identity, gzip;q=0.5", ()),
            ("gzip;q=x", ()),
            ("", ()),
            ("*;q=0", ()),
            (" br ; q=1.0 , gzip;q=0.8", ("br", "gzip")),
        ],
    )
    def test_readers_get_what_they_ask_for(self, accepted, wanted):
        assert preferred(accepted) == wanted

    def test_until_brotli_is_done_readers_get_another_encoding(self, site):
        first = site.get("/privacy/", HTTP_ACCEPT_ENCODING="br, gzip")
        assert first.header("content-encoding") == "gzip"
        site.finish()
        second = site.get("/privacy/", HTTP_ACCEPT_ENCODING="br, gzip")
        assert second.header("content-encoding") == "br"

    def test_the_bytes_of_a_version_keep_the_tag_that_is_their_fingerprint(self, site):
        answer = site.get("/privacy/versions/5.json")
        version = Version.objects.get(approval__number=5)
        assert answer.body == version.data()
        assert answer.header("etag") == f'"{version.digest}"'


class TestConditions:
    @pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
    def test_a_reader_who_has_the_page_is_told_so(self, site, encoding):
        site.get("/privacy/")
        site.finish()
        asked = {"HTTP_ACCEPT_ENCODING": encoding}
        etag = site.get("/privacy/", **asked).header("etag")
        for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            answer = site.get("/privacy/", HTTP_IF_NONE_MATCH=known, **asked)
            assert answer.code == "304", known
            assert answer.body == b""
            assert answer.header("etag") == etag
            assert answer.header("cache-control") == SHARED
            assert answer.header("vary") == "Accept-Encoding"
            names = {name.lower() for name, _value in answer.headers}
            assert names == {"cache-control", "etag", "vary"}  # RFC 9110, 15.4.5

    def test_a_reader_who_has_another_encoding_gets_the_page(self, site):
        etag = site.get("/privacy/", HTTP_ACCEPT_ENCODING="gzip").header("etag")
        assert site.get("/privacy/", HTTP_IF_NONE_MATCH=etag).code == "200"

    def test_the_first_reader_may_ask_with_a_tag(self, site):
        assert site.get("/privacy/", HTTP_IF_NONE_MATCH='"old"').code == "200"
        assert site.get("/privacy/").code == "200"

    def test_json_for_other_sites_says_so_on_a_304_too(self, site):
        etag = site.get("/privacy.json").header("etag")
        answer = site.get("/privacy.json", HTTP_IF_NONE_MATCH=etag)
        assert (answer.code, answer.header("access-control-allow-origin")) == ("304", "*")

    def test_a_page_that_is_gone_is_said_to_be_gone_whatever_a_reader_has(self, site):
        version = Version.objects.get(approval__number=1)
        publishing.withhold(version, by="a", at=LATER, reason="A name.")
        for path in ("/privacy/versions/1/", "/privacy/versions/1.json"):
            etag = site.get(path).header("etag")
            for known in (etag, "*"):
                assert site.get(path, HTTP_IF_NONE_MATCH=known).code == "410"

    def test_a_server_may_add_headers_of_its_own_to_one_answer(self, site):
        plain = site.get("/privacy/")
        known = {"HTTP_IF_NONE_MATCH": plain.header("etag")}
        for more in ({}, known):
            before = site.get("/privacy/", **more)
            site.delivery(request("/privacy/", **more), lambda _status, headers: headers.clear())
            assert site.get("/privacy/", **more) == before

    @pytest.mark.parametrize("path", ["/privacy/", "/privacy.json", "/", "/nothing.json"])
    def test_head_has_the_headers_and_no_body(self, site, path):
        for _time in ("made", "kept"):
            whole, head = site.get(path), site.get(path, REQUEST_METHOD="HEAD")
            assert head.body == b""
            assert (head.status, head.headers) == (whole.status, whole.headers)


class TestWhatIsNotKept:
    @pytest.mark.parametrize(
        "path",
        [
            "/privacy/?q=cookies",
            "/privacy/versions/?on=2020-01-01",
            "/privacy/versions/?from=1&to=3",
            "/privacy/?utm_source=letter&%71=cookies",
            "/privacy/nothing/",
            "/privacy/nothing/?utm_source=letter",
            "/privacy/versions/99/",
            "/privacy/versions/timegate/",
            "/privacy",
            "/admin/",
            "/preview/none/",
            "/health/ready",
            "/static/css/page.css",
        ],
    )
    def test_some_addresses_are_asked_each_time(self, site, path):
        for _time in (1, 2):
            site.django.asked.clear()
            site.get(path)
            assert site.django.asked
        assert len(site.delivery.memory) == 0

    @pytest.mark.parametrize("query", ["utm_source=letter", "fbclid", "quick=1&&=&Q=2", "%ff=%00;"])
    def test_what_no_page_reads_of_a_query_changes_nothing(self, site, query):
        for path in ("/privacy/", "/privacy.json", "/privacy/versions/", "/"):
            page = site.get(path)
            site.django.asked.clear()
            assert site.get(f"{path}?{query}") == page
            assert not site.django.asked
            assert site.plain(f"{path}?{query}") == site.plain(path)

    def test_days_to_come_of_which_there_is_no_end_are_not_kept(self, site):
        today = LATER.date()
        for day, kept in ((today, True), (today + DAY, False), (today.replace(year=9000), False)):
            site.get(f"/privacy/versions/{day}/")
            site.django.asked.clear()
            assert site.get(f"/privacy/versions/{day}/").header("location") == (
                "/privacy/versions/5/"
            )
            assert (site.django.asked == []) is kept, day

    def test_a_query_is_answered_with_its_own_page(self, site):
        site.get("/privacy/versions/")
        answer = site.get("/privacy/versions/?on=2020-03-02")
        assert answer.header("location") == "/privacy/versions/2020-03-02/"

    @pytest.mark.parametrize("method", ["POST", "OPTIONS", "PUT"])
    def test_other_methods_go_to_django(self, site, method):
        site.get("/privacy/")
        assert site.get("/privacy/", REQUEST_METHOD=method).code == "405"

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
    def test_a_host_that_django_refuses_gets_nothing_from_memory(self, site, host):
        site.get("/privacy/")
        assert site.get("/privacy/", HTTP_HOST=host).code == "400"

    @pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000", "127.0.0.1"])
    def test_each_name_of_this_machine_gets_addresses_of_its_own(self, site, host):
        site.get("/privacy.json")
        for _time in ("made", "kept"):
            assert (
                f'"http://{host}/privacy/"'.encode()
                in site.get("/privacy.json", HTTP_HOST=host).body
            )

    def test_the_timegate_answers_for_the_date_that_was_asked_for(self, site):
        asked = {"HTTP_ACCEPT_DATETIME": "Wed, 01 Jan 2020 13:00:00 GMT"}
        answer = site.get("/privacy/versions/timegate/", **asked)
        assert answer.header("location") == "/privacy/versions/1/"


class TestBehindHttps:
    @pytest.fixture
    def secure(self, settings):
        from privacy_site.environment import Environment

        url = Environment({"SITE_URL": "https://privacy.example.org"}).site_url("SITE_URL", "")
        settings.SITE_URL = url
        settings.ALLOWED_HOSTS = [url.host]
        settings.SECURE_SSL_REDIRECT = True
        settings.SECURE_HSTS_SECONDS = 600
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        make_published()
        return Site(LATER)

    def asked(self, secure, **more):
        more.setdefault("HTTP_HOST", "privacy.example.org")
        return secure.get("/privacy/", **{"wsgi.url_scheme": "http", **more})

    def test_https_is_served_and_http_redirected(self, secure):
        for _time in ("made", "kept"):
            page = self.asked(secure, HTTP_X_FORWARDED_PROTO="https")
            assert page.code == "200"
            assert page.header("strict-transport-security")
            for more in ({"HTTP_X_FORWARDED_PROTO": "http"}, {}):
                answer = self.asked(secure, **more)
                assert answer.code == "301"
                assert answer.header("location") == "https://privacy.example.org/privacy/"

    def test_another_host_is_refused(self, secure):
        self.asked(secure, HTTP_X_FORWARDED_PROTO="https")
        answer = self.asked(secure, HTTP_X_FORWARDED_PROTO="https", HTTP_HOST="other.example")
        assert answer.code == "400"


class TestMemory:
    def test_a_hundred_readers_at_once_have_a_page_made_once(self, site):
        begun = threading.Barrier(100)

        def read(_number):
            begun.wait()
            return site.get_in_thread("/privacy/").body

        with ThreadPoolExecutor(100) as readers:
            assert len(set(readers.map(read, range(100)))) == 1
        assert site.django.asked == ["/privacy/"]

    def test_a_reader_whose_page_breaks_does_not_stop_the_next(self, site):
        def broken(environ, start_response):
            raise RuntimeError

        application, site.delivery.application = site.delivery.application, broken
        with pytest.raises(RuntimeError):
            site.get("/privacy/")
        site.delivery.application = application
        assert site.get("/privacy/").code == "200"

    def test_who_waits_too_long_for_another_s_page_is_told_to_try_again(self, site, monkeypatch):
        monkeypatch.setattr(layer, "PATIENCE", 0.01)
        begun, ended = threading.Event(), threading.Event()

        def slow(environ, start_response):
            if UNAVAILABLE not in environ:
                begun.set()
                ended.wait(10)
            return site.django(environ, start_response)

        site.delivery.application = slow
        with ThreadPoolExecutor(1) as readers:
            first = readers.submit(site.get_in_thread, "/privacy/")
            begun.wait(10)
            assert site.get("/privacy/").code == "503"
            ended.set()
            assert first.result().code == "200"

    def test_pages_of_before_are_let_go_while_others_are_read(self):
        memory, page = Memory(100_000_000), finish(Answer("200 OK", (), b"A page."))
        keys = [Key("2", HOST, f"/{number}") for number in range(2_000)]
        for key in (*keys, Key("1", HOST, "/")):
            memory.keep(key, page)
        over = threading.Event()

        def read():
            while not over.is_set():
                for key in keys[:100]:
                    memory.get(key)

        with taking_short_turns(), ThreadPoolExecutor(2) as readers:
            for _reader in range(2):
                readers.submit(read)
            try:
                for _time in range(50):
                    memory.keep_only({"2"})
            finally:
                over.set()
        assert len(memory) == len(keys)

    def test_pages_of_before_are_not_worked_on_any_more(self, site):
        site.get("/privacy/")
        assert {key.path for key in site.delivery.made} == {"/privacy/"}
        before = {key.epoch for key in site.delivery.made}
        make_published(slug="cookies")
        site.get("/cookies/")
        site.delivery.keep_only({site.delivery.watch.epoch.name})
        assert {key.path for key in site.delivery.made} == {"/cookies/"}
        assert before.isdisjoint(key.epoch for key in site.delivery.made)

    def test_the_pages_used_last_stay_within_the_limit(self):
        make_published(versions=9)
        site = Site(LATER, memory=50_000)
        memory = site.delivery.memory
        for number in range(1, 10):
            site.get(f"/privacy/versions/{number}/")
            site.get("/privacy/")
            assert memory.size <= 50_000
            assert memory.size == sum(page.size for page in memory._pages.values())
        site.django.asked.clear()
        site.get("/privacy/")
        site.get("/privacy/versions/9/")
        assert site.django.asked == []
        site.get("/privacy/versions/1/")
        assert site.django.asked == ["/privacy/versions/1/"]

    def test_pages_made_ahead_do_not_push_out_those_that_are_read(self):
        make_published(versions=9)
        site = Site(LATER, memory=100_000)
        site.get("/privacy/versions/3/")
        site.warm()
        site.django.asked.clear()
        site.get("/privacy/versions/3/")
        assert site.django.asked == []
        assert site.delivery.memory.size <= 100_000

    def test_what_pages_are_made_from_is_forgotten_once_they_are_made(self):
        make_published()
        site = Site(LATER)
        site.get("/privacy/")
        assert plain.cache_info().currsize
        site.warm()
        assert not plain.cache_info().currsize


class TestRight:
    def test_a_publish_is_seen_by_the_next_request(self):
        policy = make_published()
        site = Site(LATER)
        assert b"as of version" not in site.get("/privacy/").body
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        self.look_again(site)
        assert b"as of now" in site.get("/privacy/").body

    def test_a_publish_in_another_process_is_seen_by_the_next_request(self):
        policy = make_published()
        reword(policy.question_set.get(), "A company, as of now.")
        site = Site(LATER)
        site.get("/privacy/")
        script = (
            "import django, sys; django.setup(); from faq.models import Policy; "
            "from tests.factory import NOON, DAY, publish; "
            "publish(Policy.objects.get(), NOON + 2 * DAY)"
        )
        name = connection.settings_dict["NAME"]
        url = f"sqlite:///{name}" if connection.vendor == "sqlite" else ""
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=settings.BASE_DIR,
            env=environment(url),
            check=True,
            timeout=60,
        )
        self.look_again(site)
        assert b"as of now" in site.get("/privacy/").body

    def test_what_another_thread_is_just_asking_is_asked_again_before_a_page_is_kept(self):
        policy = make_published()
        site = Site(LATER)
        before = site.delivery.watch.look()
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        site.delivery.watch.source.changed()  # on PostgreSQL nobody is told again
        assert site.delivery.watch.look(afresh=True).number > before.number

    def test_what_another_thread_is_just_reading_is_not_shown_as_it_was_before(self):
        policy = make_published()
        site = Site(LATER)
        assert b"as of now" not in site.get("/privacy/").body
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        self.look_again(site)
        with site.delivery.watch.source.reading():
            assert b"as of now" in site.get("/privacy/").body

    @staticmethod
    def look_again(site):
        """A server is asked at most twice a second."""
        site.delivery.watch.source.ask_now()

    def test_nothing_is_made_again_while_editors_only_edit(self, site):
        site.get("/privacy/")
        policy = Policy.objects.get()
        policy.title = "Other"
        policy.save()
        self.look_again(site)
        site.django.asked.clear()
        site.get("/privacy/")
        assert site.django.asked == []

    def test_a_scheduled_version_applies_at_its_instant(self):
        policy = make_published()
        site = Site(LATER)
        reword(policy.question_set.get(), "A company, from then on.")
        then = LATER + 5 * HOUR
        publish(policy, LATER, effective_at=then)
        self.look_again(site)
        tick = timedelta(microseconds=1)
        for at, new in ((LATER, False), (then - tick, False), (then, True), (then + tick, True)):
            site.clock.at = at
            assert (b"from then on" in site.get("/privacy/").body) is new, at

    def test_a_clock_that_is_set_back_brings_no_older_version_back(self):
        policy = make_published()
        site = Site(LATER)
        reword(policy.question_set.get(), "A company, from then on.")
        publish(policy, LATER, effective_at=LATER + HOUR)
        site.clock.at = LATER + HOUR
        assert b"from then on" in site.get("/privacy/").body
        site.clock.at = LATER
        assert b"from then on" in site.get("/privacy/").body
        assert b"from then on" in site.get("/privacy/versions/2/").body
        assert b"from then on" in site.get("/privacy/?q=x").body

    def test_the_next_epoch_does_not_wait_until_every_page_of_this_one_is_made(self):
        policy = make_published()
        site = Site(LATER)
        reword(policy.question_set.get(), "A company, from then on.")
        publish(policy, LATER, effective_at=LATER + HOUR, announce=False)
        site.warm()
        this, following = (n for n, path in enumerate(site.django.asked) if path == "/privacy/")
        assert this < following < site.django.asked.index("/privacy/versions/1/")

    def test_the_next_epoch_is_ready_before_it_begins(self):
        policy = make_published()
        site = Site(LATER)
        reword(policy.question_set.get(), "A company, from then on.")
        publish(policy, LATER, effective_at=LATER + HOUR, announce=False)
        site.warm()
        assert b"from then on" not in site.get("/privacy/").body
        assert site.get("/privacy/versions/2/").code == "404"
        site.django.asked.clear()
        site.clock.at = LATER + HOUR
        assert b"from then on" in site.get("/privacy/").body
        assert b"from then on" in site.get("/privacy/versions/2/").body
        assert site.django.asked == []

    def test_a_withdrawal_brings_the_version_before_back(self):
        policy = make_published(versions=2)
        site = Site(LATER)
        assert b"as of version 2" in site.get("/privacy/").body
        publishing.withdraw(policy.version_set.newest(), by="a", at=LATER, reason="Too soon.")
        self.look_again(site)
        assert b"as of version 2" not in site.get("/privacy/").body

    def test_hidden_wording_is_gone_at_once(self):
        policy = make_published(versions=2)
        site = Site(LATER)
        site.warm()
        paths = ("/privacy/versions/1/", "/privacy/versions/1.json", "/privacy/versions/1...2/")
        assert [site.get(path).code for path in paths] == ["200"] * 3
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="a", at=LATER, reason="A name.")
        self.look_again(site)
        assert [site.get(path).code for path in paths] == ["410"] * 3

    def test_a_page_during_whose_making_the_record_changed_is_made_again(self):
        policy = make_published()
        site = Site(LATER)
        reword(policy.question_set.get(), "A company, as of now.")
        application, first = site.delivery.application, iter([True])

        def slow(environ, start_response):
            answer = application(environ, start_response)
            if next(first, False):
                publish(policy, LATER)
            return answer

        site.delivery.application = slow
        assert b"as of now" in site.get("/privacy/").body
        assert b"as of now" in site.get("/privacy/").body
        assert len(site.django.asked) == 2

    def test_nothing_is_kept_while_nobody_would_tell_of_changes(self, site):
        from faq import immutable

        site.get("/privacy/")
        with connection.cursor() as cursor:
            name = f"{immutable.PREFIX}faq_approval_raises_state"
            on = " ON faq_approval" if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on}')
        self.look_again(site)
        site.django.asked.clear()
        site.get("/privacy/")
        site.get("/privacy/")
        assert site.django.asked == ["/privacy/"] * 2
        immutable.install("default")
        self.look_again(site)
        site.get("/privacy/")
        site.django.asked.clear()
        site.get("/privacy/")
        assert site.django.asked == []

    def test_every_change_of_the_record_is_a_change_of_state(self):
        policy = make_policy()
        question = make_question(policy)
        numbers = [RecordState.objects.get().number]

        def raised():
            numbers.append(RecordState.objects.get().number)
            assert numbers[-1] > numbers[-2]

        first = publish(policy, NOON).version
        raised()
        reword(question, "Other.")
        second = publish(policy, NOON + DAY, effective_at=FAR_AHEAD, announce=False).version
        raised()
        publishing.announce(second, by="a", at=NOON + DAY)
        raised()
        publishing.write_note(first, by="a", at=NOON + DAY, text="Better words.")
        raised()
        publishing.withdraw(second, by="a", at=NOON + DAY, reason="No.")
        raised()
        publish(policy, NOON + 2 * DAY)
        publishing.withhold(first, by="a", at=DAY_6.replace(year=2027), reason="A name.")
        raised()


def environment(url: str) -> dict[str, str]:
    """The environment of another process on the same database."""
    import os

    database = url or postgres_url()
    return {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
    }


def postgres_url() -> str:
    """The address of the test database."""
    from urllib.parse import quote

    known = connection.settings_dict
    return f"postgres://{known['USER']}@{quote(known['HOST'], safe='')}/{known['NAME']}"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL's options")
def test_options_that_the_address_of_a_database_has_are_kept(monkeypatch):
    options = {**connection.settings_dict["OPTIONS"], "options": "-c search_path=public"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    source = source_of()
    try:
        assert source.ask("SHOW search_path") == [("public",)]
        assert source.ask("SHOW statement_timeout") == [("2s",)]
    finally:
        source.connection.close()


class TestCompressingWhatIsNotKept:
    def test_a_page_that_is_not_there_is_compressed_for_whoever_takes_that(self, site):
        plain = site.get("/privacy/nothing/")
        packed = site.get("/privacy/nothing/", HTTP_ACCEPT_ENCODING="gzip, br")
        assert plain.code == packed.code == "404"
        assert not plain.header("content-encoding")
        assert packed.header("content-encoding") == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert len(packed.body) == int(packed.header("content-length")) < len(plain.body) / 2
        assert plain.header("vary") == packed.header("vary") == "Accept-Encoding"

    def test_what_readers_search_for_is_compressed_too(self, site):
        packed = site.get("/privacy/?q=company", HTTP_ACCEPT_ENCODING="gzip")
        assert packed.header("content-encoding") == "gzip"
        assert b'name="q" value="company"' in gzip.decompress(packed.body)
