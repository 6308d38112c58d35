"""Django's migrate, which may also make the file of a new SQLite database."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections

from faq.sqlite.base import file_of, make_file


class Command(migrate.Command):
    """No other command but `prepare_site` and `restore_backup` makes one."""

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str, Any]:
        """Leave out the checks of the database: what they may miss, this puts right."""
        kwargs: dict[Any, Any] = super().get_check_kwargs(options)
        return {**kwargs, "databases": None}

    # Not `handle`: the checks of the database come before it.
    def execute(self, *args: Any, **options: Any) -> str | None:
        connection = connections[options["database"]]
        try:
            make_file(connection)
        except OSError as error:
            where = file_of(connection)
            raise CommandError(f"{where} cannot be made: {error.strerror}.") from None
        return super().execute(*args, **options)
