"""The program that anybody can check the record with, run as it is served."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import html5lib
import pytest

from faq import publishing
from tests.factory import (
    DAY,
    NOON,
    make_every_kind_of_version,
    make_published,
    make_question,
    publish,
)

pytestmark = pytest.mark.django_db(transaction=True)
Ran = subprocess.CompletedProcess[str]
NO_PROXY = {name: value for name, value in os.environ.items() if "_proxy" not in name.lower()}


@pytest.fixture
def verify(live_server: Any, tmp_path: Path) -> Callable[..., Ran]:
    """Fetch the program from the site and run it, without any of our packages in reach."""
    program = tmp_path / "verify.py"

    def run(*words: object) -> Ran:
        if not program.exists():
            with urlopen(f"{live_server.url}/privacy/versions/verify.py", timeout=10) as answer:
                program.write_bytes(answer.read())
        return subprocess.run(
            [sys.executable, "-I", "-S", str(program), *map(str, words)],
            cwd=tmp_path,
            env=NO_PROXY,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def folder(verify: Callable[..., Ran], live_server: Any, tmp_path: Path) -> Path:
    """A record as the program downloads it."""
    make_every_kind_of_version()
    done = verify(f"{live_server.url}/privacy/", "--save", tmp_path / "kept")
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path / "kept"


def change(folder: Path, how: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the list of versions in a folder, as somebody does who would deceive."""
    file = folder / "versions.json"
    versions = json.loads(file.read_text(encoding="utf-8"))
    how(versions)
    file.write_text(json.dumps(versions), encoding="utf-8")


def head_of(done: Ran) -> str:
    return done.stdout.splitlines()[-1]


def test_it_says_of_every_version_what_it_found(
    verify: Callable[..., Ran], live_server: Any
) -> None:
    make_every_kind_of_version()
    done = verify(f"{live_server.url}/privacy/")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "Version 1: from 2026-03-02 12:00 UTC; its text matches its fingerprint.",
        "Version 2: its wording is hidden since 2026-03-09: It named a customer.",
        "Version 3: from 2026-03-04 12:00 UTC; its text matches its fingerprint.",
        "Version 4: withdrawn before anybody could read it. It has no public text.",
        "Version 5: from 2026-03-07 12:00 UTC; its text matches its fingerprint.",
    ]
    assert lines[-2].startswith("All is as recorded: 7 versions, 9 entries.")
    again = verify(f"{live_server.url}/privacy/versions.json", "--head", head_of(done))
    assert again.returncode == 0
    assert "is in the record." in again.stdout


def test_its_head_is_the_one_at_the_foot_and_in_the_feed(
    verify: Callable[..., Ran], live_server: Any, client: Any
) -> None:
    make_every_kind_of_version()
    head = head_of(verify(f"{live_server.url}/privacy/"))
    assert head.startswith("7:")
    for path in ("/privacy/", "/privacy/versions/1/"):
        page = html5lib.parse(client.get(path).content, namespaceHTMLElements=False)
        (foot,) = page.iter("footer")
        assert head in [code.text for code in foot.iter("code")]
        (link,) = [a for a in foot.iter("a") if a.get("href") == "/privacy/versions/verify.py"]
        assert link.text == "Head of the record"
        (main,) = page.iter("main")
        assert head.partition(":")[2] not in "".join(main.itertext())
    assert f"<subtitle>Head of the record: {head}</subtitle>" in (
        client.get("/privacy/versions.atom").content.decode()
    )
    last = client.get("/privacy/versions.json").json()
    chains = {each["seq"]: each["chain"] for each in last}
    chains |= {
        each["withdrawal"]["seq"]: each["withdrawal"]["chain"]
        for each in last
        if each["withdrawal"]
    }
    assert head == f"{last[-1]['number']}:{chains[max(chains)]}"


def test_every_head_that_was_ever_noted_stays_good(
    verify: Callable[..., Ran], live_server: Any
) -> None:
    policy = make_published(2)
    noted = [head_of(verify(f"{live_server.url}/privacy/"))]
    make_question(policy, "Why?", "So.")
    publish(policy, NOON + 3 * DAY)
    noted.append(head_of(verify(f"{live_server.url}/privacy/")))
    newest = policy.version_set.newest()
    publishing.withdraw(newest, by="bob", at=NOON + 4 * DAY, reason="Too early.")
    noted.append(head_of(verify(f"{live_server.url}/privacy/")))
    assert len({head.partition(":")[2] for head in noted}) == 3
    words = [word for head in noted for word in ("--head", head)]
    done = verify(f"{live_server.url}/privacy/", *words)
    assert done.returncode == 0
    assert done.stdout.count("is in the record.") == 3


