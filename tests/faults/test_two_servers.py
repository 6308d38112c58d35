"""Two servers of one PostgreSQL, and nginx as a cache in front of them: deploy/nginx-cache.conf.

The file is the one that operators install; ports, paths, the name and TLS are changed alone.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import brotli
import pytest
from backports import zstd

from benchmarks.examples import Front
from benchmarks.peers.nginx import PROGRAM
from tests.faults.site import Answer, Readers, Server, Site, free_port, kill

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not PROGRAM, reason="nginx is not here"),
]

FIRST = """
make_question(make_policy(), answer="Wording 1.")
publishing.publish(Policy.objects.get(), by="bob", at=now(), material=True)
"""
#: Publishes wording N, says when that was done, and waits to be told the next one.
PUBLISHER = """
import datetime, time
policy = Policy.objects.get()
question = policy.question_set.get()
print("ready", flush=True)
for line in sys.stdin:
    number, later = line.split()
    reword(question, f"Wording {number}.")
    at = now()
    effective_at = at + datetime.timedelta(seconds=float(later)) if float(later) else None
    options = {"material": True, "note": "Other words."}
    publishing.publish(policy, by="bob", at=at, effective_at=effective_at, **options)
    print(effective_at.timestamp() if effective_at else time.time(), flush=True)
"""
#: Announces a version that applies tomorrow.
ANNOUNCE = """
import datetime
question = Question.objects.get()
reword(question, "Wording 2.")
publish(question.policy, now(), effective_at=now() + datetime.timedelta(days=1))
"""
#: Withdraws the newest version, and says when that was done.
WITHDRAW = """
import time
publishing.withdraw(Policy.objects.get().version_set.newest(), by="bob", at=now(), reason="No.")
print(time.time())
"""
PATH = "/privacy/"
#: Seconds until a server has asked PostgreSQL.
ON_A_SERVER = 1.1
#: nginx counts whole seconds: what it may keep for one it keeps for up to two.
IN_THE_CACHE = 2.0
#: It leaves out for a second, and so for up to two, a server that did not answer.
LEFT_OUT = 2.0
#: How late a scheduled version may be seen on this machine, which may be busy.
LATE = 0.5


@dataclass
class Sight:
    """What a reader saw and when: moments in seconds."""

    began: float
    ended: float
    wording: int


@dataclass(eq=False)
class Reader(threading.Thread):
    """Somebody who reads the page over and over; over one connection, one worker answers it all."""

    port: int
    host: str
    keeps_connection: bool
    sights: list[Sight] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._end = threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self._end.wait(0.02):
            began = time.time()
            try:
                connection.request("GET", PATH, headers={"Host": self.host})
                answer = connection.getresponse()
                body = answer.read().decode()
                found = re.search(r"Wording (\d+)\.", body)
                if answer.status != 200 or not found:
                    self.faults.append(f"{answer.status} {body[:100]}")
                else:
                    self.sights.append(Sight(began, time.time(), int(found[1])))
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(repr(error))
                connection.close()
            if not self.keeps_connection:
                connection.close()
        connection.close()

    def stop(self) -> None:
        self._end.set()
        self.join()

    def delay(self, number: int, since: float) -> float:
        """Seconds from a moment until the last time that it began to read something older."""
        late = [each.began - since for each in self.sights if each.wording < number]
        return max([0.0, *late])

    def never_went_back(self) -> bool:
        seen = [each.wording for each in self.sights]
        return seen == sorted(seen)


@dataclass
class Cluster:
    """Two servers, nginx in front of them, and the site that they serve."""

    site: Site
    servers: list[Server]
    front: Front

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.site.port}"

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask through nginx; headers are given as Words_With_Underlines."""
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"Host": "127.0.0.1", **named})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()

    def kept(self) -> list[bytes]:
        """Every file of the cache."""
        return [file.read_bytes() for file in (self.front.folder / "cache").rglob("*")
                if file.is_file()]  # fmt: skip


@pytest.fixture
def cluster(site: Site, tmp_path: Path) -> Iterator[Cluster]:
    """Both servers have the same settings, and each a DATA_DIR of its own, as two machines have."""
    site.run(FIRST)
    folders = [tmp_path / name for name in ("one", "two")]
    with ExitStack() as stack:
        servers = []
        for folder in folders:
            folder.mkdir()
            own = {"DATA_DIR": str(folder), "STATIC_ROOT": str(site.folder / "static")}
            servers.append(stack.enter_context(site.serving(free_port(), **own)))
        nginx = tmp_path / "nginx"
        nginx.mkdir()
        front = stack.enter_context(
            Front("nginx-cache.conf", nginx, [each.port for each in servers])
        )
        for server in servers:
            server.wait_until_ready()
        yield Cluster(site, servers, front)


