"""Caches in front that can be told: how long they may hold a page, its tags, and the purge hook."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings

from faq import publishing
from faq.delivery.front import LONGEST, seconds_to_hold, tags_of
from faq.delivery.pages import SHARED
from faq.delivery.purging import ONCE_MORE, PAUSES, Hook, Purger
from faq.delivery.state import Epoch
from faq.models import Version
from tests.delivering import Site, file_database
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_published,
    make_question,
    publish,
    reword,
)
from tests.test_server import Site as RealSite

LATER = NOON + 30 * DAY
SECOND = timedelta(seconds=1)


def reworded(policy, answer: str, at, **options) -> None:
    """Publish another answer, here or in another process for all that a site knows."""
    reword(policy.question_set.get(), answer)
    publish(policy, at, **options)


def held(seconds: int) -> str:
    return f"public, max-age=0, s-maxage={seconds}, stale-if-error=86400"


class TestHowLong:
    def test_until_the_next_moment_in_whole_seconds_and_never_less_than_one(self):
        epoch = Epoch("1-0", 1, None, NOON)
        for before, seconds in (
            (10 * SECOND, 10),
            (timedelta(seconds=9.9), 9),
            (timedelta(seconds=0.5), 1),
            (-HOUR, 1),
            (DAY, LONGEST),
            (400 * DAY, LONGEST),
        ):
            assert seconds_to_hold(epoch, epoch, NOON - before) == seconds

    def test_five_minutes_if_nothing_is_to_come(self):
        epoch = Epoch("1-0", 1, None, None)
        assert seconds_to_hold(epoch, epoch, NOON) == LONGEST == 300

    def test_a_second_where_the_process_has_gone_on_meanwhile(self):
        epoch = Epoch("1-0", 1, None, None)
        assert seconds_to_hold(epoch, Epoch("2-0", 2, None, NOON), NOON - HOUR) == 1
        assert seconds_to_hold(epoch, None, NOON) == 1


@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("/", ("policies",)),
        ("/privacy/", ("policies", "policy-privacy")),
        ("/privacy/versions/1...2/", ("policies", "policy-privacy")),
        ("/privacy.json", ("policies", "policy-privacy")),
        ("/developers/", ("policies",)),
        ("/sitemap.xml", ("policies",)),
        ("/privacyx/", ("policies",)),
    ],
)
def test_a_page_is_found_by_its_policy_and_every_page_by_one_tag(path, tags):
    assert tags_of(path, {"privacy", "cookies"}) == tags


@pytest.mark.django_db(transaction=True)
class TestHeaders:
    @pytest.fixture(autouse=True)
    def _database(self, transactional_db, tmp_path):
        with file_database(tmp_path):
            yield

    @pytest.fixture
    def policy(self):
        return make_published()

    def test_without_a_hook_pages_say_nothing_of_it(self, policy):
        site = Site(LATER)
        for more in ({}, {"REQUEST_METHOD": "HEAD"}):
            answer = site.get("/privacy/", **more)
            assert answer.header("cache-control") == SHARED == held(1)
            assert not answer.header("surrogate-key")
            assert not answer.header("cache-tag")

    def test_with_one_every_form_of_an_answer_says_the_same(self, policy):
        site = Site(LATER, purges=True)
        etag = site.get("/privacy/").header("etag")
        for code, more in (
            ("200", {}),
            ("200", {"REQUEST_METHOD": "HEAD"}),
            ("200", {"HTTP_ACCEPT_ENCODING": "gzip"}),
            ("304", {"HTTP_IF_NONE_MATCH": etag}),
        ):
            answer = site.get("/privacy/", **more)
            assert answer.code == code
            assert answer.header("cache-control") == held(LONGEST)
            assert answer.header("surrogate-key") == "policies policy-privacy"
            assert answer.header("cache-tag") == "policies,policy-privacy"
            names = [name.lower() for name, _value in answer.headers]
            assert len(names) == len(set(names))

    def test_so_do_redirects_what_is_gone_and_other_pages(self, policy):
        reworded(policy, "Another company.", NOON + DAY)
        version = Version.objects.get(approval__number=1)
        publishing.withhold(version, by="a", at=NOON + 2 * DAY, reason="A name.")
        site = Site(LATER, purges=True)
        for path, code in (("/", "302"), ("/privacy/versions/1/", "410"), ("/sitemap.xml", "200")):
            answer = site.get(path)
            assert answer.code == code
            assert answer.header("cache-control") == held(LONGEST)
            assert answer.header("cache-tag").startswith("policies")

    def test_what_is_kept_by_nobody_has_no_tags(self, policy):
        site = Site(LATER, purges=True)
        for path in ("/privacy/?q=cookies", "/privacy/nothing/", "/health/live", "/admin/"):
            answer = site.get(path)
            assert "s-maxage" not in answer.header("cache-control")
            assert not answer.header("cache-tag")

    def test_a_page_that_was_made_a_minute_ago_says_what_is_left_now(self, policy, tmp_path):
        site = Site(LATER, purges=True, pages=tmp_path / "pages")
        reworded(policy, "Another company.", LATER, effective_at=LATER + 240 * SECOND)
        site.delivery.watch.source.ask_now()
        site.warm()
        assert site.get("/privacy/").header("cache-control") == held(240)
        site.clock.at = LATER + 60 * SECOND
        site.django.asked.clear()
        answer = site.get("/privacy/", HTTP_IF_NONE_MATCH=site.get("/privacy/").header("etag"))
        assert (answer.code, answer.header("cache-control")) == ("304", held(180))
        site.clock.at = LATER + 240 * SECOND
        assert site.get("/privacy/").header("cache-control") == held(LONGEST)
        assert site.django.asked == []

    def test_a_new_moment_counts_at_once(self, policy):
        site = Site(LATER, purges=True)
        assert site.get("/privacy/").header("cache-control") == held(LONGEST)
        reworded(policy, "Another company.", LATER, effective_at=LATER + 90 * SECOND)
        site.delivery.watch.source.ask_now()
        site.get("/privacy/")
        assert site.get("/privacy/").header("cache-control") == held(90)


def script(folder: Path, text: str) -> Path:
    file = folder / "hook"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


class TestTheProgram:
    def test_it_gets_the_tags_as_arguments_and_next_to_no_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", "nobody's")
        said = tmp_path / "said"
        hook = Hook(script(tmp_path, f'printf "%s\\n" "$@" >{said}; env >>{said}'), "https://a/")
        assert hook.run("policies", "$(id) ;") == ""
        first, second, *environment = said.read_text().splitlines()
        assert (first, second) == ("policies", "$(id) ;")
        names = {line.partition("=")[0] for line in environment}
        assert names <= {"PATH", "LANG", "SITE_URL", "PWD", "OLDPWD", "SHLVL", "_"}
        assert "SITE_URL=https://a/" in environment

    def test_what_went_wrong_is_its_exit_code_and_the_last_line_it_said(self, tmp_path):
        text = "echo first >&2; echo 'The cache said 403.' >&2; exit 7"
        fault = Hook(script(tmp_path, text), "").run("policies")
        assert fault == "exit code 7, The cache said 403."
        assert Hook(script(tmp_path, "exit 3"), "").run("policies") == "exit code 3"

    def test_it_is_ended_when_it_takes_too_long_with_what_it_started(self, tmp_path):
        child = tmp_path / "child"
        hook = Hook(script(tmp_path, f"sleep 60 & echo $! >{child}; wait"), "", limit=0.5)
        assert hook.run("policies") == "it took more than 0.5 seconds"
        limit = time.monotonic() + 10
        state = Path(f"/proc/{child.read_text().strip()}/stat")
        while state.exists() and " Z " not in state.read_text():
            assert time.monotonic() < limit, "What the hook started still runs."
            time.sleep(0.05)

    def test_that_it_is_gone_is_said(self, tmp_path):
        fault = Hook(tmp_path / "none", "").run("policies")
        assert fault == "it cannot be run: No such file or directory"


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("purge-fastly", "Surrogate-Key: policies policy-privacy"),
        ("purge-cloudflare", '{"tags":["policies","policy-privacy"]}'),
    ],
)
@pytest.mark.parametrize("code", [0, 22])
def test_the_examples_hand_the_tags_to_curl_and_end_as_it_does(tmp_path, name, sent, code):
    """With a curl in front of the real one that writes down what it is given."""
    (tmp_path / "curl").write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/said\nexit {code}\n'
    )
    (tmp_path / "curl").chmod(0o755)
    done = subprocess.run(
        [settings.BASE_DIR / "deploy" / name, "policies", "policy-privacy"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    said = (tmp_path / "said").read_text().splitlines()
    assert done.returncode == code
    assert sent in said
    assert "--fail" in said
    assert not [each for each in said if "Bearer" in each or "Fastly-Key" in each]


class Operator:
    """A program of the operator's, and what it and a reader saw when it ran."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.faults: list[str] = []
        self.seen: list[bytes] = []
        self.tags: list[tuple[str, ...]] = []

    def __call__(self, *tags: str) -> str:
        self.tags.append(tags)
        self.seen.append(self.site.get("/privacy/").body)
        return self.faults.pop(0) if self.faults else ""


