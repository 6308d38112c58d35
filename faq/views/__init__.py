"""Public views: they fetch, ask and render. The moment they answer for is `request.at`."""

from datetime import datetime

from django.http import HttpRequest

#: What the edge says of a request, in its environment: the moment to answer for, what is wrong with
#: the database, and that a page cannot be made because of that.
AT, TROUBLE, UNAVAILABLE = "faq.at", "faq.trouble", "faq.unavailable"
#: And that the answer goes into a copy of the site, where one page says for many addresses that
#: there is nothing.
COPY = "faq.copy"


class Asked(HttpRequest):
    """A request with the moment it is asked for, which the edge has set."""

    at: datetime
