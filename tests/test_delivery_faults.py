"""Readers outlive the database: what they get, and what operators are told, when it is gone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

from faq import immutable, publishing
from faq.delivery import sources, watch
from faq.delivery.answers import Answer
from faq.delivery.front import LONGEST, UNTIL_THEN
from faq.delivery.pages import SHARED
from faq.delivery.purging import Purger
from faq.delivery.snapshot import Snapshot
from faq.views.every_page import public_paths
from tests.delivering import Site, file_database, replace
from tests.factory import DAY, HOUR, NOON, make_published, publish, reword

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="breaks a database file"),
]
LATER = NOON + 30 * DAY


@pytest.fixture(autouse=True)
def file(transactional_db, tmp_path, monkeypatch):
    """The database's file, which is looked at for every request, and asked in trouble, too."""
    monkeypatch.setattr(watch, "AGAIN", 0.0)
    monkeypatch.setattr(sources, "LOOK_AT_FILE", 0.0)
    with file_database(tmp_path) as file:
        yield file


@pytest.fixture
def pages(tmp_path) -> Path:
    """The folder of the snapshot."""
    return tmp_path / "pages"


@pytest.fixture
def policy():
    """Two versions, the second in force."""
    return make_published(versions=2)


def forget_connections():
    """Forget Django's connection, as a new process has none."""
    connections["default"].close()


def copy_of(file: Path, folder: Path) -> Path:
    """A copy of the database as it is now."""
    copy = folder / "copy.sqlite3"
    whole = sqlite3.connect(file)
    whole.execute("VACUUM INTO ?", [str(copy)])
    whole.close()
    return copy


def lock(file: Path, site: Site) -> sqlite3.Connection:
    """Keep everybody else out of the database; that takes a moment when nobody has it open."""
    forget_connections()
    site.let_go()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def remove(file: Path, site: Site | None = None) -> None:
    """Take the database away, and what stands beside it."""
    forget_connections()
    for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        each.unlink(missing_ok=True)


def spoil(file: Path, site: Site | None = None) -> None:
    """Put something else in the place of the database."""
    remove(file)
    file.write_bytes(b"This is not a database. " * 1000)


BREAKS = pytest.mark.parametrize("break_it", [lock, remove, spoil])


