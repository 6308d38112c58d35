"""The three roles, as groups of permissions that are made after every migrate.

Who needs other rights gets a group of the site's own: these three are set anew each time.
"""

from __future__ import annotations

from typing import Any

EDITOR, APPROVER, ADMINISTRATOR = "Editor", "Approver", "Administrator"

_SEE = (
    "faq.view_policy",
    "faq.view_section",
    "faq.view_question",
    "faq.view_version",
    "faq.view_comment",
    "faq.view_previewlink",
    "faq.view_event",
)
_TALK = ("faq.add_comment", "faq.change_comment")
_EDIT = (
    "faq.change_policy",
    *(
        f"faq.{verb}_{model}"
        for model in ("section", "question")
        for verb in ("add", "change", "delete")
    ),
    "faq.add_version",
    "faq.add_previewlink",
    "faq.change_previewlink",
)
_DECIDE = (
    "faq.add_approval",
    "faq.add_rejection",
    "faq.add_withdrawal",
    "faq.add_announcement",
    "faq.add_changenote",
    "faq.add_confirmation",
    "faq.add_review",
    "faq.restore_version",
)
_ADMINISTER = (
    "faq.add_policy",
    "faq.delete_policy",
    "faq.set_rules",
    "faq.add_withholding",
    "faq.approve_in_emergency",
    *(f"auth.{verb}_{model}" for model in ("user", "group") for verb in ("add", "change", "view")),
    "auth.delete_user",
)

#: What each role may do: Django's permissions as `app.codename`.
ROLES: dict[str, tuple[str, ...]] = {
    EDITOR: (*_SEE, *_TALK, *_EDIT),
    APPROVER: (*_SEE, *_TALK, *_DECIDE),
    ADMINISTRATOR: (*_SEE, *_TALK, *_EDIT, *_DECIDE, *_ADMINISTER),
}


def make(using: str) -> None:
    """Make the groups, or set them right."""
    from django.apps import apps
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    # Their own turn comes later in the same migrate.
    for label in ("faq", "auth"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    known: dict[str, Any] = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in Permission.objects.using(using).select_related("content_type")
    }
    for name, permissions in ROLES.items():
        group, _made = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[each] for each in permissions])
