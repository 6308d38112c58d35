"""Users and their roles: an Administrator needs no permissions by name, and cannot rise by them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from faq.roles import ADMINISTRATOR, APPROVER, EDITOR

pytestmark = pytest.mark.django_db
PASSWORD = "a long pass phrase"
USERS = "/admin/auth/user/"


def make_user(name: str, *roles: str, **fields: Any) -> User:
    user = User.objects.create_user(name, is_staff=bool(roles), **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def adam(client: Client) -> Client:
    """A browser in which Adam, an Administrator, is logged in."""
    client.force_login(make_user("adam", ADMINISTRATOR))
    return client


@pytest.fixture
def alice() -> Client:
    """A browser in which Alice, a superuser, is logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    return client


def change(user: User) -> str:
    return f"{USERS}{user.pk}/change/"


def roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def add(client: Client, name: str, **fields: Any) -> Any:
    data = {"username": name, "password1": PASSWORD, "password2": PASSWORD, **fields}
    return client.post(f"{USERS}add/", data)


def test_an_administrator_adds_an_editor_who_can_then_log_in(adam):
    assert add(adam, "bob", roles=[EDITOR]).status_code == 302
    bob = User.objects.get(username="bob")
    assert (roles(bob), bob.is_staff, bob.is_superuser) == ({EDITOR}, True, False)
    assert bob.check_password(PASSWORD)


def test_whoever_has_no_role_does_not_get_into_the_desk(adam):
    add(adam, "bob")
    assert not User.objects.get(username="bob").is_staff
    carol = make_user("carol", EDITOR)
    adam.post(change(carol), {"is_active": "on"})
    carol.refresh_from_db()
    assert (roles(carol), carol.is_staff) == (set(), False)


def test_roles_are_three_ticks_and_there_are_no_permissions(adam):
    page = adam.get(change(make_user("bob", EDITOR))).content.decode()
    assert page.count('name="roles"') == 3
    assert page.count("checked") == 2  # Editor, and active
    for soup in ("user_permissions", 'name="groups"', "is_staff", "is_superuser", "Can add"):
        assert soup not in page


def test_changing_roles_leaves_the_sites_own_groups_alone(adam):
    bob = make_user("bob", EDITOR)
    bob.groups.add(Group.objects.create(name="Press office"))
    adam.post(change(bob), {"roles": [APPROVER], "is_active": "on"})
    assert roles(bob) == {APPROVER, "Press office"}


def test_a_user_name_is_explained_and_stays(adam):
    assert "Of an e-mail address only the part before the @" in (
        adam.get(f"{USERS}add/").content.decode()
    )
    bob = make_user("bob", EDITOR)
    adam.post(change(bob), {"username": "alice", "roles": [EDITOR], "is_active": "on"})
    bob.refresh_from_db()
    assert bob.username == "bob"


@pytest.mark.parametrize("name", ["bob", "Bob", "bob@example.com", "BOB@example.net"])
def test_two_people_never_have_one_name_in_the_trail(adam, name):
    make_user("bob@example.org", EDITOR)
    answer = add(adam, name, roles=[EDITOR])
    assert "Somebody is called “bob” already." in answer.content.decode()
    assert User.objects.count() == 2


# Nobody rises by it


FORGED = {"is_superuser": "on", "is_staff": "on", "user_permissions": "1", "groups": "1"}


def test_an_administrator_makes_no_superuser(adam):
    add(adam, "bob", **FORGED)
    bob = User.objects.get(username="bob")
    assert (bob.is_superuser, bob.is_staff, roles(bob)) == (False, False, set())
    adam.post(change(bob), {"roles": [EDITOR], "is_active": "on", **FORGED})
    bob.refresh_from_db()
    assert (bob.is_superuser, roles(bob)) == (False, {EDITOR})
    assert not bob.user_permissions.exists()


def test_an_administrator_cannot_touch_a_superuser(adam):
    root = User.objects.create_superuser("root", password=PASSWORD, email="root@example.org")
    data = {"email": "adam@example.org", "is_active": "", "roles": []}
    assert adam.post(change(root), data).status_code == 403
    new = {"password1": "another pass phrase", "password2": "another pass phrase"}
    assert adam.post(f"{USERS}{root.pk}/password/", new).status_code == 403
    assert adam.post(f"{USERS}{root.pk}/delete/", {"post": "yes"}).status_code == 403
    adam.post(USERS, {"action": "delete_selected", "_selected_action": root.pk, "post": "yes"})
    root.refresh_from_db()
    assert (root.email, root.is_active, root.check_password(PASSWORD)) == (
        "root@example.org",
        True,
        True,
    )


def test_an_administrator_cannot_reach_the_groups(adam):
    editor = Group.objects.get(name=EDITOR)
    address = reverse("admin:auth_group_change", args=[editor.pk])
    before = set(editor.permissions.all())
    data = {"name": EDITOR, "permissions": list(Permission.objects.values_list("pk", flat=True))}
    assert adam.post(address, data).status_code == 403
    assert adam.post("/admin/auth/group/add/", data).status_code == 403
    assert adam.get("/admin/auth/group/").status_code == 403
    assert set(editor.permissions.all()) == before


def test_nobody_takes_their_own_rights_away_or_deletes_themselves(adam):
    me = User.objects.get(username="adam")
    adam.post(change(me), {"email": "adam@example.org", "roles": [EDITOR]})
    me.refresh_from_db()
    assert (roles(me), me.is_active, me.email) == ({ADMINISTRATOR}, True, "adam@example.org")
    assert adam.post(f"{USERS}{me.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", [EDITOR, APPROVER])
def test_others_do_not_reach_the_users_at_all(client, role):
    client.force_login(make_user("bob", role))
    other = make_user("carol", EDITOR)
    for address in (USERS, f"{USERS}add/", change(other), f"{USERS}{other.pk}/password/"):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


def test_a_superuser_makes_another_one(alice):
    bob = make_user("bob")
    alice.post(change(bob), {"is_active": "on", "is_superuser": "on"})
    bob.refresh_from_db()
    assert (bob.is_superuser, bob.is_staff) == (True, True)


def test_a_superuser_sees_the_groups(alice):
    assert alice.get("/admin/auth/group/").status_code == 200


def test_the_list_of_users_names_their_roles(alice):
    make_user("bob", EDITOR, APPROVER)
    page = alice.get(USERS).content.decode()
    assert "Approver, Editor" in page
    assert "May do everything" in page