def watch(cluster: Cluster) -> tuple[list[Reader], list[Reader]]:
    """Start readers: four of each server, over a connection each, and four of the cache."""
    direct = [
        Reader(server.port, cluster.host, True) for server in cluster.servers for _which in range(4)
    ]
    cached = [Reader(cluster.front.port, "127.0.0.1", False) for _which in range(4)]
    for reader in (*direct, *cached):
        reader.start()
    return direct, cached


def test_what_is_published_shows_on_both_servers_and_through_the_cache(
    cluster: Cluster, short: bool
) -> None:
    """A process publishes a wording every few seconds; both servers have to find out by asking.

    Twelve readers look at what they get: four of each server over a connection of their own, so
    that one worker answers all of it, and four through nginx. From 1.1 seconds after the publish
    was done no server may give the older page, and 2 seconds later (nginx counts whole seconds)
    the cache may not either. Nobody may see an older wording after a newer one over one connection.
    """
    direct, cached = watch(cluster)
    with cluster.site.start(PUBLISHER) as publisher:
        assert publisher.stdout.readline() == "ready\n"
        done = {}
        for number in range(2, 5 if short else 12):
            publisher.stdin.write(f"{number} 0\n")
            publisher.stdin.flush()
            done[number] = float(publisher.stdout.readline())
            time.sleep(3.5 + number * 0.137)
        publisher.stdin.close()
    for reader in (*direct, *cached):
        reader.stop()
        assert not reader.faults
        assert len(reader.sights) > 20 * len(done)
    on_servers = [reader.delay(number, at) for number, at in done.items() for reader in direct]
    in_cache = [reader.delay(number, at) for number, at in done.items() for reader in cached]
    print(f"on a server after {max(on_servers):.2f} s, in the cache after {max(in_cache):.2f} s")
    print("in the cache:", sorted(f"{each:.2f}" for each in in_cache))
    assert max(on_servers) <= ON_A_SERVER
    assert max(in_cache) <= ON_A_SERVER + IN_THE_CACHE
    assert all(reader.never_went_back() for reader in direct)


def test_a_scheduled_version_switches_on_both_servers_at_its_moment(cluster: Cluster) -> None:
    """A version is published for some seconds later; the same readers look on.

    No page that was read before the moment may be the new one. What a server is asked for after it
    must be the new one (half a second is for a busy machine), and through the cache two seconds
    later.
    """
    direct, cached = watch(cluster)
    with cluster.site.start(PUBLISHER) as publisher:
        assert publisher.stdout.readline() == "ready\n"
        publisher.stdin.write("2 6\n")
        publisher.stdin.flush()
        moment = float(publisher.stdout.readline())
        publisher.stdin.close()
    time.sleep(max(0.0, moment - time.time()) + 4)
    for reader in (*direct, *cached):
        reader.stop()
        assert not reader.faults
        assert any(each.ended < moment for each in reader.sights)
        assert not [each for each in reader.sights if each.ended < moment and each.wording == 2]
        assert reader.sights[-1].wording == 2
    print(f"on a server {max(reader.delay(2, moment) for reader in direct):.3f} s late")
    assert all(reader.delay(2, moment) <= LATE for reader in direct)
    assert all(reader.delay(2, moment) <= IN_THE_CACHE + LATE for reader in cached)
    assert all(reader.never_went_back() for reader in direct)


def test_what_is_gone_from_the_site_goes_from_the_cache_as_soon(cluster: Cluster) -> None:
    """The address of the announced version leads there; the version is withdrawn, and it is a 404.

    A 404 is not kept, but it ends what was kept before, within the limit for any other change.
    """
    path = "/privacy/versions/upcoming/"
    cluster.site.run(ANNOUNCE)
    time.sleep(ON_A_SERVER)
    answer = cluster.get(path)
    assert (answer.status, answer.headers["Location"]) == (302, "/privacy/versions/2/")
    assert [each for each in cluster.kept() if path.encode() in each]
    done = float(cluster.site.run(WITHDRAW))
    time.sleep(max(0.0, done + ON_A_SERVER + IN_THE_CACHE - time.time()))
    for _time in range(3):
        assert cluster.get(path).status == 404


def kill_all_of(server: Server) -> None:
    """Kill a server with its workers, none of which can put anything in order."""
    found = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True)
    for process in (server.process.pid, *map(int, found.stdout.split())):
        with suppress(ProcessLookupError):
            kill(process)
    server.process.wait()


def test_killing_either_server_loses_no_reader_a_page(cluster: Cluster, short: bool) -> None:
    """120 readers read over and over through nginx, each page over a new connection.

    Some addresses are in the cache, others (searches) go to a server each time. The first server is
    killed with all its workers (signal 9) and started again, then, once nginx asks it again, the
    second, in turns. Every answer must be 200 with the bytes of before.
    """
    paths = ("/privacy/", "/privacy/versions/", "/privacy.json", "/privacy/?q=wording")
    expected = {path: cluster.get(path).body for path in paths}
    with ExitStack() as stack, Readers(cluster, expected, number=120) as readers:
        readers.each_reads()
        for turn in range(2 if short else 6):
            which = turn % 2
            killed = cluster.servers[which]
            kill_all_of(killed)
            readers.each_reads(2)
            again = cluster.site.serving(killed.port, DATA_DIR=str(killed_folder(killed)))
            cluster.servers[which] = stack.enter_context(again)
            cluster.servers[which].wait_until_ready()
            time.sleep(LEFT_OUT)
            readers.each_reads(2)
    print(f"{readers.reads} reads, the slowest took {readers.slowest:.1f} s")
    readers.saw_nothing_wrong()


def killed_folder(server: Server) -> Path:
    """A DATA_DIR for a server that is started again, with the static files of before."""
    return server.site.folder


def test_when_no_server_answers_readers_get_what_is_in_the_cache(cluster: Cluster) -> None:
    """Both servers are killed; a page that was in the cache is given on, however old it is."""
    before = cluster.get(PATH)
    for server in cluster.servers:
        kill_all_of(server)
    time.sleep(2.5)
    for _time in range(3):
        answer = cluster.get(PATH)
        assert (answer.status, answer.body) == (200, before.body)
    assert cluster.get("/privacy/versions/").status in {502, 504}


def test_nothing_private_and_nothing_of_a_reader_is_ever_in_the_cache(cluster: Cluster) -> None:
    """Everything is asked for twice, also with a cookie and in other spellings of an address.

    Then the files of the cache are read: their keys are those of public pages, and no Set-Cookie,
    no token of a form and no word of the cookie stands in them.
    """
    private = ["/admin/", "/admin/login/", "/%61dmin/login/", "//admin/login/", "/preview/x/",
               "/health/live", "/health/ready", "/privacy/?q=cookies"]  # fmt: skip
    public = ["/privacy/", "/privacy/versions/1/", "/privacy.json"]
    for path in (*private, *public):
        for _time in range(2):
            answer = cluster.get(path, Cookie="sessionid=junk; csrftoken=junk")
            assert answer.status in {200, 302, 404}, path
            assert "cookie" not in answer.headers.get("Vary", "").lower() or path in private
    assert cluster.get(PATH, "POST").status == 405
    kept = cluster.kept()
    keys = {re.search(rb"^KEY: 127\.0\.0\.1(\S+) ", each, re.M)[1].decode() for each in kept}
    assert keys == set(public)
    for each in kept:
        for word in (b"set-cookie", b"junk", b"csrfmiddlewaretoken", b"no-store"):
            assert word not in each.lower()


def test_each_browser_gets_an_encoding_that_it_takes_and_the_cache_keeps_four(
    cluster: Cluster,
) -> None:
    """Browsers write Accept-Encoding in many ways; each gets the page in what it takes, and an
    ETag that is known again through the cache."""
    limit = time.monotonic() + 120
    in_a_row = 0
    while in_a_row < 30:  # every worker has made Brotli
        asked = {"Accept-Encoding": "br", "Host": "127.0.0.1"}
        for server in cluster.servers:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", PATH, headers=asked)
            given = connection.getresponse().headers["Content-Encoding"]
            in_a_row = in_a_row + 1 if given == "br" else 0
            connection.close()
        assert time.monotonic() < limit, "Brotli is not made."
        time.sleep(0.1)
    time.sleep(2.1)  # what was kept before is too old
    plain = cluster.get(PATH).body
    unpack = {"br": brotli.decompress, "zstd": zstd.decompress, None: bytes}
    for accepted, encoding in (
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate, br", "br"),
        ("zstd", "zstd"),
        ("br;q=0, zstd", "zstd"),
        ("br;q=1.0", "br"),
        ("identity", None),
        ("br;q=0", None),
        ("brotli, x-gzip", None),
    ):
        for _time in range(2):
            answer = cluster.get(PATH, Accept_Encoding=accepted)
            assert answer.headers["Content-Encoding"] == encoding, accepted
            assert unpack[encoding](answer.body) == plain
        known = {"Accept_Encoding": accepted, "If_None_Match": answer.headers["ETag"]}
        assert cluster.get(PATH, **known).status == 304
        assert cluster.get(PATH, "HEAD", **known | {"If_None_Match": '"x"'}).status == 200
    assert len(cluster.kept()) <= 4
