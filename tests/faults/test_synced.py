"""What is acknowledged is on the disk first."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.site import Site

#: Each of these lines on standard output is one write, after one commit.
COMMITS = """
policy = make_policy()
question = make_question(policy)
for turn in range(10):
    reword(question, f"Answer {turn}.")
    os.write(1, b"saved\\n")
    publishing.publish(policy, by="alice", at=now(), material=False)
    os.write(1, b"published\\n")
"""


def can_trace() -> bool:
    """Whether strace is here and may look at processes."""
    if shutil.which("strace") is None:
        return False
    trial = ["strace", "-o", "/dev/null", "true"]
    return subprocess.run(trial, capture_output=True).returncode == 0


@pytest.mark.sqlite
def test_every_commit_is_synced_before_it_is_acknowledged(site: Site, tmp_path: Path) -> None:
    """A process saves and publishes ten times under strace, and says so after each commit.

    Between two such words the log of system calls must hold an fdatasync or fsync of the
    database's write-ahead log (or of the database itself).
    """
    if not can_trace():
        pytest.skip("strace is not here, or may not trace")
    log = tmp_path / "calls"
    trace = ("strace", "-f", "-y", "-s", "20", "-e", "trace=fdatasync,fsync,write", "-o", str(log))
    site.run(COMMITS, under=trace)
    words, syncs = [], 0
    for call in log.read_text(errors="replace").splitlines():
        if re.search(rf"(fdatasync|fsync)\(\d+<{re.escape(str(site.file))}(-wal)?>\) = 0", call):
            syncs += 1
        elif said := re.search(r'write\(1<[^>]*>, "(saved|published)\\n"', call):
            assert syncs, f"{said[1]} (word {len(words) + 1}) was said with nothing on the disk"
            words.append((said[1], syncs))
            syncs = 0
    assert [word for word, _syncs in words] == ["saved", "published"] * 10
    print(f"20 commits, {sum(number for _word, number in words)} syncs")
