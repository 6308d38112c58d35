"""An organisation's own colours, logo and name: read strictly, served hashed, easy to read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.staticfiles import finders
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from faq import theme
from faq.collected import uncollected
from privacy_site.environment import Environment
from tests.factory import make_record

STYLES = Path(site_settings.BASE_DIR) / "static/css"
OURS = theme.colours_of((STYLES / "tokens.css").read_text() + (STYLES / "redline.css").read_text())
GREEN = """\
/* Our green. */
:root { --link: #0b4a2a; --edge: #0b4a2a }
@media screen and (prefers-color-scheme: dark) { html:root { --link: #9FFFCA; } }
"""


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    """A theme file that the settings name."""
    settings.THEME = tmp_path / "green.css"
    settings.THEME.write_text(GREEN)
    path: Path = settings.THEME
    return path


def faults() -> list[str]:
    return [error.msg for error in run_checks(tags=[Tags.staticfiles]) if error.id == "faq.E003"]


class TestTheColours:
    def test_ours_are_a_theme_themselves(self):
        ours = theme.read_theme((STYLES / "tokens.css").read_text())
        assert len(ours.light) == len(ours.dark) == 11
        assert ours.light["paper"] == "#fff"

    def test_all_text_of_ours_has_a_contrast_of_7_to_1_on_every_ground(self):
        assert theme.too_faint(OURS) == []

    def test_each_text_is_looked_at_on_each_ground_in_each_scheme(self):
        for scheme in ("light", "dark"):
            for name in ("ink", "ink-soft", "link", "link-visited", "paper", "inserted", "edge"):
                colours = {"light": dict(OURS.light), "dark": dict(OURS.dark)}
                colours[scheme][name] = "#808080"
                found = theme.too_faint(theme.Theme(**colours))
                assert any(each.startswith(f"{scheme}: ") for each in found), name
                assert all(f"--{name} " in each for each in found), name

    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [("#000", "#fff", 21), ("#fff", "#FFFFFF", 1), ("#767676", "#ffffff", 4.54)],
    )
    def test_contrast_is_that_of_wcag(self, one, other, ratio):
        assert theme.contrast(one, other) == pytest.approx(ratio, abs=0.005)

    def test_a_theme_says_only_what_differs(self):
        whole = theme.read_theme(GREEN).over(OURS)
        assert whole.light == {**OURS.light, "link": "#0b4a2a", "edge": "#0b4a2a"}
        assert whole.dark == {**OURS.dark, "link": "#9fffca"}


class TestReading:
    @pytest.mark.parametrize(
        ("css", "said"),
        [
            ("body { color: red }", "not “body”"),
            ("@import url(https://elsewhere.example/a.css);", "not “@import”"),
            (":root { --link: red }", "not “--link: red”"),
            (":root { --link: url(//elsewhere.example) }", "not “--link: url"),
            (":root { color: #000 }", "not “color: #000”"),
            ("@media (prefers-color-scheme: dark) { :root { --link: #fff } }", "not “@media”"),
            ("html:root { --link: #fff }", "not “html:root”"),
            (":root { --link: #ffff }", "not “--link: #ffff”"),
            (":root { --link: #fff", "not “:root”"),
            (":root { --link: #fff } }", "not “}”"),
        ],
    )
    def test_anything_but_colours_is_refused(self, css, said):
        with pytest.raises(theme.BadTheme) as refused:
            theme.read_theme(css)
        assert said in str(refused.value)

    def test_a_byte_order_mark_changes_nothing(self):
        assert theme.read_theme(f"\ufeff{GREEN}") == theme.read_theme(GREEN)

    def test_an_empty_one_changes_nothing(self):
        assert theme.read_theme("/* later */").over(OURS) == OURS

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("none.css", None, "THEME: there is no file"),
            ("theme.txt", b"", "THEME must name a file that ends in .css"),
            ("theme.css", b"\xff\xfe\x00", "THEME: not a text file"),
            ("theme.css", b"p { }", "only :root"),
        ],
    )
    def test_one_that_cannot_be_read_stops_the_start(self, tmp_path, name, content, said):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ImproperlyConfigured) as stopped:
            Environment({"THEME": str(path)}).theme("THEME")
        assert said in str(stopped.value)

    def test_unset_there_is_none(self):
        assert Environment({"THEME": " "}).theme("THEME") is None
        assert Environment({}).file("LOGO", ".svg") is None

    def test_a_logo_needs_the_name(self, tmp_path):
        logo = tmp_path / "logo.svg"
        logo.write_text("<svg/>")
        start = [sys.executable, "-c", "import privacy_site.settings"]
        given = {"DEBUG": "true", "LOGO": str(logo), "ORGANISATION": ""}
        for name, code in (("", 1), ("Tarnwhistle", 0)):
            environment = {**os.environ, **given, "ORGANISATION": name}
            done = subprocess.run(
                start,
                env=environment,
                cwd=site_settings.BASE_DIR,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == code, done.stderr
            assert ("LOGO needs ORGANISATION" in done.stderr) == bool(code)


class TestTheCheck:
    def test_a_good_theme_passes(self, file):
        assert faults() == []

    def test_without_a_theme_there_is_nothing_to_say(self, settings):
        settings.THEME = None
        assert faults() == []

    def test_it_names_what_is_too_faint_and_how_faint_it_is(self, file):
        file.write_text(":root { --link: #3c8a5a }")
        assert f"{file}: light: --link on --paper has 4.2:1, and needs 7:1." in faults()

    def test_it_names_what_no_page_uses(self, file):
        file.write_text(":root { --lnik: #000 }")
        assert faults() == [f"{file}: --lnik is the name of no colour."]


class TestServing:
    @pytest.mark.django_db
    def test_every_page_asks_for_the_theme_after_our_colours(self, client, file):
        make_record()
        for path in ("/privacy/", "/privacy/versions/1...5/", "/nothing/"):
            text = client.get(path).content.decode()
            assert text.count("/static/own/green.css") == 1
            places = [text.index(f"/static/{name}") for name in ("css/tokens", "own/", "css/page")]
            assert places == sorted(places), path

    @pytest.mark.django_db
    def test_the_editors_preview_has_it_too(self, admin_client, file):
        policy = make_record()
        question = policy.question_set.filter(retired_at=None).first()
        text = admin_client.get(f"/admin/faq/question/{question.pk}/change/").content.decode()
        places = [text.index(f"/static/{name}") for name in ("css/tokens", "own/", "css/answer")]
        assert places == sorted(places)

    @pytest.mark.django_db
    def test_the_logo_stands_in_the_head_and_says_the_name(self, client, settings, tmp_path):
        settings.ORGANISATION, settings.LOGO = "A & B", tmp_path / "our logo.svg"
        make_record()
        text = client.get("/privacy/").content.decode()
        assert '<img src="/static/own/our%20logo.svg" alt="A &amp; B">' in text

    @pytest.mark.django_db
    def test_without_them_nothing_is_asked_for(self, client, settings):
        settings.ORGANISATION, settings.THEME, settings.LOGO = "A", None, None
        make_record()
        text = client.get("/privacy/").content.decode()
        assert "/own/" not in text
        assert "<img" not in text

    def test_they_are_found_by_their_names(self, file):
        assert finders.find("own/green.css") == str(file)
        assert not finders.find("own/other.css")
        assert not finders.find("own/../green.css")

    @pytest.mark.django_db
    def test_they_are_collected_under_hashed_names(self, client, file, settings, tmp_path):
        settings.LOGO = tmp_path / "logo.svg"
        settings.LOGO.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        settings.STATIC_ROOT = tmp_path / "collected"
        settings.STATIC_ROOT.mkdir()
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        }
        assert uncollected() == ["css/tokens.css", "own/green.css", "own/logo.svg"]
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.content.startswith(b"not ready: static files are missing; run manage.py")
        call_command("collectstatic", interactive=False, verbosity=0)
        assert uncollected() == []
        assert client.get("/health/ready").status_code == 200
        names = {path.name for path in (tmp_path / "collected/own").iterdir()}
        assert any(name.startswith("green.") and name.endswith(".css.br") for name in names)
        assert any(re.fullmatch(r"logo\.[0-9a-f]{12}\.svg", name) for name in names)

    def test_colours_that_cannot_be_read_are_not_collected(self, file, settings, tmp_path):
        file.write_text(":root { --ink: #999 }")
        settings.STATIC_ROOT = tmp_path / "collected"
        done = subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--dry-run"],
            env={**os.environ, "DEBUG": "true", "THEME": str(file)},
            cwd=site_settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert "light: --ink on --paper has 2.8:1, and needs 7:1." in done.stderr
