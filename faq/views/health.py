"""Is the process alive, and can it serve?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faq import immutable, storage
from faq.collected import uncollected
from faq.views import TROUBLE


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """All is well: the database is no older than what readers saw, and can be written to."""
    trouble = request.META.get(TROUBLE)
    if trouble:
        return _not_ready(trouble)
    try:
        missing = immutable.missing(connection.alias)
        fault = storage.fault(connection)
    except DatabaseError:
        return _not_ready("the database does not answer")
    if missing:
        return _not_ready("the record is not protected; run manage.py migrate")
    if fault:
        return _not_ready(fault)
    if uncollected():
        return _not_ready("static files are missing; run manage.py collectstatic, and restart")
    return HttpResponse("ready\n", content_type="text/plain; charset=utf-8")


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(
        f"not ready: {reason}\n", status=503, content_type="text/plain; charset=utf-8"
    )
