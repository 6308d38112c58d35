"""The public addresses. Each is a promise: other people's links hang on it."""

import unicodedata
from datetime import date

from django.urls import path, register_converter

from faq import feeds
from faq.paging import Numbers
from faq.views import (
    changes,
    crawlers,
    developers,
    health,
    history,
    images,
    lookup,
    machine,
    markdown,
    memento,
    policies,
    preview,
    preview_sign_off,
    questions,
    security,
)


class PolicySlug:
    """A policy's slug: DESIGN 4."""

    regex = "[a-z0-9-]+"

    def to_python(self, value: str) -> str:
        """The slug as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The slug as it is."""
        return value


class Day:
    """A day written YYYY-MM-DD that the calendar has."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day; raises ValueError, and so does not match, if there is none."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """The day as it is written."""
        return value.isoformat()


class Number:
    """A version's number as it is written, so that no other address leads to the same page."""

    regex = "[1-9][0-9]*"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """The number in digits."""
        return str(value)


class NumberRange:
    """Version numbers from one to another, as an older page of a list is called: 51-100."""

    regex = "[1-9][0-9]{0,8}-[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> Numbers:
        """The numbers."""
        first, _dash, last = value.partition("-")
        return Numbers(int(first), int(last))

    def to_url(self, value: Numbers) -> str:
        """The numbers as they are written."""
        return str(value)


class AnchorName:
    """A question's name in its address: anything that `anchors.fault` lets pass, and no more."""

    regex = r"(?!versions/)[^/]+"

    def to_python(self, value: str) -> str:
        """The name in the form in which it is kept, whatever form a browser sent."""
        return unicodedata.normalize("NFC", value)

    def to_url(self, value: str) -> str:
        """The name as it is; it is percent-encoded by whoever builds the address."""
        return value


class Sha256:
    """The fingerprint of a picture's bytes."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        """The fingerprint as it is."""
        return value

    def to_url(self, value: str) -> str:
        """The fingerprint as it is."""
        return value


register_converter(PolicySlug, "policy")
register_converter(Day, "day")
register_converter(Number, "number")
register_converter(NumberRange, "numbers")
register_converter(Sha256, "sha256")
register_converter(AnchorName, "anchor")

app_name = "faq"
urlpatterns = [
    path("", policies.home, name="home"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("developers/", developers.developers, name="developers"),
    path("openapi.json", machine.openapi, name="openapi"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("robots.txt", crawlers.robots, name="robots"),
    path(security.PATH, security.security_txt, name="security-txt"),
    path("preview/<str:token>/", preview.preview, name="preview"),
    path("preview/<str:token>/changes/", preview.changes, name="preview-changes"),
    path("preview/<str:token>/sign-off/", preview_sign_off.sign_off, name="preview-sign-off"),
    path(
        "preview/<str:token>/images/<sha256:sha256>.<slug:extension>",
        preview.preview_image,
        name="preview-image",
    ),
    path("preview/<path:rest>/", preview.no_preview, name="no-preview"),
    path("images/<sha256:sha256>.<slug:extension>", images.image, name="image"),
    path("<policy:slug>.json", machine.in_force, name="policy-json"),
    path("<policy:slug>/versions.json", machine.versions, name="versions-json"),
    path("<policy:slug>/anchors.json", machine.anchors, name="anchors-json"),
    path("<policy:slug>/", policies.in_force, name="policy"),
    path("<policy:slug>/versions/", history.history, name="history"),
    path("<policy:slug>/versions/<numbers:numbers>/", history.older, name="history-older"),
    path("<policy:slug>/versions/<number:number>/", policies.version, name="version"),
    path("<policy:slug>/versions/<day:day>/", lookup.on_day, name="day"),
    path("<policy:slug>/versions/upcoming/", lookup.upcoming, name="upcoming"),
    path("<policy:slug>/versions/timegate/", memento.timegate, name="timegate"),
    path("<policy:slug>/versions/timemap/", memento.timemap, name="timemap"),
    path("<policy:slug>/versions/verify.py", machine.verify, name="verify"),
    path("<policy:slug>/versions/<number:number>.json", policies.version_json, name="version-json"),
    path("<policy:slug>/versions/<number:number>.md", markdown.version_markdown, name="version-md"),
    path("<policy:slug>/versions.atom", feeds.versions_atom, name="atom"),
    path("<policy:slug>/versions/<number:old>...<number:new>/", changes.redline, name="redline"),
    path("<policy:slug>/<anchor:anchor>/", questions.question, name="question"),
    path("<policy:slug>/<anchor:anchor>/versions/", questions.history, name="question-history"),
    path(
        "<policy:slug>/<anchor:anchor>/versions/<numbers:numbers>/",
        questions.older_history,
        name="question-history-older",
    ),
]