@pytest.mark.django_db(transaction=True)
class TestWhen:
    @pytest.fixture(autouse=True)
    def _database(self, transactional_db, tmp_path):
        with file_database(tmp_path):
            yield

    @pytest.fixture
    def policy(self):
        policy = make_policy()
        make_question(policy, answer="The first answer.")
        publish(policy, NOON)
        return policy

    @pytest.fixture
    def operator(self, policy):
        return Operator(Site(LATER, purges=True))

    @pytest.fixture
    def purger(self, operator):
        self.now = 1000.0
        return Purger(operator.site.delivery.watch, operator, clock=lambda: self.now)

    def settle(self, purger, operator):
        """Let what is due be done, and forget it."""
        purger.turn()
        self.now += ONCE_MORE
        purger.turn()
        operator.tags.clear()
        operator.seen.clear()

    def test_at_the_start_and_once_more_for_what_was_on_its_way(self, purger, operator):
        purger.turn()
        purger.turn()
        assert operator.tags == [("policies",)]
        self.now += ONCE_MORE
        for _turn in range(3):
            purger.turn()
            self.now += 3600
        assert operator.tags == [("policies",)] * 2

    def test_after_a_publish_when_readers_get_the_new_page(self, purger, operator, policy):
        self.settle(purger, operator)
        reworded(policy, "The second answer.", LATER - DAY)
        operator.site.delivery.watch.source.ask_now()
        purger.turn()
        assert len(operator.seen) == 1
        assert b"The second answer." in operator.seen[0]

    def test_when_an_effective_moment_has_passed(self, purger, operator, policy):
        reworded(policy, "The second answer.", LATER, effective_at=LATER + HOUR)
        operator.site.delivery.watch.source.ask_now()
        self.settle(purger, operator)
        operator.site.clock.at = LATER + HOUR - SECOND
        purger.turn()
        assert operator.tags == []
        operator.site.clock.at = LATER + HOUR
        purger.turn()
        assert operator.tags == [("policies",)]

    def test_again_after_growing_pauses_until_it_succeeds(self, purger, operator, caplog):
        caplog.set_level("INFO", logger="faq.delivery.purging")
        operator.faults = ["exit code 1"] * 6
        times = []
        while len(operator.tags) < 7:
            purger.turn()
            if len(operator.tags) > len(times):
                times.append(self.now)
            self.now += 0.5
        assert [after - before for before, after in pairwise(times)] == [*PAUSES, PAUSES[-1]]
        levels = [record.levelname for record in caplog.records]
        assert levels == ["ERROR"] * 6 + ["INFO"]
        assert "exit code 1" in caplog.messages[0]
        assert "again in 1 seconds" in caplog.messages[0]

    def test_a_newer_state_does_not_wait_for_the_pause_of_an_older_one(
        self, purger, operator, policy
    ):
        operator.faults = ["exit code 1"] * 4
        for pause in (0, *PAUSES[:3]):
            self.now += pause
            purger.turn()
        assert len(operator.tags) == 4
        reworded(policy, "The second answer.", LATER - DAY)
        operator.site.delivery.watch.source.ask_now()
        purger.turn()
        assert len(operator.tags) == 5


