"""What the Django peers share: settings as `startproject` writes them, and the policy's text."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import django
from django.conf import settings

HERE = Path(__file__).parent
#: Where the benchmark put the page, and where the peers have their databases.
FOLDER = Path(os.environ["BENCH_FOLDER"])
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
APPS = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def set_up(name: str, *, apps: tuple[str, ...] = (), **more: object) -> None:
    """Set Django up for the peer of this name, whose module has its `urlpatterns`."""
    name = name.rpartition(".")[2]
    options = {
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": FOLDER / f"{name}.sqlite3",
            }
        },
        "DEBUG": False,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "INSTALLED_APPS": [*apps, *APPS],
        "MIDDLEWARE": MIDDLEWARE,
        "ROOT_URLCONF": f"benchmarks.peers.{name}",
        "SECRET_KEY": "only-for-the-benchmark-and-long-enough-for-the-checks",
        "STATIC_URL": "static/",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": CONTEXT},
            }
        ],
        "USE_TZ": True,
    }
    settings.configure(**{**options, **more})
    django.setup()


def page() -> str:
    """Our finished page."""
    return (FOLDER / "page.html").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Question:
    """A question as a peer stores it."""

    anchor: str
    title: str
    markdown: str
    html: str


@dataclass(frozen=True)
class Section:
    """A heading and its questions."""

    anchor: str
    title: str
    questions: list[Question]


def title() -> str:
    """The policy's title."""
    return str(_document()["title"]["en"])


def introduction() -> str:
    """The HTML above the questions."""
    found = _document()["introduction"]
    return str(found["en"]["html"]) if found else ""


def sections() -> list[Section]:
    """The policy's text."""
    return [
        Section(
            each["anchor"] or "",
            (each["title"] or {}).get("en", ""),
            [
                Question(
                    one["anchor"],
                    one["title"]["en"],
                    one["answer"]["en"]["source"],
                    one["answer"]["en"]["html"],
                )
                for one in each["questions"]
            ],
        )
        for each in _document()["sections"]
    ]


def _document() -> dict:
    found: dict = json.loads((FOLDER / "policy.json").read_text(encoding="utf-8"))
    return found
