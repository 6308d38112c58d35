"""The ordinary view behind Django's site-wide cache, in the memory of each process."""

from django.core.wsgi import get_wsgi_application
from django.urls import path

from benchmarks.peers import site

site.set_up(
    __name__,
    apps=("benchmarks.peers.policies",),
    MIDDLEWARE=[
        "django.middleware.cache.UpdateCacheMiddleware",
        *site.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ],
)

from benchmarks.peers.policies import filling, views  # noqa: E402 (models need the settings)

prepare = filling.fill
urlpatterns = [path("<slug:slug>/", views.policy)]
application = get_wsgi_application()
