"""Logging in: a second step that is really demanded, and nothing kept about who tried."""

from __future__ import annotations

import base64
import json
import pickle
import re
from datetime import timedelta
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as project
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from privacy_site.mail import mail_server
from tests.logging_in import (
    ACCOUNT,
    LOGIN,
    PASSWORD,
    app_code,
    is_in,
    log_in,
    make_user,
    recovery_codes,
    set_up_app,
    wait_for_a_whole_step,
)

ANOTHER_KEY = "another one, long enough to please the checks of the framework"
pytestmark = pytest.mark.django_db(transaction=True)  # allauth acts on commit

SET_UP = ACCOUNT
SECOND_STEP = f"{ACCOUNT}second-step/"


@pytest.fixture(autouse=True)
def _second_step_demanded(settings) -> None:
    """As on every site but one's own machine."""
    settings.ADMIN_MFA = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alice() -> User:
    return make_user()


def _example(variable: re.Match[str]) -> str:
    return "faq" if variable[1] == "app_label" else "1"


def addresses(resolver, before: str = "/admin/") -> list[str]:
    """Every address below a resolver, with something in the place of each variable."""
    found = []
    for pattern in resolver:
        written = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, before + written)
        elif isinstance(pattern, URLPattern):
            written = re.sub(r"\(\?P<(\w+)>[^()]*\)", _example, written.strip("^$"))
            found.append(before + re.sub(r"<(?:\w+:)?\w+>", "1", written))
    return found


def admin_addresses() -> list[str]:
    """Those of the desk: all but the log-in itself."""
    return [each for each in addresses(admin.site.get_urls()) if each != LOGIN]


def test_the_walk_finds_the_pages_of_the_desk():
    found = admin_addresses()
    some = {"/admin/", "/admin/faq/", "/admin/faq/policy/", "/admin/auth/user/1/password/"}
    assert some <= set(found)
    assert len(found) > 30


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_password_alone_opens_no_page_of_the_desk(alice, client, method):
    log_in(client)
    for address in admin_addresses():
        response = getattr(client, method)(address)
        assert response.status_code == 302, address
        target = response["Location"].partition("?")[0]
        assert target in {LOGIN, "/admin/"}, address
        while target != SET_UP:
            target = client.get(target)["Location"].partition("?")[0]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_from_before_the_second_step_opens_nothing_and_ends(alice, method):
    earlier, now = Client(), Client()
    log_in(earlier)
    log_in(now)
    set_up_app(now)
    assert is_in(now)
    for address in admin_addresses():
        earlier.force_login(alice)
        response = getattr(earlier, method)(address)
        assert response.status_code == 302, address
        assert response["Location"].partition("?")[0] in {LOGIN, "/admin/"}, address
    earlier.force_login(alice)
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"):
        earlier.force_login(alice)
        assert getattr(earlier, method)(reverse(name))["Location"].startswith(LOGIN)
        assert "_auth_user_id" not in earlier.session


def test_while_setting_up_only_the_set_up_and_the_way_out_are_there(alice, client, settings):
    settings.MAIL_SERVER = mail_server("console:", sender="desk@example.org")
    reached = set()
    for address in addresses(import_module("faq.admin.account_urls").urlpatterns):
        client.force_login(alice)
        response = client.get(address)
        if response.status_code != 302 or response["Location"] != SET_UP:
            reached.add(address.removeprefix(ACCOUNT))
    assert reached == {
        "",
        "app/",
        "confirm/",
        "inactive/",
        "logout/",
        "logout/everywhere/",
        "passkeys/add/",
    }


def test_nobody_signs_up_and_no_other_page_of_the_package_is_there(client):
    for name in ("account_signup", "account_email", "account_request_login_code", "mfa_trust"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for word in ("signup", "email", "login/code", "3rdparty", "2fa", "social/login/error"):
        for before in ("/", "/admin/", ACCOUNT, "/accounts/"):
            page = client.get(f"{before}{word}/", follow=True)
            assert page.status_code == 404 or page.redirect_chain[-1][0].startswith(LOGIN)


def test_the_first_log_in_leads_to_the_set_up_then_to_the_codes_then_to_the_desk(alice, client):
    page = log_in(client)
    assert page["Location"] == "/admin/"
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1] == (SET_UP, 302)
    assert "add a second step" in page.content.decode()
    set_up_app(client)
    codes = client.get(reverse("mfa_view_recovery_codes"))
    assert len(codes.context["unused_codes"]) == 10
    assert is_in(client)


