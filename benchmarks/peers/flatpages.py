"""django.contrib.flatpages with our finished page as its content."""

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

from benchmarks.peers import site

site.set_up(__name__, apps=("django.contrib.sites", "django.contrib.flatpages"), SITE_ID=1)


def prepare() -> None:
    """Make the tables and the page."""
    from django.contrib.flatpages.models import FlatPage

    call_command("migrate", verbosity=0)
    found = FlatPage.objects.create(url="/privacy/", title=site.title(), content=site.page())
    found.sites.add(1)


urlpatterns = [path("", include("django.contrib.flatpages.urls"))]
application = get_wsgi_application()