def test_a_folder_needs_no_site(verify: Callable[..., Ran], folder: Path) -> None:
    done = verify(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(each.name for each in folder.iterdir()) == [
        *(f"{number}.json" for number in (1, 3, 5, 6, 7)),
        "versions.json",
    ]


def test_a_changed_text_is_named(verify: Callable[..., Ran], folder: Path) -> None:
    file = folder / "3.json"
    file.write_bytes(file.read_bytes().replace(b"Seldom", b"Always", 1))
    (folder / "5.json").unlink()
    done = verify(folder)
    assert done.returncode == 1
    assert "WRONG: Version 3: its text does not match its fingerprint." in done.stderr
    assert "WRONG: Version 5: its text is not there." in done.stderr
    assert "All is as recorded" not in done.stdout


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            lambda versions: versions[0].update(effective_at="2020-01-01T00:00:00.000000Z"),
            "Entry 1 of the chain (approval of version 1): its chain value does not match.",
        ),
        (
            lambda versions: versions[2].update(digest="0" * 64),
            "Entry 3 of the chain (approval of version 3): its chain value does not match.",
        ),
        (
            lambda versions: versions[2].update(approved_at="2026-03-02T00:00:00.000000Z"),
            "Entry 3 of the chain (approval of version 3): it was recorded before the entry",
        ),
        (
            lambda versions: versions.pop(2),
            "Entry 4 of the chain (approval of version 4): entry 3 should come here.",
        ),
        (
            lambda versions: versions[5].update(withdrawal=None),
            "Entry 9 of the chain (approval of version 7): entry 8 should come here.",
        ),
        (lambda versions: versions.reverse(), "has the numbers 7, 6, 5, 4, 3, 2, 1: they should"),
        (
            lambda versions: versions[4].update(previous="0" * 64),
            "Entry 6 of the chain (approval of version 5): it does not follow the entry before it.",
        ),
        (
            lambda versions: versions[1].update(number=3) or versions[2].update(number=2),
            "Entry 2 of the chain (approval of version 3): version 2 should come here.",
        ),
    ],
)
def test_a_changed_list_is_named(
    verify: Callable[..., Ran], folder: Path, how: Callable[..., object], said: str
) -> None:
    change(folder, how)
    done = verify(folder)
    assert done.returncode == 1
    assert said in done.stderr


def test_an_end_that_was_cut_off_shows_against_a_head(
    verify: Callable[..., Ran], folder: Path
) -> None:
    head = head_of(verify(folder))
    change(folder, lambda versions: versions.pop())
    assert verify(folder).returncode == 0  # a chain alone cannot show it
    done = verify(folder, "--head", head)
    assert done.returncode == 1
    assert "which ends with version 6: its end is cut off." in done.stderr


def test_a_record_written_anew_shows_against_a_head(
    verify: Callable[..., Ran], live_server: Any
) -> None:
    make_published(2)
    url = f"{live_server.url}/privacy/"
    number, _, chain = head_of(verify(url)).partition(":")
    other = f"{number}:{'0' * 10}{chain[10:]}"
    done = verify(url, "--head", other)
    assert done.returncode == 1
    assert "is not in the record: its end was cut off, or it was written anew." in done.stderr
    done = verify(url, "--head", f"1:{chain}")
    assert done.returncode == 1
    assert "but with version 2 as the newest." in done.stderr


def test_what_cannot_be_looked_at_ends_with_2(
    verify: Callable[..., Ran], live_server: Any, tmp_path: Path
) -> None:
    make_published()
    for words in (
        [f"{live_server.url}/terms/"],
        [tmp_path / "nowhere"],
        ["http://127.0.0.1:9/privacy/"],
        [f"{live_server.url}/privacy/", "--head", "3"],
        [],
    ):
        done = verify(*words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    for data in (b"[]", b"{}", b'"x"', b"[1]", b"\xff", b'[{"number": "../x"}]'):
        (tmp_path / "versions.json").write_bytes(data)
        done = verify(tmp_path)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_the_site_serves_it_as_text_that_can_be_cached_and_read_by_any_site(client: Any) -> None:
    assert client.get("/privacy/versions/verify.py").status_code == 404
    make_published()
    answer = client.get("/privacy/versions/verify.py")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    tag = answer.headers["ETag"]
    assert (
        client.get(answer.request["PATH_INFO"], headers={"If-None-Match": tag}).status_code == 304
    )
    assert not {name.lower() for name in answer.headers} & {"set-cookie", "vary"}
    assert client.post("/privacy/versions/verify.py").status_code == 405
