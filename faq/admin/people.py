"""Users and groups at the desk: nobody gives what they do not have themselves.

Django's own pages let whoever may change users make anybody a superuser, give any permission,
or set a superuser's password and log in as them. Here only a superuser can do that.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

#: What only a superuser gives or takes.
BEYOND = ("is_superuser", "user_permissions")


def permissions_of(user: Any) -> QuerySet[Permission]:
    """Every permission that this person has."""
    if user.is_superuser:
        return Permission.objects.all()
    return Permission.objects.filter(group__user=user) | Permission.objects.filter(user=user)


def groups_within(user: Any) -> QuerySet[Group]:
    """The groups that hold nothing which this person lacks."""
    lacking = Permission.objects.exclude(pk__in=permissions_of(user).values("pk"))
    return Group.objects.exclude(Exists(lacking.filter(group=OuterRef("pk"))))


class PersonAdmin(UserAdmin):
    """Somebody who can log in."""

    list_display = ("username", "first_name", "last_name", "is_staff")
    list_filter = ("is_staff", "is_active", "groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Django's fields; without those that this person cannot use."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f not in BEYOND]})
            for name, options in fieldsets
        ]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups that hold no more than this person may."""
        if db_field.name == "groups":
            kwargs["queryset"] = groups_within(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has more rights than this person is out of reach."""
        return super().has_change_permission(request, obj) and _within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has more rights than this person is out of reach."""
        return super().has_delete_permission(request, obj) and _within_reach(request, obj)


class RoleAdmin(GroupAdmin):
    """A group: one of the three roles, or one of the site's own."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Permissions that this person has."""
        if db_field.name == "permissions":
            kwargs["queryset"] = permissions_of(request.user).distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A group that holds more than this person does is out of reach."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or groups_within(request.user).filter(pk=obj.pk).exists())


def _within_reach(request: HttpRequest, person: Any) -> bool:
    if person is None or request.user.is_superuser:
        return True
    theirs = permissions_of(person).exclude(pk__in=permissions_of(request.user).values("pk"))
    return not person.is_superuser and not theirs.exists()


admin.site.unregister([User, Group])
admin.site.register(User, PersonAdmin)
admin.site.register(Group, RoleAdmin)
