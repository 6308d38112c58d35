"""The page on policy files, whose examples are files that import and export agree on."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from faq.exchange.markdown import read
from faq.exchange.syntax import BLOCKS
from faq.models import Policy
from tests.test_exchange_round_trip import without_ids

PAGE = (settings.BASE_DIR / "docs" / "markdown.md").read_text(encoding="utf-8")
LEAST, WHOLE = re.findall(r"^```markdown\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def policy(db, tmp_path) -> Policy:
    """The whole example, imported and published by the command."""
    return published(WHOLE, "privacy", tmp_path)


def published(text: str, slug: str, folder) -> Policy:
    file = folder / f"{slug}.md"
    file.write_text(text, encoding="utf-8")
    call_command("import_policy", str(file), "--policy", slug, "--freeze", "--approve")
    return Policy.objects.get(slug=slug)


def test_the_whole_example_is_exported_as_it_was_imported(policy, client, tmp_path):
    for options in (["--version", "1"], ["--working-copy"], []):
        file = tmp_path / "exported.md"
        call_command("export_policy", "privacy", *options, "--format", "md", "--output", str(file))
        assert file.read_text(encoding="utf-8") == WHOLE
    assert client.get("/privacy/versions/1.md").content.decode() == WHOLE


def test_the_exported_example_makes_the_same_policy_again(policy, client, tmp_path):
    again = published(client.get("/privacy/versions/1.md").content.decode(), "other", tmp_path)
    documents = [each.version_set.newest().to_document() for each in (policy, again)]
    assert without_ids(documents[0]) == without_ids(documents[1])


def test_the_page_of_the_whole_example_has_all_that_it_shows(policy, client):
    page = client.get("/privacy/").content.decode()
    for name in ("who-are-we", "about-us", "your-information", "what-do-we-keep", "cookies"):
        assert f'id="{name}"' in page
    for name in ("when-do-we-use-cookies", "do-we-send-faxes", "faxes"):
        assert f'id="{name}"' in page
    assert 'id="what-do-we-keep.after-you-have-left"' in page
    for words in (
        '<p dir="auto">A company in Harrowmere.</p>',
        "1 Signal Yard<br",
        '<div class="important">',
        '<td class="align-right">6 years</td>',
        "<dt>Cookie</dt>",
        '<section class="footnotes">',
        '<a href="#who-are-we">Who are we?</a> says who',
        '<a href="#what-do-we-keep.after-you-have-left">what we keep',
        '<a href="mailto:privacy@example.org">us</a>',
    ):
        assert words in page, words
    removed = client.get("/privacy/faxes/").content.decode()
    assert "We have no fax machine any more." in removed


def test_the_least_example_is_a_policy_of_two_questions(db, client, tmp_path):
    published(LEAST, "privacy", tmp_path)
    page = client.get("/privacy/").content.decode()
    for words in ("What we do with", 'id="who-are-we"', 'id="when-do-we-use-cookies"'):
        assert words in page


@pytest.mark.parametrize("name", BLOCKS)
def test_the_page_shows_and_explains_every_block_of_the_format(name):
    assert f"::: {name}" in WHOLE
    assert f"| `::: {name}" in PAGE


def test_the_headings_it_explains_are_read_as_it_says():
    whole = read(WHOLE)
    names = {each.title: (each.name.anchor, *each.name.aliases) for each in whole.questions()}
    assert names["Who are we?"] == ("who-are-we", "about-us")
    assert names["When do we use cookies?"] == ("cookies", "when-do-we-use-cookies")
    assert [section.title for section in whole.sections] == ["Your information"]
    assert whole.notices == ()
    assert whole.unknown == ()
