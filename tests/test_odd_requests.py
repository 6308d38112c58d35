"""Whatever is asked, and however, nothing breaks: every route with what nobody would write in it.

The routes come from the resolver. What is looked for is a 500, a cookie on a public page, a header
that is missing or made of what was sent, and anything but the site's own answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver

from faq import publishing, reviewing
from tests.factory import DAY_1, DAY_2, make_policy, make_question, make_section, publish, reword
from tests.test_headers import check
from tests.test_leaks import is_of_the_desk, public_routes, routes_in

pytestmark = pytest.mark.django_db

#: What may stand where an address has an argument, as it is sent.
ODD = (
    *("%00", "a%00b", "%ff", "%ed%a0%80", "%c0%af", "%f4%90%80%80", "%2e%2e", "%2e", "..%2f..%2fa"),
    *("%0d%0aSet-Cookie:%20a=b", "%0a", "%20", "%E2%80%AE", "%F0%9F%A6%86", "%25", "%2500", "%3Cb"),
    *("0", "-1", "+1", "01", "1.0", "1e9", "%D9%A1", "%EF%BC%91", "9" * 19, "9" * 40, "9" * 5000),
    *("0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "2020-02-30", "2020-1-1", "-001-1-1"),
    *("a" * 3000, "admin", "static", "versions", "null", "undefined", "__proto__", "'", '"', ";"),
    *("{{7*7}}", "${x}", "%s", "*", "None", "favicon.ico", "...", "1...1", "e%CC%81" * 60),
)
EXPECTED = {200, 301, 302, 304, 400, 404, 405, 410}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X")


@pytest.fixture
def site(settings: Any) -> Any:
    """Two small versions and a candidate that somebody may sign off."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.IMAGES = True
    settings.SECURITY_CONTACT = ["mailto:security@example.org"]
    policy = make_policy()
    question = make_question(policy)
    make_section(policy)
    publish(policy, DAY_1)
    reword(question, "A large company.")
    publish(policy, DAY_2)
    reword(question, "A small company.")
    version = publishing.freeze(policy, by="alice", at=DAY_2)
    link = reviewing.make_link(
        policy,
        by="alice",
        at=DAY_2.replace(year=2998),
        name="Dora",
        version=version,
        asks_for_sign_off=True,
    )
    link.token = reviewing.token_of(link)
    return link


def odd_addresses(route: URLPattern, before: str, token: str) -> Iterator[str]:
    """The address of a route with something odd in place of each of its arguments in turn."""
    form = str(route.pattern).removeprefix("^").removesuffix("$")
    arguments = re.findall(r"<[^>]*>|\(\?P<\w+>[^)]*\)", form)
    usual = {"slug": "privacy", "token": token, "anchor": "who-are-we", "day": "2020-03-05"}
    for place, odd in enumerate(ODD * bool(arguments)):
        address = form
        for number, each in enumerate(arguments):
            name = re.split("[:>]", each.replace("(?P<", "").strip("<>"))[-1 if ":" in each else 0]
            value = odd if number == place % len(arguments) else usual.get(name, "1")
            address = address.replace(each, value, 1)
        yield before + address
    if not arguments:
        yield before + form


def test_no_public_address_breaks_whatever_stands_in_it(site):
    client = Client()  # an error is raised here
    asked = 0
    for route in public_routes().values():
        for address in odd_addresses(route, "/", site.token):
            response = client.get(address)
            assert response.status_code in EXPECTED, address
            assert "Set-Cookie" not in response.headers, address
            check(response)
            asked += 1
    assert asked > 1000


def test_no_method_breaks_one_and_only_reading_is_answered(site):
    client = Client()
    for name, route in public_routes().items():
        address = next(odd_addresses(route, "/", site.token)).replace("%00", "1")
        for method in METHODS:
            response = client.generic(method, address, b"\xff\x00", "application/json")
            assert response.status_code in EXPECTED, (method, address)
            if method not in {"GET", "HEAD"} and name != "preview-sign-off":
                assert response.status_code in {405, 404, 301}, (method, address)
            check(response)


QUERIES = (
    *("on=%00", "on=0000-00-00", "on=9999-12-31", "on=0001-01-01", "on=%ff&on=%ed%a0%80", "on[]=1"),
    *("from=%00&to=1", "from=9999999999999999999999&to=-1", "from=%D9%A1&to=%EF%BC%92", "to=1"),
    *(
        "from=1&to=1&from=2",
        "on=" + "9" * 5000,
        "&&&=&=",
        "%",
        "on=2020-03-05&on=x",
        "q=%00",
        "q=%ff",
        "q=" + "a%20" * 2000,
        "?",
    ),
    "&".join(f"a{number}={number}" for number in range(1100)),
)


