"""The admin, with our own first page."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin on our site class."""

    default_site = "faq.admin.site.Desk"

    def ready(self) -> None:
        """Register our pages too; the package itself imports nothing, for its site comes first."""
        super().ready()
        from faq.admin import people, policies, questions  # noqa: F401
