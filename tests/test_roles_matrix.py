"""Every address below /admin/, asked and posted to by everybody: nothing outside a role succeeds.

The addresses come from the resolver, so a new one fails here until PAGES describes it, on one
line: who may see it, who may do what it is for, and in which tables that may change something.
What is posted is the page's own form as a superuser sees it, with fields added that nobody may
send. What is looked at is the database: status codes only say who was let in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from faq import publishing, reviewing
from faq.digest import fingerprint
from faq.models import Approval, Policy, Version
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR
from tests.factory import make_policy, make_question, make_section, publish, reword
from tests.sampling import sample

pytestmark = pytest.mark.django_db

ANONYMOUS, VISITOR = "nobody", "somebody with a preview link"
NEWCOMER = "somebody who can log in and has no role"
ROLES = (ANONYMOUS, VISITOR, NEWCOMER, EDITOR, APPROVER, ADMINISTRATOR)

# Who may, in the table below.
NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)
STAFF = frozenset({EDITOR, APPROVER, ADMINISTRATOR})
LOGGED_IN = STAFF | {NEWCOMER}
EDIT = frozenset({EDITOR, ADMINISTRATOR})
DECIDE = frozenset({APPROVER, ADMINISTRATOR})
ADMINISTER = frozenset({ADMINISTRATOR})

PASSWORD, NEW_PASSWORD = "a long pass phrase", "another long pass phrase"

World = SimpleNamespace


@dataclass(frozen=True)
class Page:
    """What may happen at an address: who sees it, who acts there, on which tables.

    `fields` are sent besides those of the page's own form, `args` go into the address besides
    those of the world, and `query` behind it.
    """

    see: frozenset[str]
    do: frozenset[str] = NOBODY
    tables: str = ""
    fields: Callable[[World], dict[str, Any]] = lambda world: {}
    args: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    query: Callable[[World], str] = lambda world: ""


ITEM = "Question Section Policy Event"
PUBLISHED = "Approval Announcement ChangeNote Anchor Rewording Event RecordState"
#: An Administrator may set these, so they are sent as they are: None is not sent at all.
RULES = {"second_person": None, "notice_days": "0", "review_months": ""}


def in_policy(world: World) -> str:
    return f"?policy={world.policy.pk}"


# By name; by route where there is none. A new page is one line.
PAGES: dict[str, Page] = {
    # The frame
    "admin:index": Page(LOGGED_IN),
    "admin:login": Page(EVERYBODY, fields=lambda w: {"username": "root", "password": "guess"}),
    "admin:logout": Page(EVERYBODY),  # leads to the account's page
    "admin:password_change": Page(LOGGED_IN),  # leads to the account's page
    "admin:password_change_done": Page(LOGGED_IN),
    "admin:autocomplete": Page(NOBODY),
    "admin:jsi18n": Page(LOGGED_IN),
    "admin:view_on_site": Page(NOBODY),
    "admin:app_list": Page(LOGGED_IN),
    "admin/(?P<url>.*)$": Page(NOBODY),
    # Logging in, and one's own account
    "account_login": Page(EVERYBODY, fields=lambda w: {"login": "root", "password": "guess"}),
    "account_logout": Page(LOGGED_IN),
    "account_logout_everywhere": Page(NOBODY),
    "account_inactive": Page(NOBODY),
    "account_reauthenticate": Page(LOGGED_IN),
    "account_change_password": Page(LOGGED_IN, LOGGED_IN, "User", fields=lambda w: w.own_password),
    "account_set_password": Page(LOGGED_IN),
    "account_reset_password": Page(NOBODY),
    "account_reset_password_done": Page(NOBODY),
    "account_reset_password_from_key": Page(NOBODY),
    "account_reset_password_from_key_done": Page(NOBODY),
    "mfa_index": Page(LOGGED_IN),
    "mfa_authenticate": Page(LOGGED_IN),
    "mfa_reauthenticate": Page(LOGGED_IN),
    "mfa_reauthenticate_webauthn": Page(LOGGED_IN),
    "mfa_activate_totp": Page(LOGGED_IN),
    "mfa_deactivate_totp": Page(NOBODY),
    "mfa_view_recovery_codes": Page(NOBODY),
    "mfa_generate_recovery_codes": Page(LOGGED_IN),
    "mfa_download_recovery_codes": Page(NOBODY),
    "mfa_list_webauthn": Page(EVERYBODY),
    "mfa_add_webauthn": Page(LOGGED_IN),
    "mfa_edit_webauthn": Page(LOGGED_IN),
    "mfa_remove_webauthn": Page(LOGGED_IN),
    "mfa_login_webauthn": Page(LOGGED_IN),
    # People
    "admin:auth_user_changelist": Page(ADMINISTER, fields=lambda w: w.delete_carol),
    "admin:auth_user_add": Page(ADMINISTER, ADMINISTER, "User", fields=lambda w: w.newcomer),
    "admin:auth_user_change": Page(
        ADMINISTER, ADMINISTER, "User User_groups", fields=lambda w: {"first_name": "Caroline"}
    ),
    "admin:auth_user_password_change": Page(
        ADMINISTER, ADMINISTER, "User", fields=lambda w: w.new_password
    ),
    "admin:auth_user_delete": Page(ADMINISTER, ADMINISTER, "User User_groups"),
    "admin:auth_user_history": Page(ADMINISTER),
    "admin/auth/user/<path:object_id>/": Page(LOGGED_IN),  # leads to the form
    "admin:auth_group_changelist": Page(NOBODY, fields=lambda w: w.delete_press),
    "admin:auth_group_add": Page(NOBODY, fields=lambda w: {"name": "New"}),
    "admin:auth_group_change": Page(NOBODY, fields=lambda w: {"name": "The press"}),
    "admin:auth_group_delete": Page(NOBODY),
    "admin:auth_group_history": Page(NOBODY),
    "admin/auth/group/<path:object_id>/": Page(LOGGED_IN),
    # A policy
    "admin:faq_start": Page(ADMINISTER, ADMINISTER, ITEM, fields=lambda w: {"outline": "yes"}),
    "admin:faq_policy_changelist": Page(LOGGED_IN),
    "admin:faq_policy_add": Page(
        ADMINISTER,
        ADMINISTER,
        "Policy Event",
        fields=lambda w: {"slug": "new", "title": "New", **RULES},
    ),
    "admin:faq_policy_change": Page(
        STAFF, EDIT, "Policy Event", fields=lambda w: {"introduction": "Good day.", **RULES}
    ),
    "admin:faq_policy_delete": Page(
        ADMINISTER, ADMINISTER, ITEM, args=lambda w: {"object_id": w.unpublished.pk}
    ),
    "admin:faq_policy_history": Page(STAFF),
    "admin/faq/policy/<path:object_id>/": Page(LOGGED_IN),
    "admin:faq_policy_questions": Page(STAFF),
    "admin:faq_policy_move": Page(EDIT, EDIT, ITEM, fields=lambda w: w.move),
    "admin:faq_policy_preview": Page(STAFF),
    "admin:faq_paste": Page(NOBODY, fields=lambda w: {"html": "<p>So.</p>"}),
    "admin:faq_images": Page(NOBODY),  # where they are switched off
    "admin:faq_image": Page(NOBODY),  # this one is not there
    "admin:faq_policy_preview_text": Page(NOBODY, fields=lambda w: {"content": "*Hm.*"}),
    # Versions
    "admin:faq_policy_versions": Page(STAFF),
    "admin:faq_policy_version": Page(STAFF),
    "admin:faq_policy_publish": Page(
        ADMINISTER, ADMINISTER, f"Version {PUBLISHED}", fields=lambda w: w.decision
    ),
    "admin:faq_policy_announce": Page(
        DECIDE, DECIDE, "Announcement Event RecordState", args=lambda w: w.scheduled
    ),
    "admin:faq_policy_confirm": Page(DECIDE, DECIDE, "Confirmation Event", args=lambda w: w.urgent),
    "admin:faq_policy_hide": Page(
        ADMINISTER,
        ADMINISTER,
        "Withholding Event RecordState",
        args=lambda w: w.replaced,
        fields=lambda w: {"reason": "A name in it."},
    ),
    "admin:faq_policy_note": Page(
        DECIDE, DECIDE, "ChangeNote Event RecordState", fields=lambda w: {"text": "A better note."}
    ),
    "admin:faq_policy_copy": Page(DECIDE, DECIDE, ITEM, args=lambda w: w.replaced),
    "admin:faq_policy_withdraw": Page(
        DECIDE, DECIDE, "Withdrawal Event RecordState", fields=lambda w: {"reason": "An error."}
    ),
    # Candidates
    "admin:faq_policy_send": Page(
        EDIT, EDIT, "Version Event RecordState", fields=lambda w: {"summary": "Another company."}
    ),
    "admin:faq_policy_candidate": Page(STAFF, args=lambda w: w.waiting),
    "admin:faq_policy_comment": Page(
        STAFF,
        STAFF,
        "Comment Event",
        args=lambda w: w.waiting,
        fields=lambda w: {"text": "Why?", "item": "", "quote": ""},
    ),
    "admin:faq_policy_settle": Page(
        STAFF, STAFF, "Comment Event", args=lambda w: w.waiting, fields=lambda w: {"to": "resolve"}
    ),
    "admin:faq_policy_approve": Page(
        DECIDE, DECIDE, PUBLISHED, args=lambda w: w.waiting, fields=lambda w: w.decision
    ),
    "admin:faq_policy_send_back": Page(
        DECIDE,
        DECIDE,
        "Rejection Event RecordState",
        args=lambda w: w.waiting,
        fields=lambda w: {"reason": "Not yet."},
    ),
    # Around them
    "admin:faq_reports": Page(STAFF),
    "admin:faq_policy_reviewed": Page(NOBODY, DECIDE, "Review Event"),
    "admin:faq_policy_links": Page(
        STAFF, EDIT, "PreviewLink Event", fields=lambda w: {"name": "Emil", "days": "3"}
    ),
    "admin:faq_policy_revoke_link": Page(EDIT, EDIT, "PreviewLink Event"),
    "admin:faq_policy_trail": Page(STAFF),
    "admin:faq_policy_trail_csv": Page(STAFF),
    # Questions and sections
    "admin:faq_policy_split": Page(
        EDIT, EDIT, ITEM, args=lambda w: w.in_draft, fields=lambda w: w.two_parts
    ),
    "admin:faq_policy_merge": Page(
        EDIT, EDIT, ITEM, args=lambda w: w.in_draft, query=lambda w: f"?into={w.other.pk}"
    ),
    "admin:faq_policy_reason": Page(
        EDIT,
        EDIT,
        ITEM,
        args=lambda w: {"kind": "question", "item_id": w.removed_question.pk},
        fields=lambda w: {"reason": "No use any more."},
    ),
    "admin:faq_question_changelist": Page(LOGGED_IN),
    "admin:faq_question_add": Page(EDIT, EDIT, ITEM, fields=lambda w: w.new_item, query=in_policy),
    "admin:faq_question_change": Page(STAFF, EDIT, ITEM, fields=lambda w: {"answer": "New."}),
    "admin:faq_question_delete": Page(EDIT, EDIT, ITEM, fields=lambda w: {"reason": "No use."}),
    "admin:faq_question_back": Page(
        EDIT, EDIT, ITEM, args=lambda w: {"object_id": w.removed_question.pk}
    ),
    "admin:faq_question_wordings": Page(STAFF),
    "admin:faq_question_history": Page(STAFF),
    "admin/faq/question/<path:object_id>/": Page(LOGGED_IN),
    "admin:faq_section_changelist": Page(LOGGED_IN),
    "admin:faq_section_add": Page(EDIT, EDIT, ITEM, fields=lambda w: w.new_item, query=in_policy),
    "admin:faq_section_change": Page(STAFF, EDIT, ITEM, fields=lambda w: {"introduction": "So."}),
    "admin:faq_section_delete": Page(
        EDIT,
        EDIT,
        ITEM,
        args=lambda w: {"object_id": w.empty_section.pk},
        fields=lambda w: {"reason": "No use."},
    ),
    "admin:faq_section_back": Page(
        EDIT, EDIT, ITEM, args=lambda w: {"object_id": w.removed_section.pk}
    ),
    "admin:faq_section_history": Page(STAFF),
    "admin/faq/section/<path:object_id>/": Page(LOGGED_IN),
}

#: Values that stand nowhere unless somebody's forged field got through.
FORGED_NAME, FORGED_NUMBER, FORGED_DIGEST = "mallory", 7777, "f" * 64
FORGED_MOMENT = "2001-02-03 04:05:06"


def forged(world: World) -> dict[str, Any]:
    """Fields that no form has, or none for most people: what the record and accounts hold."""
    names = (
        *("approved_by", "frozen_by", "rejected_by", "withdrawn_by", "withheld_by", "written_by"),
        *("announced_by", "changed_by", "created_by", "revoked_by", "resolved_by", "reviewed_by"),
        *("confirmed_by", "who", "by", "emergency_reason", "grounds", "retired_reason"),
    )
    moments = (
        *("effective_at", "recorded_at", "frozen_at", "created_at", "changed_at", "expires_at"),
        *("revoked_at", "resolved_at", "retired_at", "approved_at", "at", "last_login"),
    )
    numbers = ("number", "seq", "position", "base", "notice_days", "review_months", "last_version")
    digests = ("digest", "previous", "chain", "document", "key")
    return {
        **dict.fromkeys(names, FORGED_NAME),
        **dict.fromkeys(moments, FORGED_MOMENT),
        **dict.fromkeys(numbers, str(FORGED_NUMBER)),
        **dict.fromkeys(digests, FORGED_DIGEST),
        "material": "on",
        "second_person": "on",
        "set_aside": "on",
        "asks_for_sign_off": "",
        "policy": str(world.unpublished.pk),
        "policy_id": str(world.unpublished.pk),
        "is_superuser": "on",
        "is_staff": "on",
        "user_permissions": [str(each.pk) for each in Permission.objects.all()],
        "groups": [str(Group.objects.get(name=ADMINISTRATOR).pk)],
    }


# The world they act in


QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(untouched_world: World, settings: Any) -> World:
    """The world, for one test to do with what it likes."""
    settings.PASSWORD_HASHERS = QUICK_HASHER
    return deepcopy(untouched_world)


@pytest.fixture(scope="module")
def untouched_world(rows_of_module: None, django_db_blocker: Any) -> World:
    """The world as it was made, once for all tests."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK_HASHER):
        return make_world()


