"""What the head of a page tells search engines and sites that show links: JSON-LD, Open Graph."""

from __future__ import annotations

import json
from typing import Any

import html5lib
import pytest
from django.conf import settings

from faq.structured_data import for_script_element
from tests.factory import (
    DAY,
    NOON,
    make_policy,
    make_published,
    make_question,
    make_section,
    publish,
)

ROOT = settings.SITE_URL.origin
NASTY = "</script><script>alert(1)</script><!-- & ]]> \u2028 <b>'\""


def head_of(client: Any, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    tree = html5lib.parse(answer.content, namespaceHTMLElements=False, transport_encoding="utf-8")
    return tree.find("head")


def data_on(client: Any, path: str) -> dict[str, Any]:
    """The one block of data of a page."""
    scripts = head_of(client, path).iter("script")
    (block,) = (each for each in scripts if "src" not in each.attrib)
    assert block.attrib == {"type": "application/ld+json"}
    return json.loads(block.text)


def shared(client: Any, path: str) -> dict[str, str]:
    metas = head_of(client, path).iter("meta")
    return {
        meta.attrib["property"]: meta.attrib["content"]
        for meta in metas
        if "property" in meta.attrib
    }


@pytest.mark.django_db
def test_the_policy_in_force_is_a_page_of_questions_with_its_date(client, settings):
    settings.ORGANISATION = "Brown & Sons"
    policy = make_policy()
    make_question(policy, answer="A company.\n\n- in *Leeds*\n- in York")
    section = make_section(policy)
    make_question(policy, "When?", "A long story.", section=section, in_short="Now & then.")
    publish(policy)
    here = f"{ROOT}/privacy/"
    assert data_on(client, "/privacy/") == {
        "@context": "https://schema.org",
        "@type": ["WebPage", "FAQPage"],
        "@id": here,
        "url": here,
        "name": "Privacy policy",
        "inLanguage": "en",
        "version": "1",
        "publisher": {"@type": "Organization", "name": "Brown & Sons"},
        "dateModified": "2026-03-02T12:00:00+00:00",
        "mainEntity": [
            {
                "@type": "Question",
                "url": f"{here}#{name}",
                "name": title,
                "acceptedAnswer": {"@type": "Answer", "text": text},
            }
            for name, title, text in (
                ("who-are-we", "Who are we?", "A company. in Leeds in York"),
                ("when", "When?", "Now & then."),
            )
        ],
    }


@pytest.mark.django_db
def test_a_version_is_a_page_with_its_date_and_answers_no_question(client):
    make_published(2)
    here = f"{ROOT}/privacy/versions/1/"
    assert data_on(client, "/privacy/versions/1/") == {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "@id": here,
        "url": here,
        "name": "Privacy policy, version 1",
        "inLanguage": "en",
        "version": "1",
        "datePublished": "2026-03-02T12:00:00+00:00",
    }


def test_nothing_in_the_data_looks_like_markup():
    written = for_script_element({"text": NASTY})
    assert not set("<>&") & set(written)
    assert json.loads(written) == {"text": NASTY}


@pytest.mark.django_db
def test_no_wording_can_end_the_block_of_data(client):
    policy = make_policy(title=NASTY)
    make_question(policy, NASTY, NASTY, anchor="nasty", in_short=NASTY)
    publish(policy)
    data = data_on(client, "/privacy/")
    (question,) = data["mainEntity"]
    assert data["name"] == question["name"] == NASTY
    assert question["acceptedAnswer"]["text"] == " ".join(NASTY.split())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/privacy/", "Brown & Sons’ “policy”"),
        ("/privacy/versions/1/", "Brown & Sons’ “policy”, version 1"),
        ("/privacy/versions/", "Brown & Sons’ “policy”: all versions"),
        ("/developers/", "For developers"),
        ("/privacy/who-are-we/", "Who are we?"),
        ("/privacy/who-are-we/versions/", "How the answer changed: Who are we?"),
    ],
)
def test_a_link_to_a_page_shows_its_title_and_address_where_it_is_shared(client, path, title):
    policy = make_policy(title="Brown & Sons’ “policy”", introduction="*What* we do & why.")
    make_question(policy)
    publish(policy)
    told = shared(client, path)
    assert told.keys() == {"og:type", "og:title", "og:description", "og:url"}
    assert told["og:title"] == title
    assert told["og:url"] == f"{ROOT}{path}"
    (link,) = [each for each in head_of(client, path) if each.get("rel") == "canonical"]
    assert link.attrib["href"] == told["og:url"]
    (meta,) = [each for each in head_of(client, path) if each.get("name") == "description"]
    assert meta.attrib["content"] == told["og:description"]


@pytest.mark.django_db
def test_the_description_is_the_beginning_of_the_introduction(client):
    policy = make_policy(introduction=f"*What* we do & why. {'More. ' * 99}")
    make_question(policy)
    publish(policy)
    told = shared(client, "/privacy/")["og:description"]
    assert told.startswith("What we do & why. More.")
    assert len(told) <= 160


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/privacy/", "/privacy/versions/1/", "/developers/"])
def test_in_chromium_the_data_breaks_no_rule_of_the_page(live_server, page, path):
    policy = make_policy(title=NASTY)
    make_question(policy, NASTY, NASTY, anchor="nasty")
    publish(policy, NOON - DAY)
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation',"
        " (event) => window.broken.push(event.violatedDirective));"
    )
    answer = page.goto(f"{live_server.url}{path}")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert page.evaluate("window.broken") == []
    assert said == []
    # The page would have told: an inline script is such a breach, and is not run.
    page.evaluate(
        "() => { const each = document.createElement('script'); each.text = 'window.ran = 1';"
        " document.head.append(each); }"
    )
    page.wait_for_function("window.broken.length === 1")
    assert page.evaluate("window.ran") is None