def test_later_log_ins_need_the_code_of_the_app(alice, client):
    log_in(client)
    secret = set_up_app(client)
    other = Client()
    assert log_in(other, next="/admin/faq/policy/")["Location"] == SECOND_STEP
    assert not is_in(other)
    wait_for_a_whole_step()
    done = other.post(SECOND_STEP, {"code": app_code(secret)})
    assert done["Location"] == "/admin/faq/policy/"
    assert is_in(other)


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "abcdef", "٠١٢٣٤٥", "0" * 5000, "1\x002345", "' OR 1=1 --"]
)
def test_junk_is_no_code(alice, client, code):
    log_in(client)
    set_up_app(client)
    other = Client()
    log_in(other)
    assert other.post(SECOND_STEP, {"code": code}).status_code == 200
    assert not is_in(other)


def test_codes_of_other_half_minutes_are_refused(alice, client):
    log_in(client)
    secret = set_up_app(client)
    other = Client()
    log_in(other)
    wait_for_a_whole_step()
    for steps in (-2, -1, 1, 2):
        assert other.post(SECOND_STEP, {"code": app_code(secret, steps)}).status_code == 200
    assert not is_in(other)


def test_a_code_works_once(alice, client):
    log_in(client)
    secret = set_up_app(client)
    first, second = Client(), Client()
    log_in(first)
    log_in(second)
    wait_for_a_whole_step()
    code = app_code(secret)
    assert first.post(SECOND_STEP, {"code": code}).status_code == 302
    assert second.post(SECOND_STEP, {"code": code}).status_code == 200
    assert second.post(SECOND_STEP, {"code": f" {code[:3]} {code[3:]} "}).status_code == 200
    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_code_logs_in_once(alice, client):
    log_in(client)
    set_up_app(client)
    code = recovery_codes(client)[3]
    first, second = Client(), Client()
    log_in(first)
    log_in(second)
    assert first.post(SECOND_STEP, {"code": code}).status_code == 302
    assert is_in(first)
    assert second.post(SECOND_STEP, {"code": code}).status_code == 200
    assert not is_in(second)
    assert code not in recovery_codes(client)


def test_new_recovery_codes_end_the_old_ones_and_keep_the_session(alice, client):
    log_in(client)
    set_up_app(client)
    old = recovery_codes(client)
    by_code = Client()
    log_in(by_code)
    by_code.post(SECOND_STEP, {"code": old[0]})
    by_code.post(reverse("mfa_generate_recovery_codes"))
    assert is_in(by_code)
    assert not set(old) & set(recovery_codes(by_code))


def test_what_is_stored_holds_no_secret_of_the_app_in_the_clear(alice, client):
    log_in(client)
    secret = set_up_app(client)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in recovery_codes(client))


def test_with_another_secret_key_no_code_fits(alice, client, settings):
    log_in(client)
    secret = set_up_app(client)
    codes = recovery_codes(client)
    settings.SECRET_KEY = ANOTHER_KEY
    other = Client()
    log_in(other)
    wait_for_a_whole_step()
    for code in (app_code(secret), codes[0], app_code("A" * 32)):
        assert other.post(SECOND_STEP, {"code": code}).status_code == 200
    assert not is_in(other)


@pytest.mark.parametrize(
    "credential",
    ["", "{", "null", "[]", "1", '"x"', "{}", '{"id": "x", "rawId": "x", "response": {}}']
    + ['{"id":"eA","rawId":"eA","type":"public-key","response":{"userHandle":7}}']
    + [
        '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
        '"authenticatorData":"AA","signature":"AA","userHandle":"MQ"}}'
    ]
    + [
        '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
        '"attestationObject":"AA"}}'
    ],
)
def test_junk_is_no_passkey(alice, client, credential):
    log_in(client)
    add, login = reverse("mfa_add_webauthn"), reverse("mfa_login_webauthn")
    client.get(add)
    assert client.post(add, {"name": "x", "credential": credential}).status_code == 200
    set_up_app(client)
    other = Client()
    other.get(login, headers={"accept": "application/json"})
    assert other.post(login, {"credential": credential})["Location"] == LOGIN
    log_in(other)
    other.get(SECOND_STEP)
    assert other.post(SECOND_STEP, {"credential": credential}).status_code == 200
    assert not is_in(other)
    assert Authenticator.objects.filter(type="webauthn").count() == 0


