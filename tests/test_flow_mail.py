"""Mail to people who work here, over a real mail server in this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from typing import Any

import django
import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from faq import mail, publishing, reviewing
from faq.models import Approval, Policy, Reminder, Version
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR

from .factory import DAY, NOON, make_policy, make_question, publish, reword

pytestmark = pytest.mark.django_db

WORDING = "Zaunkönig Limited"


class Post:
    """What the mail server took, and the addresses that it refuses."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.refused: set[str] = set()

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 OK"

    def to(self) -> list[str]:
        return sorted(address for addresses, _message in self.taken for address in addresses)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def use_server(settings: Any, port: int) -> None:
    """Set the site up for a mail server at that port of this machine."""
    settings.MAIL_SERVER = f"smtp://127.0.0.1:{port}"
    settings.DEFAULT_FROM_EMAIL = "desk@example.org"
    backend = "django.core.mail.backends.smtp.EmailBackend"
    if django.VERSION >= (6, 1):
        options = {"host": "127.0.0.1", "port": port, "timeout": 5}
        settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    else:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = backend, 5
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    handler = Post()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    server.start()
    use_server(settings, server.port)
    yield handler
    server.stop()


def person(name: str, role: str, **fields: Any) -> Client:
    fields = {"email": f"{name}@example.org", "is_staff": True, **fields}
    user = User.objects.create_user(name, **fields)
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def eve() -> Client:
    return person("eve", EDITOR)


@pytest.fixture
def draft() -> Policy:
    made = make_policy()
    question = make_question(made)
    publish(made, timezone.now())
    reword(question, WORDING)
    return made


def send(client: Client, made: Policy) -> str:
    address = reverse("admin:faq_policy_send", args=[made.pk])
    shown = client.get(address).context["form"]["expected"].value()
    fields = {"expected": shown, "summary": WORDING, "note": WORDING, "kind": "material"}
    return client.post(address, fields, follow=True).content.decode()


def decide(client: Client, version: Version, how: str, **fields: str) -> str:
    address = reverse(f"admin:faq_policy_{how}", args=[version.policy_id, version.pk])
    return client.post(address, fields, follow=True).content.decode()


def approve(client: Client, version: Version) -> str:
    fields = {"kind": "minor", "when": "now", "expected": version.digest}
    return decide(client, version, "approve", **fields)


def test_approvers_are_told_that_a_version_waits_for_them(post, eve, draft):
    person("ann", APPROVER)
    person("bob", APPROVER, email="")
    person("carl", APPROVER, is_active=False)
    person("dora", APPROVER, is_staff=False)
    person("ed", EDITOR)
    person("ada", ADMINISTRATOR)
    assert "could not be sent" not in send(eve, draft)
    assert post.to() == ["ada@example.org", "ann@example.org"]
    version = Version.objects.candidates().get()
    for addresses, message in post.taken:
        assert message["Subject"] == "A version is waiting for you: Privacy policy"
        assert (message["To"], message["From"]) == (addresses[0], "desk@example.org")
        assert message.get_content_type() == "text/plain"
        text = message.get_content()
        address = reverse("admin:faq_policy_candidate", args=[draft.pk, version.pk])
        assert f"http://127.0.0.1:8000{address}" in text
        assert WORDING not in text and "eve" not in text and "ann" not in text
    send(eve, draft)
    assert len(post.taken) == 2


def test_whoever_sent_it_is_not_told_so(post, draft):
    ada = person("ada", ADMINISTRATOR)
    send(ada, draft)
    assert post.taken == []


@pytest.mark.parametrize(
    ("how", "subject"),
    [("approve", "Approved: Privacy policy"), ("send_back", "Sent back: Privacy policy")],
)
def test_the_sender_is_told_the_decision_once(post, eve, draft, how, subject):
    ann = person("ann", APPROVER)
    version = publishing.freeze(draft, by="eve", at=timezone.now())
    for _click in range(2):
        if how == "approve":
            approve(ann, version)
        else:
            decide(ann, version, how, reason=WORDING)
    [(addresses, message)] = post.taken
    assert (addresses, message["Subject"]) == (["eve@example.org"], subject)
    assert WORDING not in message.get_content()