def test_no_query_breaks_a_page(site):
    client = Client(raise_request_exception=False)
    addresses = ["/", "/privacy/", "/privacy/versions/", "/privacy/versions/1/", "/privacy.json"]
    for address in (*addresses, "/privacy/versions/timegate/", "/nothing/", "/preview/x/"):
        for query in QUERIES:
            response = client.get(f"{address}?{query}")
            assert response.status_code in EXPECTED, (address, query)
            check(response)


HEADERS = (
    *(("Accept-Datetime", each) for each in ("", "\x00", "Thu, 31 Dec 9999 23:59:59 GMT", "0")),
    ("Accept-Datetime", "Mon, 01 Jan 0000 00:00:00 GMT"),
    ("Accept-Datetime", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT"),
    *(("If-None-Match", each) for each in ('"', '*, "', 'W/"x", \xff', "," * 5000)),
    *(("If-Modified-Since", each) for each in ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 400)),
    *(("Range", each) for each in ("bytes=9999999999999999999-", "bytes=-0", "x")),
    *(("Accept-Language", each) for each in ("*", "xx;q=9", "en-" * 900, "\xff")),
    *(("Accept", "\x00"), ("Cookie", "a" * 8000), ("Cookie", "session=\xff; csrf=;;;=")),
    *(("X-Forwarded-For", "\xff"), ("X-Forwarded-Host", "evil.example"), ("Content-Length", "-1")),
    *(("X-Forwarded-Proto", "gopher"), ("X-Original-URL", "/admin/"), ("Expect", "x")),
    *(("X-HTTP-Method-Override", "PUT"), ("Transfer-Encoding", "x"), ("Content-Type", "\xff")),
)


def test_no_header_breaks_a_page_or_comes_back(site):
    client = Client(raise_request_exception=False)
    for address in (
        *("/privacy/", "/privacy.json", "/privacy/versions/1.json", "/privacy/versions.atom"),
        *("/privacy/versions/timegate/", "/privacy/versions/timemap/", "/admin/login/", "/x/"),
    ):
        for name, value in HEADERS:
            response = client.get(address, headers={name: value})
            assert response.status_code in EXPECTED, (address, name, value)
            assert "evil" not in str(response.headers) + response.content.decode(errors="ignore")
            check(response)


BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/x-www-form-urlencoded", b"answer=approve&comment=%00&seen=%00"),
    ("application/x-www-form-urlencoded", b"answer=%ff&comment=%ed%a0%80&seen=%ff"),
    ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1100))),
    ("application/x-www-form-urlencoded", b"answer=object&comment=" + b"a" * 3_000_000),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n"),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=" + "b" * 300, b"x"),
    ("application/json", b'{"answer": "approve"}'),
    ("\x00", b"\x00"),
    ("text/plain; charset=nonsense", b"answer=approve"),
)


def test_no_body_breaks_the_forms_that_strangers_may_send(site):
    client = Client(raise_request_exception=False)
    for address in (f"/preview/{site.token}/sign-off/", "/admin/login/"):
        for kind, body in BODIES:
            response = client.generic("POST", address, body, kind)
            assert response.status_code in {200, 400, 403}, (address, kind, body[:40])
            check(response)
    assert not site.sign_offs.exists()


def test_no_address_of_the_desk_breaks_whatever_stands_in_it(site):
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="secret"))
    desk = [each for each in routes_in(get_resolver()) if is_of_the_desk(each)]
    asked = 0
    for route in desk:
        patterns = [each for each in odd_addresses(route, "", "1") if "(?P" not in each]
        # Every seventh, each time others: there are so many.
        for address in patterns[asked % 7 :: 7]:
            path = address if address.startswith("admin/") else _below_admin(route, address)
            for ask in (client.get, client.post):
                if "logout" in path or "login/" in path:
                    continue
                response = ask(f"/{path}")
                assert response.status_code in EXPECTED | {403, 413}, (ask.__name__, path)
                check(response)
                asked += 1
    assert asked > 500


def _below_admin(route: URLPattern, address: str) -> str:
    for resolver in get_resolver().url_patterns[0].url_patterns:
        if str(resolver.pattern) == "admin/":
            for each in resolver.url_patterns:
                if route in getattr(each, "url_patterns", ()):
                    return f"admin/{each.pattern}{address}"
    return f"admin/{address}"
