"""Django's floor: a view that does nothing but say so, behind the default middleware."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.peers import site

site.set_up(__name__)


def nothing(_request: HttpRequest) -> HttpResponse:
    """Only the title, so that it can be seen that it is there."""
    return HttpResponse(TITLE)


def prepare() -> None:
    """There is nothing to prepare: sessions are not touched."""


TITLE = site.title()
urlpatterns = [path("privacy/", nothing)]
application = get_wsgi_application()
