"""Finding a question on a policy's page without scripts: `?q=`."""

from __future__ import annotations

from urllib.parse import urlencode

import html5lib
import pytest

from faq import publishing
from faq.models import Policy
from tests.factory import (
    DAY_1,
    DAY_2,
    make_policy,
    make_question,
    publish,
    reword,
)
from tests.finding import make_findable

pytestmark = pytest.mark.django_db

CONTACT = "Write to [us](mailto:us@example.org)[^1].\n\n[^1]: In any language."


@pytest.fixture
def policy() -> Policy:
    """A policy with two versions; only the second speaks of drones."""
    policy = make_policy(contact=CONTACT)
    make_question(policy, in_short="A company & its people.", also_asked="controller")
    who = make_question(policy, "What do you know?", "Your name.", also_asked="get my data, SAR")
    publish(policy, DAY_1)
    reword(who, "Your name, and what our drones see.")
    publish(policy, DAY_2)
    return policy


def asked(client, query: str, path: str = "/privacy/"):
    """The answer to a query, and its page as a tree."""
    response = client.get(f"{path}?{urlencode({'q': query})}")
    assert response.status_code == 200
    return response, html5lib.parse(response.content, namespaceHTMLElements=False)


def found(tree):
    """The part of the page that says what was found."""
    [part] = tree.findall(".//div[@class='found']")
    return part


def links(tree) -> list[str]:
    return [a.get("href") for a in found(tree).findall("ul/li/a")]


def text(element) -> str:
    return " ".join("".join(element.itertext()).split())


def ids(tree) -> list[str]:
    return [element.get("id") for element in tree.iter() if element.get("id")]


def test_what_was_found_stands_before_the_contents_with_links_and_short_answers(client, policy):
    _response, tree = asked(client, "controller")
    assert links(tree) == ["#who-are-we"]
    assert text(found(tree)).startswith("Questions found: 1 Who are we? A company & its people.")
    around = next(each for each in tree.iter("div") if each.get("class") == "contents-list")
    kinds = [each.get("class") or each.tag for each in around]
    assert kinds == ["ask find", "found", "details"]


def test_the_field_and_the_title_say_what_was_looked_for(client, policy):
    _response, tree = asked(client, "  get my\tdata ")
    assert tree.find(".//input[@id='_q']").get("value") == "get my data"
    assert text(tree.find(".//title")).startswith("“get my data” (1) – Privacy policy")
    assert links(tree) == ["#what-do-you-know"]


def test_a_query_is_shown_as_text_and_never_as_markup(client, policy):
    response, tree = asked(client, '"><script>alert(1)</script>&lt;')
    assert b"<script>alert" not in response.content
    assert tree.find(".//input[@id='_q']").get("value") == '"><script>alert(1)</script>&lt;'


def test_where_no_question_has_all_words_it_says_so(client, policy):
    _response, tree = asked(client, "SAR fax")
    assert links(tree) == ["#what-do-you-know"]
    assert "No question has all of these words." in text(found(tree))


@pytest.mark.parametrize("query", ["fax", "?!"])
def test_where_nothing_is_found_it_says_what_to_do_and_whom_to_ask(client, policy, query):
    _response, tree = asked(client, query)
    said = text(found(tree))
    assert links(tree) == []
    assert said.startswith("No question has these words. Try others, or fewer")
    assert "How to reach us Write to us" in said
    assert found(tree).find(".//a[@href='mailto:us@example.org']") is not None
    assert len(ids(tree)) == len(set(ids(tree)))


def test_a_policy_without_contact_says_nothing_of_it(client):
    make_question(make_policy())
    publish(Policy.objects.get(), DAY_1)
    _response, tree = asked(client, "fax")
    assert "reach" not in text(found(tree))


def test_a_link_leads_back_to_the_page_without_a_query(client, policy):
    for path in ("/privacy/", "/privacy/versions/1/"):
        _response, tree = asked(client, "controller", path)
        assert found(tree).findall("p/a")[-1].get("href") == "./#_contents"


def test_the_policy_is_there_as_ever(client, policy):
    _response, tree = asked(client, "controller")
    plain = html5lib.parse(client.get("/privacy/").content, namespaceHTMLElements=False)
    assert [text(each) for each in tree.iter("section")] == [
        text(each) for each in plain.iter("section")
    ]
    assert set(ids(plain)) <= set(ids(tree))


def test_a_version_is_searched_in_its_own_words(client, policy):
    assert links(asked(client, "drones")[1]) == ["#what-do-you-know"]
    assert links(asked(client, "drones", "/privacy/versions/2/")[1]) == ["#what-do-you-know"]
    assert links(asked(client, "drones", "/privacy/versions/1/")[1]) == []


def test_hidden_wording_is_not_searched(client, policy):
    first = policy.version_set.get(approval__number=1)
    publishing.withhold(first, by="alice", at=DAY_2, reason="It named a person.")
    response = client.get("/privacy/versions/1/?q=controller")
    assert response.status_code == 410
    assert b"who-are-we" not in response.content


@pytest.mark.parametrize("path", ["/privacy/", "/privacy/versions/1/"])
@pytest.mark.parametrize("query", ["controller", "fax", ""])
def test_what_somebody_looked_for_is_kept_by_no_cache_and_no_search_engine(
    client, policy, path, query
):
    response, tree = asked(client, query, path)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    canonical = next(e.get("href") for e in tree.iter("link") if e.get("rel") == "canonical")
    assert canonical.endswith(path)
    plain = client.get(path)
    assert plain.headers["Cache-Control"] == "no-cache"
    assert "X-Robots-Tag" not in plain.headers


def test_nothing_looked_for_is_the_page_itself(client, policy):
    for address in ("/privacy/?q=", "/privacy/?q=%20%09", "/privacy/?other=1"):
        assert client.get(address).content == client.get("/privacy/").content


@pytest.mark.parametrize(
    "query",
    ["%00", "%FF%FE", "%ED%A0%80", "%F0%9F%91%BB", "a" * 5000, "%E2%80%AE", "a&q=b", "%0D%0Aa"],
)
def test_odd_queries_are_answered(client, policy, query):
    response = client.get(f"/privacy/?q={query}")
    assert response.status_code == 200
    assert b"\0" not in response.content
    assert b"a" * 201 not in response.content


@pytest.mark.parametrize("policy_name", ["unspaced", "semitic", "european"])
def test_questions_are_found_in_other_scripts(client, policy_name):
    make_findable(policy_name)
    query = {"unspaced": "開示", "semitic": "بيانات", "european": "STRASSE"}[policy_name]
    anchor = {"unspaced": "開示", "semitic": "بيانات", "european": "straße"}[policy_name]
    assert links(asked(client, query, f"/{policy_name}/")[1])[0] == f"#{anchor}"
