"""The site as files: under nginx, without Python, it answers as the application does.

The law is asked of a real nginx. The rest is asked of the folder.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import posixpath
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urljoin

import brotli
import pytest
from backports import zstd
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from faq import images, publishing
from faq.models import Policy
from faq.static_site import hosts, nginx
from faq.static_site.links import relative
from faq.static_site.places import Entry, file_of
from faq.static_site.releases import Releases
from faq.views.every_page import paths_of_copy
from tests.delivering import Site, file_database
from tests.factory import (
    DAY_1,
    DAY_2,
    FAR_AHEAD,
    make_policy,
    make_published,
    make_question,
    make_record,
    picture,
    publish,
    reword,
)
from tests.test_nginx import MAIN, NGINX, free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NOW = DAY_2.replace(year=2026, month=11)
HASHED = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
#: Names that a path, a file system or a configuration could stumble over.
ODD_NAMES = (
    "سياسة-الخصوصية",
    "クッキー",
    "a:b;c={d}$e,(g)*~!",
    "🔏" * 200,
    "index.html",
    "page.gz",
    "...",
    ".hidden",
)


@pytest.fixture(scope="session")
def collected(tmp_path_factory) -> Path:
    """The static files under hashed names, as collectstatic leaves them."""
    folder = tmp_path_factory.mktemp("static")
    storages = {**django_settings.STORAGES, "staticfiles": HASHED}
    with override_settings(STATIC_ROOT=folder, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(autouse=True)
def database(transactional_db, settings, collected, tmp_path) -> Iterator[Path | None]:
    settings.STATIC_ROOT = collected
    settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHED}
    with file_database(tmp_path) as file:
        yield file


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def export(folder: Path, **options) -> str:
    """Export, and return what was said on standard output."""
    said = StringIO()
    call_command("export_site", folder, stdout=said, stderr=StringIO(), **options)
    return said.getvalue()


def site_of(folder: Path) -> Path:
    return folder / "current" / "site"


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file of a site with what tells whether it was written again."""
    root = site_of(folder)
    return {
        str(each.relative_to(root)): (each.stat().st_ino, each.stat().st_mtime_ns)
        for each in root.rglob("*")
        if each.is_file()
    }


def make_odd_names(slug: str = "odd") -> None:
    policy = make_policy(slug, "Odd names")
    for number, name in enumerate(ODD_NAMES):
        make_question(policy, f"Question {number}?", anchor=name)
    who = make_question(policy, "Who was that?", anchor="old-$name")
    publish(policy, DAY_1)
    who.anchor = "new-$name-ü"
    who.save()
    publish(policy, DAY_2)


def make_picture(slug: str = "shown") -> None:
    policy = make_policy(slug, "With a picture")
    stored = images.add(picture(), by="alice", at=DAY_1)
    make_question(policy, answer=f"![A blue square]({stored.address})")
    publish(policy, DAY_1)


