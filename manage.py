#!/usr/bin/env python
"""Run a management command; `manage.py help` lists them."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from faq.sqlite.base import NoDatabase

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, NoDatabase) as error:
        sys.exit(str(error))
