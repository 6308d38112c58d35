"""Django without finished pages, for comparison."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")

application = get_wsgi_application()