class Server:
    """nginx with an exported site and nothing else."""

    def __init__(self, folder: Path, exported: Path) -> None:
        self.port = free_port()
        logs = folder / "logs"
        logs.mkdir(parents=True)
        (folder / "privacy").write_text(
            f"server {{ listen 127.0.0.1:{self.port}; root {exported}/current/site;\n"
            f"include {exported}/current/nginx.conf; }}",
            encoding="utf-8",
        )
        user = "user root;" if os.geteuid() == 0 else ""
        main = MAIN.format(folder=folder, logs=logs, user=user)
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        self.command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """The status, headers by name in lower case, and body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()


@contextmanager
def serving(folder: Path, exported: Path) -> Iterator[Server]:
    server = Server(folder, exported)
    tried = subprocess.run([*server.command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(server.command)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", server.port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def addresses(exported: Path, at) -> list[str]:
    """Every address that the application has and a copy should have, with its static files."""
    static = [
        f"/static/{each.relative_to(site_of(exported) / 'static')}"
        for each in (site_of(exported) / "static").rglob("*")
        if each.is_file() and each.suffix not in {".gz", ".br", ".zst"}
    ]
    assert static
    return [*paths_of_copy(at), *static]


#: Headers that nginx gives in its own way.
SERVERS_OWN = {
    *("accept-ranges", "connection", "content-encoding", "content-length", "date", "etag"),
    *("last-modified", "server", "transfer-encoding", "keep-alive"),
}


def comparable(path: str, code: int, headers: dict[str, str]) -> dict[str, str]:
    left_out = set(SERVERS_OWN)
    if code in {301, 302}:
        left_out |= {"content-type"}  # of a line that nginx writes itself
    if path.startswith("/static/"):
        left_out |= {"vary"}  # WhiteNoise compresses fewer files
    return {name: value for name, value in headers.items() if name not in left_out}


@pytest.mark.skipif(not NGINX, reason="nginx is not here")
class TestUnderNginx:
    @pytest.fixture
    def site(self) -> Site:
        return Site(NOW)

    def test_every_address_answers_as_the_application_does(self, site, out, settings, tmp_path):
        settings.SECURITY_CONTACT = ["mailto:security@example.org"]
        settings.IMAGES = True
        make_record()
        make_odd_names()
        make_picture()
        export(out, at=NOW.isoformat())
        with serving(tmp_path / "nginx", out) as server:
            codes = set()
            for path in addresses(out, NOW):
                wanted = site.get(path)
                said = {name.lower(): value for name, value in wanted.headers}
                if wanted.code == "404":
                    assert server.get(path)[0] == 404, path
                    continue
                codes.add(wanted.code)
                if "location" in said:
                    said["location"] = said["location"].replace("$", "%24")
                for encoding in ("identity", "gzip"):
                    code, headers, body = server.get(path, **{"Accept-Encoding": encoding})
                    if headers.get("content-encoding") == "gzip":
                        body = gzip.decompress(body)
                    assert str(code) == wanted.code, path
                    assert comparable(path, code, headers) == comparable(path, code, said), path
                    if code not in {301, 302}:
                        assert body == wanted.body, path
            assert codes == {"200", "301", "302", "410"}

    def test_what_is_not_there_and_what_is_asked(self, site, out, tmp_path):
        for slug in ("privacy", "odd"):
            make_published(3, slug=slug)
        export(out, at=NOW.isoformat())
        with serving(tmp_path / "nginx", out) as server:
            nothing_else_is_there(server, site)
            contents_of_the_policy_come_first(server)
            forms_lead_to_their_answers(server, site)
            code, headers, _body = server.get("/privacy")
            wanted = site.get("/privacy")
            assert (code, headers["location"]) == (301, wanted.header("location"))


def nothing_else_is_there(server: Server, site: Site) -> None:
    for path in (
        *("/_headers", "/_redirects", "/404.html", "/nginx.conf", "/manifest.json", "/_/"),
        *("/privacy/index.html", "/privacy/index.html.gz", "/privacy.json.br", "/static/"),
        *("/admin/", "/health/live", "/health/ready", "/privacy/versions/4/", "/nothing/"),
        *("/privacy/versions/2020-01-04/", "/privacy/versions/timegate/", "/privacy/404.html"),
    ):
        assert server.get(path)[0] == 404, path
    for path in ("/nothing.json", "/privacy/versions/99.json", "/privacy/versions/9.md"):
        code, headers, body = server.get(path)
        wanted = site.get(path)
        said = {name.lower(): value for name, value in wanted.headers}
        assert (code, body) == (404, wanted.body)
        assert comparable(path, code, headers) == comparable(path, code, said)


def contents_of_the_policy_come_first(server: Server) -> None:
    for slug, other in (("odd", "privacy"), ("privacy", "odd")):
        page = server.get(f"/{slug}/versions/1999-01-01/")[2].decode()
        first, second = (f'id="_contents-{number}"><a href="/' for number in (1, 2))
        assert f"{first}{slug}/" in page
        assert f"{second}{other}/" in page
        assert f'href="/{slug}/versions/"' in page
        assert "There is nothing at this address." in page
        assert "-/-/-" not in page


def forms_lead_to_their_answers(server: Server, site: Site) -> None:
    for query in ("on=2026-03-03", "from=1&to=3"):
        path = f"/privacy/versions/?{query}"
        code, headers, _body = server.get(path)
        assert (code, headers["location"]) == (302, site.get(path).header("location"))
    for query in ("on=//evil.example", "on=", "from=1&to=http", "q=words"):
        code, headers, _body = server.get(f"/privacy/versions/?{query}")
        assert (code, headers.get("location")) == (200, None)


class TestFiles:
    def test_what_is_compressed_says_the_same(self, out):
        make_published(3)
        export(out)
        root = site_of(out)
        packed = 0
        for file in root.rglob("*"):
            if file.is_dir() or file.suffix in {".gz", ".br", ".zst"}:
                continue
            for suffix, opened in (
                (".gz", gzip.decompress),
                (".br", brotli.decompress),
                (".zst", zstd.decompress),
            ):
                beside = file.with_name(f"{file.name}{suffix}")
                if beside.exists():
                    packed += 1
                    assert opened(beside.read_bytes()) == file.read_bytes()
        assert packed > 30

    def test_a_second_run_writes_nothing(self, out):
        make_published(2)
        export(out)
        before, target = stamps(out), os.readlink(out / "current")
        assert "nothing changed" in export(out)
        assert stamps(out) == before
        assert os.readlink(out / "current") == target
        assert len(list((out / "releases").iterdir())) == 1

    def test_after_a_publish_only_what_changed_is_written(self, out):
        policy = make_published(2)
        export(out)
        before = stamps(out)
        reword(policy.question_set.get(), "Another company.")
        publish(policy, DAY_1.replace(year=2026, month=10))
        export(out)
        after = stamps(out)
        kept = {name for name in after if after[name] == before.get(name)}
        assert {"privacy/versions/1.json", "privacy/versions/1.md", "robots.txt"} <= kept
        assert {name for name in after if name.startswith("static/")} <= kept
        assert {"privacy/index.html", "privacy.json"} <= after.keys() - kept
        assert "privacy/versions/3/index.html" in after

    def test_a_file_that_changed_is_at_least_a_second_younger(self, out):
        policy = make_published()
        export(out)
        before = (site_of(out) / "privacy.json").stat().st_mtime
        reword(policy.question_set.get(), "Another company.")
        publish(policy, DAY_1.replace(year=2026, month=10))
        export(out)
        assert int((site_of(out) / "privacy.json").stat().st_mtime) > int(before)

    def test_pages_that_vanished_are_gone_and_the_release_before_stays(self, out):
        policy = make_record()
        export(out)
        for number in (1, 5):
            assert (site_of(out) / f"privacy/versions/{number}.json").exists()
        first = policy.version_set.get(approval__number=1)
        publishing.withhold(first, by="a", at=DAY_1.replace(year=2026), reason="A name.")
        export(out)
        assert b"hidden" in (site_of(out) / "privacy/versions/1.json").read_bytes()
        assert not (site_of(out) / "privacy/versions/1.md.br").exists()
        reword(policy.question_set.first(), "More.")
        export(out)
        assert len(list((out / "releases").iterdir())) == 2

    def test_a_damaged_file_is_written_again(self, out):
        make_published()
        export(out)
        file = site_of(out) / "robots.txt"
        right = file.read_bytes()
        file.write_bytes(b"User-agent: *\nDisallow: /\n")
        assert "1 files" in export(out)
        assert (site_of(out) / "robots.txt").read_bytes() == right

    def test_anybody_may_read_it_whatever_the_umask(self, out):
        make_published()
        before = os.umask(0o077)
        try:
            export(out)
        finally:
            os.umask(before)
        for each in (out, *site_of(out).rglob("*"), out / "current" / "nginx.conf"):
            assert each.stat().st_mode & 0o777 == (0o755 if each.is_dir() else 0o644), each

    def test_every_link_leads_to_an_address_that_is_there(self, out):
        make_record()
        make_odd_names()
        export(out)
        entries = {*addresses(out, DAY_2.replace(year=2026))}
        for file in site_of(out).rglob("*.html"):
            for target in links(file.read_text(encoding="utf-8")):
                if target.startswith("/"):
                    assert target.partition("#")[0] in entries, (file, target)


def links(html: str) -> Iterator[str]:
    page = BeautifulSoup(html, "html.parser")
    for name in ("href", "src", "data-words"):
        yield from (tag[name] for tag in page.select(f"[{name}]"))


class TestWhatIsShown:
    def test_a_moment_to_come_shows_what_applies_then_and_today_shows_nothing_of_it(self, out):
        policy = make_published()
        reword(policy.question_set.get(), "A secret company.")
        now = DAY_1.replace(year=2026, month=10)
        publish(policy, now, effective_at=FAR_AHEAD, announce=False)
        export(out)
        for file in (out / "current").rglob("*"):
            assert not file.is_file() or b"secret company" not in file.read_bytes(), file
            assert "versions/2" not in str(file)
        for moment in ("3000-01-01", "2020-03-02"):
            with pytest.raises(CommandError, match="may be served.* Give --at another folder"):
                export(out, at=moment)
        assert not (site_of(out) / "privacy/versions/2").exists()
        ahead, warned = out.with_name("ahead"), StringIO()
        for _time in range(2):
            call_command("export_site", ahead, at="3000-01-01", stdout=StringIO(), stderr=warned)
        assert b"secret company" in (site_of(ahead) / "privacy/index.html").read_bytes()
        warning = "This is the site as of 3000-01-01 00:00: let nobody see it before.\n"
        assert warned.getvalue() == warning * 2
        export(ahead)  # it is the site of now from here on
        with pytest.raises(CommandError, match="may be served"):
            export(ahead, at="3000-01-01")

    def test_a_policy_without_a_version_is_nowhere(self, out):
        make_published()
        make_policy("zebra", "About zebras")
        export(out)
        for file in (out / "current").rglob("*"):
            assert not file.is_file() or b"zebra" not in file.read_bytes(), file

    def test_a_site_without_any_policy_has_its_pages(self, out):
        export(out)
        assert (site_of(out) / "index.html").exists()
        assert not Policy.objects.exists()


class TestRelative:
    def test_every_link_leads_to_a_file_below_any_path(self, out):
        make_record()
        make_odd_names()
        export(out, relative=True)
        root = site_of(out)
        seen = 0
        for file in root.rglob("*.html"):
            if file.name == "404.html":
                continue
            here = f"/{file.relative_to(root)}"
            for target in links(file.read_text(encoding="utf-8")):
                if target.startswith(("http:", "https:", "mailto:", "#")):
                    continue
                assert not target.startswith("/"), (here, target)
                path = unquote(urljoin("http://x/" + "d/" * 3, target.partition("#")[0]))
                path = posixpath.normpath(
                    posixpath.join(posixpath.dirname(here), unquote(target.partition("#")[0]))
                )
                found = root / path.lstrip("/")
                found = found / "index.html" if found.is_dir() else found
                assert found.is_file(), (here, target)
                seen += 1
        assert seen > 200

    def test_a_redirect_is_a_page_that_leads_on(self, out):
        make_record()
        export(out, relative=True)
        page = (site_of(out) / "privacy/about-us/index.html").read_text(encoding="utf-8")
        assert '<meta http-equiv="refresh" content="0; url=../who-are-we/">' in page

    def test_no_form_asks_a_server_and_the_text_is_the_same(self, out, tmp_path):
        make_record()
        export(out)
        export(tmp_path / "relative", relative=True)
        for name in ("privacy/index.html", "privacy/versions/index.html"):
            whole, short = (
                BeautifulSoup((site_of(each) / name).read_text(encoding="utf-8"), "html.parser")
                for each in (out, tmp_path / "relative")
            )
            assert [
                form["action"] for form in short.find_all("form") if form["action"][0] != "#"
            ] == []
            for form in [*whole.select(".asks"), *short.select(".asks")]:
                form.decompose()
            assert short.get_text().split() == whole.get_text().split()

    @pytest.mark.parametrize(
        ("path", "target", "step"),
        [
            ("/privacy/", "/privacy/#a", "#a"),
            ("/privacy/", "/privacy/", "./"),
            ("/privacy/a/", "/privacy/", "../"),
            ("/privacy/a/", "/privacy.json", "../../privacy.json"),
            ("/privacy/", "/privacy/a:b/", "./a:b/"),
            ("/", "/privacy/?q=/x#y", "privacy/?q=/x#y"),
        ],
    )
    def test_steps(self, path, target, step):
        assert relative(path, target) == step


class TestPlaces:
    @pytest.mark.parametrize(
        ("path", "file"),
        [
            ("/", "index.html"),
            ("/privacy.json", "privacy.json"),
            ("/privacy/%D8%B3/", "privacy/س/index.html"),
            ("/privacy/versions/2...3/", "privacy/versions/2...3/index.html"),
            ("/.well-known/security.txt", ".well-known/security.txt"),
        ],
    )
    def test_an_address_becomes_a_file(self, path, file):
        assert file_of(path) == file

    @pytest.mark.parametrize("name", ["%C3%BC" * 128, "index.html", "404.json", "a.br"])
    def test_a_name_that_no_file_can_have_gets_a_fingerprint(self, name):
        assert file_of(f"/privacy/{name}/").startswith("_/")


class TestRulesForHosts:
    def test_each_address_gets_the_headers_of_the_application(self, out):
        make_record()
        export(out)
        site = Site(DAY_2.replace(year=2026, month=11))
        rules = parsed((site_of(out) / "_headers").read_text(encoding="utf-8"))
        for path in paths_of_copy(site.clock.at):
            wanted = site.get(path)
            if wanted.code not in {"200", "410"}:
                continue
            got: dict[str, list[str]] = {}
            for pattern, headers in rules:
                if path == pattern or pattern[-1] == "*" and path.startswith(pattern[:-1]):
                    for name, value in headers.items():
                        got.setdefault(name, []).append(value)
            for name, value in wanted.headers:
                if name in {"Content-Length", "ETag", "Vary"}:
                    continue
                if name == "Content-Type" and value.startswith("text/html"):
                    continue
                if name == hosts.POLICY:
                    assert value in got[name], path  # browsers obey each of them
                else:
                    assert got[name] == [value], (path, name)

    def test_redirects(self, out):
        make_record()
        make_odd_names()
        export(out)
        lines = (site_of(out) / "_redirects").read_text(encoding="utf-8").splitlines()
        assert "/privacy/about-us/ /privacy/who-are-we/ 301" in lines
        assert "/privacy/versions/2020-03-01/ /privacy/versions/1/ 302" in lines
        assert all(len(line.split(" ")) == 3 for line in lines)
        assert any(line.endswith(" 200") and " /_/" in line for line in lines)


def parsed(text: str) -> list[tuple[str, dict[str, str]]]:
    """What `_headers` says: patterns with headers."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if line.startswith(" "):
            name, _colon, value = line.strip().partition(": ")
            assert name not in found[-1][1]
            found[-1][1][name] = value
        else:
            found.append((line, {}))
    assert len({pattern for pattern, _headers in found}) == len(found)
    return found


