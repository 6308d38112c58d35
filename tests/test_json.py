"""What machines ask: what is in force, the chain of versions, the link names, the description."""

from __future__ import annotations

import copy
import hashlib
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from faq import digest, publishing
from faq.models import Policy, Version, Withholding
from faq.public_record import known_names, known_versions
from tests.factory import (
    DAY,
    HOUR,
    MARKER,
    NOON,
    make_every_kind_of_version,
    make_policy,
    make_published,
    make_question,
    make_section,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db

FAR = datetime(2099, 1, 1, tzinfo=UTC)
ROOT = settings.SITE_URL.origin
ADDRESSES = (
    "/privacy.json",
    "/privacy/versions.json",
    "/privacy/anchors.json",
    "/privacy/versions/1.json",
    "/openapi.json",
)
JUNK = "sessionid=junk; session=junk; csrftoken=junk; csrf=junk; messages=junk; a=b"


def ask(client: Any, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer.json()


def versions_of(policy: Policy) -> Any:
    return Version.objects.filter(policy=policy)


def hide(version: Version, at: datetime = NOON) -> None:
    """Hide a wording, even where no verb would: pages must not rely on it."""
    Withholding.objects.create(
        version=version, reason="A court said so.", withheld_by="bob", recorded_at=at
    )


def entries_of(versions: list[dict[str, Any]]) -> list[tuple[dict[str, Any], list[Any]]]:
    """Each entry of the chain in its order, with the lines that its chain value covers."""
    entries = []
    for each in versions:
        about = (each["digest"], each["number"])
        times = (each["approved_at"], each["effective_at"])
        entries.append((each, [each["seq"], "approval", *about, *times]))
        end = each["withdrawal"]
        if end and end["seq"]:
            entries.append((end, [end["seq"], "withdrawal", *about, *[end["recorded_at"]] * 2]))
    return sorted(entries, key=lambda entry: entry[0]["seq"])


def verifies(versions: list[dict[str, Any]]) -> bool:
    """Recompute the chain from what anyone can read, knowing nothing of this code."""
    head = "0" * 64
    for place, (entry, lines) in enumerate(entries_of(versions), 1):
        text = "".join(f"{line}\n" for line in (head, *lines))
        head = hashlib.sha256(text.encode()).hexdigest()
        if (entry["chain"], entry["seq"]) != (head, place):
            return False
    return True


# What is in force


def test_it_says_what_is_in_force_with_exactly_the_promised_keys(client):
    policy = make_published(2)
    live = policy.version_set.in_force(NOON + 9 * DAY)
    assert ask(client, "/privacy.json") == {
        "policy": "privacy",
        "number": 2,
        "title": "Privacy policy",
        "effective_at": "2026-03-03T12:00:00.000000Z",
        "digest": live.digest,
        "url": f"{ROOT}/privacy/",
        "version_url": f"{ROOT}/privacy/versions/2/",
        "document_url": f"{ROOT}/privacy/versions/2.json",
        "languages": ["en"],
        "next": None,
    }


def test_the_fingerprint_it_names_is_that_of_the_document_it_names(client):
    make_published()
    said = ask(client, "/privacy.json")
    data = client.get(said["document_url"].removeprefix(ROOT)).content
    assert hashlib.sha256(data).hexdigest() == said["digest"]


def test_it_names_the_next_version_once_that_is_announced(client):
    policy = make_published()
    reword(policy.question_set.get(), "Another company.")
    approval = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    assert ask(client, "/privacy.json")["next"] is None
    publishing.announce(approval.version, by="bob", at=NOON + 2 * DAY)
    assert ask(client, "/privacy.json")["next"] == {
        "number": 2,
        "effective_at": "2099-01-01T00:00:00.000000Z",
        "url": f"{ROOT}/privacy/versions/2/",
    }


def test_it_names_the_earlier_version_again_after_a_withdrawal(client):
    policy = make_published(2)
    second = policy.version_set.get(approval__number=2)
    publishing.withdraw(second, by="bob", at=NOON + 3 * DAY, reason="A mistake.")
    assert ask(client, "/privacy.json")["number"] == 1


@pytest.mark.parametrize("path", ADDRESSES)
def test_any_site_may_read_it_and_no_cache_may_answer_for_it(client, path):
    make_published()
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert not answer.headers.get("Vary")


@pytest.mark.parametrize("path", ADDRESSES)
def test_who_has_the_same_bytes_gets_304_until_they_change(client, path):
    policy = make_published()
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert again.headers["ETag"] == tag
    question = reword(policy.question_set.get(), "Another company.")
    question.anchor = "who"
    question.save()
    publish(policy, NOON + DAY)
    later = client.get(path, headers={"If-None-Match": tag})
    lasting = path in {"/privacy/versions/1.json", "/openapi.json"}
    assert later.status_code == (304 if lasting else 200)


@pytest.mark.parametrize("path", ADDRESSES)
def test_it_can_only_be_read(client, path):
    make_published()
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405
    assert client.delete(path).status_code == 405


@pytest.mark.parametrize("path", ADDRESSES)
def test_made_up_cookies_get_the_same_bytes_and_none_back(client, path):
    make_published()
    plain = client.get(path)
    junk = client.get(path, headers={"Cookie": JUNK})
    assert junk.content == plain.content
    assert not junk.cookies
    assert "Set-Cookie" not in junk.headers


@pytest.mark.parametrize("path", ADDRESSES[:4])
def test_what_is_not_public_cannot_be_told_from_what_is_not_there(client, path):
    policy = make_policy(title=f"{MARKER} policy")
    make_question(policy, MARKER)
    absent = client.get(path)
    publish(policy, NOON, effective_at=FAR, announce=False)
    secret = client.get(path)
    for answer in (absent, secret):
        assert answer.status_code == 404
        assert answer.json() == {"error": "not found"}
    assert absent.content == secret.content


def test_a_first_version_that_is_announced_is_known_but_not_in_force(client):
    policy = make_policy()
    make_question(policy)
    publish(policy, NOON, effective_at=FAR)
    assert client.get("/privacy.json").status_code == 404
    assert [each["status"] for each in ask(client, "/privacy/versions.json")] == ["scheduled"]
    assert ask(client, "/privacy/anchors.json") == [
        {
            "anchor": "who-are-we",
            "current": "who-are-we",
            "status": "live",
            "url": f"{ROOT}/privacy/versions/1/#who-are-we",
            "successor": None,
        }
    ]


@pytest.mark.parametrize("path", ["/privacy.json", "/privacy/versions/1.json"])
def test_hidden_wording_answers_410_with_the_reason_even_if_it_applies_again(client, path):
    policy = make_published(2)
    first, second = (policy.version_set.get(approval__number=number) for number in (1, 2))
    publishing.withdraw(second, by="bob", at=NOON + 3 * DAY, reason="A mistake.")
    hide(first, NOON + 2 * DAY)
    answer = client.get(path)
    assert answer.status_code == 410
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == {
        "error": "hidden",
        "number": 1,
        "effective_at": "2026-03-02T12:00:00.000000Z",
        "approved_at": "2026-03-02T12:00:00.000000Z",
        "digest": first.digest,
        "withheld": {
            "recorded_at": "2026-03-04T12:00:00.000000Z",
            "reason": "A court said so.",
        },
    }


# The chain of versions


def test_it_lists_the_versions_readers_know_of_oldest_first(client):
    make_every_kind_of_version()
    listed = ask(client, "/privacy/versions.json")
    assert [(each["number"], each["status"]) for each in listed] == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "superseded"),
        (4, "withdrawn"),
        (5, "live"),
        (6, "withdrawn"),
        (7, "scheduled"),
    ]


