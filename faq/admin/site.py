"""The admin site: its first page is the list of policies."""

from django.contrib.admin import AdminSite


class Desk(AdminSite):
    """The editors' desk."""
