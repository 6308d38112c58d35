"""Logging in with a real browser: an app, recovery codes, a passkey, and pages all can use."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe

from privacy_site.mail import mail_server
from tests.logging_in import PASSWORD, app_code, make_user, wait_for_a_whole_step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = "/admin/"


@pytest.fixture(autouse=True)
def _second_step_demanded(settings) -> None:
    settings.ADMIN_MFA = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def problems(page) -> list[str]:
    """What the browser complains about: errors in scripts, and rules for content broken."""
    found: list[str] = []
    page.on("console", lambda m: m.type == "error" and found.append(m.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def authenticator(page) -> Callable[..., Any]:
    """Plug a made-up authenticator into the browser, as its developer tools do."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")

    def plug(**options: Any) -> str:
        usual = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = tools.send("WebAuthn.addVirtualAuthenticator", {"options": usual | options})
        return str(added["authenticatorId"])

    plug.tools = tools  # type: ignore[attr-defined]
    return plug


def log_in(page, site, name: str = "alice") -> None:
    page.goto(f"{site.url}{DESK}")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_out(page) -> None:
    page.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_text("You are logged out.").wait_for()


def set_up_app(page) -> str:
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("#secret").inner_text()
    assert page.get_by_role("img", name="QR code").bounding_box()["width"] > 150
    wait_for_a_whole_step()
    page.get_by_label("Code from the app").fill(app_code(secret))
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    return secret


def add_passkey(page, name: str, *, alone: bool) -> None:
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Log in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_text("The passkey is added.").wait_for()


def on_the_desk(page) -> bool:
    page.get_by_role("link", name="Your account").wait_for()
    return page.get_by_role("heading", level=1).first.inner_text() == "Policies"


def test_the_head_of_the_page_is_as_wide_as_the_window(page, live_server):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_server.url}{DESK}")
    assert page.locator("#header").bounding_box()["width"] == 1280


def test_a_new_editor_sets_up_an_app_and_logs_in_with_it(page, live_server, problems):
    make_user()
    log_in(page, live_server)
    assert "add a second step" in page.content()
    secret = set_up_app(page)
    codes = page.locator(".account-codes code").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="go to the desk").click()
    assert on_the_desk(page)
    log_out(page)
    log_in(page, live_server)
    wait_for_a_whole_step()
    page.get_by_label("Code").fill(app_code(secret))
    page.get_by_role("button", name="Log in", exact=True).click()
    assert on_the_desk(page)
    log_out(page)
    log_in(page, live_server)
    page.get_by_label("Code").fill(codes[9])
    page.keyboard.press("Enter")
    assert on_the_desk(page)
    assert problems == []


def test_a_passkey_alone_logs_in_without_a_password(page, live_server, authenticator, problems):
    make_user()
    authenticator()
    log_in(page, live_server)
    add_passkey(page, "My laptop", alone=True)
    page.get_by_role("link", name="go to the desk").click()
    log_out(page)
    page.goto(f"{live_server.url}/admin/auth/user/")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Select user to change").wait_for()
    assert problems == []


def test_a_security_key_is_a_second_step_and_no_more(page, live_server, authenticator, problems):
    make_user()
    authenticator(transport="usb", hasResidentKey=False, hasUserVerification=False)
    log_in(page, live_server)
    add_passkey(page, "Key ring", alone=False)
    log_out(page)
    page.goto(f"{live_server.url}{DESK}")
    log_in(page, live_server)
    page.get_by_role("button", name="Use a passkey").click()
    assert on_the_desk(page)
    assert problems == []


def test_another_devices_passkey_does_not_log_in(page, live_server, authenticator):
    make_user()
    device = authenticator()
    log_in(page, live_server)
    add_passkey(page, "Lost phone", alone=True)
    log_out(page)
    authenticator.tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    authenticator()
    page.goto(f"{live_server.url}{DESK}")
    assert not page.get_by_text("The passkey was not used.").is_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey was not used.").wait_for()
    log_in(page, live_server)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("The passkey was not used.").wait_for()
    page.goto(f"{live_server.url}{DESK}")
    page.get_by_label("Code").wait_for()


def test_a_removed_passkey_no_longer_logs_in(page, live_server, authenticator):
    make_user()
    authenticator()
    log_in(page, live_server)
    add_passkey(page, "Old laptop", alone=True)
    page.goto(f"{live_server.url}/admin/account/")
    page.get_by_role("link", name="Set up an app").click()
    wait_for_a_whole_step()
    page.get_by_label("Code from the app").fill(app_code(page.locator("#secret").inner_text()))
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("The app is set up.").wait_for()
    page.get_by_role("link", name="Rename… Old laptop").click()
    page.get_by_label("Name").fill("Older laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove… Older laptop").click()
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("The passkey is removed.").wait_for()
    log_out(page)
    page.goto(f"{live_server.url}{DESK}")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("Incorrect code").wait_for()
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_where_the_address_has_no_name_passkeys_are_not_offered(page, live_server):
    make_user()
    site = SimpleNamespace(url=live_server.url.replace("localhost", "127.0.0.1"))
    page.goto(f"{site.url}{DESK}")
    page.wait_for_load_state()
    assert not page.get_by_role("button", name="Use a passkey").is_visible()
    log_in(page, site)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_text("Passkeys do not work here").wait_for()


WIDTHS = (360, 1280)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_logging_in(
    page, live_server, authenticator, settings, scheme
):
    settings.MAIL_SERVER = mail_server("smtp://localhost", sender="desk@example.org")
    make_user(email="alice@example.org")
    authenticator()
    page.emulate_media(color_scheme=scheme)
    seen = []

    def check(heading: str) -> None:
        page.get_by_role("heading", name=heading, level=1).wait_for()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{heading} is {wide} wide"
        seen.append(heading)

    page.goto(f"{live_server.url}{DESK}")
    check("Log in")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("alert").filter(has_text="Please correct").wait_for()
    check("Log in")
    page.get_by_role("link", name="Forgotten your password?").click()
    check("Reset your password")
    page.get_by_label("E-mail address").fill("alice@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("is on its way").wait_for()
    check("Reset your password")
    page.goto(f"{live_server.url}/admin/account/password/reset/1-junk/")
    check("Reset your password")
    log_in(page, live_server)
    check("Your account")
    page.get_by_role("link", name="Set up an app").click()
    check("Set up an authenticator app")
    page.go_back()
    set_up_app(page)
    check("Recovery codes")
    page.goto(f"{live_server.url}/admin/account/")
    add_passkey(page, "My laptop", alone=True)
    check("Your account")
    for name, heading in (
        ("Add a passkey", "Add a passkey"),
        ("Rename… My laptop", "Rename a passkey"),
        ("Remove… My laptop", "Remove a passkey"),
        ("Remove the app…", "Remove the authenticator app"),
        ("Show the codes", "Recovery codes"),
        ("Make new ones…", "New recovery codes"),
        ("Change your password", "Change your password"),
    ):
        page.goto(f"{live_server.url}/admin/account/")
        page.get_by_role("link", name=name).click()
        check(heading)
    for path in ("", "code/", "passkey/"):
        page.goto(f"{live_server.url}/admin/account/confirm/{path}")
        check("Confirm that it is you")
    page.goto(f"{live_server.url}/admin/account/logout/")
    check("Log out")
    page.locator("main").get_by_role("button", name="Log out").click()
    log_in(page, live_server)
    check("Second step")
    page.get_by_role("button", name="Cancel and log in as somebody else").click()
    page.goto(f"{live_server.url}/admin/account/inactive/")
    check("This account is not active")
    assert len(seen) == 22