def test_every_version_has_the_promised_keys_and_its_own_address(client):
    make_every_kind_of_version()
    promised = {"number", "effective_at", "approved_at", "material", "note", "digest", "chain"}
    for each in ask(client, "/privacy/versions.json"):
        assert promised | {"status", "url"} <= each.keys()
        expected = f"{ROOT}/privacy/versions/{each['number']}/"
        assert each["url"] == (None if each["number"] == 4 else expected)


def test_a_corrected_change_note_is_the_one_it_shows(client):
    make_every_kind_of_version()
    fifth = ask(client, "/privacy/versions.json")[4]
    assert (fifth["note"], fifth["material"]) == ("We are in Leeds.", False)


def test_one_withdrawn_before_anybody_saw_it_is_listed_without_its_text(client):
    make_every_kind_of_version()
    fourth = ask(client, "/privacy/versions.json")[3]
    assert (fourth["note"], fourth["material"], fourth["url"]) == (None, None, None)
    assert client.get("/privacy/versions/4.json").status_code == 404


def test_it_is_not_listed_before_a_later_version_is_public(client):
    policy = make_published()
    reword(policy.question_set.get(), "Another company.")
    approval = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(approval.version, by="bob", at=NOON + 2 * DAY, reason="No.")
    assert [each["number"] for each in ask(client, "/privacy/versions.json")] == [1]