def test_too_many_wrong_passwords_stop_the_right_one_too(alice, client):
    for _attempt in range(5):
        assert "not correct" in log_in(client, password="wrong").content.decode()
    page = log_in(client)
    assert page.status_code == 200
    assert "Too many failed login attempts" in page.content.decode()
    # another sender does not get round it
    page = Client(REMOTE_ADDR="192.0.2.7").post(LOGIN, {"login": "ALICE", "password": PASSWORD})
    assert "Too many failed login attempts" in page.content.decode()


def test_too_many_wrong_codes_stop_the_right_one_too(alice, client):
    log_in(client)
    secret = set_up_app(client)
    other = Client()
    log_in(other)
    for _attempt in range(5):
        other.post(SECOND_STEP, {"code": "000000"})
    wait_for_a_whole_step()
    assert other.post(SECOND_STEP, {"code": app_code(secret)}).status_code == 200
    assert not is_in(other)


def test_one_sender_trying_many_names_is_told_to_wait(alice, client):
    pages = [log_in(client, name=f"user{number}", password="wrong") for number in range(31)]
    assert "Too many failed login attempts" in pages[10].content.decode()
    assert pages[30].status_code == 429
    assert "Please wait a few minutes" in pages[30].content.decode()
    other = Client(REMOTE_ADDR="192.0.2.7")
    assert other.post(LOGIN, {"login": "alice", "password": PASSWORD}).status_code == 302


def everything_kept() -> str:
    """All of the database as text, sessions and cache taken apart."""
    kept = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            kept += [repr(row) for row in cursor.fetchall()]
        cursor.execute("SELECT value FROM cache")
        kept += [repr(pickle.loads(base64.b64decode(value))) for (value,) in cursor.fetchall()]
    kept += [repr(session.get_decoded()) for session in Session.objects.all()]
    return "\n".join(kept)


def test_no_address_of_a_visitor_is_kept_anywhere(alice, caplog):
    visitor = Client(REMOTE_ADDR="203.0.113.77", HTTP_X_FORWARDED_FOR="198.51.100.9")
    log_in(visitor, password="wrong")
    log_in(visitor)
    secret = set_up_app(visitor)
    log_in(Client(REMOTE_ADDR="2001:db8:aa:bb::1"), password="wrong")
    session = visitor.session  # as if the log-in had been an hour ago
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    wait_for_a_whole_step()
    asked = visitor.post(reverse("mfa_generate_recovery_codes"), {"posted": "a-private-word"})
    assert asked["Location"].startswith(f"{ACCOUNT}confirm/?next=")
    kept = everything_kept() + caplog.text
    assert "alice" in kept
    for private in ("203.0.113", "198.51.100", "2001:db8:aa", "a-private-word", secret, "wrong"):
        assert private not in kept


def test_the_proxy_says_who_sends_only_where_there_is_one(alice, settings):
    def tries(forwarded: str) -> int:
        client = Client(HTTP_X_FORWARDED_FOR=forwarded)
        return log_in(client, name=f"user {forwarded}", password="wrong").status_code

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert [tries(f"6.6.6.6, 192.0.2.{number}") for number in range(31)] == [200] * 31
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert [tries(f"192.0.2.{number}") for number in range(31)][-1] == 429


def test_public_pages_meet_nothing_of_logging_in(alice, client):
    client.force_login(alice)
    for address in ("/", "/privacy/", "/developers/", "/health/live"):
        request = client.get(address).wsgi_request
        assert not {"allauth", "session", "user"} & set(vars(request)), address
    assert hasattr(client.get(LOGIN).wsgi_request, "allauth")


def test_a_sender_without_an_address_logs_in_too(alice):
    assert log_in(Client(REMOTE_ADDR="")).status_code == 302


