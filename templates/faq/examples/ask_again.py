"""Must a customer who agreed to version N hear of a change? python ask_again.py N"""

import json
import sys
from urllib.request import urlopen

POLICY = "{{ policy_url }}"
agreed = int(sys.argv[1])

with urlopen(f"{POLICY}versions.json") as answer:
    versions = json.load(answer)

applied = [each for each in versions if each["status"] in ("live", "superseded")]
since = [each for each in applied if each["number"] > agreed]
if agreed not in [each["number"] for each in applied]:
    print(f"Yes: version {agreed} was withdrawn, or never applied.")
elif any(each["material"] for each in since):
    print(f"Yes. What changed: {POLICY}versions/{agreed}...{since[-1]['number']}/")
else:
    print("No.")