def test_hidden_wording_takes_the_note_with_it_and_leaves_the_reason(client):
    make_every_kind_of_version()
    second = ask(client, "/privacy/versions.json")[1]
    assert second["note"] is None
    assert second["withheld"]["reason"] == "It named a customer."


def test_the_chain_can_be_recomputed_from_what_anyone_can_read(client):
    make_every_kind_of_version()
    listed = ask(client, "/privacy/versions.json")
    assert len(entries_of(listed)) == 9
    assert verifies(listed)


def test_any_change_of_what_the_chain_covers_shows(client):
    make_every_kind_of_version()
    listed = ask(client, "/privacy/versions.json")
    for index, each in enumerate(listed):
        for key in ("number", "digest", "approved_at", "effective_at", "chain", "seq"):
            altered = copy.deepcopy(listed)
            altered[index][key] = 99 if isinstance(each[key], int) else each[key][:-2] + "!!"
            assert not verifies(altered), key
    assert not verifies(listed[1:])
    assert not verifies([*listed[:2], *listed[3:]])


def test_the_chain_that_anyone_could_read_at_any_moment_was_a_beginning_of_todays(client):
    policy = make_every_kind_of_version()
    whole = [entry["chain"] for entry, _ in entries_of(ask(client, "/privacy/versions.json"))]
    lengths = []
    for hours in range(0, 12 * 24, 6):
        known = known_versions(versions_of(policy), NOON + hours * HOUR)
        chains = [(entry.version.approval.seq, entry.version.approval.chain) for entry in known]
        chains += [
            (entry.withdrawal.seq, entry.withdrawal.chain)
            for entry in known
            if entry.withdrawal and entry.in_public_chain
        ]
        assert [chain for _seq, chain in sorted(chains)] == whole[: len(chains)]
        lengths.append(len(chains))
    assert lengths == sorted(lengths)
    assert (lengths[0], lengths[-1]) == (1, len(whole))


def test_a_withdrawal_after_an_unknown_entry_waits_for_its_place_in_the_chain(client):
    policy = make_published(2)
    reword(policy.question_set.get(), MARKER)
    approval = publish(policy, NOON + 2 * DAY, effective_at=FAR, announce=False)
    second = policy.version_set.get(approval__number=2)
    publishing.withdraw(second, by="bob", at=NOON + 3 * DAY, reason="A mistake.")
    listed = ask(client, "/privacy/versions.json")
    assert [each["status"] for each in listed] == ["live", "withdrawn"]
    assert listed[1]["withdrawal"] == {
        "recorded_at": "2026-03-05T12:00:00.000000Z",
        "seq": None,
        "previous": None,
        "chain": None,
    }
    assert verifies(listed)
    publishing.announce(approval.version, by="bob", at=NOON + 4 * DAY)
    listed = ask(client, "/privacy/versions.json")
    assert listed[1]["withdrawal"]["seq"] == 4
    assert listed[1]["withdrawal"]["previous"] == listed[2]["chain"]
    assert verifies(listed)


