"""Public views: they fetch, ask and render. The moment they answer for is `request.at`."""

from datetime import datetime

from django.http import HttpRequest


class Asked(HttpRequest):
    """A request with the moment it is asked for, which the edge has set."""

    at: datetime
