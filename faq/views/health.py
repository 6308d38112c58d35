"""Is the process alive, and can it serve?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faq import immutable
from faq.views import TROUBLE


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, is as new as what readers have seen, and the record is protected."""
    trouble = request.META.get(TROUBLE)
    if trouble:
        return _not_ready(trouble)
    try:
        missing = immutable.missing(connection.alias)
    except DatabaseError:
        return _not_ready("the database does not answer")
    if missing:
        return _not_ready("the record is not protected; run manage.py migrate")
    return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(
        f"not ready: {reason}\n", status=503, content_type="text/plain; charset=utf-8"
    )