def make_world() -> World:
    """A policy with versions, a candidate and a draft, and everything that pages are about."""
    now = timezone.now() - timedelta(hours=1)
    policy, unpublished = make_policy(introduction="Hello."), make_policy("cookies", "Cookies")
    make_question(unpublished)
    section, removed_section = make_section(policy), make_section(policy, "Old rights")
    empty_section = make_section(policy, "Your duties")
    question = make_question(policy)
    other = make_question(policy, "When?")
    make_question(policy, "Where?", section=section)
    removed_question = make_question(policy, "Fax?")
    publish(policy, now)
    for item in (removed_question, removed_section):
        publishing.retire(item, by="alice", at=now, reason="No use.")
    reword(question, "Another company.")
    publish(policy, now + timedelta(minutes=1))
    reword(question, "Yet another company.")
    candidate = publishing.freeze(policy, by="alice", at=now + timedelta(minutes=2))
    link = reviewing.make_link(
        policy, by="alice", at=now, name="Dora", version=candidate, asks_for_sign_off=True
    )
    said = reviewing.comment(candidate, by="bob", at=now, text="Hm.")
    reword(question, "One more company.")
    urgent = make_policy("urgent", second_person=True)
    make_question(urgent)
    alone = publish(urgent, now, emergency_reason="A leak.")
    later = make_policy("later")
    coming = make_question(later)
    publish(later, now)
    reword(coming, "Soon another company.")
    scheduled = publish(later, now, effective_at=now + timedelta(days=9), material=False)
    root = User.objects.create_superuser("root", password=PASSWORD)
    carol = User.objects.create_user("carol", password=PASSWORD, is_staff=True)
    carol.groups.add(Group.objects.get(name=EDITOR))
    press = Group.objects.create(name="Press office")
    people = {}
    for role in LOGGED_IN:
        people[role] = User.objects.create_user(role.lower(), password=PASSWORD, is_staff=True)
        people[role].groups.set(Group.objects.filter(name=role))
    typed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    delete = {"action": "delete_selected", "post": "yes", "index": "0"}
    return World(
        policy=policy,
        unpublished=unpublished,
        candidate=candidate,
        other=other,
        waiting={"policy_id": policy.pk, "version_id": candidate.pk},
        replaced={
            "policy_id": policy.pk,
            "version_id": policy.version_set.get(approval__number=1).pk,
        },
        urgent={"policy_id": urgent.pk, "version_id": alone.version_id},
        scheduled={"policy_id": later.pk, "version_id": scheduled.version_id},
        in_draft={"policy_id": policy.pk, "question_id": question.pk},
        decision={"kind": "minor", "grounds": None, "note": "A note.", "when": "now"},
        two_parts={
            "parts": "2",
            **{f"part-{n}-title": f"Part {n}?" for n in range(2)},
            **{f"part-{n}-answer": "So." for n in range(2)},
        },
        live=policy.version_set.newest(),
        section=section,
        empty_section=empty_section,
        question=question,
        removed_question=removed_question,
        removed_section=removed_section,
        link=link,
        comment=said,
        root=root,
        carol=carol,
        press=press,
        people=people,
        own_password={"oldpassword": PASSWORD, **typed},
        new_password={**typed, "usable_password": "true"},
        newcomer={"username": "new", **typed, "usable_password": "true"},
        delete_carol={**delete, "_selected_action": [str(carol.pk)]},
        delete_press={**delete, "_selected_action": [str(press.pk)]},
        move={"item": f"question:{question.pk}", "to": "down"},
        new_item={"title": "A new one?", "answer": "So."},
    )