class TestReaders:
    @BREAKS
    def test_a_running_process_goes_on_with_the_same_bytes(self, policy, file, pages, break_it):
        site = Site(LATER, pages=pages)
        site.warm()
        paths = list(public_paths(LATER))
        before = [site.get(path) for path in paths]
        held = break_it(file, site)
        assert [site.get(path) for path in paths] == before
        del held

    @BREAKS
    def test_a_process_that_starts_then_serves_what_is_on_disk(self, policy, file, pages, break_it):
        site = Site(LATER, pages=pages)
        site.warm()
        paths = list(public_paths(LATER))
        before = [site.get(path) for path in paths]
        held = break_it(file, site)
        started = Site(LATER, pages=pages)
        assert [started.get(path) for path in paths] == before
        assert started.django.asked == []
        del held

    def test_caches_in_front_may_hold_what_is_handed_out_then_for_a_second(
        self, policy, file, pages
    ):
        site = Site(LATER, pages=pages, purges=True)
        site.warm()
        assert site.get("/privacy/").header("cache-control") == UNTIL_THEN.format(seconds=LONGEST)
        remove(file)
        answer = site.get("/privacy/")
        assert answer.code == "200"
        assert answer.header("cache-control") == SHARED

    def test_they_are_told_to_forget_nothing_that_cannot_be_made_now(
        self, policy, file, pages, tmp_path
    ):
        Site(LATER, pages=pages).warm()
        whole = copy_of(file, tmp_path)
        remove(file)
        started = Site(LATER, pages=pages, purges=True)
        told: list[tuple[str, ...]] = []

        def tell(*tags: str) -> str:
            told.append(tags)
            return ""

        purger = Purger(started.delivery.watch, tell)
        purger.turn()
        assert started.get("/privacy/").code == "200"
        purger.turn()
        assert told == []
        replace(file, whole)
        purger.turn()
        assert told == [("policies",)]

    def test_a_page_that_was_not_kept_says_to_try_again(self, policy, file, pages):
        site = Site(LATER, pages=pages)
        site.get("/privacy/")
        held = lock(file, site)
        answer = site.get("/privacy/nothing/")
        assert answer.code == "503"
        assert answer.header("retry-after")
        assert b"Please try again" in answer.body
        assert site.get("/nothing.json").body.startswith(b"{")
        del held

    def test_a_database_that_says_no_moment_is_not_believed(self, policy, file, pages):
        site = Site(LATER, pages=pages)
        site.warm()
        before = site.get("/privacy/")
        immutable.drop("default")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE faq_approval SET effective_at = 'nonsense' WHERE number = 2")
        immutable.install("default")
        started = Site(LATER, pages=pages)
        assert started.get("/privacy/") == before
        assert "The database does not answer" in started.delivery.watch.trouble

    def test_a_search_gets_the_whole_page(self, policy, file, pages):
        site = Site(LATER, pages=pages)
        page = site.get("/privacy/")
        remove(file)
        assert site.get("/privacy/?q=company").body == page.body

    def test_without_a_snapshot_a_new_process_says_to_try_again(self, policy, file):
        remove(file)
        assert Site(LATER).get("/privacy/").code == "503"

    def test_a_scheduled_version_applies_without_the_database(self, policy, file, pages):
        reword(policy.question_set.get(), "A company, from then on.")
        publish(policy, LATER, effective_at=LATER + HOUR)
        site = Site(LATER, pages=pages)
        site.warm()
        remove(file)
        started = Site(LATER, pages=pages)
        for each in (site, started):
            assert b"from then on" not in each.get("/privacy/").body
            each.clock.at = LATER + HOUR
            assert b"from then on" in each.get("/privacy/").body
            assert each.get("/privacy/versions/2/").code == "200"

    def test_when_the_database_is_back_it_is_believed(self, policy, file, pages, tmp_path):
        site = Site(LATER, pages=pages)
        site.warm()
        copy = copy_of(file, tmp_path)
        remove(file)
        assert site.get("/privacy/").code == "200"
        replace(file, copy)
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        assert b"as of now" in site.get("/privacy/").body
        assert site.delivery.watch.trouble == ""


class TestWhatIsNeverServed:
    def test_hidden_wording_is_on_no_disk_once_a_process_knows(self, policy, file, pages):
        site = Site(LATER, pages=pages)
        site.warm()
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="a", at=LATER, reason="A name.")
        assert site.get("/privacy/versions/").code == "200"  # now the process knows
        remove(file)
        for each in (site, Site(LATER, pages=pages)):
            assert each.get("/privacy/versions/1/").code == "503"
            assert each.get("/privacy/versions/1.json").code == "503"

    def test_pages_of_before_are_deleted_once_the_new_ones_are_made(self, policy, pages):
        site = Site(LATER, pages=pages)
        site.warm()
        [before] = site.snapshot.folder.glob("*-*")
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="a", at=LATER, reason="A name.")
        site.warm()
        assert not before.exists()
        texts = [each.read_bytes() for each in pages.rglob("*") if each.is_file()]
        assert not any(b"<p>A company.</p>" in text for text in texts)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda data: data[:-1],
            lambda data: b"",
            lambda data: data.replace(b"company", b"kompany"),
            lambda data: data.replace(b"200 OK", b"201 OK"),
            lambda data: b"\xff" * 1000,
        ],
    )
    def test_a_damaged_page_is_not_served(self, policy, file, pages, damage):
        site = Site(LATER, pages=pages)
        site.warm()
        remove(file)
        for each in site.snapshot.folder.glob("*-*/*"):
            each.write_bytes(damage(each.read_bytes()))
        assert Site(LATER, pages=pages).get("/privacy/").code == "503"

    @pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"null"])
    def test_a_damaged_state_is_no_state(self, policy, file, pages, data):
        site = Site(LATER, pages=pages)
        site.warm()
        (site.snapshot.folder / "state.json").write_bytes(data)
        assert site.snapshot.state() is None
        assert Site(LATER, pages=pages).get("/privacy/").code == "200"
        remove(file)
        (site.snapshot.folder / "state.json").write_bytes(data)
        assert Site(LATER, pages=pages).get("/privacy/").code == "503"

    def test_the_folder_may_be_deleted_at_any_time(self, policy, pages):
        site = Site(LATER, pages=pages)
        site.warm()
        shutil.rmtree(pages)
        assert site.get("/privacy/").code == "200"
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        assert b"as of now" in site.get("/privacy/").body
        site.warm()
        assert site.snapshot.state().number == site.delivery.watch.state.number

    def test_a_folder_that_cannot_be_written_stops_nobody(self, policy, tmp_path):
        pages = tmp_path / "pages"
        pages.write_text("in the way")
        site = Site(LATER, pages=pages)
        site.warm()
        assert site.get("/privacy/").code == "200"
        assert site.delivery.watch.trouble == ""


