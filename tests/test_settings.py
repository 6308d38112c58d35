"""The settings as a process gets them that starts with an environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

SHOW = """
import json, sys
from privacy_site import settings
names = json.loads(sys.argv[1])
print(json.dumps({name: getattr(settings, name, None) for name in names}, default=str))
"""
OURS = (
    "DJANGO_",
    "DEBUG",
    "SECRET_KEY",
    "SITE_URL",
    "DATABASE_URL",
    "LANGUAGES",
    "TIME_ZONE",
    "BEHIND_PROXY",
    "ADMIN_",
    "SESSION_IDLE",
    "EMAIL_URL",
    "LOG_FORMAT",
    "SECURITY_CONTACT",
    "CACHE_URL",
    "PURGE_HOOK",
)
KEY = "only for the tests, and long enough: 0123456789 abcdefghijklmnopqrstuvwxyz"


def start(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in an environment that has nothing of ours but what is given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def read(*names: str, **environment: str) -> dict[str, Any]:
    done = start("-c", SHOW, json.dumps(names), **{"SECRET_KEY": KEY, **environment})
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def stopped(saying: str, **environment: str) -> None:
    done = start("-c", "import privacy_site.settings", **environment)
    assert done.returncode != 0
    assert saying in done.stderr


def test_without_a_secret_key_nothing_starts() -> None:
    stopped("Set SECRET_KEY or SECRET_KEY_FILE")
    stopped("Set SECRET_KEY or SECRET_KEY_FILE", SECRET_KEY=" ", DEBUG="false")


def test_former_secret_keys_stand_with_spaces_or_line_ends_between_them(tmp_path: Path) -> None:
    name = "SECRET_KEY_FALLBACKS"
    assert read(name) == {name: []}
    assert read(name, SECRET_KEY_FALLBACKS=" one  two ") == {name: ["one", "two"]}
    file = tmp_path / "keys"
    file.write_text("one\ntwo\n")
    assert read(name, SECRET_KEY_FALLBACKS_FILE=str(file)) == {name: ["one", "two"]}
    stopped("SECRET_KEY_FALLBACKS_FILE: No such", SECRET_KEY=KEY, SECRET_KEY_FALLBACKS_FILE="/none")


def test_debugging_needs_no_key_and_is_off_unless_asked_for() -> None:
    assert read("DEBUG") == {"DEBUG": False}
    assert read("DEBUG", "SECRET_KEY", SECRET_KEY="", DEBUG="true") == {
        "DEBUG": True,
        "SECRET_KEY": "only-for-debugging",
    }


@pytest.mark.parametrize(
    ("environment", "saying"),
    [
        ({"DEBUG": "yes"}, "DEBUG must be true or false, not “yes”."),
        ({"BEHIND_PROXY": "1"}, "BEHIND_PROXY must be true or false, not “1”."),
        ({"SITE_URL": "http://privacy.example.org"}, "SITE_URL must start with https://"),
        ({"TIME_ZONE": "Atlantis"}, "TIME_ZONE must be a time zone"),
        ({"LANGUAGES": "en,"}, "LANGUAGES must be one language code"),
        ({"LANGUAGES": "gv"}, "LANGUAGES: Django has no translation into “gv”."),
        ({"LANGUAGES": "english"}, "LANGUAGES: Django has no translation into “english”."),
        ({"DATABASE_URL": "/var/lib/site.sqlite3"}, "DATABASE_URL must be like sqlite:////"),
        ({"DATABASE_URL": "mysql://u:secret@localhost/x"}, "DATABASE_URL must be like sqlite:////"),
        ({"SECRET_KEY_FILE": "/nowhere", "SECRET_KEY": ""}, "SECRET_KEY_FILE: No such file"),
    ],
)
def test_what_cannot_be_read_stops_the_start(environment: dict[str, str], saying: str) -> None:
    stopped(saying, **{"SECRET_KEY": KEY, **environment})


WITH_THE_ADDRESS = (
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
)


def test_an_https_address_brings_everything_that_goes_with_it() -> None:
    assert read(*WITH_THE_ADDRESS, SITE_URL="https://privacy.example.org") == {
        "ALLOWED_HOSTS": ["privacy.example.org"],
        "CSRF_TRUSTED_ORIGINS": ["https://privacy.example.org"],
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 63_072_000,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-session",
        "CSRF_COOKIE_NAME": "__Host-csrf",
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_on_this_machine_all_three_names_work_without_https(host: str) -> None:
    assert read(*WITH_THE_ADDRESS, SITE_URL=f"http://{host}:8000") == {
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": [f"http://{host}:8000"],
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_SECURE": False,
        "SESSION_COOKIE_NAME": "session",
        "CSRF_COOKIE_NAME": "csrf",
    }


def test_the_desk_may_have_a_host_of_its_own_with_the_same_scheme_and_port() -> None:
    names = ("ADMIN_HOST", "ADMIN_ORIGIN", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")
    site, desk = "privacy.example.org", "desk.example.org"
    assert read(*names, SITE_URL=f"https://{site}/legal") == {
        "ADMIN_HOST": "",
        "ADMIN_ORIGIN": f"https://{site}",
        "ALLOWED_HOSTS": [site],
        "CSRF_TRUSTED_ORIGINS": [f"https://{site}"],
    }
    assert read(*names, SITE_URL=f"https://{site}:8443/legal", ADMIN_HOST="Desk.example.org") == {
        "ADMIN_HOST": desk,
        "ADMIN_ORIGIN": f"https://{desk}:8443",
        "ALLOWED_HOSTS": [site, desk],
        "CSRF_TRUSTED_ORIGINS": [f"https://{desk}:8443"],
    }


@pytest.mark.parametrize(
    ("host", "site", "saying"),
    [
        ("https://desk.example.org", "https://example.org", "ADMIN_HOST must be a host name like"),
        ("desk.example.org:8443", "https://example.org", "ADMIN_HOST must be a host name like"),
        (".example.org", "https://example.org", "ADMIN_HOST must be a host name like"),
        ("*", "https://example.org", "ADMIN_HOST must be a host name like"),
        ("example.org", "https://example.org", "ADMIN_HOST must be another host than"),
        ("localhost", "https://example.org", "must both be on this machine, or neither"),
        ("desk.example.org", "http://127.0.0.1:8000", "must both be on this machine, or neither"),
    ],
)
def test_the_desks_host_must_be_another_one_of_the_same_kind(
    host: str, site: str, saying: str
) -> None:
    stopped(saying, SECRET_KEY=KEY, SITE_URL=site, ADMIN_HOST=host)


def test_a_path_in_the_address_mounts_everything_below_it() -> None:
    found = read("PRIVATE_PREFIXES", "STATIC_URL", SITE_URL="https://a.example/legal/")
    assert found == {"PRIVATE_PREFIXES": ["/legal/admin/"], "STATIC_URL": "/legal/static/"}
    code = (
        "import django; django.setup()\n"
        "from django.urls import reverse\n"
        "print(reverse('faq:version-json', args=['privacy', 3]), reverse('admin:index'))"
    )
    done = start(
        "-c",
        code,
        SECRET_KEY=KEY,
        SITE_URL="https://a.example/legal",
        DJANGO_SETTINGS_MODULE="privacy_site.settings",
    )
    assert done.stdout.split() == ["/legal/privacy/versions/3.json", "/legal/admin/"], done.stderr


def test_the_proxys_word_is_taken_only_when_told_so() -> None:
    assert read("SECURE_PROXY_SSL_HEADER") == {"SECURE_PROXY_SSL_HEADER": None}
    assert read("SECURE_PROXY_SSL_HEADER", BEHIND_PROXY="true") == {
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"]
    }


def test_a_connection_to_postgres_is_kept_for_a_minute_and_looked_at_before_it_is_used() -> None:
    found = read("DATABASES", DATABASE_URL="postgres://site@/site")["DATABASES"]["default"]
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"]) == (60, True)


def test_sqlite_writes_safely_and_takes_turns(tmp_path: Path) -> None:
    found = read("DATABASES", DATA_DIR=str(tmp_path))["DATABASES"]["default"]
    assert found["NAME"] == str(tmp_path.resolve() / "site.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["CONN_MAX_AGE"] == 0  # no thread of the server keeps one
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    for name in ('journal_mode', 'synchronous', 'foreign_keys'):\n"
        "        print(cursor.execute(f'PRAGMA {name}').fetchone()[0])"
    )
    (tmp_path / "site.sqlite3").touch()  # a file that is not there is an error
    done = start(
        "-c",
        code,
        SECRET_KEY=KEY,
        DATA_DIR=str(tmp_path),
        DJANGO_SETTINGS_MODULE="privacy_site.settings",
    )
    assert done.stdout.split() == ["wal", "2", "1"], done.stderr  # 2 is FULL


def test_the_legal_day_and_the_language_are_the_sites_own() -> None:
    names = ("TIME_ZONE", "POLICY_LANGUAGE", "LANGUAGE_CODE", "USE_TZ")
    assert read(*names) == {
        "TIME_ZONE": "Europe/London",
        "POLICY_LANGUAGE": "en",
        "LANGUAGE_CODE": "en-gb",
        "USE_TZ": True,
    }
    assert read(*names, TIME_ZONE="Asia/Tokyo", LANGUAGES="cy") == {
        "TIME_ZONE": "Asia/Tokyo",
        "POLICY_LANGUAGE": "cy",
        "LANGUAGE_CODE": "cy",
        "USE_TZ": True,
    }


def test_the_deployment_check_is_silent_with_https_once_files_are_collected(tmp_path: Path) -> None:
    site = {
        "SECRET_KEY": KEY,
        "SITE_URL": "https://privacy.example.org",
        "DATA_DIR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    check = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    done = start(*check, **site)
    assert done.returncode == 1
    assert "“css/tokens.css” is not among the static files" in done.stderr
    assert start("manage.py", "collectstatic", "--noinput", **site).returncode == 0
    done = start(*check, **site)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert "WARNING" not in done.stderr


def test_the_deployment_check_warns_without_https(tmp_path: Path) -> None:
    done = start(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        SECRET_KEY=KEY,
        SITE_URL="http://127.0.0.1:8000",
        DATA_DIR=str(tmp_path),
    )
    assert done.returncode != 0
    assert "security.W004" in done.stderr


def test_the_migrations_are_those_of_the_models() -> None:
    done = start("manage.py", "makemigrations", "--check", "--dry-run", SECRET_KEY=KEY)
    assert done.returncode == 0, done.stdout


REAL, HERE = "https://privacy.example.org", "http://127.0.0.1:8000"


def test_a_second_step_is_demanded_but_on_ones_own_machine() -> None:
    assert read("ADMIN_MFA", SITE_URL=REAL) == {"ADMIN_MFA": True}
    assert read("ADMIN_MFA", SITE_URL=HERE) == {"ADMIN_MFA": False}
    assert read("ADMIN_MFA", SITE_URL=HERE, ADMIN_MFA="true") == {"ADMIN_MFA": True}
    assert read("ADMIN_MFA", SITE_URL=REAL, ADMIN_MFA="") == {"ADMIN_MFA": True}


def test_a_real_site_cannot_do_without_a_second_step() -> None:
    saying = "ADMIN_MFA=false is for a SITE_URL on this machine only."
    stopped(saying, SITE_URL=REAL, SECRET_KEY=KEY, ADMIN_MFA="false")


def test_sessions_end_after_the_set_minutes_and_with_the_browser() -> None:
    names = ("SESSION_COOKIE_AGE", "SESSION_EXPIRE_AT_BROWSER_CLOSE")
    assert read(*names) == dict(zip(names, (3600, True), strict=True))
    assert read("SESSION_COOKIE_AGE", SESSION_IDLE="15") == {"SESSION_COOKIE_AGE": 900}
    stopped("SESSION_IDLE must be a whole number from 5 to 1440", SECRET_KEY=KEY, SESSION_IDLE="0")


def test_the_mail_server_is_what_django_gets() -> None:
    url = "smtp+tls://desk:p%23ss@mail.example.org?from=desk@example.org"
    names = ("DEFAULT_FROM_EMAIL", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_USE_TLS", "MAILERS")
    found = read(*names, EMAIL_URL=url)
    assert found["DEFAULT_FROM_EMAIL"] == "desk@example.org"
    if django.VERSION >= (6, 1):
        assert found["MAILERS"]["default"]["OPTIONS"]["host"] == "mail.example.org"
    else:
        assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", 587)
        assert found["EMAIL_USE_TLS"] is True
    stopped("EMAIL_URL must be like smtp+tls://", SECRET_KEY=KEY, EMAIL_URL="mail.example.org")


def test_the_log_is_json_but_on_ones_own_machine() -> None:
    assert read("LOG_FORMAT", SITE_URL=REAL) == {"LOG_FORMAT": "json"}
    assert read("LOG_FORMAT", SITE_URL=HERE) == {"LOG_FORMAT": "text"}
    assert read("LOG_FORMAT", SITE_URL=HERE, LOG_FORMAT="json") == {"LOG_FORMAT": "json"}
    stopped("LOG_FORMAT must be json or text", SECRET_KEY=KEY, LOG_FORMAT="xml")


def test_whom_to_tell_of_a_security_problem_must_be_somebody() -> None:
    found = read("SECURITY_CONTACT", SECURITY_CONTACT="security@example.org")
    assert found == {"SECURITY_CONTACT": ["mailto:security@example.org"]}
    stopped("SECURITY_CONTACT must be an e-mail address", SECRET_KEY=KEY, SECURITY_CONTACT="us")


def test_a_purge_hook_that_cannot_be_run_stops_the_start(tmp_path: Path) -> None:
    assert read("PURGE_HOOK") == {"PURGE_HOOK": None}
    saying = "PURGE_HOOK must be an absolute path, not “hook”."
    stopped(saying, SECRET_KEY=KEY, PURGE_HOOK="hook")
    hook = tmp_path / "hook"
    stopped(f"PURGE_HOOK: there is no file {hook}", SECRET_KEY=KEY, PURGE_HOOK=str(hook))
    hook.write_text("#!/bin/sh\n")
    stopped(f"PURGE_HOOK: {hook} cannot be run", SECRET_KEY=KEY, PURGE_HOOK=str(hook))
    hook.chmod(0o755)
    assert read("PURGE_HOOK", PURGE_HOOK=str(hook)) == {"PURGE_HOOK": str(hook)}


def test_an_address_of_a_cache_that_cannot_be_read_stops_the_start_without_its_password() -> None:
    done = start(
        "-c", "import privacy_site.settings", SECRET_KEY=KEY, CACHE_URL="http://u:pwd@host"
    )
    assert done.returncode != 0
    assert "CACHE_URL must be like redis://" in done.stderr
    assert "pwd" not in done.stderr.rpartition("ImproperlyConfigured")[2]
