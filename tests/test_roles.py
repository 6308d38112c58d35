"""The three roles stand after every migrate, with the rights that their names promise."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from faq.roles import ADMINISTRATOR, APPROVER, EDITOR

pytestmark = pytest.mark.django_db

MAY = {
    "faq.change_question": {EDITOR, ADMINISTRATOR},
    "faq.add_comment": {EDITOR, APPROVER, ADMINISTRATOR},
    "faq.add_version": {EDITOR, ADMINISTRATOR},
    "faq.add_approval": {APPROVER, ADMINISTRATOR},
    "faq.add_rejection": {APPROVER, ADMINISTRATOR},
    "faq.add_withdrawal": {APPROVER, ADMINISTRATOR},
    "faq.restore_version": {APPROVER, ADMINISTRATOR},
    "faq.add_withholding": {ADMINISTRATOR},
    "faq.approve_in_emergency": {ADMINISTRATOR},
    "faq.set_rules": {ADMINISTRATOR},
    "auth.add_user": {ADMINISTRATOR},
}


@pytest.mark.parametrize("role", [EDITOR, APPROVER, ADMINISTRATOR])
def test_a_role_has_the_rights_of_its_name_and_no_others(role):
    user = User.objects.create_user("alice")
    user.groups.add(Group.objects.get(name=role))
    assert {right for right in MAY if user.has_perm(right)} == {
        right for right, roles in MAY.items() if role in roles
    }


def test_migrate_sets_the_roles_right_and_leaves_other_groups_alone():
    editor, own = Group.objects.get(name=EDITOR), Group.objects.create(name="Press office")
    before = set(editor.permissions.all())
    own.permissions.set(list(before)[:2])
    editor.permissions.clear()
    Group.objects.get(name=APPROVER).delete()
    call_command("migrate", verbosity=0)
    assert set(editor.permissions.all()) == before
    assert own.permissions.count() == 2
    assert Group.objects.filter(name=APPROVER).exists()
