"""On every public page a browser is left alone: nothing watches, and nothing is kept or sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from faq import reviewing
from tests.factory import make_record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What pages might ask a browser so as to tell it from others, or to keep or send something.
LISTEN = """(() => {
  const note = name => console.log("ASKED " + name);
  const wrap = (owner, name) => {
    const own = owner[name];
    owner[name] = function () { note(name); return own.apply(this, arguments); };
  };
  wrap(HTMLCanvasElement.prototype, "getContext");
  wrap(Navigator.prototype, "sendBeacon");
  wrap(Storage.prototype, "setItem");
  wrap(XMLHttpRequest.prototype, "open");
  wrap(IDBFactory.prototype, "open");
  wrap(window, "fetch");
  const properties = [[Navigator.prototype, "userAgent"], [Navigator.prototype, "languages"],
    [Navigator.prototype, "plugins"], [Navigator.prototype, "hardwareConcurrency"],
    [Screen.prototype, "width"], [Screen.prototype, "colorDepth"], [Document.prototype, "cookie"]];
  for (const [owner, name] of properties) {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, {
      configurable: true,
      get() { note(name); return own.get.call(this); },
      set(value) { note("set " + name); },
    });
  }
})();"""
KEPT = """async () => ({
  databases: (await indexedDB.databases()).length,
  stored: localStorage.length + sessionStorage.length,
})"""
JUNK = ("sessionid", "csrftoken", "session", "csrf", "messages")


def test_every_public_page_leaves_its_reader_alone(browser: Any, live_server: Any) -> None:
    policy = make_record()
    link = reviewing.make_link(policy, by="alice", at=timezone.now(), name="Dora")
    preview = f"/preview/{reviewing.token_of(link)}/"
    junk = [{"name": name, "value": "junk", "url": live_server.url} for name in JUNK]
    asked: dict[bool, list[str]] = {}
    bodies: dict[bool, dict[str, bytes]] = {}
    for with_junk in (False, True):
        context = browser.new_context()
        context.add_init_script(LISTEN)
        if with_junk:
            context.add_cookies(junk)
        page, said, set_cookies = context.new_page(), [], []
        asked[with_junk], bodies[with_junk] = [], {}
        page.on("request", lambda each, urls=asked[with_junk]: urls.append(each.url))
        page.on("console", lambda each, said=said: "ASKED" in each.text and said.append(each.text))
        page.on(
            "response",
            lambda each, found=set_cookies: (
                found.append(each.url) if "set-cookie" in each.headers else None
            ),
        )
        for path in (
            *("/", "/privacy/", "/privacy/who-are-we/", "/privacy/who-are-we/versions/"),
            *("/privacy/versions/", "/privacy/versions/1/", "/privacy/versions/2/"),
            *(
                "/privacy/versions/1...5/",
                "/privacy/do-we-send-faxes/",
                "/nothing/",
                "/developers/",
            ),
            *(preview, f"{preview}changes/"),
        ):
            answer = page.goto(f"{live_server.url}{path}", wait_until="load")
            bodies[with_junk][path] = answer.body()
            page.mouse.wheel(0, 3000)
            page.keyboard.press("Tab")
            assert page.evaluate(KEPT) == {"databases": 0, "stored": 0}, path
            assert said == [], path
        assert set_cookies == []
        kept = {each["name"]: each["value"] for each in context.cookies()}
        assert kept == (dict.fromkeys(JUNK, "junk") if with_junk else {})
        context.close()
    assert bodies[True] == bodies[False]
    hosts = {urlsplit(url).netloc for urls in asked.values() for url in urls}
    assert hosts == {urlsplit(live_server.url).netloc}
