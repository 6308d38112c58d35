"""One law of finished pages: whatever happens and whenever one looks, they are Django's own.

And what it stands on: public views read the record and nothing else that can change.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from faq import immutable, publishing
from faq.models import Approval, Image, Policy
from faq.views.every_page import public_paths
from tests.delivering import Site, file_database
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
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


class Life:
    """A policy to which things happen, one hour after another."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.policy = make_policy(f"p{Policy.objects.count()}")
        self.question = make_question(self.policy)
        self.publish()

    @property
    def now(self) -> datetime:
        return self.site.clock.at

    def publish(self) -> None:
        reword(self.question, f"As of {self.now}.")
        publish(self.policy, self.now)

    def schedule(self) -> None:
        reword(self.question, f"As decided {self.now}.")
        publish(self.policy, self.now, effective_at=self.now + 3 * HOUR, announce=False)

    def announce(self) -> None:
        publishing.announce(self.policy.version_set.newest(), by="a", at=self.now)

    def withdraw(self) -> None:
        newest = self.policy.version_set.newest()
        publishing.withdraw(newest, by="a", at=self.now, reason="Not so.")

    def withhold(self) -> None:
        first = self.policy.version_set.filter(approval__isnull=False).first()
        publishing.withhold(first, by="a", at=self.now, reason="A name.")

    def correct(self) -> None:
        first = self.policy.version_set.filter(approval__isnull=False).first()
        publishing.write_note(first, by="a", at=self.now, text=f"Better words {self.now}.")

    def draft(self) -> None:
        reword(self.question, f"Perhaps {self.now}.")
        publishing.freeze(self.policy, by="a", at=self.now)

    def wait(self) -> None:
        self.site.clock.at += 2 * HOUR

    def sleep(self) -> None:
        self.site.clock.at += 13 * HOUR

    def addresses(self) -> list[str]:
        """Every kind of page, of versions that there are and of some that there are not."""
        base, today = f"/{self.policy.slug}/", self.now.date()
        numbers = range(1, 2 + Approval.objects.filter(policy=self.policy).count())
        days = (today - DAY, today, today + DAY)
        return [
            *(f"{base}{rest}" for rest in ("", "who-are-we/", "who-are-we/versions/", "versions/")),
            *(f"{base}versions/{rest}/" for rest in ("upcoming", "timemap", "timegate", *days)),
            *(f"{base}{rest}" for rest in ("versions.json", "anchors.json", "versions.atom")),
            *(f"{base}versions/{number}{end}" for number in numbers for end in ("/", ".json")),
            f"{base}versions/1...2/",
            f"/{self.policy.slug}.json",
            "/",
            "/sitemap.xml",
        ]


HAPPENINGS = [name for name in vars(Life) if name[0] != "_" and name not in {"now", "addresses"}]


@pytest.mark.slow
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.sampled_from(HAPPENINGS), min_size=3, max_size=8))
def test_whatever_happens_readers_get_what_django_would_say(happenings):
    site = Site(LATER)
    life = Life(site)
    for happening in happenings:
        try:
            getattr(life, happening)()
        except publishing.Refused:
            continue
        site.clock.at += HOUR / 60
        site.delivery.watch.source.ask_now()
        for address in life.addresses():
            kept, plain = site.get(address), site.plain(address)
            assert (kept.status, kept.body) == (plain.status, plain.body), address
            for name in ("location", "link", "memento-datetime"):
                assert kept.header(name) == plain.header(name), address


def test_what_is_kept_says_the_same_for_a_whole_epoch(settings):
    settings.SECURITY_CONTACT = ["mailto:security@example.org"]
    make_record()
    site = Site(LATER)
    addresses = [*ADDRESSES, *public_paths(LATER), "/.well-known/security.txt"]
    before = {address: site.plain(address) for address in addresses}
    site.clock.at += 400 * DAY
    kept = [address for address, answer in before.items() if answer.may_be_kept]
    assert len(kept) > 40
    for address in kept:
        assert site.plain(address) == before[address], address


class TestWhatPublicViewsRead:
    #: Tables whose rows are written once and raise the state, with those that never change alone.
    RECORD = {model._meta.db_table for model in immutable.record_models() if model.is_public_record}
    #: A picture is public with a version that shows it; a policy's address is fixed with its first.
    BESIDE = {Image._meta.db_table, Policy._meta.db_table}

    def test_the_record_and_nothing_else_that_changes(self, settings):
        settings.IMAGES = True
        make_record()
        site = Site(LATER)
        for address in [*ADDRESSES, *public_paths(LATER), f"/images/{'0' * 64}.webp"]:
            if address.startswith("/health"):
                continue
            with CaptureQueriesContext(connection) as asked:
                site.plain(address)
            for query in asked:
                tables = set(re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"', query["sql"]))
                assert tables <= self.RECORD | self.BESIDE, (address, query["sql"])

    def test_a_policy_without_a_version_is_on_no_page(self):
        make_record()
        site = Site(LATER)
        addresses = [*public_paths(LATER), "/other/"]
        before = [site.plain(address).body for address in addresses]
        other = make_policy("other", "Another policy")
        assert [site.plain(address).body for address in addresses] == before
        other.slug = "another"
        other.save()
        assert [site.plain(address).body for address in addresses] == before
        other.delete()
        assert [site.plain(address).body for address in addresses] == before
