"""Real policies, imported, published and read back."""

from __future__ import annotations

import html5lib
import pytest
from django.core.management import call_command

from faq.exchange.markdown import BadPolicyFile, apply, decode, read, write
from faq.exchange.slugs import Slugs
from faq.exchange.syntax import parse
from faq.models import Policy
from tests.corpus import ROOT, data_of, expected_headings, newest, row_of, said
from tests.factory import DAY_1, NOON, publish
from tests.test_exchange_round_trip import without_ids

pytestmark = [pytest.mark.shared, pytest.mark.django_db]

EVERY = pytest.mark.parametrize("row", newest(), ids=lambda row: f"{row['name']}-{row['lang']}")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def load(row, slug: str = "privacy") -> Policy:
    policy = Policy.objects.create(slug=slug, title="Without a title of its own")
    apply(read(decode(data_of(row))), policy, at=DAY_1)
    return policy


def headings_of(client, path: str) -> list:
    """The headings of a page's policy, in order: id and text."""
    tree = html5lib.parse(client.get(path).content, namespaceHTMLElements=False)
    main = next(element for element in tree.iter("main"))
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    return [
        (next(filter(None, (each.get("id") for each in element.iter())), None), text_of(element))
        for element in main.iter()
        if element.tag in HEADINGS
    ]


def text_of(element) -> str:
    return said("".join(element.itertext()))


@EVERY
def test_every_heading_is_on_the_page_in_order_under_a_name(client, row):
    policy = load(row)
    publish(policy, DAY_1)
    found = iter(headings_of(client, "/privacy/versions/1/"))
    for expected in expected_headings(row, policy.title):
        name = next((key for key, text in found if key and text == expected), None)
        assert name, expected


@EVERY
def test_importing_again_changes_nothing(row):
    policy = load(row)
    before = policy.to_document().to_json()
    for _again in range(2):
        report = apply(read(decode(data_of(row))), policy, at=NOON)
        assert not (report.added or report.changed or report.removed or report.brought_back)
        assert policy.to_document().to_json() == before
        if not policy.version_set.exists():
            publish(policy, DAY_1)


@EVERY
def test_what_is_exported_imports_to_the_same_document(row):
    document = load(row).to_document()
    other = Policy.objects.create(slug="other", title="Other")
    apply(read(write(document, "en")), other, at=NOON)
    assert without_ids(other.to_document()) == without_ids(document)


@EVERY
def test_links_inside_a_file_lead_to_something_on_the_page_or_are_reported(client, row):
    file = read(decode(data_of(row)))
    publish(load(row), DAY_1)
    tree = html5lib.parse(client.get("/privacy/").content, namespaceHTMLElements=False)
    ids = {element.get("id") for element in tree.iter()}
    links = {a.get("href", "")[1:] for a in tree.iter("a") if a.get("href", "").startswith("#")}
    assert links - ids <= {name for name, _line in file.unknown}


@EVERY
def test_old_links_to_every_heading_go_on_working(client, row):
    publish(load(row), DAY_1)
    tree = html5lib.parse(client.get("/privacy/").content, namespaceHTMLElements=False)
    ids = {element.get("id") for element in tree.iter()}
    title = row["headings"][0] if row["headings"][0][0] == 1 else None
    for heading in row["headings"]:
        if heading is not title and len(row["headings"]) > 1:
            assert heading[-1] in ids, heading


def test_names_of_headings_are_those_that_other_sites_give_them():
    for row in newest():
        slugs = Slugs()
        for heading, expected in zip(
            parse(decode(data_of(row))).headings, row["headings"], strict=True
        ):
            slug = slugs.next(heading.title)
            assert slug == expected[2] or heading.names == (expected[3],)


def test_the_command_imports_and_publishes_a_real_policy(capsys):
    row = row_of("npm-privacy-qa")
    call_command(
        *("import_policy", str(ROOT / row["file"]), "--policy", "npm"),
        *("--freeze", "--approve", "--effective", row["version_date"]),
    )
    assert "Version 1 of “Privacy Questions and Answers” is in force" in capsys.readouterr().out


def test_every_file_is_read_or_refused_with_what_to_do():
    refused = {}
    for path in sorted(ROOT.glob("docs/*/*/*")):
        try:
            read(decode(path.read_bytes()))
        except BadPolicyFile as error:
            refused[path.relative_to(ROOT / "docs").parts[0]] = str(error)
    assert set(refused) == {
        "github-cookies",  # older versions without a heading
        "govuk-notify-privacy",  # HTML
        "madison-privacy-html",
        "medium-privacy",  # older versions without a heading
        "mozilla-subscription-privacy",  # an id that stands twice
    }
    assert all("\n" not in text for text in refused.values())
