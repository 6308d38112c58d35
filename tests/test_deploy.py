"""The files in deploy/ and the Dockerfile: what they name is there, what belongs together agrees.

What they do was tried by hand on Debian 13; tests/test_nginx.py tries the one for nginx each time.
"""

from __future__ import annotations

import http.server
import io
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

from benchmarks.serving import MEMORY
from faq import publishing
from tests.delivering import file_database
from tests.factory import DAY, NOON, make_policy, make_question, publish, reword
from tests.test_settings import KEY, read

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
SERVICES = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")


def unit(file: Path) -> dict[str, list[tuple[str, str]]]:
    """The sections of a unit, each with its lines in order; names may stand there twice."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in file.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            lines.append((name, value))
    return sections


def commands(file: Path) -> list[str]:
    """The management commands that a unit runs."""
    text = file.read_text(encoding="utf-8")
    named = re.findall(r"manage\.py ([a-z_]+)", text)
    return named + re.findall(r"privacy-task@([a-z_]+)\.service\n\n", text)


def example_settings() -> dict[str, str]:
    """The settings of the example, as systemd and a shell read them."""
    lines = (DEPLOY / "environment.example").read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line) for line in lines if line and not line.startswith("#")]
    assert all(len(each) == 1 for each in words)
    return dict(each[0].split("=", 1) for each in words)


@pytest.fixture
def readme_settings() -> set[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Settings")[2]
    return set(re.findall(r"`([A-Z][A-Z_]+)`", text.partition("## Commands")[0]))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    """In a copy whose programs are there, since nothing is installed where the tests run."""
    for file in (*SERVICES, *TIMERS):
        text = file.read_text(encoding="utf-8").replace(
            "/opt/privacy/.venv/bin/python", "/bin/true"
        )
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    shutil.copy(tmp_path / "privacy-task@.service", tmp_path / "privacy-task@verify_record.service")
    names = [path.name for path in tmp_path.iterdir() if "@." not in path.name]
    done = subprocess.run(
        ["systemd-analyze", "verify", *(f"./{name}" for name in sorted(names))],
        cwd=tmp_path,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    ours = [line for line in done.stderr.splitlines() if "privacy" in line]
    assert not [line for line in ours if "man " not in line and "file:///" not in line]


def test_every_service_is_locked_in_alike():
    def hardening(file: Path) -> list[tuple[str, str]]:
        lines = unit(file)["Service"]
        start = lines.index(("ProtectSystem", "strict"))
        return lines[start : lines.index(("UMask", "0077")) + 1]

    first, *others = [hardening(file) for file in SERVICES]
    assert len(SERVICES) == 3
    assert len(first) > 20
    assert all(each == first for each in others)
    assert all(("User", "privacy") in unit(file)["Service"] for file in SERVICES)


def test_each_timer_starts_a_unit_that_is_here_and_the_page_enables_it():
    assert len(TIMERS) == 4
    for file in TIMERS:
        (started,) = [value for name, value in unit(file)["Timer"] if name == "Unit"]
        assert (DEPLOY / re.sub("@.*[.]", "@.", started)).exists()
        assert re.search(rf"systemctl enable --now .*{re.escape(file.name)}", OPERATORS)


def test_each_command_that_a_unit_or_the_page_runs_is_one_of_ours():
    known = set(get_commands())
    named = [name for file in (*SERVICES, *TIMERS) for name in commands(file)]
    assert {"backup", "verify_record", "send_reminders", "clearsessions"} == set(named)
    named += re.findall(r"privacy-manage ([a-z_]+)", OPERATORS)
    assert set(named) <= known


def test_the_page_names_files_that_are_here():
    named = set(re.findall(r"deploy/[\w.@*-]+", OPERATORS))
    assert named
    assert all(list(ROOT.glob(name)) for name in named)
    for link in re.findall(r"\]\(([^)#:]+)", OPERATORS):
        assert (ROOT / "docs" / link).exists()


def test_the_pages_links_within_itself_lead_to_headings():
    headings = re.findall(r"^## (.+)$", OPERATORS, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", OPERATORS)) <= slugs


def test_what_is_not_ready_is_explained_in_the_words_that_are_said():
    view, storage = (
        (ROOT / "faq" / name).read_text(encoding="utf-8")
        for name in ("views/health.py", "storage.py")
    )
    said = re.findall(r'_not_ready\(\s*"([^"]+)"', view)
    said += re.findall(r'return "([^"]+)"', storage)
    assert len(said) > 3
    assert all(f"`{each}`" in OPERATORS for each in said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="the lines are those for SQLite")
def test_wording_that_is_erased_as_the_page_says_is_gone_and_all_else_works(client, tmp_path):
    lines = re.search(r"On SQLite [^\n]*\n\n((?:    [^\n]*\n)+)", OPERATORS)[1]
    assert "number = 3" in lines
    with file_database(tmp_path) as file:
        policy = make_policy()
        question = make_question(policy, answer="Ask Jane Doe.")
        version = publishing.freeze(policy, by="a", at=NOON, summary="Who is asked.")
        publishing.approve(version, by="b", at=NOON, note="", material=False)
        reword(question, "Ask us.")
        publish(policy, NOON + DAY)
        made = make_question(policy, "Who was asked?", answer="Jane Doe was.")
        third = publish(policy, NOON + 2 * DAY).version
        publishing.withdraw(third, by="a", at=NOON + 3 * DAY, reason="It has a name.")
        made.answer = "Nobody."
        made.save()
        for each in (version, third):
            publishing.withhold(each, by="a", at=NOON + 3 * DAY, reason="A name.")
        connection.close()
        with closing(sqlite3.connect(file)) as database:
            database.executescript(lines.replace("number = 3", "number = 1"))
            database.executescript(lines.replace("DROP TRIGGER", "DROP TRIGGER IF EXISTS"))
        call_command("migrate", verbosity=0)
        said = io.StringIO()
        call_command("verify_record", stdout=said)
        assert "privacy, version 1: its wording is hidden on purpose." in said.getvalue()
        assert "privacy, version 3: its wording is hidden on purpose." in said.getvalue()
        assert b"Jane Doe" not in file.read_bytes()
        assert client.get("/privacy/").status_code == 200
        assert client.get("/privacy/who-was-asked/").url == "/privacy/versions/3/#who-was-asked"
        publish(policy, NOON + 4 * DAY)
        assert client.get("/privacy/who-was-asked/").status_code == 200


def test_the_example_settings_are_ours_and_the_site_starts_with_them(readme_settings, tmp_path):
    given = example_settings()
    text = (DEPLOY / "environment.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) <= readme_settings
    key = tmp_path / "key"
    key.write_text(KEY, encoding="utf-8")
    found = read(
        "ALLOWED_HOSTS", "SECURE_PROXY_SSL_HEADER", "SECRET_KEY", "STATIC_ROOT",
        **{**given, "SECRET_KEY": "", "SECRET_KEY_FILE": str(key)},
    )  # fmt: skip
    assert found["ALLOWED_HOSTS"] == ["privacy.example.org"]
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert found["SECRET_KEY"] == KEY
    assert found["STATIC_ROOT"] == "/var/lib/privacy/static"


def test_static_files_may_lie_elsewhere_than_the_data():
    found = read("DATA_DIR", "STATIC_ROOT", DATA_DIR="/data", STATIC_ROOT="/elsewhere")
    assert found == {"DATA_DIR": "/data", "STATIC_ROOT": "/elsewhere"}


def server_of(command: str) -> str:
    """The module that a command line starts a server with."""
    return re.search(r"-m['\", ]+([a-z]+)['\", ]+privacy_site[.]wsgi", command)[1]


def test_the_service_the_image_and_bin_run_start_the_same_server():
    names = [DEPLOY / "privacy.service", ROOT / "Dockerfile", ROOT / "bin" / "run"]
    assert len({server_of(path.read_text(encoding="utf-8")) for path in names}) == 1


def test_the_service_the_image_and_bin_run_give_memory_back_as_the_benchmarks_do():
    wanted = {f"{name}={value}" for name, value in MEMORY.items()}
    files = (DEPLOY / "privacy.service", ROOT / "Dockerfile", ROOT / "bin" / "run")
    for path in (*files, ROOT / "docs" / "serving.md"):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"(?<!\w)(?:_RJEM_)?MALLOC_\w+=[\w:,]+", text)) == wanted


def instructions() -> list[tuple[str, str]]:
    """Those of the Dockerfile, in order."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _space, rest in (line.partition(" ") for line in lines)]