def test_a_session_ends_after_the_idle_time_and_each_page_puts_that_off(alice, client, settings):
    settings.ADMIN_MFA = False
    settings.SESSION_COOKIE_AGE = 600
    cookie = log_in(client).cookies[project.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == ""  # and with the browser
    assert cookie["expires"] == ""

    def pass_by(**time: int) -> None:
        for session in Session.objects.all():
            session.expire_date -= timedelta(**time)
            session.save()

    pass_by(minutes=8)
    assert is_in(client)
    pass_by(minutes=8)
    assert is_in(client)
    pass_by(minutes=10, seconds=1)
    assert not is_in(client)


def test_a_new_password_ends_the_other_sessions_and_half_way_log_ins(alice, client):
    log_in(client)
    secret = set_up_app(client)
    other, half_way = Client(), Client()
    log_in(other)
    other.post(SECOND_STEP, {"code": recovery_codes(client)[0]})
    assert is_in(other)
    log_in(half_way)
    new = "an even longer pass phrase"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post(reverse("account_change_password"), form)
    assert is_in(client)
    assert not is_in(other)
    wait_for_a_whole_step()
    half_way.post(SECOND_STEP, {"code": app_code(secret)})
    assert not is_in(half_way)
    assert log_in(Client(), password=new)["Location"] == SECOND_STEP


def test_a_password_is_changed_only_with_the_old_one(alice, client):
    log_in(client)
    set_up_app(client)
    new = "an even longer pass phrase"
    form = {"oldpassword": "wrong", "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), form).status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_links_of_the_admin_lead_to_our_pages(alice, client):
    log_in(client)
    set_up_app(client)
    assert client.get("/admin/password_change/")["Location"] == f"{ACCOUNT}password/"
    assert client.get("/admin/password_change/done/")["Location"] == ACCOUNT
    assert client.post("/admin/logout/")["Location"] == LOGIN
    assert not is_in(client)


def test_log_out_everywhere_does(alice, client):
    log_in(client)
    set_up_app(client)
    other, bob = Client(), Client()
    log_in(other)
    other.post(SECOND_STEP, {"code": recovery_codes(client)[0]})
    make_user("bob")
    log_in(bob, "bob")
    set_up_app(bob)
    assert client.post(reverse("account_logout_everywhere"))["Location"] == LOGIN
    assert [is_in(each) for each in (client, other, bob)] == [False, False, True]


def test_removing_what_a_session_logged_in_with_ends_that_session(alice, client):
    log_in(client)
    set_up_app(client)
    codes = recovery_codes(client)
    thief, owner = Client(), client
    log_in(thief)
    thief.post(SECOND_STEP, {"code": codes[0]})
    assert is_in(thief)
    owner.post(reverse("mfa_generate_recovery_codes"))
    assert not is_in(thief)
    assert is_in(owner)


@pytest.mark.parametrize(
    "name", ["mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_add_webauthn"]
)
def test_changing_the_second_step_asks_for_the_password_again_after_a_while(alice, client, name):
    log_in(client)
    set_up_app(client)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    address = reverse(name)
    confirm = f"{ACCOUNT}confirm/"
    assert client.get(address)["Location"] == f"{confirm}?next={address}"
    assert client.post(address)["Location"] == f"{confirm}?next={address}"
    assert Authenticator.objects.filter(user=alice, type="totp").exists()
    assert client.post(f"{confirm}?next={address}", {"password": "wrong"}).status_code == 200
    done = client.post(f"{confirm}?next={address}", {"password": PASSWORD, "next": address})
    assert done["Location"] == address
    assert client.get(address).status_code == 200


def test_pages_of_the_account_are_kept_by_no_cache(alice, client):
    log_in(client)
    for name in ("mfa_index", "mfa_activate_totp"):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]
    set_up_app(client)
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]


