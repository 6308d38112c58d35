"""The examples for nginx in deploy/, as operators install them, in front of servers here.

Only ports, paths, the name and TLS are changed.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.peers.nginx import PROGRAM
from benchmarks.serving import ROOT, WORKERS, Running, free_port

NAME = "privacy.example.org"
#: Where the site is in nginx.conf, and the servers in nginx-cache.conf.
ONE, SEVERAL = "127.0.0.1:8000", ("192.0.2.11:8000", "192.0.2.12:8000")
MAIN = """
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{
    worker_connections 4096;
}}
http {{
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/privacy;
}}
"""


class Front(Running):
    """nginx with one of the examples, in front of servers at these ports of this machine."""

    def __init__(self, example: str, folder: Path, upstreams: Sequence[int]) -> None:
        self.folder = folder
        port = free_port()
        (folder / "privacy").write_text(
            adapted(example, folder, port, free_port(), upstreams), encoding="utf-8"
        )
        main = MAIN.format(folder=folder, user=as_this_user(), workers=WORKERS)
        (folder / "nginx.conf").write_text(main, encoding="utf-8")
        command = [PROGRAM or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        super().__init__(command, port, "/health/live", os.environ)


def as_this_user() -> str:
    """Started by root, its workers must be allowed to read what we wrote."""
    return "" if os.geteuid() else f"user {pwd.getpwuid(0).pw_name};"


def adapted(example: str, folder: Path, port: int, spare: int, upstreams: Sequence[int]) -> str:
    """The text of an example with what is this machine's: `spare` takes the place of port 80."""
    text = (ROOT / "deploy" / example).read_text(encoding="utf-8")
    text = re.sub(r"^ *(listen \[::\]|ssl_).*\n", "", text, flags=re.MULTILINE)
    places = [each for each in (ONE, *SEVERAL) if each in text]
    for place, upstream in zip(places, upstreams, strict=False):
        text = text.replace(place, f"127.0.0.1:{upstream}")
    for place in places[len(upstreams) :]:
        text = re.sub(rf"^ *server {re.escape(place)}.*\n", "", text, flags=re.MULTILINE)
    for former, here in (
        ("listen 80", f"listen 127.0.0.1:{spare}"),
        ("listen 443 ssl http2", f"listen 127.0.0.1:{port}"),
        (NAME, "127.0.0.1"),
        ("/var/log/nginx", str(folder)),
    ):
        assert former in text, f"deploy/{example} has no {former}"
        text = text.replace(former, here)
    return text.replace("/var/cache/nginx-privacy", f"{folder}/cache")
