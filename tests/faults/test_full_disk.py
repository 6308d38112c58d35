"""The disk is full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site

#: An editor at the desk, with a draft too long for the space that the database still has.
EDITOR = """
import html, re
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

policy = make_published(1)
reword(policy.question_set.get(), "A long answer. " * 40_000)
editor = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
editor.force_login(User.objects.create_superuser("alice"))
address = reverse("admin:faq_policy_publish", args=[policy.pk])
fields = {
    "kind": "minor", "when": "now",
    "expected": digest.fingerprint(policy.to_document().to_json()),
}
connection.close()
while wait():
    answer = editor.post(address, fields, follow=True)
    text = re.sub("<[^>]+>", " ", html.unescape(answer.content.decode()))
    said = [line.strip() for line in text.splitlines() if re.search("database|in force. R", line)]
    print(answer.status_code, *said, flush=True)
    connection.close()
"""
COUNT = """
frozen = Event.objects.filter(what="frozen")
print(Version.objects.count(), Approval.objects.count(), frozen.count())
"""
PATHS = ("/privacy/", "/privacy/versions/", "/privacy/versions/1/", "/privacy.json")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that is a file system of 16 megabytes in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root, and its leave")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until nothing more goes into it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1_000_000, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


@pytest.mark.sqlite
def test_with_a_full_disk_publishing_ends_with_a_sentence_and_readers_go_on(
    make_site: Callable[..., Site], small_disk: Path
) -> None:
    """A site on a tmpfs of 16 MB serves readers; a file takes all that is left of it.

    Then an editor presses Publish, and somebody runs `manage.py publish`: both are told in a
    sentence, and no row is left behind. Readers get the same bytes as before, and /health/ready
    is red. When the file is deleted the same editor publishes without starting again.
    """
    site = make_site(folder=small_disk)
    editor = site.start(EDITOR)

    def press_publish() -> str:
        editor.stdin.write("go\n")
        editor.stdin.flush()
        said = editor.stdout.readline()
        while not said.startswith(("200 ", "503 ", "500")):
            assert said, "The editor is gone."
            said = editor.stdout.readline()
        return said.strip()

    try:
        with site.serving() as server:
            before = {path: server.get(path).body for path in PATHS}
            assert server.is_ready()
            filler = fill(small_disk)
            said = press_publish()
            assert said.startswith("503 The database could not be written to"), said
            done = site.manage("publish", "privacy", "--minor")
            assert done.returncode == 1
            assert len(done.stderr.splitlines()) == 1
            assert "Nothing was changed." in done.stderr
            for path in PATHS:
                answer = server.get(path)
                assert (answer.status, answer.body) == (200, before[path])
            assert not server.is_ready()
            filler.unlink()
            assert site.run(COUNT) == "1 1 1"
            assert press_publish() == "200 Version 2 is in force. Readers see it now."
            server.wait_until_ready()
            assert b"A long answer." in server.get("/privacy/").body
    finally:
        editor.stdin.close()
        editor.stdout.close()
        editor.wait(timeout=30)
    assert site.run(COUNT) == "2 2 2"
    site.verify()
