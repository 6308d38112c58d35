"""What readers find while no version of a policy is in force."""

from __future__ import annotations

import pytest

from faq import publishing
from faq.models import Withholding
from tests.factory import (
    DAY_1,
    DAY_2,
    DAY_3,
    FAR_AHEAD,
    MARKER,
    make_policy,
    make_question,
    make_record,
    make_section,
    publish,
)
from tests.test_pages import read, said

pytestmark = pytest.mark.django_db


def announce_first(slug="privacy", contact="", **options):
    policy = make_policy(slug, contact=contact)
    make_question(policy)
    publish(policy, DAY_1, effective_at=FAR_AHEAD, **options)
    return policy


def test_the_first_page_says_what_comes_and_leads_to_it(client):
    announce_first()
    page = read(client, "/")
    assert "Privacy policy Not in force yet: applies from 2 March 2999" in said(page.by_id("_main"))
    assert page.link("Privacy policy") == "/privacy/versions/1/"
    assert "Nothing is published yet" not in page.html


def test_its_own_page_says_so_too(client):
    announce_first()
    page = read(client, "/privacy/", 404)
    assert said(page.by_id("_main")).startswith(
        "Privacy policy Not in force yet Version 1 applies from 2 March 2999, 12:00."
    )
    assert page.link("Read version 1") == "/privacy/versions/1/"
    assert page.link("All versions") == "/privacy/versions/"


def test_it_says_how_to_reach_us(client):
    announce_first(contact="Write to [us](mailto:us@example.org), or [read](#who-are-we).")
    page = read(client, "/privacy/", 404)
    assert page.link("us") == "mailto:us@example.org"
    assert page.link("read") == "/privacy/versions/1/#who-are-we"


def test_its_contact_leads_to_it_from_every_page_of_it(client):
    policy = announce_first(contact="[Read](#who-are-we).")
    publishing.withdraw(policy.version_set.get(), by="alice", at=DAY_2, reason="No.")
    Withholding.objects.create(
        version=policy.version_set.get(), reason="A court.", withheld_by="a", recorded_at=DAY_2
    )
    publish(policy, DAY_3, effective_at=FAR_AHEAD)
    pages = {"": 404, "versions/": 200, "versions/1/": 410, "versions/1...2/": 410}
    for path, status in pages.items():
        page = read(client, f"/privacy/{path}", status)
        assert page.link("Read") == "/privacy/versions/2/#who-are-we", path


def test_beside_one_in_force_it_is_listed(client):
    make_record()
    announce_first("staff")
    page = read(client, "/")
    assert [each.get("href") for each in page.by_id("_main").iter("a")] == [
        "/privacy/",
        "/staff/versions/1/",
    ]


def test_of_one_that_is_not_announced_nobody_learns(client):
    announce_first(announce=False)
    assert "Nothing is published yet" in read(client, "/").html
    unknown = read(client, "/nothing/", 404).html.replace("/nothing/", "/privacy/")
    assert read(client, "/privacy/", 404).html == unknown


def test_an_announced_one_that_is_hidden_keeps_its_words(client):
    policy = make_policy(title=MARKER)
    make_question(policy, MARKER)
    publish(policy, DAY_1, effective_at=FAR_AHEAD)
    Withholding.objects.create(
        version=policy.version_set.get(), reason="A court.", withheld_by="a", recorded_at=DAY_2
    )
    for path, status in {"/": 200, "/privacy/": 404, "/nothing/": 404}.items():
        assert MARKER not in read(client, path, status).html


def test_after_the_only_version_was_taken_back_the_list_of_versions_stays(client):
    policy = announce_first()
    publishing.withdraw(policy.version_set.get(), by="alice", at=DAY_3, reason="No.")
    page = read(client, "/privacy/", 404)
    assert "No version is in force" in said(page.by_id("_main"))
    assert page.link("All versions") == "/privacy/versions/"
    first = read(client, "/")
    assert "No version is in force" in said(first.by_id("_main"))
    assert first.link("/privacy/versions/") == "/privacy/versions/"
    wrong = read(client, "/privacy/nothing/", 404)
    assert "Nothing is published here yet." not in wrong.html
    assert wrong.link("/privacy/versions/") == "/privacy/versions/"


def test_a_wrong_address_leads_into_what_comes(client):
    announce_first()
    page = read(client, "/privacy/nothing/", 404)
    assert page.link("Who are we?") == "/privacy/versions/1/#who-are-we"
    assert "Nothing is published here yet." not in page.html


def test_an_empty_site_tells_the_first_editor_what_to_do(client):
    page = read(client, "/")
    steps = [said(each) for each in page.by_id("_main").iter("li")]
    assert len(steps) == 4
    assert steps[0] == "Log in to edit and publish"
    assert page.link("Log in to edit and publish") == "/admin/"
    assert steps[-1].startswith("Publish")


def test_a_wrong_address_names_the_nearest_question_first(client):
    policy = make_policy()
    make_question(policy)
    cookies = make_section(policy, "Cookies")
    make_question(policy, "When do we use cookies?", anchor="when", section=cookies)
    publish(policy, DAY_1)
    page = read(client, "/privacy/cookie-use/", 404)
    text = said(page.by_id("_main"))
    assert text.index("Did you look for When do we use cookies?") < text.index("Who are we?")
    assert page.link("When do we use cookies?") == "/privacy/#when"
    assert "Did you look for" not in read(client, "/privacy/nothing/", 404).html
    assert "Did you look for" not in read(client, "/privacy/versions/9/", 404).html


def test_the_name_of_a_policy_is_no_word_that_is_looked_for_in_another(client):
    for slug, title in [("privacy", "Who are we?"), ("cookies", "Is this about privacy?")]:
        policy = make_policy(slug)
        make_question(policy, title)
        publish(policy, DAY_1)
    assert "Did you look for" not in read(client, "/privacy/nothing/", 404).html
    page = read(client, "/privacy/about/", 404)
    assert page.link("Is this about privacy?") == "/cookies/#is-this-about-privacy"


def test_the_nearest_question_is_escaped(client):
    policy = make_policy()
    make_question(policy, "<i>Zebras</i>?", anchor="zebras")
    publish(policy, DAY_1)
    page = read(client, "/privacy/zebra/", 404)
    assert page.link("<i>Zebras</i>?") == "/privacy/#zebras"
