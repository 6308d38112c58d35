"""EMAIL_URL: a mail server, or one sentence that says what is wrong and not the password."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from privacy_site.mail import MailServer, mail_server

SENDER = "noreply@privacy.example.org"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp+tls://desk:secret@mail.example.org",
            MailServer("smtp+tls", "mail.example.org", 587, "desk", "secret", SENDER),
        ),
        (
            "smtps://desk%40example.org:p%23s%3As%20w@mail.example.org:4465/",
            MailServer("smtps", "mail.example.org", 4465, "desk@example.org", "p#s:s w", SENDER),
        ),
        ("smtp://relay.example.org", MailServer("smtp", "relay.example.org", 25, "", "", SENDER)),
        (
            "smtp://a:b@[::1]:2525?from=us@example.org",
            MailServer("smtp", "::1", 2525, "a", "b", "us@example.org"),
        ),
        ("console:", MailServer("console", "", 0, "", "", SENDER)),
        ("", None),
    ],
)
def test_a_mail_server_is_taken_apart(url, server):
    assert mail_server(url, sender=SENDER) == server


@pytest.mark.parametrize(
    ("url", "saying"),
    [
        ("mail.example.org", "must be like smtp\\+tls://"),
        ("http://mail.example.org", "must be like"),
        ("smtp://", "must be like"),
        ("smtp+tls://u:s3cr3t@mail.example.org:port", "must be like"),
        ("smtp+tls://u:s3cr3t@mail.example.org:70000", "must be like"),
        ("smtp+tls://u:s3cr3t@mail.example.org:0", "must be like"),
        ("smtp+tls://u:s3cr3t#x@mail.example.org", "must be like"),
        ("smtp+tls://u:s3cr3t@mail.example.org/path", "must be like"),
        ("smtp+tls://u:s3cr3t@[::1", "must be like"),
        ("smtp+tls://u:s3cr3t@mail.example.org?timeout=5", "nothing else"),
        ("smtp+tls://u:s3cr3t@mail.example.org?from=a@b.org&from=c@d.org", "nothing else"),
        ("smtp+tls://u:s3cr3t@mail.example.org?from=nobody", "not an e-mail address"),
        ("smtp+tls://u:s3cr3t@mail.example.org?from=", "not an e-mail address"),
        ("smtp+tls://u@mail.example.org", "both a user and a password"),
        ("smtp+tls://:s3cr3t@mail.example.org", "both a user and a password"),
        ("smtp://u:s3cr3t@mail.example.org", "in the clear"),
    ],
)
def test_anything_else_stops_the_start_and_keeps_the_password_to_itself(url, saying):
    with pytest.raises(ImproperlyConfigured, match=saying) as stopped:
        mail_server(url, sender=SENDER)
    assert "s3cr3t" not in str(stopped.value)
    assert "\n" not in str(stopped.value)


def test_django_gets_the_same_in_both_of_its_forms():
    server = mail_server("smtps://u:p@mail.example.org", sender=SENDER)
    assert server is not None
    options = server.as_mailer()["OPTIONS"]
    assert (options["host"], options["use_ssl"], options["use_tls"]) == (
        "mail.example.org",
        True,
        False,
    )
    assert server.as_settings() == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": 465,
        "EMAIL_HOST_USER": "u",
        "EMAIL_HOST_PASSWORD": "p",
        "EMAIL_USE_TLS": False,
        "EMAIL_USE_SSL": True,
        "EMAIL_TIMEOUT": 10,
    }
