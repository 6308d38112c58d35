"""The WSGI application that servers load: Django, and around it the layer of finished pages."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_site.settings")

django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings are there once Django is)

from faq.delivery import Delivery  # noqa: E402

# Whoever changes a template with DEBUG on wants to see it at once.
application = django_application if settings.DEBUG else Delivery.of_site(django_application)
