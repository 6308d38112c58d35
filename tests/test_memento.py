"""RFC 7089 (Memento) and RFC 5829: machines find the version that applied at a moment."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from django.test import Client
from memento_client import MementoClient

from faq import publishing
from faq.memento import BadHttpDate, Link, header, http_date, link_format, read_http_date
from faq.models import Policy
from tests.asking import ask, leads_to
from tests.factory import DAY, HOUR, make_policy, make_question, publish, reword

SECOND = timedelta(seconds=1)
MOMENT = timedelta(microseconds=1)
#: Four versions; the middle two begin in one second. All are past for any clock that is right.
BEGINNINGS = (
    datetime(2007, 4, 1, 0, 0, tzinfo=UTC),
    datetime(2018, 5, 25, 8, 30, 15, 250_000, tzinfo=UTC),
    datetime(2018, 5, 25, 8, 30, 15, 250_004, tzinfo=UTC),
    datetime(2021, 2, 3, 4, 5, 6, 999_999, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
)
NOW = datetime(2025, 1, 1, tzinfo=UTC)
MARKER = "Zebulon"
TIMEGATE = "/privacy/versions/timegate/"
TIMEMAP = "/privacy/versions/timemap/"


def make_history(*beginnings: datetime, slug: str = "privacy") -> Policy:
    """A policy whose versions began at these moments."""
    policy = make_policy(slug)
    for beginning in beginnings:
        change(policy)
        publish(policy, beginning)
    return policy


def change(policy: Policy, answer: str = "") -> None:
    """Make the working copy differ from every version."""
    question = policy.question_set.first() or make_question(policy)
    reword(question, answer or f"A company, seen {policy.version_set.count()} times.")


def withdraw(policy: Policy, number: int, at: datetime) -> None:
    version = policy.version_set.get(approval__number=number)
    publishing.withdraw(version, by="alice", at=at, reason="A mistake.")


def links(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """The links of a header or of a TimeMap, as address, relations and attributes."""
    read = []
    for target, attributes in re.findall(r'<([^>]*)>((?:; [a-z]+="[^"]*")+)', text):
        pairs = dict(re.findall(r'; ([a-z]+)="([^"]*)"', attributes))
        read.append((target, pairs.pop("rel"), pairs))
    return read


def relations(response) -> dict[str, str]:
    """The path that each relation of a response leads to."""
    return {
        rel: re.sub(r"^http://[^/]*", "", target)
        for target, rels, _attributes in links(response.headers["Link"])
        for rel in rels.split()
        if rel != "memento"
    }


def gate(moment: datetime | str, at: datetime = NOW) -> str:
    """Where the TimeGate leads for a moment."""
    wanted = moment if isinstance(moment, str) else http_date(moment)
    return leads_to(ask(TIMEGATE, at, **{"Accept-Datetime": wanted}))


class TestHttpDates:
    def test_a_moment_is_written_in_gmt_without_its_fraction(self):
        winter = datetime(2026, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC)
        assert http_date(winter) == "Fri, 02 Jan 2026 03:04:05 GMT"
        east = winter.astimezone(datetime.strptime("+0530", "%z").tzinfo)
        assert http_date(east) == "Fri, 02 Jan 2026 03:04:05 GMT"

    def test_what_is_written_can_be_read(self):
        for beginning in BEGINNINGS:
            assert read_http_date(http_date(beginning)) == beginning.replace(microsecond=0)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "yesterday",
            "2025-01-01",
            "2025-01-01T00:00:00Z",
            "Wed, 01 Jan 2025 00:00:00 +0200",
            "Wed, 01 Jan 2025 00:00:00",
            "Wed, 1 Jan 2025 00:00:00 GMT",
            "Wednesday, 01-Jan-25 00:00:00 GMT",
            "Wed Jan  1 00:00:00 2025",
            "Thu, 01 Jan 2025 00:00:00 GMT",
            "Thu, 32 Oct 2025 12:00:00 GMT",
            "Sat, 29 Feb 2025 12:00:00 GMT",
            "Wed, 01 Jan 2025 24:00:00 GMT",
            "Wed, 01 Foo 2025 00:00:00 GMT",
            "wed, 01 jan 2025 00:00:00 gmt",
            "Sat, 01 Jan 0000 00:00:00 GMT",
            "Wed, 0\u0661 Jan 2025 00:00:00 GMT",
            "Wed, 01 Jan 2025 00:00:00 GMT, Wed, 01 Jan 2025 00:00:00 GMT",
            "x" * 5000,
        ],
    )
    def test_nothing_else_is_read(self, text):
        with pytest.raises(BadHttpDate):
            read_http_date(text)

    def test_links_are_written_on_one_line_for_a_header_and_on_many_for_a_timemap(self):
        both = [Link("/a", "self"), Link("/b", "first memento", {"datetime": "then, there"})]
        one = '</a>; rel="self"'
        two = '</b>; rel="first memento"; datetime="then, there"'
        assert header(both) == f"{one}, {two}"
        assert link_format(both) == f"{one},\n{two}\n"


@pytest.mark.django_db
class TestTheLivePage:
    def test_it_names_itself_the_timegate_and_the_timemap_in_one_header(self):
        make_history(*BEGINNINGS)
        response = ask("/privacy/", NOW)
        assert response.headers["Link"] == (
            '<http://127.0.0.1:8000/privacy/>; rel="original", '
            '<http://127.0.0.1:8000/privacy/versions/timegate/>; rel="timegate", '
            '<http://127.0.0.1:8000/privacy/versions/timemap/>; rel="timemap"; '
            'type="application/link-format"'
        )

    def test_it_is_no_memento_and_varies_by_nothing(self):
        make_history(*BEGINNINGS)
        response = ask("/privacy/", NOW, **{"Accept-Datetime": http_date(BEGINNINGS[0])})
        assert response.status_code == 200
        assert "Memento-Datetime" not in response.headers
        assert "Vary" not in response.headers
        assert response.content == ask("/privacy/", NOW).content

    def test_its_addresses_are_those_of_the_site_wherever_it_is_asked(self, settings):
        make_history(*BEGINNINGS)
        settings.SITE_URL = type(settings.SITE_URL)(
            "https", "example.org", "https://example.org", ""
        )
        settings.ALLOWED_HOSTS = ["example.org"]
        response = ask("/privacy/", NOW, Host="example.org:4443")
        assert {target.split("/privacy/")[0] for target, _r, _a in links(response["Link"])} == {
            "https://example.org"
        }


@pytest.mark.django_db
class TestVersionPages:
    def test_each_says_when_it_began_and_what_stands_around_it(self):
        make_history(*(NOW - days * DAY for days in (40, 30, 20, 10)))
        response = ask("/privacy/versions/3/", NOW)
        assert response.headers["Memento-Datetime"] == http_date(NOW - 20 * DAY)
        assert relations(response) == {
            "original": "/privacy/",
            "timegate": TIMEGATE,
            "timemap": TIMEMAP,
            "first": "/privacy/versions/1/",
            "prev": "/privacy/versions/2/",
            "next": "/privacy/versions/4/",
            "last": "/privacy/versions/4/",
            "latest-version": "/privacy/",
            "version-history": "/privacy/versions/",
            "predecessor-version": "/privacy/versions/2/",
            "successor-version": "/privacy/versions/4/",
        }

    def test_every_memento_among_the_links_has_its_datetime(self):
        make_history(*(NOW - days * DAY for days in (40, 30, 20, 10)))
        found = links(ask("/privacy/versions/2/", NOW).headers["Link"])
        assert [
            (target[-3:], rel, attributes["datetime"])
            for target, rel, attributes in found
            if "memento" in rel
        ] == [
            ("/1/", "first prev memento", http_date(NOW - 40 * DAY)),
            ("/2/", "memento", http_date(NOW - 30 * DAY)),
            ("/3/", "next memento", http_date(NOW - 20 * DAY)),
            ("/4/", "last memento", http_date(NOW - 10 * DAY)),
        ]

    def test_the_only_version_is_first_and_last_and_has_no_neighbours(self):
        make_history(NOW - DAY)
        response = ask("/privacy/versions/1/", NOW)
        found = [rel for _target, rel, _a in links(response.headers["Link"]) if "memento" in rel]
        assert found == ["first last memento"]
        assert not {"prev", "next", "predecessor-version", "successor-version"} & set(
            relations(response)
        )

    def test_they_do_not_vary_on_the_moment_asked_for(self):
        make_history(*BEGINNINGS)
        plain = ask("/privacy/versions/1/", NOW)
        asked = ask("/privacy/versions/1/", NOW, **{"Accept-Datetime": http_date(NOW)})
        assert (plain.content, plain.headers) == (asked.content, asked.headers)
        assert "Vary" not in plain.headers

    def test_an_announced_version_is_no_memento_but_a_successor(self):
        policy = make_history(NOW - DAY)
        change(policy)
        publish(policy, NOW, effective_at=NOW + DAY)
        live = ask("/privacy/versions/1/", NOW)
        assert relations(live)["successor-version"] == "/privacy/versions/2/"
        assert "next" not in relations(live)
        assert relations(live)["last"] == "/privacy/versions/1/"
        upcoming = ask("/privacy/versions/2/", NOW)
        assert "Memento-Datetime" not in upcoming.headers
        assert relations(upcoming) == {
            "original": "/privacy/",
            "timegate": TIMEGATE,
            "timemap": TIMEMAP,
            "latest-version": "/privacy/",
            "version-history": "/privacy/versions/",
            "predecessor-version": "/privacy/versions/1/",
        }
        assert ask("/privacy/versions/2/", NOW + DAY).headers["Memento-Datetime"] == http_date(
            NOW + DAY
        )

    def test_the_first_announced_version_of_a_policy_does_not_name_what_is_not_there(self):
        policy = make_policy()
        make_question(policy)
        publish(policy, NOW, effective_at=NOW + DAY)
        assert relations(ask("/privacy/versions/1/", NOW)) == {
            "version-history": "/privacy/versions/"
        }
        assert ask(TIMEGATE, NOW).status_code == ask(TIMEMAP, NOW).status_code == 404

    def test_a_withdrawn_version_that_was_in_force_is_still_a_memento(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        withdraw(policy, 2, NOW - 7 * DAY)
        response = ask("/privacy/versions/2/", NOW)
        assert response.headers["Memento-Datetime"] == http_date(NOW - 8 * DAY)
        assert relations(response)["prev"] == "/privacy/versions/1/"

    def test_one_that_was_announced_and_withdrawn_before_it_applied_is_none(self):
        policy = make_history(NOW - 9 * DAY)
        change(policy)
        publish(policy, NOW - 8 * DAY, effective_at=NOW - HOUR)
        withdraw(policy, 2, NOW - 7 * DAY)
        response = ask("/privacy/versions/2/", NOW)
        assert response.status_code == 200
        assert "Memento-Datetime" not in response.headers
        assert "successor-version" not in relations(ask("/privacy/versions/1/", NOW))

    def test_hidden_wording_has_its_links_but_no_memento_datetime(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        publishing.withhold(
            policy.version_set.get(approval__number=1), by="alice", at=NOW, reason="A name."
        )
        response = ask("/privacy/versions/1/", NOW)
        assert response.status_code == 410
        assert "Memento-Datetime" not in response.headers
        assert relations(response)["next"] == "/privacy/versions/2/"


@pytest.mark.django_db
class TestTheTimeGate:
    def test_a_second_means_its_end(self):
        make_history(*BEGINNINGS)
        late = BEGINNINGS[3]
        assert gate(late - SECOND) == "/privacy/versions/3/"
        assert gate(late) == "/privacy/versions/4/"

    def test_of_two_versions_in_one_second_it_finds_the_later(self):
        make_history(*BEGINNINGS)
        assert gate(BEGINNINGS[1] - SECOND) == "/privacy/versions/1/"
        assert gate(BEGINNINGS[1]) == "/privacy/versions/3/"

    def test_before_the_first_version_it_is_the_first(self):
        make_history(*BEGINNINGS)
        assert gate("Fri, 01 Jan 0100 00:00:00 GMT") == "/privacy/versions/1/"
        assert gate("Thu, 01 Jan 1970 00:00:00 GMT") == "/privacy/versions/1/"

    def test_without_the_header_or_in_the_future_it_is_the_one_in_force_now(self):
        make_history(*BEGINNINGS)
        assert leads_to(ask(TIMEGATE, NOW)) == "/privacy/versions/5/"
        assert gate("Fri, 31 Dec 9999 23:59:59 GMT") == "/privacy/versions/5/"
        assert gate(NOW + 10 * DAY, at=BEGINNINGS[2]) == "/privacy/versions/3/"

    def test_an_upcoming_version_is_never_found(self):
        policy = make_history(NOW - DAY)
        change(policy)
        publish(policy, NOW, effective_at=NOW + DAY)
        assert gate(NOW + 9 * DAY) == "/privacy/versions/1/"
        assert gate(NOW + DAY, at=NOW + DAY - MOMENT) == "/privacy/versions/1/"
        assert gate(NOW + DAY, at=NOW + DAY) == "/privacy/versions/2/"

    def test_after_a_withdrawal_it_finds_what_was_really_in_force(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        withdraw(policy, 2, NOW - 7 * DAY)
        change(policy)
        publish(policy, NOW - 6 * DAY)
        assert gate(NOW - 8 * DAY) == "/privacy/versions/2/"
        assert gate(NOW - 7 * DAY - SECOND) == "/privacy/versions/2/"
        assert gate(NOW - 7 * DAY) == "/privacy/versions/1/"
        assert gate(NOW - 6 * DAY - SECOND) == "/privacy/versions/1/"
        assert gate(NOW - 6 * DAY) == "/privacy/versions/3/"

    def test_the_withdrawal_of_the_newest_version_leads_back_to_the_one_before(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        withdraw(policy, 2, NOW - 7 * DAY)
        assert leads_to(ask(TIMEGATE, NOW)) == gate(NOW) == "/privacy/versions/1/"

    def test_hidden_wording_is_led_to_because_it_was_in_force(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        publishing.withhold(
            policy.version_set.get(approval__number=1), by="alice", at=NOW, reason="A name."
        )
        assert gate(NOW - 9 * DAY) == "/privacy/versions/1/"

    def test_its_answer_varies_on_the_moment_and_names_what_the_framework_needs(self):
        make_history(*(NOW - days * DAY for days in (40, 30, 20, 10)))
        response = ask(TIMEGATE, NOW, **{"Accept-Datetime": http_date(NOW - 25 * DAY)})
        assert response.headers["Vary"] == "accept-datetime"
        assert "Memento-Datetime" not in response.headers
        assert relations(response) == {
            "original": "/privacy/",
            "timegate": TIMEGATE,
            "timemap": TIMEMAP,
            "first": "/privacy/versions/1/",
            "prev": "/privacy/versions/1/",
            "next": "/privacy/versions/3/",
            "last": "/privacy/versions/4/",
        }

    @pytest.mark.parametrize("text", ["", "yesterday", "Thu, 32 Oct 2025 12:00:00 GMT", "x" * 2000])
    def test_a_malformed_moment_is_refused_with_an_example(self, text):
        make_history(*BEGINNINGS)
        response = ask(TIMEGATE, NOW, **{"Accept-Datetime": text})
        assert response.status_code == 400
        assert response.content == (
            b"Write Accept-Datetime like this: Fri, 25 May 2018 00:00:00 GMT\n"
        )
        assert response.headers["Vary"] == "accept-datetime"
        assert relations(response)["original"] == "/privacy/"

    @pytest.mark.parametrize("address", [TIMEGATE, TIMEMAP])
    def test_a_policy_that_is_not_there_has_neither_gate_nor_map(self, address):
        assert ask(address, NOW).status_code == 404
        make_question(make_policy())
        assert ask(address, NOW).status_code == 404

    @pytest.mark.parametrize("address", [TIMEGATE, TIMEMAP])
    def test_they_can_only_be_read(self, client, address):
        make_history(*BEGINNINGS)
        assert client.post(address).status_code == 405
        assert client.head(address).content == b""


@pytest.mark.django_db
class TestTheTimeMap:
    def test_it_lists_the_versions_and_itself_in_the_link_format(self):
        make_history(*(NOW - days * DAY for days in (30, 20, 10)))
        response = ask(TIMEMAP, NOW)
        assert response.headers["Content-Type"] == "application/link-format"
        one, two, three = (http_date(NOW - days * DAY) for days in (30, 20, 10))
        site = "http://127.0.0.1:8000/privacy/"
        assert response.content.decode() == (
            f'<{site}>; rel="original",\n'
            f'<{site}versions/timegate/>; rel="timegate",\n'
            f'<{site}versions/timemap/>; rel="self"; type="application/link-format"; '
            f'from="{one}"; until="{three}",\n'
            f'<{site}versions/1/>; rel="first memento"; datetime="{one}",\n'
            f'<{site}versions/2/>; rel="memento"; datetime="{two}",\n'
            f'<{site}versions/3/>; rel="last memento"; datetime="{three}"\n'
        )

    def test_an_upcoming_version_is_never_in_it(self):
        policy = make_history(NOW - DAY)
        change(policy)
        publish(policy, NOW, effective_at=NOW + DAY)
        assert "versions/2/" not in ask(TIMEMAP, NOW).content.decode()
        assert "versions/2/" in ask(TIMEMAP, NOW + DAY).content.decode()

    def test_a_withdrawn_version_that_was_in_force_is_in_it_once(self):
        policy = make_history(NOW - 9 * DAY, NOW - 8 * DAY)
        withdraw(policy, 2, NOW - 7 * DAY)
        text = ask(TIMEMAP, NOW).content.decode()
        assert [text.count(f"versions/{number}/>") for number in (1, 2)] == [1, 1]

    def test_what_lasted_less_than_its_second_is_left_out_but_stays_a_page(self):
        make_history(*BEGINNINGS)
        assert "versions/2/" not in ask(TIMEMAP, NOW).content.decode()
        page = ask("/privacy/versions/2/", NOW)
        assert page.headers["Memento-Datetime"] == http_date(BEGINNINGS[1])
        assert relations(page)["prev"] == "/privacy/versions/1/"
        assert relations(page)["next"] == "/privacy/versions/3/"

    def test_every_version_it_lists_is_found_through_the_timegate(self):
        make_history(*BEGINNINGS)
        listed = [
            (target, attributes["datetime"])
            for target, rel, attributes in links(ask(TIMEMAP, NOW).content.decode())
            if "memento" in rel
        ]
        assert [target[-3:] for target, _date in listed] == ["/1/", "/3/", "/4/", "/5/"]
        for target, date in listed:
            assert target.endswith(gate(date))


@pytest.mark.django_db
class TestWhatIsNotPublic:
    """A marker stands in everything that readers may not see."""

    ADDRESSES = (
        "/privacy/",
        *(f"/privacy/versions/{number}/" for number in range(1, 7)),
        "/privacy/versions/upcoming/",
        "/privacy/versions/2025-01-01/",
        "/privacy/versions/2999-01-01/",
        TIMEGATE,
        TIMEMAP,
    )

    @pytest.fixture
    def policy(self) -> Policy:
        """Version 1 is replaced and hidden, 2 in force, 3 withdrawn unseen, 4 is not announced."""
        policy = make_policy()
        make_question(policy, answer=MARKER)
        publish(policy, NOW - 9 * DAY, note=f"{MARKER} began.")
        change(policy, "A company.")
        publish(policy, NOW - 8 * DAY)
        hidden = policy.version_set.get(approval__number=1)
        publishing.withhold(hidden, by="alice", at=NOW - 7 * DAY, reason="It named a person.")
        for note in ("never", "not yet"):
            change(policy, f"{MARKER}, {note}.")
            publish(policy, NOW - 6 * DAY, effective_at=NOW + DAY, note=MARKER, announce=False)
            if note == "never":
                withdraw(policy, 3, NOW - 6 * DAY)
        change(policy, f"{MARKER}, sent back.")
        rejected = publishing.freeze(policy, by=MARKER, at=NOW - 5 * DAY)
        publishing.reject(rejected, by=MARKER, at=NOW - 5 * DAY, reason=MARKER)
        change(policy, f"{MARKER}, waiting.")
        publishing.freeze(policy, by=MARKER, at=NOW - 4 * DAY)
        change(policy, f"{MARKER}, a draft.")
        return policy

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_neither_text_nor_number_nor_date_of_it_is_told(self, policy, address):
        response = ask(address, NOW, **{"Accept-Datetime": http_date(NOW + 9 * DAY)})
        said_back = f"<code>{address}</code>"
        told = f"{response.headers}\n{response.content.decode()}".replace(said_back, "")
        assert MARKER not in told
        assert "versions/3/" not in told
        assert "versions/4/" not in told
        assert http_date(NOW + DAY) not in told
        assert "2 January 2025" not in told

    def test_it_is_told_once_it_is_announced(self, policy):
        four = policy.version_set.get(approval__number=4)
        publishing.announce(four, by="alice", at=NOW)
        told = ask("/privacy/versions/2/", NOW).headers["Link"]
        assert relations(ask("/privacy/versions/2/", NOW))["successor-version"].endswith("/4/")
        assert "versions/3/" not in told

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_cookie_is_set_or_looked_at(self, policy, address):
        junk = "session=junk; csrf=junk; sessionid=junk; csrftoken=junk; messages=junk"
        response = Client(headers={"Cookie": junk}).get(address)
        assert "Set-Cookie" not in response.headers
        assert "cookie" not in response.headers.get("Vary", "").lower()


@pytest.mark.django_db(transaction=True)
class TestARunningServer:
    @pytest.mark.shared
    def test_the_conformance_checker_finds_no_failure(self, live_server, shared: Path):
        make_history(*BEGINNINGS)
        done = subprocess.run(
            [
                sys.executable,
                str(shared / "tools" / "memento_check.py"),
                f"{live_server.url}/privacy/",
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.fullmatch(
            r"[1-9]\d\d checks, 0 MUST failures, 0 SHOULD failures", done.stdout.strip()
        )

    def test_the_memento_client_finds_the_right_version_on_twenty_dates(self, live_server):
        policy = make_history(*BEGINNINGS)
        withdraw(policy, 5, datetime(2024, 6, 1, tzinfo=UTC))
        wanted = {
            "1995-06-07 08:09:10": 1,
            "2007-03-31 23:59:59": 1,
            "2007-04-01 00:00:00": 1,
            "2007-04-01 00:00:01": 1,
            "2012-12-12 12:12:12": 1,
            "2018-05-25 08:30:14": 1,
            "2018-05-25 08:30:15": 3,
            "2018-05-25 08:30:16": 3,
            "2019-10-27 01:30:00": 3,
            "2020-02-29 00:00:00": 3,
            "2021-02-03 04:05:05": 3,
            "2021-02-03 04:05:06": 4,
            "2021-02-03 04:05:07": 4,
            "2022-03-27 01:30:00": 4,
            "2024-02-29 23:59:58": 4,
            "2024-02-29 23:59:59": 5,
            "2024-03-01 00:00:00": 5,
            "2024-05-31 23:59:59": 5,
            "2024-06-01 00:00:00": 4,
            "2199-12-31 23:59:59": 4,
        }
        assert len(wanted) == 20
        original = f"{live_server.url}/privacy/"
        with requests.Session() as session:
            session.trust_env = False
            for text, number in wanted.items():
                client = MementoClient(session=session)
                found = client.get_memento_info(original, datetime.fromisoformat(text))
                assert found["original_uri"] == original
                assert found["timegate_uri"] == urljoin(original, "versions/timegate/")
                closest = found["mementos"]["closest"]
                address = urljoin(original, f"versions/{number}/")
                assert (closest["uri"], closest["http_status_code"]) == ([address], 200), text
                begun = BEGINNINGS[number - 1].replace(microsecond=0, tzinfo=None)
                assert closest["datetime"] == begun, text
                assert found["mementos"]["first"]["uri"] == [urljoin(original, "versions/1/")]
