"""Finished pages, handed out before any of Django runs. docs/adr/0005 says why and how.

`layer` is the WSGI application that stands around Django's. It asks `watch` which epoch it is,
`memory` for the page, and Django for a page that is not there. `watch` asks the database through
`sources`, and on SQLite whether anything changed through `wal_index`. `answers` says what may be
kept, `pages` holds an answer ready in every encoding. `snapshot` keeps pages on disk for when the
database is gone, and `warming` makes them before anybody asks. `front` and `purging` are for caches
in front of the site that can be told of a change.
"""

from faq.delivery.layer import Delivery

__all__ = ["Delivery"]
