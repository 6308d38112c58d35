"""Real policies in a real browser: every heading can be reached by its name."""

from __future__ import annotations

import pytest

from faq.exchange.markdown import apply, decode, read
from faq.models import Policy
from tests.corpus import data_of, expected_headings, row_of, said
from tests.factory import DAY_1, publish

pytestmark = [
    pytest.mark.browser,
    pytest.mark.shared,
    pytest.mark.django_db(transaction=True),
]

HEADINGS = "main :is(h2, h3, h4, h5, h6):is([id], :has(> [id]))"
#: Whether an element's top stands in the upper part of the window, or the page can go no further.
REACHED = """element => {
    const top = element.getBoundingClientRect().top;
    const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    return top >= 0 && (top < window.innerHeight / 3 || end && top < window.innerHeight);
}"""


@pytest.mark.parametrize("name", ["npm-privacy-qa", "basecamp-privacy"])
def test_every_heading_of_a_real_policy_is_there_and_can_be_reached(page, live_server, name):
    row = row_of(name)
    policy = Policy.objects.create(slug="privacy", title="Policy")
    apply(read(decode(data_of(row))), policy, at=DAY_1)
    publish(policy, DAY_1)
    page.goto(f"{live_server.url}/privacy/versions/1/")
    headings = page.locator(HEADINGS).all()
    name_of = "heading => heading.id || heading.querySelector('[id]').id"
    found = {said(each.text_content()): each.evaluate(name_of) for each in headings}
    order = [text for text in found if text in expected_headings(row, policy.title)]
    assert order == expected_headings(row, policy.title)
    for text in order:
        page.goto("about:blank")
        page.goto(f"{live_server.url}/privacy/versions/1/#{found[text]}")
        heading = page.locator(f'[id="{found[text]}"]')
        page.wait_for_function(REACHED, arg=heading.element_handle(), timeout=5000)


@pytest.mark.parametrize("name", ["npm-privacy-qa", "basecamp-privacy"])
def test_every_link_of_the_contents_leads_to_its_question(page, live_server, name):
    policy = Policy.objects.create(slug="privacy", title="Policy")
    apply(read(decode(data_of(row_of(name)))), policy, at=DAY_1)
    publish(policy, DAY_1)
    page.goto(f"{live_server.url}/privacy/")
    links = page.get_by_role("navigation").locator("a[href^='#']").all()
    names = [link.get_attribute("href")[1:] for link in links]
    assert set(names) >= {question.anchor for question in policy.question_set.all()}
    for target in dict.fromkeys(names):
        page.evaluate("window.scrollTo(0, 0)")
        page.get_by_role("navigation").locator(f'a[href="#{target}"]').first.click()
        heading = page.locator(f'[id="{target}"]')
        page.wait_for_function(REACHED, arg=heading.element_handle(), timeout=5000)