ELSEWHERE = ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
ELSEWHERE += [
    "https:evil.example",
    "///evil.example",
    "http://testserver@evil.example/",
    "\t//evil",
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_next_never_leads_off_the_site(alice, client, settings, address):
    def stays(location: str) -> bool:
        return location.startswith("/admin/")

    form = {"login": "alice", "password": PASSWORD, "next": address}
    assert stays(client.post(LOGIN, form)["Location"])
    client.logout()
    assert stays(log_in(client, next=address)["Location"])
    set_up_app(client)
    assert stays(client.get(LOGIN, {"next": address})["Location"])
    confirm = f"{ACCOUNT}confirm/"
    assert stays(client.post(confirm, {"password": PASSWORD, "next": address})["Location"])
    assert stays(client.post(f"{ACCOUNT}logout/", {"next": address})["Location"])


def test_who_may_not_edit_is_told_so_and_not_sent_in_circles(client, settings):
    User.objects.create_user("carol", password=PASSWORD)
    log_in(client, "carol")
    page = client.get("/admin/", follow=True)
    assert page.status_code == 403
    assert "may not open the desk" in page.content.decode()


def test_who_is_not_active_is_told_so(alice, client):
    User.objects.update(is_active=False)
    page = client.get(log_in(client)["Location"])
    assert page.status_code == 403
    assert "not active" in page.content.decode()


def test_the_desk_shows_no_secrets_of_others(alice, client):
    log_in(client)
    set_up_app(client)
    registered = {model._meta.label for model in admin.site._registry}
    assert not registered & {"mfa.Authenticator", "account.EmailAddress"}
    assert b"mfa" not in client.get("/admin/auth/").content


def test_an_operator_resets_a_lost_second_step(alice, client, capsys):
    log_in(client)
    set_up_app(client)
    make_user("bob")
    bob = Client()
    log_in(bob, "bob")
    set_up_app(bob)
    call_command("reset_mfa", "alice")
    assert capsys.readouterr().out.startswith("alice: removed 2")
    assert not is_in(client)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(LOGIN)
    assert is_in(bob)
    log_in(client)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == SET_UP
    with pytest.raises(CommandError, match="no user “carol”"):
        call_command("reset_mfa", "carol")


def the_code_fits(app: Authenticator, secret: str) -> bool:
    cache.clear()  # in which codes that were used stand
    wait_for_a_whole_step()
    return app.wrap().validate_code(app_code(secret))


def test_an_app_goes_on_working_while_the_key_of_before_is_known(alice, client, settings):
    log_in(client)
    secret = set_up_app(client)
    codes = recovery_codes(client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = ANOTHER_KEY
    assert is_in(client)
    app, recovery = Authenticator.objects.order_by("pk")
    assert the_code_fits(app, secret)
    assert recovery.wrap().get_unused_codes() == codes


def test_renewed_secrets_need_the_key_of_before_no_more(alice, client, settings, capsys):
    log_in(client)
    secret = set_up_app(client)
    codes = recovery_codes(client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = ANOTHER_KEY
    call_command("renew_secrets")
    assert capsys.readouterr().out.endswith("2 apps and sets of recovery codes.\n")
    settings.SECRET_KEY_FALLBACKS = []
    app, recovery = Authenticator.objects.order_by("pk")
    assert the_code_fits(app, secret)
    assert recovery.wrap().get_unused_codes() == codes


def test_secrets_of_an_unknown_key_are_left_as_they_are_and_their_users_named(
    alice, client, settings
):
    log_in(client)
    set_up_app(client)
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    settings.SECRET_KEY = ANOTHER_KEY
    with pytest.raises(CommandError, match="No key fits what these users have: alice"):
        call_command("renew_secrets")
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before


def test_without_mail_there_is_no_link_to_reset_a_password(alice, client):
    assert b"Forgotten" not in client.get(LOGIN).content
    assert client.get(f"{ACCOUNT}password/reset/").status_code == 404
    assert client.post(f"{ACCOUNT}password/reset/", {"email": "a@example.org"}).status_code == 404


@pytest.fixture
def mails(settings) -> list[mail.EmailMessage]:
    """The outbox of a site that has a mail server."""
    settings.MAIL_SERVER = mail_server("smtp://localhost", sender="desk@example.org")
    return mail.outbox


def test_a_link_by_mail_resets_the_password_once_and_not_the_second_step(client, mails):
    make_user(email="alice@example.org")
    log_in(client)
    set_up_app(client)
    other = Client()
    assert b"Forgotten" in other.get(LOGIN).content
    form = {"email": "alice@example.org"}
    other.post(f"{ACCOUNT}password/reset/", form, headers={"host": "localhost:1"})
    [letter] = mails
    assert letter.to == ["alice@example.org"]
    assert "alice" in letter.body
    [link] = re.findall(r"http\S+", letter.body)
    assert link.startswith(f"{project.SITE_URL.origin}{ACCOUNT}password/reset/")
    link = link.removeprefix(project.SITE_URL.origin)
    form = other.get(link, follow=True)
    address = form.context["action_url"]
    new = "an even longer pass phrase"
    done = other.post(address, {"password1": new, "password2": new}, follow=True)
    assert "The new password is saved." in done.content.decode()
    assert not is_in(client)
    assert log_in(other, password=new)["Location"] == SECOND_STEP
    assert "does not work" in Client().get(link, follow=True).content.decode()


def test_unknown_addresses_get_no_mail_and_the_same_answer(mails, client):
    make_user(email="alice@example.org")
    known, unknown = (
        Client().post(f"{ACCOUNT}password/reset/", {"email": each}, follow=True)
        for each in ("alice@example.org", "nobody@example.org")
    )
    assert len(mails) == 1
    assert known.redirect_chain == unknown.redirect_chain
    assert known.status_code == unknown.status_code == 200


def test_on_ones_own_machine_the_password_is_enough(alice, client, settings):
    settings.ADMIN_MFA = False
    log_in(client)
    assert is_in(client)
    set_up_app(client)  # whoever wants a second step has it
    assert is_in(client)
    other = Client()
    assert log_in(other)["Location"] == SECOND_STEP
    other.force_login(alice)
    assert not is_in(other)


def test_counters_are_in_the_database_where_every_worker_sees_them():
    cache.set("a-key", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache")
        assert cursor.fetchone()[0] == 1