def test_who_decides_on_their_own_version_or_has_no_address_gets_no_mail(post, draft):
    ada = person("ada", ADMINISTRATOR)
    approve(ada, publishing.freeze(draft, by="ada", at=timezone.now()))
    reword(draft.question_set.get(), "Another.")
    approve(ada, publishing.freeze(draft, by="somebody who left", at=timezone.now()))
    assert Approval.objects.count() == 3
    assert post.taken == []


def test_who_acts_under_a_name_is_found_unless_two_do():
    User.objects.create_user("eve@example.org", "eve@example.org")
    assert [user.email for user in mail.known_as("eve")] == ["eve@example.org"]
    User.objects.create_user("eve@example.com", "eve@example.com")
    assert mail.known_as("eve") == []
    User.objects.create_user("eve", "eve@example.net")
    assert [user.email for user in mail.known_as("eve")] == ["eve@example.net"]
    User.objects.create_user("evelyn", "evelyn@example.net")
    assert [user.email for user in mail.known_as("eve")] == ["eve@example.net"]


def test_an_address_that_the_server_refuses_keeps_no_mail_from_the_others(post, eve, draft):
    for name in ("ann", "bea", "cleo"):
        person(name, APPROVER)
    post.refused.add("ann@example.org")
    assert "1 mail about it could not be sent." in send(eve, draft)
    assert post.to() == ["bea@example.org", "cleo@example.org"]
    assert Version.objects.candidates().count() == 1


def test_a_mail_server_that_does_not_answer_fails_nothing(settings, caplog, eve, draft):
    ann = person("ann", APPROVER)
    person("bea", APPROVER)
    use_server(settings, free_port())
    assert "2 mails about it could not be sent." in send(eve, draft)
    assert "were not sent" in caplog.text
    assert "ann@" not in caplog.text
    page = approve(ann, Version.objects.candidates().get())
    assert "Version 2 is in force." in page
    assert "1 mail about it could not be sent." in page


def test_without_a_mail_server_nothing_is_sent_or_said(eve, draft, mailoutbox):
    person("ann", APPROVER)
    assert "could not be sent" not in send(eve, draft)
    assert mailoutbox == []


def test_nothing_is_sent_for_what_was_refused(post, eve, draft):
    ann = person("ann", APPROVER)
    version = publishing.freeze(draft, by="eve", at=timezone.now())
    decide(ann, version, "approve", kind="material", when="now", expected=version.digest)
    decide(ann, version, "send_back", reason=" ")
    reword(draft.question_set.get(), "")
    send(eve, draft)
    assert post.taken == []


# Reminders of reviews


@pytest.fixture
def due() -> Policy:
    """A policy that must be reviewed each month, two years late."""
    made = make_policy("cookies", "Cookie policy")
    make_question(made, answer=WORDING)
    publish(made, NOON - 700 * DAY)
    made.review_months = 1
    made.save()
    return made


def remind() -> str:
    out = StringIO()
    call_command("send_reminders", stdout=out)
    return out.getvalue()


def test_administrators_are_reminded_once_for_each_date(post, due, draft):
    person("ada", ADMINISTRATOR)
    person("ann", APPROVER)
    assert "1 told" in remind()
    assert remind() == ""
    [(addresses, message)] = post.taken
    assert addresses == ["ada@example.org"]
    day = due.review_due(timezone.now())
    assert message["Subject"].startswith("To be reviewed by ")
    assert f"{day.day} {day:%B %Y}" in message["Subject"]
    assert "/admin/" in message.get_content() and WORDING not in message.get_content()
    reviewing.review(due, by="ada", at=timezone.now() - 10 * DAY)
    assert "1 told" in remind()
    assert Reminder.objects.count() == 2


def test_nobody_is_reminded_of_what_is_not_near(post, due):
    person("ada", ADMINISTRATOR)
    Policy.objects.update(review_months=120)
    assert remind() == ""
    assert post.taken == []


def test_a_reminder_that_reached_nobody_is_sent_again(settings, due):
    person("ada", ADMINISTRATOR)
    use_server(settings, free_port())
    with pytest.raises(CommandError, match="not sent"):
        remind()
    assert not Reminder.objects.exists()


def test_reminders_need_a_mail_server(due):
    with pytest.raises(CommandError, match="Set EMAIL_URL"):
        remind()
