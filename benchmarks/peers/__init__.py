"""Other ways to give the same page, each as a tiny real site: what ours is measured against.

`site.py` has what they share. A module that is a Django site has `application`, and `prepare()`,
which fills its database; `python -m benchmarks.peers NAME` calls that. FOLDER of `site.py` holds
what the page is made from: `page.html`, our finished page, and `policy.json`, the document.
"""
