"""People without an account in a real browser: reading a draft, signing it off, by keyboard."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faq import publishing, reviewing
from faq.models import Event, Policy, PreviewLink, SignOff
from faq.roles import EDITOR
from tests.factory import HOUR, make_policy, make_question, make_section, publish, reword

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (360, 768, 1280)
#: No page of ours: what a browser sends there, others would learn.
ELSEWHERE = "http://elsewhere.example"


@pytest.fixture
def policy() -> Policy:
    """A policy with one version in force and another draft."""
    policy = make_policy(contact="Write to us.")
    who = make_question(policy, in_short="A company.")
    make_question(policy, "Where?", f"See [](#who-are-we) or [there]({ELSEWHERE}/).")
    make_question(policy, "What may you ask?", "Much.", section=make_section(policy))
    publish(policy, timezone.now() - HOUR)
    reword(who, "A company in Leeds.")
    return policy


@pytest.fixture
def asked(policy) -> PreviewLink:
    """A link that asks Dora to approve or to object."""
    now = timezone.now()
    version = publishing.freeze(policy, by="alice", at=now)
    return reviewing.make_link(
        policy, by="alice", at=now, name="Dora", version=version, asks_for_sign_off=True
    )


def url(site, link: PreviewLink, rest: str = "") -> str:
    return f"{site.url}/preview/{reviewing.token_of(link)}/{rest}"


def tab_to(page, found, key: str = "Tab") -> None:
    """Press the key until the focus is there, as somebody without a mouse does."""
    for _step in range(80):
        page.keyboard.press(key)
        if found.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {found}")


def follow(page, name: str) -> None:
    tab_to(page, page.get_by_role("link", name=name, exact=True))
    page.keyboard.press("Enter")


def test_an_outsider_signs_off_by_keyboard(page, live_server, asked):
    posted = []
    page.on("request", lambda request: request.method == "POST" and posted.append(request))
    page.goto(url(live_server, asked))
    page.get_by_text("A company in Leeds.").wait_for()
    follow(page, "What would change")
    page.locator("ins", has_text="in Leeds").wait_for()
    follow(page, "Approve or object")
    tab_to(page, page.get_by_label("I approve of this version"))
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Send my answer"))
    page.keyboard.press("Enter")
    page.get_by_text("Say what you object to, in a sentence.").wait_for()
    tab_to(page, page.get_by_label("Comment"))
    page.keyboard.type("We are in York.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Dora objects").wait_for()
    assert page.evaluate("location.hash") == "#_recorded"
    tab_to(page, page.get_by_label("I approve of this version"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Send my answer"))
    page.keyboard.press("Enter")
    page.get_by_text("Dora approves").wait_for()
    assert [each.approves for each in SignOff.objects.all()] == [False, True]
    assert not hasattr(asked.version, "approval")
    # Under no-referrer the Origin says nothing here, and Sec-Fetch-Site says all.
    sent = posted[-1].all_headers()
    assert (sent["origin"], sent["sec-fetch-site"]) == ("null", "same-origin")
    assert "referer" not in sent and "cookie" not in sent


def test_another_site_cannot_send_the_answer(page, live_server, asked):
    page.goto(url(live_server, asked, "sign-off/"))
    seen = page.locator("input[name=seen]").input_value()
    form = f"""<form method="post" action="{url(live_server, asked, "sign-off/")}">
        <input name="answer" value="approve"><input name="seen" value="{seen}">
        <button>Win a prize</button></form>"""
    for policy in ("no-referrer", "unsafe-url"):
        page.unroute_all()
        page.route(
            f"{ELSEWHERE}/**",
            lambda route, policy=policy: route.fulfill(
                body=form, content_type="text/html", headers={"Referrer-Policy": policy}
            ),
        )
        page.goto(f"{ELSEWHERE}/")
        with page.expect_response("**/sign-off/") as answered:
            page.get_by_role("button").click()
        assert answered.value.status == 403
        page.get_by_text("came from another site").wait_for()
    assert not SignOff.objects.exists()


def test_a_double_click_answers_once(page, live_server, asked):
    page.goto(url(live_server, asked, "sign-off/"))
    page.get_by_label("I approve of this version").check()
    page.get_by_role("button", name="Send my answer").dblclick()
    page.get_by_text("Dora approves").wait_for()
    assert SignOff.objects.count() == Event.objects.filter(what="signed_off").count() == 1


def test_reading_a_draft_tells_nobody(page, live_server, asked):
    requests = []
    page.on("request", lambda request: requests.append(request))
    page.route(f"{ELSEWHERE}/**", lambda route: route.fulfill(body="There."))
    for rest in ("", "changes/", "sign-off/"):
        assert page.goto(url(live_server, asked, rest)).status == 200
    assert {request.url.startswith(live_server.url) for request in requests} == {True}
    assert page.context.cookies() == []
    page.goto(url(live_server, asked))
    with page.expect_request(f"{ELSEWHERE}/") as sent:
        page.get_by_role("link", name="there").click()
    assert "referer" not in sent.value.all_headers()


def test_links_inside_a_draft_stay_inside_it(page, live_server, asked):
    page.goto(url(live_server, asked))
    page.locator(".answer").get_by_role("link", name="Who are we?").click()
    assert page.url == url(live_server, asked) + "#who-are-we"
    page.goto(url(live_server, asked) + "#_contact")
    assert page.locator("#_contact").is_visible()


def log_in(page, site) -> None:
    """Edith, an Editor, is logged in: how she does that is another test's matter."""
    user = User.objects.create_user("edith", is_staff=True)
    user.groups.add(Group.objects.get(name=EDITOR))
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": site.url}
    page.context.add_cookies([cookie])