def test_a_withdrawal_is_not_told_before_it_happened():
    policy = make_every_kind_of_version()
    known = known_versions(versions_of(policy), NOON + 6 * DAY)
    assert [entry.withdrawal is not None for entry in known] == [False] * 3 + [True, False, False]
    assert known[-1].status == "live"


def test_moments_are_written_as_the_chain_writes_them(client):
    make_every_kind_of_version()
    for each in ask(client, "/privacy/versions.json"):
        moment = datetime.fromisoformat(each["effective_at"])
        assert digest.stamp(moment) == each["effective_at"]


def test_a_long_history_takes_no_more_queries_than_a_short_one(
    client, django_assert_max_num_queries
):
    policy = make_published(12)
    make_question(policy, "A secret?")
    publish(policy, NOON + 20 * DAY, effective_at=FAR, announce=False)
    with django_assert_max_num_queries(6):
        client.get("/privacy/versions.json")
    with django_assert_max_num_queries(6):
        client.get("/privacy/anchors.json")


# The link names


def leads(client: Any) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        each["anchor"]: (each["status"], each["current"], each["successor"])
        for each in ask(client, "/privacy/anchors.json")
    }


def test_it_says_of_every_public_name_where_it_leads(client):
    make_every_kind_of_version()
    inside = "when-do-we-use-cookies"
    assert leads(client) == {
        "who-are-we": ("live", "who-are-we", None),
        "your-rights": ("live", "your-rights", None),
        "when-do-we-use-cookies": ("alias", "cookies", None),
        "do-we-check-your-credit": ("retired", None, "cookies"),
        "do-we-use-fax": ("retired", None, None),
        f"{inside}.which-ones": ("alias", "cookies", None),
        "cookies": ("live", "cookies", None),
        f"{inside}.what-are-they": ("live", f"{inside}.what-are-they", None),
        "do-we-use-robots": ("retired", None, None),
        "do-we-sell-data": ("live", "do-we-sell-data", None),
    }


def test_every_address_it_gives_is_a_page_that_has_that_id(client):
    make_every_kind_of_version()
    listed = ask(client, "/privacy/anchors.json")
    urls = {each["anchor"]: each["url"] for each in listed}
    assert urls["do-we-use-fax"] == f"{ROOT}/privacy/#do-we-use-fax"
    assert urls["do-we-check-your-credit"] == f"{ROOT}/privacy/#cookies"
    assert urls["do-we-sell-data"] == f"{ROOT}/privacy/versions/7/#do-we-sell-data"
    for url in urls.values():
        page, _, name = url.removeprefix(ROOT).partition("#")
        assert f'id="{name}"' in client.get(page).content.decode()


def test_each_public_name_that_is_not_new_is_an_id_of_the_page_in_force(client):
    make_every_kind_of_version()
    page = client.get("/privacy/").content.decode()
    names = leads(client).keys() - {"do-we-sell-data"}
    assert all(f'id="{name}"' in page for name in names)


def test_names_of_secret_versions_and_drafts_are_not_told(client):
    policy = make_every_kind_of_version()
    ledger = set(policy.anchor_set.values_list("name", flat=True))
    hidden = ledger - leads(client).keys()
    assert {MARKER.lower() in name for name in hidden} == {True}
    assert len(hidden) == 2