@pytest.mark.slow
def test_a_real_server_runs_it_at_the_start_and_after_a_publish(tmp_path):
    """Two workers on SQLite; the hook asks the site itself what readers get, and writes it down."""
    site = RealSite(tmp_path)
    seen = tmp_path / "seen"
    code = (
        f"echo $PPID $(curl -sSf {site.url}/privacy/ | grep -o 'The [a-z]* answer' | head -n 1)"
        f" >>{seen}"
    )
    site.environment["PURGE_HOOK"] = str(script(tmp_path, code))
    site.environment["LOG_FORMAT"] = "json"
    site.manage("migrate", "-v0")
    site.manage("collectstatic", "--noinput", "-v0")
    site.manage("import_policy", site.write("first"), "--policy", "privacy")
    site.manage("publish", "privacy", "--note", "The first version.")

    def wait_for(answer: str) -> None:
        """Until each of the two workers has run it for itself, and saw this answer."""
        limit = time.monotonic() + 40
        while True:
            found = seen.read_text().splitlines() if seen.exists() else []
            if len({line for line in found if line.endswith(f" The {answer} answer")}) == 2:
                return
            assert time.monotonic() < limit, found
            time.sleep(0.1)

    with (tmp_path / "log").open("wb") as log:
        server = site.start(stderr=log, stdout=log)
        try:
            wait_for("first")
            site.manage("import_policy", site.write("second"), "--policy", "privacy")
            site.manage("publish", "privacy", "--note", "The second version.")
            wait_for("second")
        finally:
            server.terminate()
            server.wait(timeout=40)
    said = seen.read_text()
    assert "first" not in said[said.index("second") :]
    assert "The purge hook told caches in front of state" in (tmp_path / "log").read_text()


@pytest.mark.skipif(os.name != "posix", reason="rights to run a file are POSIX's")
def test_a_hook_that_is_not_there_or_cannot_be_run_stops_the_start(tmp_path):
    from django.core.exceptions import ImproperlyConfigured

    from privacy_site.environment import Environment

    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    for value, saying in (
        ("hook", "PURGE_HOOK must be an absolute path, not “hook”"),
        ("/nowhere/hook", "PURGE_HOOK: there is no file /nowhere/hook"),
        (str(tmp_path), "PURGE_HOOK: there is no file"),
        (str(plain), "cannot be run: chmod"),
    ):
        with pytest.raises(ImproperlyConfigured, match=saying):
            Environment({"PURGE_HOOK": value}).program("PURGE_HOOK")
    assert Environment({"PURGE_HOOK": " "}).program("PURGE_HOOK") is None
    plain.chmod(0o755)
    assert Environment({"PURGE_HOOK": str(plain)}).program("PURGE_HOOK") == plain