def argument(world: World, name: str, key: str) -> Any:
    """What stands for an argument of an address, by its name; an `object_id` by the model."""
    objects = {
        "auth_user": world.carol.pk,
        "auth/user": world.carol.pk,
        "auth_group": world.press.pk,
        "auth/group": world.press.pk,
        "faq_question": world.question.pk,
        "faq/question": world.question.pk,
        "faq_section": world.section.pk,
        "faq/section": world.section.pk,
        "faq_policy": world.policy.pk,
        "faq/policy": world.policy.pk,
    }
    known = {
        "policy_id": world.policy.pk,
        "version_id": world.live.pk,
        "link_id": world.link.pk,
        "comment_id": world.comment.pk,
        "item_id": world.question.pk,
        "id": world.carol.pk,
        "kind": "question",
        "sha256": "0" * 64,
        "extension": "webp",
        "uidb36": "1",
        "key": "set-password",
        "pk": 1,
        "app_label": "faq",
        "url": "nothing/",
        "content_type_id": ContentType.objects.get_for_model(Policy).pk,
    }
    if name in known:
        return known[name]
    found = next((value for part, value in objects.items() if part in key), world.policy.pk)
    return found


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver below /admin/."""

    key: str
    route: str
    name: str
    arguments: tuple[str, ...]

    def path(self, world: World) -> str:
        """The address in this world."""
        page = PAGES[self.key]
        given = {
            **{each: argument(world, each, self.key) for each in self.arguments},
            **page.args(world),
        }
        if self.name:
            return reverse(self.name, kwargs=given) + page.query(world)
        route = self.route.replace("(?P<url>.*)$", "nothing/")
        for each, value in given.items():
            route = route.replace(f"<path:{each}>", str(value))
        return f"/{route}"


def addresses() -> Iterator[Address]:
    """Everything that answers below /admin/."""

    def walk(patterns: list[Any], before: str, space: str) -> Iterator[Address]:
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, here, inner)
            elif isinstance(pattern, URLPattern) and here.startswith("admin/"):
                name = f"{space}{pattern.name}" if pattern.name else ""
                arguments = tuple(pattern.pattern.regex.groupindex)
                yield Address(name or here, here, name, arguments)

    return walk(get_resolver().url_patterns, "", "")


ADDRESSES = list({(each.key, each.arguments): each for each in addresses()}.values())
DESCRIBED = [each for each in ADDRESSES if each.key in PAGES]


def name_of(address: Address) -> str:
    return address.route.removeprefix("admin/") or "index"


def test_every_address_of_the_desk_is_described_and_no_other() -> None:
    assert {each.key for each in ADDRESSES} == set(PAGES)


# What they find and leave


def browser_of(world: World, role: str) -> Client:
    """A browser of somebody in that role; a visitor has looked at the preview before."""
    client = Client()
    if role in world.people:
        client.force_login(world.people[role])
    if role == VISITOR:
        assert client.get(f"/preview/{reviewing.token_of(world.link)}/").status_code == 200
    return client


@cache
def tables() -> list[Any]:
    """The tables of policies and of accounts, those between them included."""
    return [
        model
        for label in ("faq", "auth", "account", "mfa")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    ]


def everything() -> dict[str, list[Any]]:
    """All rows of all tables."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in tables()}


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    """The names of the tables in which anything is different, without the seals of their rows."""
    return {name for name in after if before[name] != after[name]} - {"Seal"}