def test_a_name_first_frozen_in_a_version_nobody_saw_counts_from_the_first_public_one(client):
    policy = make_published()
    make_question(policy, "Do we use robots?")
    unseen = publish(policy, NOON + DAY, effective_at=FAR, announce=False)
    publishing.withdraw(unseen.version, by="bob", at=NOON + 2 * DAY, reason="Later.")
    assert leads(client).keys() == {"who-are-we"}
    reword(policy.question_set.first(), "Another company.")
    publish(policy, NOON + 3 * DAY)
    assert leads(client)["do-we-use-robots"] == ("live", "do-we-use-robots", None)


def test_a_name_is_not_told_while_the_wording_of_every_version_that_has_it_is_hidden(client):
    policy = make_published()
    make_question(policy, f"Who is {MARKER}?", anchor=MARKER)
    second = publish(policy, NOON + DAY).version
    publishing.withdraw(second, by="bob", at=NOON + 2 * DAY, reason="A mistake.")
    assert leads(client).keys() == {"who-are-we", MARKER}
    first = policy.version_set.get(approval__number=1)
    hide(first)
    assert leads(client).keys() == {"who-are-we", MARKER}
    hide(second)
    answer = client.get("/privacy/anchors.json")
    assert answer.status_code == 404
    assert MARKER not in answer.content.decode()


def test_while_the_wording_in_force_is_hidden_names_lead_to_a_version_that_can_be_read(client):
    policy = make_published(3)
    versions = [policy.version_set.get(approval__number=number) for number in (1, 2, 3)]
    publishing.withdraw(versions[2], by="bob", at=NOON + 4 * DAY, reason="A mistake.")
    hide(versions[1])
    (entry,) = ask(client, "/privacy/anchors.json")
    assert entry["url"] == f"{ROOT}/privacy/versions/3/#who-are-we"
    hide(versions[2])
    hide(versions[0])
    assert client.get("/privacy/anchors.json").status_code == 404


def test_names_at_a_moment_are_those_that_were_public_then():
    policy = make_every_kind_of_version()

    def names(days: float) -> set[str]:
        return {each.lead.name for each in known_names(versions_of(policy), NOON + days * DAY)}

    assert names(-1) == set()
    assert "cookies" not in names(1.5)
    assert "cookies" in names(2)
    assert "do-we-use-robots" not in names(5.5)
    assert all(earlier <= later for earlier, later in pairwise(map(names, range(-1, 12))))


def test_a_name_in_any_script_is_escaped_in_the_address_and_plain_beside_it(client):
    policy = make_policy()
    make_question(policy, "من نحن؟", anchor="من-نحن")
    publish(policy)
    (entry,) = ask(client, "/privacy/anchors.json")
    assert entry["anchor"] == "من-نحن"
    assert entry["url"].isascii()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_chromium_every_address_lands_on_its_place(live_server, page, client):
    make_every_kind_of_version()
    policy = Policy.objects.get()
    for entry in ask(client, "/privacy/anchors.json"):
        page.goto("about:blank")
        page.goto(entry["url"].replace(ROOT, live_server.url))
        target = page.evaluate("document.querySelector(':target')?.id")
        assert target == (entry["current"] or entry["successor"] or entry["anchor"])
    assert policy.anchor_set.count() > 10


# The description

#: What is described too, and is no JSON.
PROGRAM = "/{policy}/versions/verify.py"


def closed(schema: Any) -> Any:
    """The same schema, refusing every key it does not name."""
    if isinstance(schema, dict):
        schema = {key: closed(value) for key, value in schema.items()}
        if "properties" in schema and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


