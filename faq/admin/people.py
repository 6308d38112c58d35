"""Who may log in to the desk, and in which roles: nothing of Django's hundred permissions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faq.admin.acting import acting_name
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR, ROLES

EXPLAINED = {
    EDITOR: gettext_lazy("Editor: writes questions and answers, and sends the draft for approval"),
    APPROVER: gettext_lazy("Approver: publishes, sends back and withdraws versions"),
    ADMINISTRATOR: gettext_lazy(
        "Administrator: both, and starts policies, sets their rules, hides wordings, "
        "and looks after the users"
    ),
}
USERNAME_HELP = gettext_lazy(
    "This name stands in the trail and beside every version, for ever, so it cannot be changed "
    "later. Of an e-mail address only the part before the @ is shown."
)


class RolesField(forms.MultipleChoiceField):
    """The three roles as ticks."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Roles"),
            choices=list(EXPLAINED.items()),
            required=False,
            help_text=gettext_lazy("Whoever has none cannot log in to the desk."),
        )


class RolesMixin(forms.ModelForm):
    """A user with roles. Groups of the site's own are left as they are."""

    roles = RolesField()

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # every ModelForm has it
        self._save_roles()

    def _save_roles(self) -> None:
        if self.fields["roles"].disabled:
            return
        user, chosen = self.instance, set(self.cleaned_data["roles"])
        user.groups.remove(*Group.objects.filter(name__in=set(ROLES) - chosen))
        user.groups.add(*Group.objects.filter(name__in=chosen))
        user.is_staff = user.is_superuser or user.groups.exists() or user.user_permissions.exists()
        user.save(update_fields=["is_staff"])


class NewUserForm(RolesMixin, UserCreationForm):
    """Somebody new."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "first_name", "last_name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = USERNAME_HELP

    def clean_username(self) -> str:
        """Refuse a name that could not be told from another person's in the trail."""
        name: str = super().clean_username()
        shown = acting_name(User(username=name)).casefold()
        for other in User.objects.all():
            if acting_name(other).casefold() == shown:
                raise ValidationError(
                    _("Somebody is called “%(name)s” already. Choose another name.")
                    % {"name": acting_name(other)}
                )
        return name


class UserForm(RolesMixin, UserChangeForm):
    """Somebody who is known."""

    #: Nobody takes their own rights away, or gives themselves others.
    is_own = False

    class Meta(UserChangeForm.Meta):
        model = User
        fields = ("first_name", "last_name", "email", "is_active", "is_superuser")  # type: ignore[assignment]
        help_texts = {"username": gettext_lazy("It stands in the trail, so it stays.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].initial = [
            name for name in self.instance.groups.values_list("name", flat=True) if name in ROLES
        ]
        for name in ("roles", "is_active", "is_superuser"):
            if self.is_own and name in self.fields:
                self.fields[name].disabled = True


@admin.display(description=gettext_lazy("Roles"))
def roles_of(user: User) -> str:
    """The roles of a user, for the list."""
    names = [group.name for group in user.groups.all()]
    return ", ".join([_("May do everything")] if user.is_superuser else sorted(names)) or "–"


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Users as an Administrator needs them. Nobody touches whoever may do more than they may."""

    form = UserForm
    add_form = NewUserForm
    actions = None
    filter_horizontal = ()
    list_filter = ()
    list_display = ("username", "first_name", "last_name", roles_of, "is_active", "last_login")
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        (None, {"fields": ("roles", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their groups, for the list."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who it is, what they may do, and whether the account is open."""
        if obj is None:
            return self.add_fieldsets
        rights = ["roles", "is_active", *(["is_superuser"] if request.user.is_superuser else [])]
        return [
            (None, {"fields": ("username", "password")}),
            (None, {"fields": ("first_name", "last_name", "email")}),
            (_("What this person may do"), {"fields": rights}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Names in the trail stay."""
        return () if obj is None else ("username",)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The form, told whether it is about the person who looks at it."""
        form = super().get_form(request, obj, **kwargs)
        is_own = obj is not None and obj.pk == request.user.pk
        return type(form.__name__, (form,), {"is_own": is_own})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody rises by editing a superuser or setting their password."""
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a superuser but another one, and nobody themselves."""
        is_self = obj is not None and obj.pk == request.user.pk
        allowed = super().has_delete_permission(request, obj) and self._may_touch(request, obj)
        return allowed and not is_self

    def _may_touch(self, request: HttpRequest, obj: Any) -> bool:
        if obj is None or request.user.is_superuser:
            return True
        return not obj.is_superuser and obj.get_all_permissions() <= (
            request.user.get_all_permissions()
        )


@admin.register(Group)
class OwnGroupAdmin(GroupAdmin):
    """Groups of the site's own, for a superuser: whoever sets permissions could take them all."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """They stand in no menu."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser."""
        return request.user.is_superuser

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission
