"""Preview links: what people without an account see of a draft, and what nobody else does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from faq import images, publishing, reviewing
from faq.models import Event, Policy, PreviewLink, SignOff, Version, Withholding
from faq.roles import ADMINISTRATOR, APPROVER, EDITOR
from tests.asking import ask
from tests.factory import (
    DAY,
    DAY_1,
    DAY_2,
    NOON,
    make_policy,
    make_question,
    make_section,
    picture,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

KEPT = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@pytest.fixture
def policy() -> Policy:
    """A policy with one version in force and a draft that says something else."""
    policy = make_policy(introduction="Welcome.", contact="Write to us.")
    who = make_question(policy, older_names="about-us")
    make_question(policy, "Where?", "See [](#who-are-we).", section=make_section(policy))
    publish(policy, DAY_1)
    reword(who, "A company in Leeds.")
    return policy


def freeze(policy: Policy) -> Version:
    return publishing.freeze(policy, by="alice", at=timezone.now())


def link_to(policy: Policy, version: Version | None = None, **options) -> PreviewLink:
    options = {"name": "Dora", "by": "alice", "at": timezone.now(), **options}
    return reviewing.make_link(policy, version=version, **options)


def path(link: PreviewLink, rest: str = "") -> str:
    return f"/preview/{reviewing.token_of(link)}/{rest}"


def text(response) -> str:
    return response.content.decode()


def main(response) -> str:
    found = re.search(r"<main.*?</main>", text(response), re.DOTALL)
    assert found
    return found[0]


# Reading


def test_the_draft_stands_as_readers_will_see_it_when_it_is_published(client, policy):
    previewed = main(client.get(path(link_to(policy))))
    assert "A company in Leeds." in previewed
    publish(policy, DAY_2)
    published = main(client.get("/privacy/"))
    # What belongs to a version: since when it applies, and the field to find a question.
    around = r'<p class="dateline">.*?</p>|<form.*?</form>'
    assert previewed.split() == re.sub(around, "", published, flags=re.S).split()


def test_a_link_to_the_draft_shows_it_as_it_is_when_somebody_looks(client, policy):
    link = link_to(policy)
    reword(policy.question_set.get(anchor="who-are-we"), "A company in York.")
    assert "A company in York." in text(client.get(path(link)))


def test_a_link_to_a_candidate_shows_what_was_sent_whatever_is_edited_since(client, policy):
    link = link_to(policy, freeze(policy))
    reword(policy.question_set.get(anchor="who-are-we"), "A company in York.")
    shown = text(client.get(path(link)))
    assert "A company in Leeds." in shown and "York" not in shown
    assert link.version.digest in shown


def test_links_between_questions_stay_in_the_page(client, policy):
    shown = text(client.get(path(link_to(policy))))
    assert 'href="#who-are-we"' in shown and 'id="about-us"' in shown
    assert 'href="/privacy/' not in shown


def test_what_would_change_is_shown_word_by_word_against_what_is_in_force(client, policy):
    link = link_to(policy)
    shown = text(client.get(path(link, "changes/")))
    assert "Compared with version 1" in shown
    assert re.search(r"<ins>.*in Leeds.*</ins>", shown)
    assert f'href="{path(link)}#who-are-we"' in shown


def test_a_policy_that_was_never_published_is_shown_too(client):
    policy = make_policy()
    make_question(policy)
    link = link_to(policy)
    assert "A company." in text(client.get(path(link)))
    assert "everything is new" in text(client.get(path(link, "changes/")))
    assert client.get("/privacy/").status_code == 404


def test_every_page_says_that_it_is_a_draft_for_whom_and_until_when(client, policy):
    link = link_to(policy, freeze(policy), asks_for_sign_off=True, days=3)
    until = timezone.localtime(link.expires_at).strftime("%-d %B %Y, %H:%M")
    for rest in ("", "changes/", "sign-off/"):
        shown = " ".join(re.sub("<[^>]+>", "", text(client.get(path(link, rest)))).split())
        assert "Draft, waiting for approval." in shown
        assert f"For Dora only. This link works until {until}." in shown


def test_a_draft_that_is_decided_on_says_so(client, policy):
    link = link_to(policy, version := freeze(policy))
    publishing.reject(version, by="bob", at=timezone.now(), reason="Zaunkönig")
    shown = text(client.get(path(link)))
    assert "It has been decided on since" in shown
    assert "Zaunkönig" not in shown


def test_where_the_wording_in_force_is_hidden_nothing_of_it_is_compared(client, policy):
    live = policy.version_set.get()
    Withholding.objects.create(
        version=live, reason="A name.", withheld_by="bob", recorded_at=timezone.now()
    )
    shown = text(client.get(path(link_to(policy), "changes/")))
    assert "is hidden" in shown and "<del>" not in shown and "A company" not in shown


def test_a_link_to_a_version_whose_wording_is_hidden_no_longer_works(policy):
    link = link_to(policy, version := freeze(policy), at=timezone.now())
    at = timezone.now()
    publishing.approve(version, by="bob", at=at, material=False)
    reword(policy.question_set.get(anchor="who-are-we"), "Others.")
    publish(policy, timezone.now(), material=False)
    publishing.withhold(version, by="bob", at=timezone.now(), reason="A name.")
    for rest in ("", "changes/"):
        response = ask(path(link, rest), timezone.now())
        assert response.status_code == 404 and "Leeds" not in text(response)


def test_pictures_of_a_draft_are_shown_to_its_visitors_and_to_no_other_link(client, settings):
    settings.IMAGES = True
    mine, other = (
        images.add(picture(size=size), by="alice", at=timezone.now()) for size in ((4, 3), (5, 3))
    )
    policy, second = make_policy(), make_policy("cookies")
    for each, shown in ((policy, mine), (second, other)):
        make_question(each, answer=f"![A map]({shown.address})")
    link = link_to(policy)
    found = re.search(r'<img src="([^"]+)"', text(client.get(path(link))))[1]
    assert found == path(link, mine.address.removeprefix("/"))
    response = client.get(found)
    assert (response.status_code, response.content) == (200, mine.data())
    assert {name: response.headers[name] for name in KEPT} == KEPT
    assert client.get(path(link, other.address.removeprefix("/"))).status_code == 404
    assert client.get(mine.address).status_code == 404
    reviewing.revoke(link, by="alice", at=timezone.now())
    assert client.get(found).status_code == 404


# Nobody else


def dead_paths(policy: Policy) -> dict[str, str]:
    """One path for each way in which a link does not work."""
    expired = link_to(policy, at=timezone.now() - 20 * DAY)
    revoked = link_to(policy)
    reviewing.revoke(revoked, by="bob", at=timezone.now())
    good = path(link_to(policy))
    return {
        "expired": path(expired),
        "revoked": path(revoked),
        "forged": f"{good[:-3]}{'A' if good[-3] != 'A' else 'B'}{good[-2:]}",
        "key alone": f"/preview/{good.split('/')[2].split('~')[0]}/",
        "nonsense": "/preview/x/",
        "not ASCII": "/preview/Zaunk%C3%B6nig/",
        "deeper": f"{good}nothing/",
        "deepest": f"{good}versions/1/",
    }


def test_every_link_that_does_not_work_gets_the_same_answer(client, policy):
    answers = {}
    for name, address in dead_paths(policy).items():
        for rest in ("", "changes/", "sign-off/"):
            response = client.get(address + rest)
            assert response.status_code == 404, name
            answers[name, rest] = (response.content, tuple(sorted(response.headers.items())))
    assert len(set(answers.values())) == 1
    assert "no longer works" in next(iter(answers.values()))[0].decode()


def test_the_same_is_said_to_those_who_send_an_answer(client, policy):
    expired = link_to(policy, freeze(policy), asks_for_sign_off=True, at=timezone.now())
    PreviewLink.objects.update(expires_at=timezone.now() - DAY)
    response = client.post(path(expired, "sign-off/"), {"answer": "approve"})
    assert response.status_code == 404
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("rest", ["", "changes/", "sign-off/"])
def test_previews_are_kept_by_no_cache_no_robot_and_no_other_site_and_set_no_cookie(
    client, policy, rest
):
    link = link_to(policy, freeze(policy), asks_for_sign_off=True)
    client.cookies["session"] = client.cookies["csrf"] = "junk"
    for address in (path(link, rest), f"/preview/none/{rest}"):
        for ask_by in (client.get, client.head, client.post):
            response = ask_by(address)
            if response.status_code == 405:
                continue
            assert {name: response.headers.get(name) for name in KEPT} == KEPT
            assert "Set-Cookie" not in response.headers and not response.cookies
            assert "cookie" not in response.headers.get("Vary", "").lower()
        shown = text(client.get(address))
        assert '<meta name="robots" content="noindex' in shown
        assert "csrfmiddlewaretoken" not in shown and "<script" not in shown
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', shown)
        assert 'rel="canonical"' not in shown and "og:" not in shown


def test_previews_ask_no_database_for_sessions_or_people(
    client, policy, django_assert_max_num_queries
):
    link = link_to(policy, freeze(policy), asks_for_sign_off=True)
    client.cookies["session"] = "junk"
    with django_assert_max_num_queries(40) as queries:
        for rest in ("", "changes/", "sign-off/"):
            client.get(path(link, rest))
    asked = " ".join(each["sql"] for each in queries.captured_queries)
    assert "django_session" not in asked and "auth_user" not in asked


def test_a_visitor_with_a_link_sees_no_other_draft(client, policy):
    other = make_policy("cookies", "Cookies")
    make_question(other, "Zaunkönig?", "Zaunkönig.")
    earlier = freeze(policy)
    reword(policy.question_set.get(anchor="who-are-we"), "Zaunkönig Limited.")
    link = link_to(policy, earlier, asks_for_sign_off=True)
    link_to(policy, name="Emil, the Zaunkönig")
    for rest in ("", "changes/", "sign-off/"):
        assert "Zaunkönig" not in text(client.get(path(link, rest)))
    assert client.get("/cookies/").status_code == 404


def test_nothing_public_names_a_preview_but_the_rule_for_robots(client, policy):
    token = reviewing.token_of(link_to(policy))
    for address in ("/", "/privacy/", "/privacy/versions/", "/sitemap.xml", "/privacy.json"):
        shown = client.get(address, follow=True).getvalue().decode()
        assert token not in shown and "/preview/" not in shown
    assert "Disallow: /preview/" in client.get("/robots.txt").getvalue().decode()


def test_a_link_works_on_under_a_new_secret_key_while_the_old_one_is_kept(client, policy):
    address, old = path(link_to(policy)), settings.SECRET_KEY
    with override_settings(SECRET_KEY="another-key-" * 5):
        assert client.get(address).status_code == 404
        with override_settings(SECRET_KEY_FALLBACKS=[old]):
            assert client.get(address).status_code == 200


# Signing off


@pytest.fixture
def asked(policy) -> PreviewLink:
    """A link to a candidate that asks Dora to approve or to object."""
    return link_to(policy, freeze(policy), asks_for_sign_off=True)


def answer(client: Client, link: PreviewLink, answer: str = "approve", **more):
    address = path(link, "sign-off/")
    seen = client.get(address).context["form"]["seen"].value()
    headers = more.pop("headers", {"Sec-Fetch-Site": "same-origin", "Origin": "null"})
    fields = {"answer": answer, "comment": "", "seen": seen, **more}
    return client.post(address, fields, headers=headers)


def test_an_outsider_approves_and_sees_what_was_recorded(client, asked):
    response = answer(client, asked, comment="Well said.")
    assert response.status_code == 302
    signed = SignOff.objects.get()
    assert (signed.name, signed.approves, signed.comment) == ("Dora", True, "Well said.")
    assert signed.digest == asked.version.digest
    shown = text(client.get(response.headers["Location"]))
    assert "Dora approves" in shown and "Well said." in shown


def test_signing_off_publishes_nothing(client, asked):
    answer(client, asked)
    version = Version.objects.get(pk=asked.version_id)
    assert not hasattr(version, "approval") and not hasattr(version, "rejection")
    assert "Leeds" not in text(client.get("/privacy/"))


def test_an_objection_needs_a_reason(client, asked):
    response = answer(client, asked, "object")
    assert response.status_code == 200
    assert "Say what you object to" in text(response)
    assert not SignOff.objects.exists()
    answer(client, asked, "object", comment="No fax!")
    assert SignOff.objects.get().approves is False


def test_a_second_answer_is_a_row_of_its_own_and_the_newest_stands_first(client, asked):
    answer(client, asked, "object", comment="No fax!")
    answer(client, asked)
    assert [each.approves for each in SignOff.objects.all()] == [False, True]
    shown = text(client.get(path(asked, "sign-off/")))
    assert shown.index("Dora approves") < shown.index("Replaced:") < shown.index("Dora objects")


def test_the_same_answer_sent_twice_is_recorded_once(client, asked):
    for _turn in range(2):
        assert answer(client, asked, comment="Yes.").status_code == 302
    assert SignOff.objects.count() == Event.objects.filter(what="signed_off").count() == 1


def test_the_answer_stands_in_the_trail_in_the_name_of_the_link(client, asked):
    answer(client, asked, "object", comment="No fax!")
    event = Event.objects.first()
    assert (event.who, event.what, event.details) == ("Dora", "objected", "No fax!")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{settings.SITE_URL.origin}.evil.example"},
    ],
)
def test_an_answer_from_another_site_is_refused(client, asked, headers):
    response = answer(client, asked, headers=headers)
    assert response.status_code == 403
    assert "came from another site" in text(response)
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": settings.SITE_URL.origin}])
def test_a_browser_that_says_less_can_answer_too(client, asked, headers):
    assert answer(client, asked, headers=headers).status_code == 302


def test_a_form_that_was_made_for_another_link_or_by_hand_is_refused(client, asked, policy):
    other = link_to(policy, asked.version, asks_for_sign_off=True, name="Emil")
    seen = client.get(path(other, "sign-off/")).context["form"]["seen"].value()
    for forged in (seen, asked.version.digest, "x:y:z", ""):
        response = answer(client, asked, seen=forged)
        assert response.status_code == 200
        assert "Not recorded." in text(response)
    assert not SignOff.objects.exists()


def test_a_link_for_reading_only_takes_no_answer(client, policy):
    link = link_to(policy, freeze(policy))
    for response in (client.get(path(link, "sign-off/")), client.post(path(link, "sign-off/"))):
        assert response.headers["Location"] == path(link)
    assert "sign-off" not in text(client.get(path(link)))


def test_nobody_answers_what_is_decided(client, asked):
    seen = client.get(path(asked, "sign-off/")).context["form"]["seen"].value()
    publishing.reject(asked.version, by="bob", at=timezone.now(), reason="No.")
    response = client.post(path(asked, "sign-off/"), {"answer": "approve", "seen": seen})
    assert "decided on already" in text(response)
    assert "<form" not in text(response)
    assert not SignOff.objects.exists()


def test_a_link_revoked_meanwhile_takes_no_answer(asked):
    stale = PreviewLink.objects.select_related("version").get(pk=asked.pk)
    reviewing.revoke(asked, by="bob", at=timezone.now())
    with pytest.raises(publishing.Refused, match="no longer works"):
        reviewing.sign_off(stale, at=timezone.now(), approves=True, digest=stale.version.digest)


def test_a_comment_as_long_as_a_book_is_refused(client, asked):
    assert "at most 4000" in text(answer(client, asked, comment="x" * 4001))
    assert not SignOff.objects.exists()


# The desk


def logged_in(role: str) -> Client:
    user = User.objects.create_user(f"a-{role.lower()}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def desk(policy: Policy) -> str:
    return reverse("admin:faq_policy_links", args=[policy.pk])


def address_shown(response) -> str:
    return re.search(r'readonly value="http://[^/]+(/preview/[^"]+)"', text(response))[1]


def test_an_editor_makes_a_link_and_it_works(client, policy):
    editor = logged_in(EDITOR)
    response = editor.post(desk(policy), {"name": "Dora", "days": "14"}, follow=True)
    link = PreviewLink.objects.get()
    assert (link.name, link.version, link.created_by) == ("Dora", None, "a-editor")
    assert timedelta(days=13) < link.expires_at - timezone.now() <= timedelta(days=14)
    assert client.get(address_shown(response)).status_code == 200
    assert (Event.objects.first().what, Event.objects.first().who) == ("linked", "a-editor")


def test_an_editor_makes_a_link_that_asks_for_an_answer(client, policy):
    version = freeze(policy)
    editor = logged_in(EDITOR)
    page = editor.get(f"{desk(policy)}?version={version.pk}")
    assert f'<option value="{version.pk}" selected>' in text(page)
    fields = {"name": "Dora", "days": "14", "version": version.pk, "asks_for_sign_off": "on"}
    editor.post(desk(policy), fields)
    answer(client, PreviewLink.objects.get(), comment="Good.")
    shown = text(editor.get(desk(policy)))
    assert "Approves" in shown and "Good." in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "required"),
        ({"name": "dora@example.org"}, "not an e-mail address"),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "91"}, "less than or equal to 90"),
        ({"asks_for_sign_off": "on"}, "Only a version that waits"),
        ({"version": "999"}, "valid choice"),
    ],
)
def test_a_link_that_makes_no_sense_is_not_made(policy, wrong, said):
    freeze(policy)
    fields = {"name": "Dora", "days": "14", "version": "", **wrong}
    assert said in text(logged_in(EDITOR).post(desk(policy), fields))
    assert not PreviewLink.objects.exists()


def test_no_link_is_made_to_a_version_of_another_policy_or_one_decided_on(policy):
    other, editor = make_policy("cookies"), logged_in(EDITOR)
    make_question(other)
    for version in (freeze(other), policy.version_set.get(), freeze(policy)):
        editor.post(desk(policy), {"name": "Dora", "days": "1", "version": version.pk})
    assert [link.version for link in PreviewLink.objects.all()] == [version]


def test_a_link_is_revoked_by_its_button_and_the_list_says_by_whom(client, policy):
    link = link_to(policy)
    editor = logged_in(EDITOR)
    revoke = reverse("admin:faq_policy_revoke_link", args=[policy.pk, link.pk])
    assert editor.get(revoke).status_code == 302
    assert client.get(path(link)).status_code == 200
    shown = text(editor.post(revoke, follow=True))
    assert client.get(path(link)).status_code == 404
    assert "<strong>Revoked</strong> by a-editor" in shown
    assert path(link) not in shown


def test_the_list_tells_links_that_work_from_those_that_do_not(policy):
    link_to(policy, at=timezone.now() - 20 * DAY)
    link_to(policy)
    shown = text(logged_in(EDITOR).get(desk(policy)))
    assert "Works until" in shown and "<strong>Expired</strong>" in shown
    assert shown.count("readonly") == 1


def test_an_approver_sees_who_has_a_link_but_neither_makes_nor_uses_one(policy):
    link = link_to(policy)
    approver = logged_in(APPROVER)
    shown = text(approver.get(desk(policy)))
    assert "Dora" in shown and path(link) not in shown and "Revoke" not in shown
    revoke = reverse("admin:faq_policy_revoke_link", args=[policy.pk, link.pk])
    assert approver.post(revoke).status_code == 403
    assert approver.post(desk(policy), {"name": "Emil", "days": "3"}).status_code == 403
    link.refresh_from_db()
    assert link.revoked_at is None and PreviewLink.objects.count() == 1


def test_a_link_of_another_policy_is_not_revoked_from_here(policy):
    link = link_to(make_policy("cookies"))
    revoke = reverse("admin:faq_policy_revoke_link", args=[policy.pk, link.pk])
    assert logged_in(ADMINISTRATOR).post(revoke).status_code == 404


def test_the_page_of_a_candidate_lists_the_links_to_it_and_the_answers(rf, policy, client):
    from django.template.loader import render_to_string

    version = freeze(policy)
    asked = link_to(policy, version, asks_for_sign_off=True)
    link_to(policy, name="Emil")
    answer(client, asked, comment="Fine.")
    request = rf.get("/")
    request.at, request.user = timezone.now(), User.objects.create_superuser("alice")
    context = {"policy": policy, "version": version}
    shown = render_to_string("admin/faq/_links.html", context, request)
    assert "Dora" in shown and "Fine." in shown and "Emil" not in shown
    assert f"?version={version.pk}" in shown


def test_a_name_is_text_and_never_markup(client, policy):
    link = link_to(policy, name="<script>alert(1)</script>")
    assert "<script>alert" not in text(client.get(path(link)))
    assert "<script>alert" not in text(logged_in(EDITOR).get(desk(policy)))


def test_a_link_counts_from_the_moment_it_was_made(policy):
    link = link_to(policy, at=NOON, days=1)
    assert ask(path(link), NOON + DAY - timedelta(seconds=1)).status_code == 200
    assert ask(path(link), NOON + DAY).status_code == 404
