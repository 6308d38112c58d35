"""Check links to the policy: python check_links.py docs/*.html"""

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

POLICY = "{{ policy_url }}"
LINK = re.compile(re.escape(POLICY) + r"#([^\s\"'<>)\]]+)")

with urlopen(f"{POLICY}anchors.json") as answer:
    known = {entry["anchor"]: entry for entry in json.load(answer)}

broken = 0
for path in sys.argv[1:]:
    for name in LINK.findall(Path(path).read_text(encoding="utf-8")):
        entry = known.get(unquote(name))
        if entry is None:
            broken += 1
            print(f"{path}: {POLICY}#{name} leads nowhere")
        elif entry["status"] != "live":
            print(f"{path}: {POLICY}#{name} works; now {entry['url']}")
sys.exit(1 if broken else 0)
