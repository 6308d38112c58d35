"""The public addresses. Each is a promise: other people's links hang on it."""

import unicodedata

from django.urls import path, register_converter

from faq.views import changes, health, policies, questions


class PolicySlug:
    """A policy's slug: DESIGN 4."""

    regex = "[a-z0-9-]+"

    def to_python(self, value: str) -> str:
        """The slug as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The slug as it is."""
        return value


class AnchorName:
    """A question's name in its address: anything that `anchors.fault` lets pass, and no more."""

    regex = r"(?!versions/)[^/]+"

    def to_python(self, value: str) -> str:
        """The name in the form in which it is kept, whatever form a browser sent."""
        return unicodedata.normalize("NFC", value)

    def to_url(self, value: str) -> str:
        """The name as it is; it is percent-encoded by whoever builds the address."""
        return value


register_converter(PolicySlug, "policy")
register_converter(AnchorName, "anchor")

app_name = "faq"
urlpatterns = [
    path("", policies.home, name="home"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("<policy:slug>/", policies.in_force, name="policy"),
    path("<policy:slug>/versions/", policies.history, name="history"),
    path("<policy:slug>/versions/<int:number>/", policies.version, name="version"),
    path("<policy:slug>/versions/<int:number>.json", policies.version_json, name="version-json"),
    path("<policy:slug>/versions/<int:old>...<int:new>/", changes.redline, name="redline"),
    path("<policy:slug>/<anchor:anchor>/", questions.question, name="question"),
    path("<policy:slug>/<anchor:anchor>/versions/", questions.history, name="question-history"),
]
