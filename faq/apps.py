"""The app, and what stands around migrations: triggers, roles, and what older code left out."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class FaqConfig(AppConfig):
    """Questions and answers, published as versions."""

    name = "faq"
    verbose_name = "Policies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the triggers right around migrations, and close what threads leave open."""
        from faq import checks  # noqa: F401
        from faq.kept_connections import keep

        connection_created.connect(keep)
        pre_migrate.connect(_drop_triggers, sender=self)
        # After the app that the groups belong to.
        post_migrate.connect(_make_roles, sender=apps.get_app_config("auth"))
        # After all tables: a migration that was cut short anywhere leaves a site that is not ready.
        post_migrate.connect(_install_triggers, sender=apps.get_app_config("auth"))
        # Under their eyes.
        post_migrate.connect(_note_rewordings, sender=apps.get_app_config("auth"))


def _drop_triggers(*, using: str, plan: list[Any], **kwargs: Any) -> None:
    # SQLite remakes tables, and refuses while a trigger names a table that is being remade.
    if any(migration.app_label == "faq" for migration, _backwards in plan):
        from faq import immutable

        immutable.drop(using)


def _install_triggers(*, using: str, **kwargs: Any) -> None:
    from django.db import connections

    from faq import immutable
    from faq.models import RecordState

    if RecordState._meta.db_table in connections[using].introspection.table_names():
        immutable.install(using)


def _note_rewordings(*, using: str, **kwargs: Any) -> None:
    from django.db import connections

    from faq import rewordings
    from faq.models import Rewording

    if Rewording._meta.db_table in connections[using].introspection.table_names():
        rewordings.fill_in(using)


def _make_roles(*, using: str, **kwargs: Any) -> None:
    from django.contrib.auth.models import Group
    from django.db import connections

    from faq import roles

    if Group._meta.db_table in connections[using].introspection.table_names():
        roles.make(using)
