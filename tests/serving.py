"""The site as bin/run serves it, with policies of every kind: for checks and pictures from outside.

Used by bin/audit, bin/screenshots and the benchmarks. The tests have a live server of their own.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.processes import wait_until_idle

ROOT = Path(__file__).resolve().parent.parent
ORGANISATION = "Tarnwhistle Telecom"


def prepare(folder: Path, **settings: str) -> None:
    """Set Django up on an empty database in this folder, on a free port; once in a process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("SECRET_KEY_FILE", "EMAIL_URL", "BEHIND_PROXY", "LANGUAGES", "ADMIN_MFA"):
        os.environ.pop(name, None)
    os.environ.update(
        {
            "DATABASE_URL": f"sqlite:///{quote(str(folder / 'site.sqlite3'))}",
            "DATA_DIR": str(folder),
            "DEBUG": "false",
            "DJANGO_SETTINGS_MODULE": "privacy_site.settings",
            "ORGANISATION": ORGANISATION,
            "PORT": str(port),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "VENV": sys.prefix,
            **settings,
        }
    )
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def load_sample() -> None:
    """Publish the three versions of the sample policy."""
    from django.utils import timezone

    from faq.exchange.history import load_history, read_history

    load_history(read_history(ROOT / "faq" / "sample"), by="alice", at=timezone.now())


@contextmanager
def serving(*, idle: bool = False) -> Iterator[str]:
    """Serve what is in the database; give the site's address, and stop at the end.

    With `idle`, only once all pages have been made ahead: for whatever takes the time.
    """
    url = os.environ["SITE_URL"]
    server = subprocess.Popen([ROOT / "bin" / "run"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(server, f"{url}/health/ready")
        if idle:
            wait_until_idle(server.pid)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    """Return as soon as the address answers; exit with a message if it never does."""
    for _ in range(900):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    sys.exit("bin/run did not start. The lines above say why.")


#: Chromium without windows comes first: it opens a page in half the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The Chromium of this machine; CHROMIUM names another one."""
    import shutil

    names = (os.environ.get("CHROMIUM"), *BROWSERS)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return found or sys.exit("No Chromium was found: install it, or set CHROMIUM.")
