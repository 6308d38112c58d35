"""allauth's forms with our labels, without placeholders, and deaf to junk."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as code
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

#: What the parts of a made-up credential lead to, deep inside the package that reads it.
JUNK = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class Plain:
    """Mixed into a form: a label says what a field is for, and a placeholder does not repeat it."""

    labels: dict[str, Any] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
        if "code" in self.fields:
            self.fields["code"].widget.attrs.update({"inputmode": "numeric", "spellcheck": "false"})


class Login(Plain, account.LoginForm):
    """User name and password."""


class Reauthenticate(Plain, account.ReauthenticateForm):
    """The password once more."""


class ChangePassword(Plain, account.ChangePasswordForm):
    """The old password and the new one twice."""

    labels = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("New password again"),
    }


class SetPassword(Plain, account.SetPasswordForm):
    """A first password, twice."""

    labels = {"password1": _("New password"), "password2": _("New password again")}


class ResetPassword(Plain, account.ResetPasswordForm):
    """Where to send the link."""

    labels = {"email": _("E-mail address")}


class ResetPasswordKey(Plain, account.ResetPasswordKeyForm):
    """The new password, twice."""

    labels = {"password1": _("New password"), "password2": _("New password again")}


class Authenticate(Plain, code.AuthenticateForm):
    """A code at log-in."""


class ReauthenticateByCode(Plain, code.ReauthenticateForm):
    """A code once more."""


class ActivateTotp(Plain, totp.ActivateTOTPForm):
    """The first code of a new app."""

    labels = {"code": _("Code from the app")}


class AddPasskey(Plain, webauthn.AddWebAuthnForm):
    """A new passkey: its name, and whether it alone is enough to log in."""

    labels = {"name": _("Name"), "passwordless": _("Log in with it alone, without the password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("To tell your passkeys apart.")
        self.fields["name"].max_length = 60
        self.fields["passwordless"].help_text = _(
            "The device then asks for your fingerprint, your face or a PIN."
        )

    def clean(self) -> dict[str, Any]:
        """Refuse what is no credential."""
        try:
            return super().clean()
        except JUNK:
            raise get_adapter().validation_error("incorrect_code") from None


class RenamePasskey(Plain, webauthn.EditWebAuthnForm):
    """A passkey's name."""

    labels = {"name": _("Name")}


class DeafToJunk:
    """Mixed into a form with a credential: what is none is refused, not an error of ours."""

    def clean_credential(self) -> Any:
        """The passkey that was used."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except JUNK:
            raise get_adapter().validation_error("incorrect_code") from None


class AuthenticateByPasskey(DeafToJunk, webauthn.AuthenticateWebAuthnForm):
    """A passkey after the password."""


class LoginByPasskey(DeafToJunk, webauthn.LoginWebAuthnForm):
    """A passkey alone."""


class ReauthenticateByPasskey(DeafToJunk, webauthn.ReauthenticateWebAuthnForm):
    """A passkey once more."""