def test_no_value_breaks_out_of_the_configuration():
    said = nginx.quoted('a"; return 200 "b\\')
    assert said == '"a\\"; return 200 \\"b\\\\"'
    entry = Entry("/a/", "", "302", '/"$b/', "", ())
    assert 'return 302 "/\\"%24b/";' in nginx.rules([entry], [], "")


class TestWhatIsRefused:
    def test_a_folder_with_files_of_others(self, out):
        out.mkdir()
        (out / "thesis.txt").write_text("words")
        with pytest.raises(CommandError, match="holds files that are not ours"):
            export(out)
        assert [each.name for each in out.iterdir()] == ["thesis.txt"]

    def test_a_file_in_its_place(self, out):
        out.write_text("words")
        with pytest.raises(CommandError, match="is a file"):
            export(out)
        assert out.read_text() == "words"

    def test_a_folder_whose_own_folder_is_missing(self, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            export(tmp_path / "no" / "out")

    def test_a_link_that_leads_elsewhere(self, out, tmp_path):
        make_published()
        export(out)
        (out / "current").unlink()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (out / "current").symlink_to(elsewhere)
        with pytest.raises(CommandError, match="no release of ours"):
            export(out)

    def test_a_second_run_at_the_same_time(self, out):
        with Releases(out).alone(), pytest.raises(CommandError, match="Another export"):
            export(out)

    @pytest.mark.parametrize("moment", ["soon", "2026-02-30", "2026-03-29 01:30"])
    def test_a_moment_that_is_none(self, out, moment):
        with pytest.raises(CommandError):
            export(out, at=moment)
        assert not out.exists()

    def test_debugging(self, out, settings):
        settings.DEBUG = True
        with pytest.raises(CommandError, match="DEBUG=false"):
            export(out)

    def test_a_page_that_breaks(self, out, settings):
        make_published()
        export(out)
        before = stamps(out)
        settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHED}
        settings.STATIC_ROOT = out.parent / "empty"
        settings.STATIC_ROOT.mkdir()
        with pytest.raises(CommandError, match="answered 500"):
            export(out)
        assert stamps(out) == before
        assert [each.name for each in (out / "releases").iterdir()] == ["1"]


