"""Ask the site on this machine whether it is alive; end with 1 if it is not. For HEALTHCHECK.

Reads SITE_URL, since the site answers to no other host, and PORT (8000).
"""

from __future__ import annotations

import os
import sys
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

site = urlsplit(os.environ.get("SITE_URL", "http://127.0.0.1:8000"))
port = os.environ.get("PORT", "8000")
url = f"http://127.0.0.1:{port}{site.path.rstrip('/')}/health/live"
try:
    urlopen(Request(url, headers={"Host": site.netloc}), timeout=5).close()
except (URLError, OSError) as error:
    sys.exit(f"{url}: {error}")
