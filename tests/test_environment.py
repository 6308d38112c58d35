"""Reading the environment strictly: what cannot be read stops the start, and says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from privacy_site.environment import Environment


def env(**values: str) -> Environment:
    return Environment(values)


@pytest.mark.parametrize(
    ("value", "flag"),
    [("true", True), ("True", True), (" TRUE ", True), ("false", False), ("FALSE", False)],
)
def test_a_flag_is_true_or_false(value: str, flag: bool) -> None:
    assert env(DEBUG=value).flag("DEBUG", default=not flag) is flag


@pytest.mark.parametrize("default", [True, False])
def test_an_unset_or_empty_flag_has_its_default(default: bool) -> None:
    assert env().flag("DEBUG", default) is default
    assert env(DEBUG=" ").flag("DEBUG", default) is default


@pytest.mark.parametrize(
    "value", ["1", "0", "yes", "no", "on", "off", "ture", "flase", "t", "None"]
)
def test_a_misspelt_flag_stops_the_start(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be true or false, not “"):
        env(DEBUG=value).flag("DEBUG")


def test_an_empty_text_counts_as_not_set() -> None:
    assert env(A="").text("A", "default") == env().text("A", "default") == "default"
    assert env(A=" a ").text("A") == "a"


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    assert env(KEY_FILE=str(file)).secret("KEY") == "from a file"
    assert env(KEY="direct", KEY_FILE=str(file)).secret("KEY") == "direct"
    assert env().secret("KEY") == ""


def test_a_secret_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE: No such file or directory: .*/none"):
        env(KEY_FILE=str(tmp_path / "none")).secret("KEY")
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE: Is a directory"):
        env(KEY_FILE=str(tmp_path)).secret("KEY")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE: not a text file"):
        env(KEY_FILE=str(binary)).secret("KEY")


def test_a_time_zone_has_a_name_that_exists() -> None:
    assert env().time_zone("TZ", "Europe/London") == "Europe/London"
    assert env(TZ="Asia/Tokyo").time_zone("TZ", "UTC") == "Asia/Tokyo"
    for value in ("London", "GMT+25", "../etc/passwd", "/etc/passwd", "Europe/"):
        with pytest.raises(ImproperlyConfigured, match="must be a time zone such as Europe/Lond"):
            env(TZ=value).time_zone("TZ", "UTC")


def test_a_language_is_one_code() -> None:
    assert env(LANGUAGES="cy").language("LANGUAGES", "en") == "cy"
    assert env(LANGUAGES="PT-BR").language("LANGUAGES", "en") == "pt-br"
    for value in ("en,cy", "en cy", "42", "en_GB", "-"):
        with pytest.raises(ImproperlyConfigured, match="must be one language code"):
            env(LANGUAGES=value).language("LANGUAGES", "en")


@pytest.mark.parametrize(
    ("value", "scheme", "host", "origin", "path"),
    [
        ("https://a.example", "https", "a.example", "https://a.example", ""),
        ("https://A.Example/", "https", "a.example", "https://a.example", ""),
        ("https://a.example:8443", "https", "a.example", "https://a.example:8443", ""),
        ("https://a.example:443", "https", "a.example", "https://a.example", ""),
        ("https://a.example/legal/", "https", "a.example", "https://a.example", "/legal"),
        ("https://a.example/a/b.c", "https", "a.example", "https://a.example", "/a/b.c"),
        ("https://192.0.2.1", "https", "192.0.2.1", "https://192.0.2.1", ""),
        ("http://localhost:8000", "http", "localhost", "http://localhost:8000", ""),
        ("http://127.0.0.1:80/", "http", "127.0.0.1", "http://127.0.0.1", ""),
        ("http://[::1]:8000", "http", "[::1]", "http://[::1]:8000", ""),
    ],
)
def test_the_site_address_is_taken_apart(
    value: str, scheme: str, host: str, origin: str, path: str
) -> None:
    url = env(SITE_URL=value).site_url("SITE_URL", "")
    assert (url.scheme, url.host, url.origin, url.path) == (scheme, host, origin, path)


@pytest.mark.parametrize(
    "value",
    [
        *("a.example", "//a.example", "ftp://a.example", "https://", "https:///x", "javascript:x"),
        *("https://a.example?x=1", "https://a.example/#x", "https://user:word@a.example"),
        *("https://a b.example", "https://*.a.example", "https://.a.example", "https://a.example."),
        *("https://a.example\\@b.example", "https://a.example:0", "https://a.example:99999"),
        *("https://a.example:x", "https://a.example/../x", "https://a.example//x", "https://[::1"),
        *("https://a.example/x y", "https://münchen.example", "https://a.example/\nx"),
    ],
)
def test_anything_else_is_no_site_address(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL must be like https://privacy.example"):
        env(SITE_URL=value).site_url("SITE_URL", "")


@pytest.mark.parametrize("host", ["a.example", "192.0.2.1", "0.0.0.0", "127.0.0.2", "[::2]"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"must start with https:// \(http is for local"):
        env(SITE_URL=f"http://{host}:8000").site_url("SITE_URL", "")


@pytest.mark.parametrize("value", ["4", "1441", "-5", "6.5", "an hour", "٦٠", "1" * 30])
def test_a_number_is_whole_and_within_its_limits(value: str) -> None:
    assert env(SESSION_IDLE="5").number("SESSION_IDLE", 60, least=5, most=1440) == 5
    assert env(SESSION_IDLE="").number("SESSION_IDLE", 60, least=5, most=1440) == 60
    with pytest.raises(ImproperlyConfigured, match="SESSION_IDLE must be a whole number from 5 to"):
        env(SESSION_IDLE=value).number("SESSION_IDLE", 60, least=5, most=1440)


def test_a_choice_is_one_of_its_words() -> None:
    words = ("json", "text")
    assert env(A="JSON").choice("A", "text", words) == "json"
    assert env().choice("A", "text", words) == "text"
    with pytest.raises(ImproperlyConfigured, match="A must be json or text, not “xml”"):
        env(A="xml").choice("A", "text", words)


def test_contacts_are_addresses_of_three_kinds() -> None:
    written = "security@example.org https://example.org/report tel:+44-1-23 mailto:b@example.org"
    assert env(A=written).contacts("A") == [
        "mailto:security@example.org",
        "https://example.org/report",
        "tel:+44-1-23",
        "mailto:b@example.org",
    ]
    assert env().contacts("A") == []


@pytest.mark.parametrize(
    "value",
    [
        "example.org",
        "http://example.org",
        "javascript:alert(1)",
        "@",
        "a@b@c",
        "tel:me",
        "mailto:x",
    ],
)
def test_any_other_contact_stops_the_start(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="A must be an e-mail address, an https"):
        env(A=value).contacts("A")
