"""Nothing of a policy disappears for the millions who have blockers of cookie dialogs.

Such a blocker loads a style sheet that hides whatever has an id or a class like those of a dialog.
A policy speaks of the same things, and its link names are ids.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from faq import publishing
from faq.exchange.history import load_history, read_history
from tests.factory import DAY_1, DAY_2, make_policy, make_question, make_section, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MATTERS = ("cookie", "cookies", "consent", "gdpr", "ccpa", "privacy")
THINGS = ("notice", "banner", "bar", "policy", "popup", "overlay", "modal", "message", "wall")


def hiding_rules() -> str:
    """Rules in the manner of such a list: whole names, beginnings, and parts of names."""
    pairs = [
        f"{one}{dash}{two}" for one, two in product(MATTERS, THINGS) for dash in ("-", "_", "")
    ]
    pairs += [f"{two}-{one}" for one, two in product(MATTERS, THINGS)]
    names = [*MATTERS, *THINGS, *pairs, "cookie-notice-container", "accept-cookies"]
    rules = [f"#{name}, .{name}" for name in names]
    rules += [f'[id*="{name}"], [class*="{name}"]' for name in (*MATTERS, *pairs)]
    rules += [f'[id^="{name}"], [class^="{name}"]' for name in (*MATTERS, *THINGS)]
    rules += [f'[class*="{name}"]' for name in THINGS if name != "bar"]
    return ",\n".join(rules) + " { display: none !important; }"


def texts(page) -> str:
    """All that is to be seen, as one who selects all would copy it."""
    return page.evaluate("document.body.innerText")


def check(page, url: str) -> None:
    page.goto(url)
    before = texts(page)
    page.evaluate(
        """rules => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(rules);
            document.adoptedStyleSheets = [sheet];
        }""",
        hiding_rules(),
    )
    assert texts(page) == before, url
    # The rules do hide what they are meant for.
    hidden = """document.body.insertAdjacentHTML("beforeend",
        "<div id=cookie-banner>Accept</div><div class='app-gdpr-wall'>Accept</div>")"""
    page.evaluate(hidden)
    assert texts(page) == before


def test_every_section_of_the_sample_stays_visible(page, live_server):
    sample = Path(settings.BASE_DIR) / "faq" / "sample"
    load_history(read_history(sample), by="alice", at=timezone.now())
    for path in ("", "versions/", "versions/1/", "versions/2/", "when-do-we-use-cookies/"):
        check(page, f"{live_server.url}/privacy/{path}")


#: As bad as link names can be.
NAMES = ("cookie-notice", "gdpr-consent-banner", "privacy-policy", "cookies", "popup", "cookie-bar")


def test_questions_and_sections_that_are_called_like_a_dialog_stay_visible(page, live_server):
    policy = make_policy("cookies", "Cookie notice", contact="Write to us.")
    section = make_section(policy, "Privacy notice", anchor="privacy-notice", introduction="Hello.")
    for name in NAMES:
        make_question(
            policy,
            f"What is {name}?",
            "It is this.\n\n- One\n- Two",
            anchor=name,
            older_names=f"{name}-modal",
            section=section,
            in_short="This.",
        )
    gone = make_question(policy, "What was it?", anchor="consent-notice")
    publish(policy, DAY_1)
    publishing.retire(gone, at=DAY_2, reason="It is no more.")
    publish(policy, DAY_2)
    for path in ("", "versions/", "versions/1/", "cookie-notice/", "cookie-notice/versions/"):
        check(page, f"{live_server.url}/cookies/{path}")


@pytest.mark.parametrize("name", ["cookie-notice", "cookie-bar-modal"])
def test_a_link_to_such_a_name_lands_all_the_same(page, live_server, name):
    policy = make_policy()
    for place in range(9):
        make_question(policy, f"What about {place}?", "Words. " * 300)
    make_question(
        policy,
        "What is it?",
        "Words. " * 300,
        anchor=name.removesuffix("-modal"),
        older_names=name if name.endswith("modal") else "",
    )
    publish(policy, DAY_1)
    page.add_init_script(
        f"""addEventListener("DOMContentLoaded", () => {{
            const sheet = new CSSStyleSheet();
            sheet.replaceSync({hiding_rules()!r});
            document.adoptedStyleSheets = [sheet];
        }})"""
    )
    page.goto(f"{live_server.url}/privacy/#{name}")
    top = "element => element.getBoundingClientRect().top / innerHeight"
    heading = page.get_by_role("heading", name="What is it?")
    assert 0 <= heading.evaluate(top) < 0.2
