"""WhiteNoise wrapped round the WSGI application, with the page as a ready file."""

from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

from benchmarks.peers import site

site.set_up(__name__)


def prepare() -> None:
    """There is nothing to prepare: the benchmark has written the files."""


urlpatterns: list[object] = []
application = WhiteNoise(get_wsgi_application(), root=site.FOLDER / "files", index_file=True)
