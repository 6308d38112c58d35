"""The settings as they are, and one address at which everything breaks: /privacy/broken/."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from privacy_site.settings import *  # noqa: F403
from privacy_site.settings import MIDDLEWARE

MIDDLEWARE = [*MIDDLEWARE, "tests.settings_that_break.breaks"]
# What takes long and has nothing to do with it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def breaks(get_response: Callable[[HttpRequest], HttpResponse]) -> object:
    """Middleware that fails over what was sent."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path == "/privacy/broken/":
            raise RuntimeError(str(request.META))
        return get_response(request)

    return answer
