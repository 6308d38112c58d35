"""nginx with the page as a ready file, compressed beforehand: as fast as a file can be served."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from benchmarks.serving import WORKERS, Running, free_port

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MODULES = Path("/usr/lib/nginx/modules")
BROTLI = "ngx_http_brotli_static_module.so"
CONFIGURATION = """
{load}
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{
    worker_connections 4096;
}}
http {{
    default_type application/octet-stream;
    types {{
        text/html html;
    }}
    charset utf-8;
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65s;
    keepalive_requests 100000;
    open_file_cache max=1000 inactive=60s;
    open_file_cache_valid 30s;
    gzip_static on;
    gzip_vary on;
    {brotli}
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{
            index index.html;
            add_header Cache-Control "public, max-age=0, s-maxage=1";
        }}
    }}
}}
"""


class Nginx(Running):
    """nginx over a folder of files, with as many workers as the other servers have."""

    def __init__(self, folder: Path, root: Path, ready: str) -> None:
        port, brotli = free_port(), has_brotli()
        path = folder / "nginx.conf"
        path.write_text(
            CONFIGURATION.format(
                brotli="brotli_static on;" if brotli else "",
                folder=folder,
                load=f"load_module {MODULES / BROTLI};" if brotli else "",
                port=port,
                root=root,
                # Started by root, its workers must be allowed to read what we wrote.
                user="" if os.geteuid() else f"user {pwd.getpwuid(0).pw_name};",
                workers=WORKERS,
            ),
            encoding="utf-8",
        )
        command = [PROGRAM or "nginx", "-p", str(folder), "-c", str(path)]
        super().__init__(command, port, ready, os.environ)


def has_brotli() -> bool:
    """Whether it can send Brotli; Debian has that in a package of its own."""
    return (MODULES / BROTLI).exists()


def version() -> str:
    """As it says itself."""
    said = subprocess.run([PROGRAM or "nginx", "-v"], capture_output=True, text=True).stderr
    return said.strip().rpartition("/")[2].split()[0]
