"""The sample policy: three versions whose links all work, old ones too."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import brotli
import html5lib
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from faq.exchange.history import BadHistory, load_history, read_history
from faq.exchange.markdown import read, write
from faq.models import Policy
from faq.publishing import Refused
from faq.verification import Tally, verify
from tests.factory import NOON

SAMPLE = Path(settings.BASE_DIR) / "faq" / "sample"
FAXES = "how-do-i-stop-unwanted-faxes"
MARKETING = "how-can-i-manage-your-contact-with-me-for-marketing-purposes"

#: The questions that every version answers.
TOPICS = (
    "who-are-we",
    "why-do-we-have-a-privacy-policy",
    "what-does-this-privacy-policy-cover",
    "what-personal-information-do-we-collect-about-you-and-when-do-we-collect-it",
    "what-personal-information-do-we-collect-about-you-from-other-companies-and-organisations",
    "credit-checking-and-account-management",
    "do-we-share-your-personal-information-with-anyone-else",
    "for-how-long-do-we-keep-personal-information",
    "how-do-we-protect-your-data-when-it-is-transferred-out-of-europe",
    "how-can-i-find-out-what-personal-information-you-hold-about-me",
    "how-can-i-change-the-personal-information-you-hold-about-me",
    "how-can-i-manage-your-contact-with-me-for-marketing-purposes",
    "how-do-we-protect-your-personal-information",
    "how-do-you-find-out-about-changes-to-our-privacy-policy",
    "does-your-privacy-policy-protect-me-when-i-use-your-websites",
    "when-do-we-use-cookies",
    "how-do-you-disable-cookies",
    "are-third-party-sites-covered-by-this-policy",
)


@pytest.fixture
def policy(db) -> Policy:
    """The sample, loaded."""
    return load_history(read_history(SAMPLE), by="alice", at=NOON)


def page(client, path: str):
    response = client.get(path)
    assert response.status_code == 200
    return html5lib.parse(response.content, namespaceHTMLElements=False)


def ids(tree) -> list[str]:
    return [element.get("id") for element in tree.iter() if element.get("id")]


def documents(policy: Policy) -> list:
    return [version.to_document() for version in policy.version_set.order_by("pk")]


def test_it_has_three_versions_from_the_dates_on_which_the_law_changed(policy):
    versions = policy.version_set.order_by("approval__number")
    begins = [timezone.localtime(each.approval.effective_at).date() for each in versions]
    assert begins[:2] == [date(2007, 4, 1), date(2018, 5, 25)]
    assert begins[2].year == 2026
    assert policy.version_set.in_force(NOON).approval.number == 3


def test_every_version_answers_every_topic_and_the_later_ones_two_more(policy):
    for document in documents(policy):
        anchors = [question.anchor for question in document.questions()]
        assert [anchor for anchor in anchors if anchor in TOPICS] == list(TOPICS)
        assert len(document.sections) == 2
    first, *later = (
        {question.anchor for question in each.questions()} for each in documents(policy)
    )
    assert first - set(TOPICS) == {FAXES}
    for each in later:
        assert each - set(TOPICS) == {"what-are-your-rights", "how-do-you-complain"}


@pytest.mark.parametrize("path", ["", "versions/1/", "versions/2/", "versions/3/"])
def test_every_link_inside_a_page_leads_to_something_on_it(client, policy, path):
    tree = page(client, f"/privacy/{path}")
    there = ids(tree)
    links = {a.get("href")[1:] for a in tree.iter("a") if a.get("href", "").startswith("#")}
    assert len(links) > 20
    assert links - set(there) == set()
    assert len(there) == len(set(there))


def test_links_to_the_retired_question_lead_to_its_successor(client, policy):
    for path in ("", "versions/2/", "versions/3/"):
        headings = [
            element
            for element in page(client, f"/privacy/{path}").iter("h3")
            if MARKETING in {span.get("id") for span in element.iter("span")}
        ]
        assert FAXES in {span.get("id") for span in headings[0].iter("span")}


def test_a_retitled_question_keeps_its_name(policy):
    titles = [
        {question.anchor: question.title["en"] for question in document.questions()}
        for document in documents(policy)
    ]
    anchor = "how-do-we-protect-your-data-when-it-is-transferred-out-of-europe"
    assert titles[1][anchor].endswith("out of Europe?")
    assert titles[2][anchor].endswith("outside the UK?")


def test_every_name_of_every_version_is_on_the_page_in_force(client, policy):
    names = {name for document in documents(policy) for name, _holder in document.holders()}
    assert names <= set(ids(page(client, "/privacy/")))


def test_the_bytes_that_are_served_have_the_fingerprint_that_is_shown(client, policy):
    history = client.get("/privacy/versions/").content.decode()
    for number in (1, 2, 3):
        response = client.get(f"/privacy/versions/{number}.json")
        assert hashlib.sha256(response.content).hexdigest() in history


def test_its_record_verifies(policy):
    tally = Tally()
    list(verify(tally))
    assert (tally.policies, tally.versions, tally.entries) == (1, 3, 3)
    assert tally.names >= len(TOPICS) + 5


def test_each_version_is_written_as_the_file_it_came_from(policy):
    files = sorted(SAMPLE.glob("2*.md"))
    for document, file in zip(documents(policy), files, strict=True):
        assert write(document, "en") == file.read_text(encoding="utf-8")


def test_it_has_no_notices_and_neither_has_the_outline():
    for file in SAMPLE.glob("*.md"):
        read_file = read(file.read_text(encoding="utf-8"))
        assert (read_file.notices, read_file.unknown) == ((), ())


def test_the_outline_has_every_topic():
    outline = read((SAMPLE / "outline.md").read_text(encoding="utf-8"))
    assert len(outline.questions()) >= len(TOPICS)


# Histories that cannot be loaded

LIST = """
policy = "privacy"
[[version]]
file = "a.md"
effective = {effective}
material = true
note = ""
"""


@pytest.mark.parametrize(
    ("effective", "text", "said"),
    [
        ('"2018"', "# P\n\n## A\n\na\n", "effective must be a date"),
        ("2018-05-25", "", "a.md: The file is empty."),
        ("2018-05-25", "# P\n\n## A {#a}\n\na\n\n## B {#a}\n", "a.md: Line 7: The link name"),
        ("2018-05-25", "# P\n\n## A\n\na\n\n::: removed #x\nsuccessor: #y\n:::\n", "a.md: Line 7:"),
        ("2999-01-01", "# P\n\n## A\n\na\n", "A history has no dates in the future."),
        ("2018-05-25", "# P\n\n## A\n", "“A” has no answer yet."),
    ],
)
def test_a_bad_history_is_refused_whole(db, tmp_path, effective, text, said):
    (tmp_path / "history.toml").write_text(LIST.format(effective=effective), encoding="utf-8")
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    with pytest.raises((BadHistory, Refused)) as refused:
        load_history(read_history(tmp_path), by="alice", at=NOON)
    assert said in str(refused.value)
    assert not Policy.objects.exists()


def test_a_version_dates_from_the_first_moment_of_its_day(db, tmp_path):
    """In Beirut the clocks go forward at midnight: that day has no 00:00."""
    (tmp_path / "history.toml").write_text(LIST.format(effective="2024-03-31"), encoding="utf-8")
    (tmp_path / "a.md").write_text("# P\n\n## A\n\na\n", encoding="utf-8")
    with override_settings(TIME_ZONE="Asia/Beirut"):
        policy = load_history(read_history(tmp_path), by="alice", at=NOON)
    begun = policy.version_set.get().approval.effective_at
    assert begun == datetime(2024, 3, 30, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "policy = ", "policy = 'p'", "policy = 'p'\nversion = 1"])
def test_a_list_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "history.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadHistory):
        read_history(tmp_path)
    with pytest.raises(BadHistory, match="No such file"):
        read_history(tmp_path / "nowhere")


def test_the_page_and_its_styles_fit_into_what_a_server_sends_at_first(client, policy, settings):
    """Ten packets of 1,460 bytes, with the 13 characters more in each hashed file's name.

    What a browser needs before it shows the page: not the scripts, which wait for it, and not the
    style for paper, which browsers fetch last and wait for only when they print.
    """
    settings.ORGANISATION = "Tarnwhistle Telecom"
    answer = client.get("/privacy/")
    links = [link for link in page(client, "/privacy/").iter("link") if link.get("media") is None]
    names = [link.get("href") for link in links]
    styles = [name.removeprefix("/static/") for name in names if name.endswith(".css")]
    assert len(styles) == 3
    files = [(Path(settings.BASE_DIR) / "static" / name).read_bytes() for name in styles]
    weight = sum(len(brotli.compress(each)) for each in [answer.content, *files])
    assert weight + 13 * 7 <= 10 * 1460