def test_an_editor_makes_a_link_by_keyboard_and_copies_it(browser, page, live_server, policy):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:faq_policy_links", args=[policy.pk]))
    tab_to(page, page.get_by_label("For whom?"))
    page.keyboard.type("Dora")
    tab_to(page, page.get_by_role("button", name="Make the link"))
    page.keyboard.press("Enter")
    page.get_by_text("The link for Dora works now.").wait_for()
    tab_to(page, page.get_by_role("button", name="Copy the address for Dora"))
    page.keyboard.press("Enter")
    page.get_by_text("Copied.").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.get_by_label("Address for Dora").input_value()
    outside = browser.new_context()
    visitor = outside.new_page()
    visitor.goto(address)
    visitor.get_by_text("For Dora only.").wait_for()
    tab_to(page, page.get_by_role("button", name="Revoke the link for Dora"))
    page.keyboard.press("Enter")
    page.get_by_text("The link for Dora no longer works.").wait_for()
    assert visitor.goto(address).status == 404
    outside.close()


def test_without_scripts_the_address_can_still_be_selected(browser, live_server, policy):
    reviewing.make_link(policy, by="alice", at=timezone.now(), name="Dora")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:faq_policy_links", args=[policy.pk]))
    assert not page.get_by_role("button", name="Copy").is_visible()
    field = page.get_by_label("Address for Dora")
    assert field.is_visible() and field.input_value().startswith(f"{live_server.url}/preview/")
    context.close()


def test_the_trail_is_filtered_by_keyboard(page, live_server, policy):
    reviewing.make_link(policy, by="alice", at=timezone.now(), name="Dora")
    log_in(page, live_server)
    page.goto(live_server.url + reverse("admin:faq_policy_trail", args=[policy.pk]))
    tab_to(page, page.get_by_label("What"))
    page.keyboard.type("Made")
    tab_to(page, page.get_by_role("button", name="Filter"))
    page.keyboard.press("Enter")
    page.get_by_text("1 event", exact=True).wait_for()
    with page.expect_download() as download:
        follow(page, "Download as CSV")
    assert "Made a preview link" in download.value.path().read_text(encoding="utf-8-sig")


def paths(policy: Policy, asked: PreviewLink) -> list[str]:
    token = reviewing.token_of(asked)
    return [
        f"/preview/{token}/",
        f"/preview/{token}/changes/",
        f"/preview/{token}/sign-off/",
        "/preview/nothing/",
        reverse("admin:faq_policy_links", args=[policy.pk]),
        reverse("admin:faq_policy_trail", args=[policy.pk]),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, live_server, policy, asked, scheme):
    from axe_playwright_python.sync_playwright import Axe

    reviewing.sign_off(
        asked, at=timezone.now(), approves=False, comment="No.", digest=asked.version.digest
    )
    page.emulate_media(color_scheme=scheme)
    log_in(page, live_server)
    for path in paths(policy, asked):
        page.goto(live_server.url + path)
        assert Axe().run(page).response["violations"] == [], path
    # With what is said of a form that was filled in wrongly.
    page.goto(url(live_server, asked, "sign-off/"))
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_text("Not recorded.").wait_for()
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(page, live_server, policy, asked, width):
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, live_server)
    for path in paths(policy, asked):
        page.goto(live_server.url + path)
        overflow = page.evaluate(
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        assert overflow <= 0, (path, overflow)