class TestAnOlderDatabase:
    @pytest.fixture
    def older(self, policy, file, tmp_path):
        """A copy from before the third version was published."""
        copy = copy_of(file, tmp_path)
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        return copy

    def test_it_does_not_win(self, policy, file, pages, older):
        site = Site(LATER, pages=pages)
        site.warm()
        replace(file, older)
        for each in (site, Site(LATER, pages=pages)):
            assert b"as of now" in each.get("/privacy/").body
            assert each.get("/privacy/versions/3/").code == "200"
            ready = each.get("/health/ready")
            assert ready.code == "503"
            assert b"older than the pages" in ready.body
            assert str(each.snapshot.folder).encode() in ready.body
            assert each.get("/health/live").code == "200"

    def test_one_that_has_gone_another_way_does_not_win_either(self, policy, file, pages, older):
        site = Site(LATER, pages=pages)
        site.warm()
        replace(file, older)
        for number in range(5):
            reword(policy.question_set.get(), f"Another company {number}.")
            publish(policy, LATER + number * HOUR)
        site.clock.at = LATER + DAY
        assert b"as of now" in site.get("/privacy/").body
        assert site.get("/health/ready").code == "503"

    def test_it_is_meant_once_the_folder_is_deleted(self, policy, file, pages, older):
        site = Site(LATER, pages=pages)
        site.warm()
        replace(file, older)
        assert site.get("/health/ready").code == "503"
        site.snapshot.forget()
        for each in (site, Site(LATER, pages=pages)):
            assert each.get("/health/ready").code == "200"
            assert b"as of version 2" in each.get("/privacy/").body

    def test_a_database_that_lacks_what_was_hidden_does_not_win(
        self, policy, file, pages, tmp_path
    ):
        copy = copy_of(file, tmp_path)
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="a", at=LATER, reason="A name.")
        site = Site(LATER, pages=pages)
        site.warm()
        replace(file, copy)
        assert site.get("/privacy/versions/1/").code == "410"

    def test_it_is_meant_when_a_backup_was_restored(self, policy, file, pages, tmp_path, settings):
        settings.DATA_DIR = tmp_path
        call_command("backup", str(tmp_path / "copy.backup"), stdout=StringIO())
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        site = Site(LATER, pages=pages)
        site.warm()
        site.let_go()
        call_command("restore_backup", str(tmp_path / "copy.backup"), "--older", stdout=StringIO())
        for each in (site, Site(LATER, pages=pages)):
            assert b"as of version 2" in each.get("/privacy/").body
            assert each.get("/health/ready").code == "200"

    def test_a_newer_database_wins(self, policy, file, pages):
        Site(LATER, pages=pages).warm()
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        assert b"as of now" in Site(LATER, pages=pages).get("/privacy/").body


class TestHealth:
    @BREAKS
    def test_it_is_red_whatever_readers_see(self, policy, file, pages, break_it):
        site = Site(LATER, pages=pages)
        site.warm()
        assert site.get("/health/ready").code == "200"
        held = break_it(file, site)
        ready = site.get("/health/ready")
        assert ready.code == "503"
        assert b"does not answer" in ready.body
        assert site.get("/privacy/").code == "200"
        del held

    def test_whether_the_process_lives_is_asked_of_nothing_else(self, policy):
        site = Site(LATER)
        assert site.get("/health/live").code == "200"
        assert site.delivery.watch.state is None
        assert site.get("/health/ready").code == "200"
        assert site.delivery.watch.state is not None


