"""The log says what happened and where, by the id of the request, and nothing of whoever asked."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from faq import logs
from tests.factory import make_published

pytestmark = pytest.mark.django_db

#: What a request may bring along, each with a word of its own.
SENT = {
    "X-Forwarded-For": "203.0.113.77",
    "Cookie": "session=biscuit",
    "User-Agent": "Browserword/1.0",
    "Referer": "https://referrer.example/?from=where",
    "Authorization": "Bearer bearword",
}
WORDS = ("203.0.113.77", "198.51.100.9", "biscuit", "Browserword", "referrer", "bearword")
WORDS += ("queryword", "postedword", "errorword", "hostword")


class Heard(logging.Handler):
    """Keeps the lines that the site's own formatters make of every record."""

    def __init__(self) -> None:
        super().__init__()
        self.json: list[dict[str, Any]] = []
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = logs.JsonLines().format(record)
        assert "\n" not in line
        self.json.append(json.loads(line))
        self.text.append(logs.TextLines().format(record))

    def everything(self) -> str:
        return json.dumps(self.json) + "\n".join(self.text)


@pytest.fixture
def heard() -> Any:
    handler = Heard()
    loggers = [logging.getLogger(name) for name in ("", "django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


@pytest.fixture
def client() -> Client:
    return Client(
        raise_request_exception=False,
        enforce_csrf_checks=True,
        headers=SENT,
        REMOTE_ADDR="198.51.100.9",
    )


def breaks(get_response: Any) -> Any:
    """Middleware below which everything breaks over what was sent."""

    def answer(request: Any) -> Any:
        try:
            return int(request.GET["q"])
        except ValueError as error:
            raise RuntimeError(f"errorword {request.META['REMOTE_ADDR']}") from error

    return answer


def broken(get_response: Any) -> Any:
    """Middleware below which the database is locked."""

    def answer(request: Any) -> Any:
        raise OperationalError("database is locked")

    return answer


def test_what_broke_is_told_by_kind_and_place_without_what_was_sent(client, settings, heard):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_logs.breaks"]
    client.get("/privacy/?q=queryword")
    [line] = [each for each in heard.json if each["logger"] == "django.request"]
    assert (line["level"], line["message"]) == ("error", "Internal Server Error")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/privacy/", 500)
    kinds = [each for each in line["error"] if ".py:" not in each]
    assert kinds == ["builtins.RuntimeError", "builtins.ValueError"]
    assert any("test_logs.py" in each and "answer" in each for each in line["error"])
    assert not [word for word in WORDS if word in heard.everything()]


def test_what_the_machine_says_of_itself_is_told(client, settings, heard):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_logs.broken"]
    client.get("/privacy/")
    assert "django.db.utils.OperationalError: database is locked" in heard.json[-1]["error"]


def test_nothing_of_a_reader_stands_in_any_other_line(client, heard):
    make_published()
    client.get("/nothing/?q=queryword")
    client.get("/privacy/?q=queryword", headers={"Host": "hostword.example"})
    client.post("/privacy/?q=queryword", {"a": "postedword"})
    client.post("/admin/login/?next=queryword", {"login": "postedword", "password": "postedword"})
    strange = {"Origin": "https://referrer.example"}
    client.post("/admin/login/", {"login": "postedword"}, headers=strange)
    assert {each["status"] for each in heard.json} == {400, 403, 404, 405}
    assert not [word for word in WORDS if word in heard.everything()], heard.text


def test_a_failed_log_in_names_neither_the_account_nor_the_sender(settings, heard):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    client = Client(headers=SENT, REMOTE_ADDR="198.51.100.9")
    for _ in range(12):
        client.post("/admin/login/", {"login": "postedword", "password": "postedword"})
    assert not [word for word in WORDS if word in heard.everything()], heard.text


def test_a_secret_address_is_cut_off(client, heard):
    client.get("/preview/key~signature/changes/")
    client.get("/admin/account/password/reset/1-key/x/")
    client.get("/legal/preview/key~signature/")
    assert heard.json
    assert "signature" not in heard.everything()
    assert "1-key" not in heard.everything()
    assert heard.json[0]["path"].startswith("/preview/")


def test_a_line_of_text_is_one_line_whatever_was_asked_for(client, heard):
    client.get("/nothing%0A2026-01-01 critical forged%1b[31m/")
    client.get("/nothing%E2%80%A8/%ff/")
    assert len(heard.text) == 2
    for line in heard.text:
        assert line.isprintable() and line.isascii(), line


def test_a_refused_form_says_why(client, heard):
    client.post("/admin/login/", {"login": "a"}, headers={"Origin": "https://referrer.example"})
    assert heard.json[-1]["message"] == "Form refused: Origin checking failed"


class TestTheIdOfARequest:
    def test_stands_in_its_lines_and_is_another_each_time(self, client, heard):
        client.get("/nothing/")
        client.get("/nothing/")
        ids = [each["request"] for each in heard.json]
        assert len(ids) == len({*ids}) == 2
        assert all(len(each) == 16 for each in ids)
        assert ids[0] in heard.text[0]

    def test_is_shown_at_the_desk_and_never_to_readers(self, client, heard):
        desk = client.get("/admin/login/")
        assert len(desk.headers["X-Request-ID"]) == 16
        for path in ("/", "/nothing/", "/health/live", "/preview/x/"):
            assert "X-Request-ID" not in client.get(path).headers

    def test_is_the_proxys_where_there_is_one(self, client, settings, heard):
        given = {"X-Request-ID": "7be51d5a0ec00e19c2aa1bd4cb04cbd2"}
        client.get("/nothing/", headers=given)
        settings.BEHIND_PROXY = True
        client.get("/nothing/", headers=given)
        ids = [each["request"] for each in heard.json]
        assert [each == given["X-Request-ID"] for each in ids] == [False, True]

    @pytest.mark.parametrize(
        "given", ["203.0.113.77", "203.0.113.77-0123456789", "2001:db8::1:2:3:4", "a", "f" * 65]
    )
    def test_is_our_own_if_the_proxys_could_be_anything_else(self, client, settings, heard, given):
        settings.BEHIND_PROXY = True
        client.get("/nothing/", headers={"X-Request-ID": given})
        assert heard.json[-1]["request"] != given


def line_of(message: str, *args: Any, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("a", logging.ERROR, "file", 1, message, args, None)
    vars(record).update(extra)
    return json.loads(logs.JsonLines().format(record))


def test_addresses_in_any_message_lose_their_query():
    assert line_of("Got %s.", "https://a.example/x?q=queryword")["message"] == (
        "Got https://a.example/x?…"
    )
    assert line_of("Who are we? Nobody.")["message"] == "Who are we? Nobody."


def test_a_record_that_is_about_no_request_of_ours_is_a_line_too():
    assert line_of("Hm.", request=object())["message"] == "Hm."
    request = RequestFactory().get("/x")
    assert line_of("Hm.", request=request)["message"] == "Error"


def test_with_debugging_errors_are_told_whole():
    try:
        raise RuntimeError("errorword")
    except RuntimeError as error:
        record = logging.LogRecord("a", 40, "f", 1, "m", (), (type(error), error, None))
    assert "errorword" in logs.TextLines(whole=True).format(record)
    assert "errorword" not in logs.TextLines().format(record)


def test_nobody_is_mailed_an_error(client, settings, mailoutbox):
    settings.ADMINS = ["admin@example.org"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_logs.broken"]
    assert client.get("/privacy/").status_code == 500
    assert mailoutbox == []