def was_let_in(response: Any) -> bool:
    """Whether a page was shown, or led on to another than the login."""
    if response.status_code == 302:
        return "/login/" not in response.headers["Location"]
    assert response.status_code in {200, 403, 404, 405}, response.status_code
    return bool(response.status_code == 200)


def own_form(world: World, path: str) -> dict[str, Any]:
    """What a browser would send of the page's own form, as a superuser sees it."""
    client = Client()
    client.force_login(world.root)
    response = client.get(path)
    if response.status_code != 200 or "html" not in response.headers["Content-Type"]:
        return {}
    page = html5lib.parse(response.content, namespaceHTMLElements=False)
    sent: dict[str, Any] = {}
    for form in page.iter("form"):
        own = form.get("action", "") in {"", path, path.partition("?")[0]}
        if form.get("method", "").lower() == "post" and own:
            sent |= _fields(form)
    sent.pop("csrfmiddlewaretoken", None)
    return sent


def _fields(form: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for each in form.iter():
        name, kind = each.get("name"), each.get("type", "text")
        if not name or each.get("disabled") is not None:
            continue
        if each.tag == "textarea":
            sent[name] = (each.text or "").removeprefix("\n")
        elif each.tag == "select":
            options = list(each.iter("option"))
            chosen = [o.get("value", "") for o in options if o.get("selected") is not None]
            first = [] if each.get("multiple") is not None else [options[0].get("value", "")]
            sent[name] = chosen or first
        elif each.tag == "input" and kind in {"checkbox", "radio"}:
            if each.get("checked") is not None:
                sent[name] = each.get("value", "on")
        elif each.tag == "input" and kind not in {"submit", "button", "file"}:
            sent[name] = each.get("value", "")
    return sent


def assert_nothing_forged(
    world: World, role: str, before: dict[str, list[Any]], after: dict[str, list[Any]]
) -> None:
    """Nothing that was made up stands in any table, and nobody has more rights than before."""
    values = (str(value) for rows in after.values() for row in rows for value in row.values())
    found = [
        value
        for value in values
        if FORGED_NAME in value
        or value in {str(FORGED_NUMBER), FORGED_DIGEST}
        or value.startswith("2001-02-03")
    ]
    assert found == []
    assert after["User_user_permissions"] == before["User_user_permissions"] == []
    assert list(User.objects.filter(is_superuser=True)) == [world.root]
    assert after["Group_permissions"] == before["Group_permissions"]
    assert Policy.objects.get(second_person=True).slug == "urgent"
    assert all(fingerprint(each.data()) == each.digest for each in Version.objects.all())
    deciders = Approval.objects.filter(number__gt=2).values_list("approved_by", flat=True)
    assert set(deciders) <= {role.lower()}
    assert not Approval.objects.filter(number__gt=2, material=True).exists()
    if role != ADMINISTRATOR:
        assert after["User_groups"] == before["User_groups"]
        assert [row["is_staff"] for row in after["User"]] == [
            row["is_staff"] for row in before["User"]
        ]


@pytest.mark.parametrize("address", sample(DESCRIBED, every=2), ids=name_of)
def test_a_page_is_seen_by_its_roles_only_and_looking_changes_nothing(
    world: World, address: Address
) -> None:
    path, page = address.path(world), PAGES[address.key]
    browsers = {role: browser_of(world, role) for role in ROLES}
    before = everything()
    for method in ("get", "head"):
        answers = {role: getattr(browsers[role], method)(path) for role in ROLES}
        assert {role for role in ROLES if was_let_in(answers[role])} == page.see, method
    for method in ("put", "patch", "delete", "options"):
        for role in ROLES:
            getattr(browsers[role], method)(path)
    assert changed(before, everything()) == set()


@pytest.mark.parametrize("address", sample(DESCRIBED, every=2), ids=name_of)
def test_a_form_does_its_own_work_for_its_roles_and_nothing_else_for_anybody(
    world: World, address: Address
) -> None:
    path, page = address.path(world), PAGES[address.key]
    fields = {**forged(world), **own_form(world, path), **page.fields(world)}
    fields = {name: value for name, value in fields.items() if value is not None}
    for role in ROLES:
        with transaction.atomic():
            browser = browser_of(world, role)
            before = everything()
            browser.post(path, fields)
            after = everything()
            touched = changed(before, after)
            if role in page.do:
                assert touched and touched <= set(page.tables.split()), (role, touched)
                assert_nothing_forged(world, role, before, after)
            else:
                assert touched == set(), role
            transaction.set_rollback(True)


def test_without_its_token_no_form_of_the_desk_does_anything(world: World) -> None:
    administrator = Client(enforce_csrf_checks=True)
    administrator.force_login(world.people[ADMINISTRATOR])
    before = everything()
    for address in DESCRIBED:
        if PAGES[address.key].do:
            sent = PAGES[address.key].fields(world)
            fields = {name: value for name, value in sent.items() if value is not None}
            assert administrator.post(address.path(world), fields).status_code == 403
    assert changed(before, everything()) == set()


# A visitor with a preview link


def test_a_visitor_answers_and_does_nothing_else_whatever_is_sent(world: World) -> None:
    token = reviewing.token_of(world.link)
    visitor = Client()
    before = everything()
    for rest in ("", "changes/", "sign-off/", "nothing/"):
        visitor.post(f"/preview/{token}/{rest}", forged(world))
    assert changed(before, everything()) == set()
    path = f"/preview/{token}/sign-off/"
    seen = visitor.get(path).context["form"]["seen"].value()
    made_up = {"name": FORGED_NAME, "approves": "false", "version": "1", "link": "1"}
    fields = {**forged(world), **made_up, "answer": "approve", "comment": "", "seen": seen}
    assert visitor.post(path, fields).status_code == 302
    assert changed(before, everything()) == {"SignOff", "Event"}
    signed = world.link.sign_offs.get()
    assert (signed.name, signed.approves, signed.version) == ("Dora", True, world.candidate)
    assert_nothing_forged(world, VISITOR, before, everything())


# People who may change people


def person_fields(user: User, **changes: Any) -> dict[str, Any]:
    """What the form of a person sends."""
    joined = timezone.localtime(user.date_joined)
    return {
        "username": user.username,
        "is_active": "on",
        "is_staff": "on",
        "groups": [str(each.pk) for each in user.groups.all()],
        "date_joined_0": joined.strftime("%Y-%m-%d"),
        "date_joined_1": joined.strftime("%H:%M:%S"),
        "last_login_0": "",
        "last_login_1": "",
        **changes,
    }


def administrator_of(world: World) -> Client:
    return browser_of(world, ADMINISTRATOR)


@pytest.mark.parametrize("who", ["themselves", "carol"])
def test_an_administrator_makes_nobody_a_superuser(world: World, who: str) -> None:
    person = world.carol if who == "carol" else world.people[ADMINISTRATOR]
    everything_there_is = [str(each.pk) for each in Permission.objects.all()]
    fields = person_fields(person, is_superuser="on", user_permissions=everything_there_is)
    change = reverse("admin:auth_user_change", args=[person.pk])
    assert administrator_of(world).post(change, fields).status_code == 302
    person.refresh_from_db()
    assert not person.is_superuser and not person.user_permissions.exists()


def test_an_administrator_gives_people_their_roles(world: World) -> None:
    change = reverse("admin:auth_user_change", args=[world.carol.pk])
    fields = person_fields(world.carol, roles=[APPROVER])
    assert administrator_of(world).post(change, fields).status_code == 302
    assert [group.name for group in world.carol.groups.all()] == [APPROVER]


def test_a_superuser_is_out_of_an_administrators_reach(world: World) -> None:
    administrator, password = administrator_of(world), world.root.password
    for name in ("change", "password_change", "delete"):
        path = reverse(f"admin:auth_user_{name}", args=[world.root.pk])
        fields = {**person_fields(world.root, username="mine"), **world.new_password, "post": "yes"}
        assert administrator.post(path, fields).status_code == 403
    selected = {**world.delete_carol, "_selected_action": [str(world.root.pk)]}
    administrator.post(reverse("admin:auth_user_changelist"), selected)
    world.root.refresh_from_db()
    assert (world.root.username, world.root.password) == ("root", password)


def test_an_administrator_hands_on_no_right_that_they_lack(world: World) -> None:
    administrator, themselves = administrator_of(world), world.people[ADMINISTRATOR]
    world.press.permissions.add(Permission.objects.get(codename="delete_group"))
    for person in (world.carol, themselves):
        change = reverse("admin:auth_user_change", args=[person.pk])
        for roles in ([world.press.name], [str(world.press.pk)]):
            given = person_fields(person, roles=roles, groups=[str(world.press.pk)])
            administrator.post(change, given)
            assert not person.groups.filter(pk=world.press.pk).exists()


def test_somebody_with_more_rights_is_out_of_reach(world: World) -> None:
    world.carol.user_permissions.add(Permission.objects.get(codename="delete_group"))
    administrator = administrator_of(world)
    path = reverse("admin:auth_user_password_change", args=[world.carol.pk])
    assert administrator.post(path, world.new_password).status_code == 403
    world.carol.refresh_from_db()
    assert world.carol.check_password(PASSWORD)


def test_a_superuser_may_still_do_all_of_this(world: World) -> None:
    client = Client()
    client.force_login(world.root)
    change = reverse("admin:auth_user_change", args=[world.carol.pk])
    assert client.post(change, person_fields(world.carol, is_superuser="on")).status_code == 302
    world.carol.refresh_from_db()
    assert world.carol.is_superuser
