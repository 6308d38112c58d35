"""The ordinary view, which renders the answers' Markdown on each request."""

from django.core.wsgi import get_wsgi_application
from django.urls import path

from benchmarks.peers import site

site.set_up(__name__, apps=("benchmarks.peers.policies",))

from benchmarks.peers.policies import filling, views  # noqa: E402 (models need the settings)

prepare = filling.fill
urlpatterns = [path("<slug:slug>/", views.policy, {"template": "policy_markdown.html"})]
application = get_wsgi_application()
