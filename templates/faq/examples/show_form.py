"""Where your server makes the form: put what this prints into it."""

import json
from urllib.request import urlopen

with urlopen("{{ policy_json }}") as answer:
    policy = json.load(answer)

print(f"""<input type="hidden" name="policy_version" value="{policy["number"]}">
<input type="hidden" name="policy_digest" value="{policy["digest"]}">
<a href="{policy["version_url"]}">Our privacy policy</a>""")