#: When something was written long before this process began.
BEFORE = 1_000_000_000
#: When something was written after every process of a test had begun.
AFTER = 10_000_000_000


def snapshot(pages: Path, build: str) -> Snapshot:
    """The pages of a process of this build that begins now."""
    return Snapshot(pages, place="a database", build=build, limit=10_000)


def write(pages: Snapshot, epoch: str) -> None:
    """Write a page of this epoch, after every process has begun."""
    pages.keep(epoch, "host", "/", Answer("200 OK", (), b"A page."), ahead=True)
    os.utime(pages.folder / f"{epoch}-{pages.build}", (AFTER, AFTER))


class TestSnapshot:
    def test_the_newest_state_stands(self, policy, pages):
        site = Site(LATER, pages=pages)
        site.get("/privacy/")
        before = site.delivery.watch.state
        reword(policy.question_set.get(), "A company, as of now.")
        publish(policy, LATER)
        site.get("/privacy/")
        site.snapshot.note(before)
        assert site.snapshot.state() == site.delivery.watch.state != before

    def test_a_state_is_read_as_it_was_written(self, policy, pages):
        reword(policy.question_set.get(), "A company, from then on.")
        publish(policy, LATER, effective_at=LATER + timedelta(microseconds=1))
        site = Site(LATER, pages=pages)
        site.get("/privacy/")
        assert site.snapshot.state() == site.delivery.watch.state
        assert len(site.snapshot.state().moments) == 2

    def test_visited_pages_take_no_more_than_the_limit(self, policy, pages):
        site = Site(LATER, pages=pages)
        site.snapshot.limit = 30_000
        for path in public_paths(LATER):
            site.get(path)
        site.finish()
        files = [each for each in pages.rglob("*-*/*") if each.is_file()]
        assert 0 < sum(each.stat().st_blocks * 512 for each in files) <= 30_000

    def test_another_build_makes_its_own_and_serves_those_of_before_in_need(
        self, policy, file, pages
    ):
        Site(LATER, pages=pages, build="a1").warm()
        newer = Site(LATER, pages=pages, build="b2")
        newer.get("/privacy/")
        assert newer.django.asked == ["/privacy/"]
        remove(file)
        assert newer.get("/privacy/versions/1/").code == "200"

    def test_a_process_of_before_that_ends_late_leaves_the_pages_of_the_new_build(self, pages):
        old, new = snapshot(pages, "a1"), snapshot(pages, "b2")
        for each in ("7-0", "8-0"):
            write(new, each)
        old.keep_only({"7-0"})
        assert new.has("7-0", "host", "/") and new.has("8-0", "host", "/")

    def test_pages_of_a_build_that_no_longer_runs_go_with_the_next_start(self, pages):
        old = snapshot(pages, "a1")
        for each in ("6-0", "7-0", "9-0"):
            write(old, each)
            os.utime(old.folder / f"{each}-a1", (BEFORE, BEFORE))
        new = snapshot(pages, "b2")
        write(new, "7-0")
        new.keep_only({"7-0"})
        assert [each.name for each in new.folder.glob("*-*")] == ["7-0-b2"]

    def test_pages_of_earlier_epochs_go_whoever_made_them_and_when(self, pages):
        old, new = snapshot(pages, "a1"), snapshot(pages, "b2")
        for epoch in ("6-20180525T000000.000000", "9-0", "10-0", "10-20180525T000000.000000"):
            write(old, epoch)
            write(new, epoch)
        new.keep_only({"10-20180525T000000.000000"})
        left = sorted(each.name for each in new.folder.glob("*-*"))
        assert left == [f"10-20180525T000000.000000-{build}" for build in ("a1", "b2")]

    def test_no_two_databases_share_a_folder(self, policy, pages):
        site = Site(LATER, pages=pages)
        site.get("/privacy/")
        connection.settings_dict["NAME"] += "x"
        try:
            other = Site(LATER, pages=pages)
        finally:
            connection.settings_dict["NAME"] = connection.settings_dict["NAME"].removesuffix("x")
        assert other.snapshot.folder != site.snapshot.folder
        assert json.loads((site.snapshot.folder / "state.json").read_bytes().split(b"\n")[1])
