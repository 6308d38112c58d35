"""WhiteNoise as a middleware of Django, with the page as a ready file, compressed beforehand."""

from django.core.wsgi import get_wsgi_application

from benchmarks.peers import site

first, *others = site.MIDDLEWARE
site.set_up(
    __name__,
    # Right after SecurityMiddleware, as its documentation says.
    MIDDLEWARE=[first, "whitenoise.middleware.WhiteNoiseMiddleware", *others],
    STATIC_ROOT=site.FOLDER / "static",
    WHITENOISE_INDEX_FILE=True,
    WHITENOISE_ROOT=site.FOLDER / "files",
)


def prepare() -> None:
    """There is nothing to prepare: the benchmark has written the files."""


urlpatterns: list[object] = []
application = get_wsgi_application()