def described(spec: Any, path: str, status: int = 200) -> Draft202012Validator:
    """A validator of an answer, as the description has it, with no undescribed key allowed."""
    responses = spec["paths"][path]["get"]["responses"]
    found = responses[str(status)]
    if "$ref" in found:
        found = spec["components"]["responses"][found["$ref"].rpartition("/")[2]]
    schema = found["content"]["application/json"]["schema"]
    whole = closed({"components": spec["components"], "allOf": [schema]})
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_description_is_valid_openapi(client):
    spec = ask(client, "/openapi.json")
    OpenAPIV31SpecValidator(spec).validate()
    assert spec["openapi"].startswith("3.1.")
    assert spec["servers"] == [{"url": ROOT}]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/{policy}.json", "/privacy.json"),
        ("/{policy}/versions.json", "/privacy/versions.json"),
        ("/{policy}/anchors.json", "/privacy/anchors.json"),
        *(("/{policy}/versions/{number}.json", f"/privacy/versions/{n}.json") for n in (1, 3, 7)),
    ],
)
def test_real_answers_are_as_described_to_the_last_key(client, path, asked):
    make_every_kind_of_version()
    validator = described(ask(client, "/openapi.json"), path)
    value = ask(client, asked)
    validator.validate(value)
    spoilt = {**value, "extra": 1} if isinstance(value, dict) else [*value, {}]
    assert not validator.is_valid(spoilt)
    first = value if isinstance(value, dict) else value[0]
    for key in first:
        short = {name: each for name, each in first.items() if name != key}
        assert not validator.is_valid(short if isinstance(value, dict) else [short]), key


def test_the_answer_for_hidden_wording_is_as_described(client):
    make_every_kind_of_version()
    spec = ask(client, "/openapi.json")
    answer = client.get("/privacy/versions/2.json")
    assert answer.status_code == 410
    described(spec, "/{policy}/versions/{number}.json", 410).validate(answer.json())


def test_the_answers_for_what_is_not_there_and_for_what_is_hidden_are_as_described(client):
    policy = make_published(2)
    spec = ask(client, "/openapi.json")
    for path in set(spec["paths"]) - {"/openapi.json", PROGRAM}:
        absent = client.get(path.replace("{policy}", "nothing").replace("{number}", "1"))
        assert absent.status_code == 404
        described(spec, path, 404).validate(absent.json())
        assert not described(spec, path, 404).is_valid({"error": "hidden"})
    for version in policy.version_set.all():
        hide(version)
    for path, item in spec["paths"].items():
        if "410" in item["get"]["responses"]:
            gone = client.get(path.replace("{policy}", "privacy").replace("{number}", "1"))
            assert gone.status_code == 410
            described(spec, path, 410).validate(gone.json())
            for key in gone.json():
                short = {name: each for name, each in gone.json().items() if name != key}
                assert not described(spec, path, 410).is_valid(short), key


def test_every_json_address_is_described_and_every_described_one_is_there(client):
    make_published()
    spec = ask(client, "/openapi.json")
    for path in set(spec["paths"]) - {PROGRAM}:
        ask(client, path.replace("{policy}", "privacy").replace("{number}", "1"))
    patterns = get_resolver("faq.urls").url_patterns
    routes = {str(each.pattern) for each in patterns if str(each.pattern).endswith(".json")}
    written = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).replace("{slug}", "{policy}")
        for route in routes
    }
    assert written == set(spec["paths"]) - {PROGRAM}


def test_the_description_stays_the_same_without_a_policy(client):
    empty = client.get("/openapi.json").content
    make_published()
    assert client.get("/openapi.json").content == empty


# The routes


def test_every_route_for_machines_is_reached_by_name():
    assert reverse("faq:policy-json", args=["privacy"]) == "/privacy.json"
    assert reverse("faq:versions-json", args=["privacy"]) == "/privacy/versions.json"
    assert reverse("faq:anchors-json", args=["privacy"]) == "/privacy/anchors.json"
    assert reverse("faq:openapi") == "/openapi.json"


def test_sections_have_names_like_questions_and_a_removed_one_hands_them_on(client):
    policy = make_policy()
    old, new = make_section(policy, "Old rights"), make_section(policy, "New rights")
    question = make_question(policy, section=old)
    publish(policy)
    question.section = new
    question.save()
    publishing.retire(old, at=NOON + HOUR, reason="Merged.", successor=new)
    publish(policy, NOON + DAY)
    assert leads(client)["old-rights"] == ("retired", None, "new-rights")