class TestNothingHalfDone:
    def test_a_disk_that_is_full(self, out):
        policy = make_published()
        export(out)
        before = stamps(out)
        reword(policy.question_set.get(), "Another company. " * 200)
        publish(policy, DAY_1.replace(year=2026, month=10))
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
        try:
            with pytest.raises(CommandError, match="still served"):
                export(out)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert stamps(out) == before
        assert [each.name for each in (out / "releases").iterdir()] == ["1"]

    def test_a_run_that_is_killed_leaves_the_old_site_and_the_next_cleans_up(
        self, out, database, tmp_path
    ):
        if database is None:
            pytest.skip("the database of this test is in no file of its own")
        policy = make_published(3)
        export(out)
        before = stamps(out)
        reword(policy.question_set.get(), "Another company.")
        publish(policy, DAY_1.replace(year=2026, month=10))
        process = subprocess.Popen(command(database, out))
        unfinished = out / "releases" / "2.unfinished" / "site"
        while not unfinished.exists():
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert unfinished.exists()
        assert stamps(out) == before
        export(out)
        assert not unfinished.exists()
        assert b"Another company." in (site_of(out) / "privacy/index.html").read_bytes()


def command(database: Path, out: Path, *words: str) -> list[str]:
    """The command in a process of its own."""
    values = {
        "DATABASE_URL": f"sqlite:///{database}",
        "STATIC_ROOT": django_settings.STATIC_ROOT,
        "DATA_DIR": out.parent,
    }
    settings = [f"{name}={value}" for name, value in values.items()]
    manage = [sys.executable, str(django_settings.BASE_DIR / "manage.py")]
    return [shutil.which("env"), *settings, *manage, "export_site", str(out), *words]


class TestAnotherBase:
    def test_whole_addresses_are_those_of_the_base(self, out, database):
        if database is None:
            pytest.skip("the database of this test is in no file of its own")
        make_published(2)
        base = "https://legal.example.org/policies"
        done = subprocess.run(
            command(database, out, "--base", base), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        root = site_of(out) / "policies"
        assert json.loads((root / "privacy.json").read_bytes())["url"] == f"{base}/privacy/"
        page = (root / "privacy/index.html").read_text(encoding="utf-8")
        assert f'<link rel="canonical" href="{base}/privacy/">' in page
        assert "127.0.0.1" not in page
        assert 'href="/policies/static/' in page
        assert "Strict-Transport-Security" in (site_of(out) / "_headers").read_text()
        assert (site_of(out) / "404.html").exists()

    def test_one_that_is_none_is_named_in_a_line(self, out, database):
        words = command(database or Path("none"), out, "--base", "example.org")
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 1
        assert "example.org" in done.stderr
        assert done.stderr.count("\n") == 1
        assert not out.exists()
