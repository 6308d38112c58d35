"""An address of every kind of public page, by the name of the route that answers it.

For whatever must hold on all of them: accessibility, valid HTML, nothing cut off, pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import URLPattern, URLResolver, get_resolver

from faq import publishing, reviewing, urls
from tests.factory import (
    DAY_1,
    FAR_AHEAD,
    NOON,
    lengthen,
    make_policy,
    make_question,
    make_record,
    publish,
    reword,
)

#: Routes that never answer with a page of ours, but with data or with another address.
NO_PAGES = {
    *("health-live", "health-ready", "openapi", "sitemap", "robots", "image", "preview-image"),
    *("policy-json", "versions-json", "anchors-json", "version-json", "version-md", "atom"),
    *("day", "upcoming", "timegate", "timemap", "verify", "security-txt"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of page: what it shows, which route answers, where, and with which status."""

    name: str
    route: str
    path: str
    status: int = 200


def make_kinds(at: datetime, *record: str) -> list[Kind]:
    """Make policies in every state, and return the pages that show them.

    `at` is when a draft is shown to somebody without an account: links to it expire. `record` is
    the slug and the title of the policy that has them all.
    """
    policy = make_record(*record)
    early = make_policy("coming", "Policy to come", contact="Write to us.")
    make_question(early)
    publish(early, DAY_1, effective_at=FAR_AHEAD)
    draft = make_policy("draft", "Policy in the making")
    who = make_question(draft, in_short="A company.")
    publish(draft, DAY_1)
    reword(who, "A company in Leeds.")
    long = make_policy("long", "Policy with a long history")
    make_question(long)
    publish(long, NOON.replace(year=2019))
    lengthen(long, 120, rewording=True)
    version = publishing.freeze(draft, by="alice", at=at)
    link = reviewing.make_link(
        draft, by="alice", at=at, name="Dora", version=version, asks_for_sign_off=True
    )
    own = reviewing.make_link(policy, by="alice", at=at, name="Dora")
    candidate, copy = (f"/preview/{reviewing.token_of(each)}/" for each in (link, own))
    here, cookies, sale = f"/{policy.slug}/", "when-do-we-use-cookies", "do-we-sell-your-data"
    return [
        Kind("policies", "home", "/"),
        Kind("developers", "developers", "/developers/"),
        Kind("in-force", "policy", here),
        Kind("in-force-found", "policy", f"{here}?q=cookies"),
        Kind("in-force-found-nothing", "policy", f"{here}?q=zeppelins"),
        Kind("not-in-force", "policy", "/coming/", 404),
        Kind("question", "question", f"{here}{cookies}/"),
        Kind("question-removed", "question", f"{here}{sale}/"),
        Kind("question-history", "question-history", f"{here}{cookies}/versions/"),
        Kind("question-removed-history", "question-history", f"{here}{sale}/versions/"),
        Kind("history", "history", f"{here}versions/"),
        Kind("history-form-refused", "history", f"{here}versions/?on=never", 400),
        Kind("history-before-the-first", "history", "/coming/versions/"),
        Kind("history-newest", "history", "/long/versions/"),
        Kind("history-older", "history-older", "/long/versions/1-50/"),
        Kind(
            "question-history-older",
            "question-history-older",
            "/long/who-are-we/versions/61-80/",
        ),
        Kind("version-replaced", "version", f"{here}versions/1/"),
        Kind("version-hidden", "version", f"{here}versions/2/", 410),
        Kind("version-withdrawn", "version", f"{here}versions/3/"),
        Kind("version-in-force", "version", f"{here}versions/5/"),
        Kind("version-announced", "version", f"{here}versions/6/"),
        Kind("version-before-the-first", "version", "/coming/versions/1/"),
        Kind("redline", "redline", f"{here}versions/1...5/"),
        Kind("redline-announced", "redline", f"{here}versions/5...6/"),
        Kind("redline-hidden", "redline", f"{here}versions/1...2/", 410),
        Kind("preview-draft", "preview", copy),
        Kind("preview-candidate", "preview", candidate),
        Kind("preview-changes", "preview-changes", f"{candidate}changes/"),
        Kind("preview-sign-off", "preview-sign-off", f"{candidate}sign-off/"),
        Kind("preview-gone", "preview", "/preview/nothing/", 404),
        Kind("preview-unknown", "no-preview", "/preview/nothing/at/all/", 404),
        Kind("not-found", "", "/nothing/", 404),
        Kind("not-found-nearly", "question", f"{here}when-do-we-use-cookie/", 404),
    ]


#: Those of a site on which nothing is published yet.
EMPTY = [Kind("policies-none", "home", "/"), Kind("not-found-none", "", "/nothing/", 404)]


def public_routes() -> dict[str, URLPattern]:
    """Every public route by its name, as the resolver has them."""
    found = {each.name: each for each in _routes(get_resolver()) if each in urls.urlpatterns}
    assert len(found) == len(urls.urlpatterns), "Give every public route a name of its own."
    return found


def _routes(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _routes(each)
        else:
            yield each