def test_what_the_image_copies_is_here_and_what_it_must_not_hold_is_kept_out():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert kept == {
        "requirements-postgres.txt", "manage.py", "deploy/alive.py",
        "faq", "privacy_site", "static", "templates",
    }  # fmt: skip
    assert all((ROOT / name).exists() for name in kept)
    copied = [rest.split()[0] for name, rest in instructions() if name == "COPY"]
    assert set(copied) == {"requirements-postgres.txt", "--from=packages", "."}


def test_the_image_runs_as_nobody_in_particular_and_its_server_takes_signals():
    last = dict(instructions())
    assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", last["USER"])
    assert json.loads(last["CMD"])[0] == "python"
    assert last["VOLUME"] == "/data"
    assert not {"ADD", "ENTRYPOINT", "ARG"} & set(last)
    assert "SECRET" not in last["ENV"]
    installs = [rest for name, rest in instructions() if "pip install" in rest]
    assert all("--require-hashes" in each for each in installs)


def test_the_example_with_a_cache_is_the_other_one_but_for_what_it_marks():
    plain, cached = (
        (DEPLOY / name).read_text(encoding="utf-8") for name in ("nginx.conf", "nginx-cache.conf")
    )
    marked = re.compile(r"^ *# cache:.*?^ *# end of cache\n\n?", re.MULTILINE | re.DOTALL)
    assert len(marked.findall(cached)) == 2
    cached = marked.sub("", cached)
    rest = [text[text.index("# One line for each request") :] for text in (plain, cached)]
    assert [line for line in rest[0].splitlines() if line] == [
        line for line in rest[1].splitlines() if line
    ]


class Health(http.server.BaseHTTPRequestHandler):
    """Answers as a site with the address https://privacy.example.org/below does."""

    def do_GET(self) -> None:
        right = (self.headers["Host"], self.path) == ("privacy.example.org", "/below/health/live")
        self.send_response(200 if right else 400)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Print nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("site", "code"), [("https://privacy.example.org/below/", 0), ("https://other.example/", 1)]
)
def test_the_images_probe_asks_with_the_name_of_the_site(port, site, code):
    done = subprocess.run(
        [sys.executable, str(DEPLOY / "alive.py")],
        env={"SITE_URL": site, "PORT": str(port)},
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == code


def test_the_image_has_one_python_and_we_support_it():
    (base,) = {rest.split()[0] for name, rest in instructions() if name == "FROM"}
    assert base in {f"python:3.{minor}-slim" for minor in (11, 12, 13)}
