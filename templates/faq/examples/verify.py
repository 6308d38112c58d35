"""Recompute every fingerprint and the chain that ties all versions together."""

import hashlib
import json
import sys
from operator import itemgetter
from urllib.request import urlopen


def sha256(data):
    return hashlib.sha256(data).hexdigest()


with urlopen("{{ versions_json }}") as answer:
    versions = json.load(answer)

entries = []
for each in versions:
    if each["url"] and not each["withheld"]:
        with urlopen(each["url"].rstrip("/") + ".json") as answer:
            if sha256(answer.read()) != each["digest"]:
                sys.exit(f"The wording of version {each['number']} does not match.")
    times = (each["approved_at"], each["effective_at"])
    entries.append((each["seq"], "approval", each, times, each["chain"]))
    end = each["withdrawal"]
    if end and end["seq"]:
        times = (end["recorded_at"], end["recorded_at"])
        entries.append((end["seq"], "withdrawal", each, times, end["chain"]))

head = "0" * 64
entries.sort(key=itemgetter(0))
for place, (seq, kind, each, times, chain) in enumerate(entries, 1):
    lines = (head, place, kind, each["digest"], each["number"], *times)
    head = sha256("".join(f"{line}\n" for line in lines).encode())
    if (seq, chain) != (place, head):
        sys.exit(f"Entry {place} of the chain does not match.")
print(f"{len(versions)} versions, {len(entries)} entries. Head: {head}")
