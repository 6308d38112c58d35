"""The admin, with our own first page."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin on our site class."""

    default_site = "faq.admin.site.Desk"
