"""The admin, with our own first page, and the accounts that log in to it."""

from typing import Any

from allauth.account.apps import AccountConfig
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class DeskConfig(AdminConfig):
    """Django's admin on our site class."""

    default_site = "faq.admin.site.Desk"

    def ready(self) -> None:
        """Register our pages too; the package itself imports nothing, for its site comes first."""
        super().ready()
        from faq.admin import people, policies, questions, second_step, sessions  # noqa: F401

        _hide_the_machinery_of_logging_in()
        post_migrate.connect(_make_the_cache_table, sender=self)


class AccountsConfig(AccountConfig):
    """allauth's accounts; their middleware acts on private pages only, as a wrapper of ours."""

    def ready(self) -> None:
        """Register its checks. It would demand its own middleware on every page besides."""
        from allauth.account import checks  # noqa: F401


def _hide_the_machinery_of_logging_in() -> None:
    # Users look after their own second step; nobody else may read it or put another in its place.
    from allauth.account.models import EmailAddress
    from allauth.mfa.models import Authenticator

    admin.site.unregister([EmailAddress, Authenticator])


def _make_the_cache_table(*, using: str, **kwargs: Any) -> None:
    # By its name: while Redis takes its place nobody uses it, until somebody goes back to it.
    call_command("createcachetable", settings.CACHE_TABLE, database=using, verbosity=0)
