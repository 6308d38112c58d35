"""The public addresses. Each is a promise: other people's links hang on it."""

from django.urls import path, register_converter

from faq.views import crawlers, developers, health, machine, policies


class PolicySlug:
    """A policy's slug: DESIGN 4."""

    regex = "[a-z0-9-]+"

    def to_python(self, value: str) -> str:
        """The slug as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The slug as it is."""
        return value


register_converter(PolicySlug, "policy")

app_name = "faq"
urlpatterns = [
    path("", policies.home, name="home"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("developers/", developers.developers, name="developers"),
    path("openapi.json", machine.openapi, name="openapi"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("<policy:slug>.json", machine.in_force, name="policy-json"),
    path("<policy:slug>/versions.json", machine.versions, name="versions-json"),
    path("<policy:slug>/anchors.json", machine.anchors, name="anchors-json"),
    path("<policy:slug>/", policies.in_force, name="policy"),
    path("<policy:slug>/versions/", policies.history, name="history"),
    path("<policy:slug>/versions/<int:number>/", policies.version, name="version"),
    path("<policy:slug>/versions/<int:number>.json", policies.version_json, name="version-json"),
]
