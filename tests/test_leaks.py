"""Nothing shows a text that is not public: every address, at every kind of moment, in every way.

A word of its own stands in each field of each version, so that an answer tells which version it
was made from. The addresses come from the resolver: one that is new is walked too, and fails the
test until its arguments are known here and some of them lead to an answer.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import product
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import CharField, TextField
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from faq import images, publishing, reviewing, urls
from faq.memento import http_date
from faq.models import Image, Policy, PreviewLink, Question, Section, Version
from faq.views import history, questions
from tests.factory import (
    DAY,
    HOUR,
    NOON,
    make_policy,
    make_question,
    make_section,
    picture,
    publish,
)

pytestmark = pytest.mark.django_db

#: A word of ours is `zqé`, whose it is, an x, and what it stands in. Addresses of policies have
#: no é. Encoded as it may be on the way, it must be found.
WORD = re.compile("zq[eé]([a-wyz]+)x([a-z]+)")

#: From which day on readers may see each version's words; those that are not here, never.
PUBLIC_FROM = {
    "first": 0.0,
    "kept": 1,  # link names that came with the hidden version: they were published, and work
    "third": 2,
    "live": 5,
    "brief": 6,
    "announced": 8,
    "court": -99,  # why a wording is hidden is for everybody
    "coming": 21,
    "later": 21,
}
NOW, AFTERWARDS = NOON + 15 * DAY, NOON + 21 * DAY
#: Before the first version, in the lives of others (also of the one that is hidden now), now, and
#: just before and as the secret one applies.
MOMENTS = (
    *(NOON + days * DAY for days in (-1, 1.5, 3.5, 6.5)),
    NOW,
    NOON + 21 * DAY - HOUR / 3600,
    AFTERWARDS,
)
#: Routes whose answers only lead on: the first page too, while one policy is in force.
LEADING = {"home", "day", "upcoming", "timegate"}
#: What a page may take from a form on it.
QUERIES = (
    *("?on=2026-03-05", "?on=2026-03-29", "?on=x", "?from=1&to=4", "?from=4&to=8", "?from=2&to=2"),
    "?p=1&format=json&version=8&preview=1",
    *("?q=zqe", "?q=policy", "?q=nothing"),
)


class AskedAt:
    """The innermost middleware: the moment is the one that the test says."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.at = request.META["test.at"]
        return self.get_response(request)

    def process_view(self, request: Any, *args: Any) -> None:
        """Break, where the test says so, with a secret at hand."""
        if broken := request.META.get("test.broken"):
            raise RuntimeError(broken)


@pytest.fixture(autouse=True)
def _asked_at(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_leaks.AskedAt"]
    settings.IMAGES = True
    settings.SECURITY_CONTACT = ["mailto:security@example.org"]


@dataclass
class Record:
    """A policy with versions of every kind, by the words that stand in them."""

    policy: Policy
    versions: dict[str, Version] = field(default_factory=dict)
    extra: list[Question | Section] = field(default_factory=list)

    def write(self, whose: str, *, names: str = "") -> None:
        """Write words of one's own into every field of the working copy."""
        names = names or whose
        policy = self.policy
        policy.title, policy.introduction, policy.contact = (
            f"Policy {word(whose, place)}" for place in ("title", "introduction", "contact")
        )
        policy.changed_by = word("staff", "changer")
        policy.save()
        who = policy.question_set.order_by("position").first()
        section = policy.section_set.order_by("position").first()
        for item, place in ((who, "question"), (section, "section")):
            item.title = word(whose, f"{place}title")
            item.anchor = word(names, f"{place}anchor")
            item.older_names = word(names, f"{place}alias")
            item.changed_by = word("staff", "changer")
        who.in_short, who.also_asked = word(whose, "inshort"), word(whose, "asked")
        who.answer = answer(whose, names)
        section.introduction = word(whose, "sectionintroduction")
        who.save()
        section.save()
        self.remove_extras(whose)
        self.extra = [
            make(policy, word(whose, title), anchor=word(names, anchor), position=50)
            for make, title, anchor in (
                (make_question, "extratitle", "extraanchor"),
                (make_section, "extrasectiontitle", "extrasectionanchor"),
            )
        ]

    def remove_extras(self, whose: str) -> None:
        """Remove what came with the version before, for reasons and under titles of one's own."""
        gone = [*self.policy.question_set.exclude(retired_at=None)]
        gone += [*self.policy.section_set.exclude(retired_at=None)]
        for item in (*gone, *self.extra):
            publishing.unretire(item, at=NOON)
            item.title, item.older_names = word(whose, "removedtitle"), ""
            item.save()
            publishing.retire(item, at=NOON, reason=word(whose, "removedreason"))

    def publish(self, whose: str, days: float, **options: Any) -> None:
        self.write(whose, names="kept" if whose == "hidden" else "")
        self.versions[whose] = publish(
            self.policy,
            NOON + days * DAY,
            note=word(whose, "note"),
            by=word("staff", "approver"),
            **options,
        ).version

    def publish_alone(self, whose: str, days: float) -> None:
        """The same in an emergency, where two people should have decided."""
        self.policy.second_person = True
        self.publish(whose, days, emergency_reason=word("staff", "emergency"))
        self.policy.second_person = False
        self.policy.save()
        publishing.confirm(
            self.versions[whose].approval, by=word("staff", "confirmer"), at=NOON + days * DAY
        )

    def withdraw(self, whose: str, days: float) -> None:
        publishing.withdraw(
            self.versions[whose],
            by=word("staff", "withdrawer"),
            at=NOON + days * DAY,
            reason=word("reason", "withdrawal"),
        )


def word(whose: str, place: str) -> str:
    return f"zqé{whose}x{place}"


def answer(whose: str, names: str) -> str:
    """An answer with a word of one's own wherever Markdown has room for one."""
    return "\n\n".join(
        (
            f"{word(whose, 'answer')} [{word(whose, 'link')}](https://a.example/{whose})[^1]",
            f"### {word(names, 'heading')}",
            f"- {word(whose, 'item')}",
            f"| {word(whose, 'column')} |\n| --- |\n| {word(whose, 'cell')} |",
            f"    {word(whose, 'code')}",
            f"![{word(whose, 'picture')}]({picture_of(whose).address})",
            f"[^1]: {word(whose, 'footnote')}",
        )
    )


def picture_of(whose: str) -> Image:
    """A picture of one's own."""
    size = (4, 1 + sum(whose.encode()) % 1000)
    return images.add(picture(size=size), by=word("staff", "painter"), at=NOON)


def discuss(version: Version) -> None:
    """Everything that people may say of a candidate, and those they may show it to."""
    at, by = NOON + 10 * DAY, word("staff", "reviewer")
    said = {"text": word("staff", "comment"), "quote": word("staff", "quote")}
    comment = reviewing.comment(version, by=by, at=at, **said)
    reviewing.resolve(comment, by=word("staff", "resolver"), at=at)
    link = reviewing.make_link(
        version.policy,
        by=by,
        at=at,
        name=word("staff", "outsider"),
        version=version,
        asks_for_sign_off=True,
    )
    remark = word("staff", "objection")
    reviewing.sign_off(link, at=at, approves=False, comment=remark, digest=version.digest)
    reviewing.revoke(link, by=word("staff", "revoker"), at=at)
    reviewing.review(version.policy, by=by, at=at)


def make_all_kinds() -> Record:
    """Eight numbered versions, one sent back, one waiting, a draft, and two unknown policies."""
    User.objects.create_superuser(word("staff", "username"), password=word("staff", "password"))
    record = Record(make_policy())
    make_question(record.policy)
    make_section(record.policy)
    record.publish("first", 0)
    record.publish("hidden", 1)
    record.publish("third", 2)
    record.publish("never", 3, effective_at=NOON + 30 * DAY, announce=False)
    record.withdraw("never", 4)
    record.publish("live", 5)
    note = {"by": word("staff", "noter"), "at": NOON + 5 * DAY, "text": word("live", "correction")}
    publishing.write_note(record.versions["live"], **note)
    record.publish_alone("brief", 6)
    record.withdraw("brief", 7)
    publishing.withhold(
        record.versions["hidden"],
        by=word("staff", "withholder"),
        at=NOON + 8 * DAY,
        reason=word("court", "reason"),
    )
    record.publish("announced", 8, effective_at=NOON + 20 * DAY)
    record.publish("coming", 9, effective_at=NOON + 21 * DAY, announce=False)
    for whose in ("rejected", "candidate"):
        record.write(whose)
        record.versions[whose] = publishing.freeze(
            record.policy,
            by=word("staff", "freezer"),
            at=NOON + 10 * DAY,
            summary=word("staff", "summary"),
            note=word(whose, "note"),
        )
        discuss(record.versions[whose])
    publishing.reject(
        record.versions["rejected"],
        by=word("staff", "rejecter"),
        at=NOON + 10 * DAY,
        reason=word("reason", "rejection"),
    )
    record.write("draft")
    for whose in ("unborn", "later"):
        other = Record(make_policy(f"zqe{whose}xslug"))
        make_question(other.policy)
        make_section(other.policy)
        if whose == "unborn":
            other.write(whose)
            publishing.freeze(other.policy, by=word("staff", "freezer"), at=NOON)
        else:
            other.publish(whose, 9, effective_at=NOON + 21 * DAY, announce=False)
    return record


# What there is to ask

#: Routes that answer nobody without a token that works, and the one that takes a form.
PREVIEWS = {"preview", "preview-changes", "preview-sign-off", "preview-image", "no-preview"}
FORM = "preview-sign-off"


def dead_tokens() -> list[str]:
    """What leads to no preview: all links are revoked, and their keys stand in the database."""
    links = PreviewLink.objects.all()
    tokens = [reviewing.token_of(link) for link in links]
    return ["nothing", *(link.key for link in links), *tokens, *(each[:-1] for each in tokens)]


def of_each_kind(tokens: list[str]) -> list[str]:
    """One that never was, a key, a token and a token cut short."""
    return tokens[:: (len(tokens) - 1) // 3]


@dataclass(frozen=True)
class Arguments:
    """Everything that may be written where an address has an argument."""

    slugs: list[str]
    numbers: list[int]
    anchors: list[str]
    days: list[date]
    tokens: list[str] = field(default_factory=list)

    def of(self, converter: object) -> list[Any]:
        """What fits a converter; fails for one that nobody thought of here."""
        return {
            "PolicySlug": self.slugs,
            "IntConverter": self.numbers,
            "Number": self.numbers,
            "AnchorName": self.anchors,
            "Day": self.days,
            "NumberRange": ["1-2", "3-4", "2-3"],
            "StringConverter": self.tokens,
            "Sha256": [*Image.objects.values_list("sha256", flat=True), "0" * 64],
            "SlugConverter": ["webp", "png"],
            "PathConverter": [f"{token}/privacy" for token in self.tokens],
        }[type(converter).__name__]

    def fewer(self) -> Arguments:
        """What tells one moment from another."""
        anchors = [name for name in self.anchors if name.endswith(("questionanchor", "heading"))]
        days = self.days[:: len(self.days) // 4]
        return Arguments(self.slugs, self.numbers[1:-3], anchors, days, of_each_kind(self.tokens))


def names_in(policy: Policy) -> list[str]:
    """Every name that ever stood in the working copy, in a version or in the ledger."""
    names = set(policy.anchor_set.values_list("name", flat=True))
    for items in (policy.question_set.all(), policy.section_set.all()):
        names |= {name for item in items for name in (item.anchor, *item.older_names.split())}
    for version in policy.version_set.all():
        names |= {name for name, _holder in version.to_document().holders()}
    return sorted(names)


def every_argument(record: Record) -> list[Arguments]:
    """All there is for the policy in force, and enough for the others."""
    zone = timezone.get_default_timezone()
    days = {(moment + step * DAY).astimezone(zone).date() for moment in MOMENTS for step in (-1, 0)}
    days |= {(NOON + number * DAY).date() for number in range(12)}
    others = [
        Arguments([policy.slug], [1, 2], names_in(policy), [min(days), max(days)])
        for policy in Policy.objects.exclude(pk=record.policy.pk)
    ]
    everything = Arguments(
        [record.policy.slug],
        [*range(record.policy.version_set.count() + 2), 10**30],
        [*names_in(record.policy), "nothing", "versions.json"],
        sorted(days),
        dead_tokens(),
    )
    return [everything, *others, Arguments(["nothing"], [1], ["nothing"], [min(days)])]


def public_routes() -> dict[str, URLPattern]:
    """Every public route by its name, as the resolver has them."""
    found = {each.name: each for each in routes_in(get_resolver()) if not is_of_the_desk(each)}
    assert set(found.values()) == set(urls.urlpatterns), "Give every public route a name."
    return found


def routes_in(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from routes_in(each)
        else:
            yield each


def is_of_the_desk(route: URLPattern) -> bool:
    """Whether it stands below /admin/: the desk's own pages, and those of logging in."""
    private = [each for each in every_resolver(get_resolver()) if str(each.pattern) == "admin/"]
    return any(route in routes_in(each) for each in private)


def every_resolver(resolver: URLResolver) -> Iterator[URLResolver]:
    yield resolver
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from every_resolver(each)


def addresses(route: URLPattern, arguments: list[Arguments]) -> list[str]:
    """Every address of a route that the arguments give."""
    form = re.sub("<(?:[a-z0-9]+:)?([a-z0-9]+)>", r"{\1}", f"/{route.pattern}")
    converters = route.pattern.converters
    return list(
        dict.fromkeys(
            form.format(**dict(zip(converters, map(written, values), strict=True)))
            for each in arguments
            for values in product(*(each.of(converter) for converter in converters.values()))
        )
    )


def written(value: object) -> str:
    return quote(value.isoformat() if isinstance(value, date) else str(value))


# What is answered


def ask(address: str, at: datetime, *, method: str = "GET", **more: Any) -> Any:
    """What the whole site answers at a moment, through all of its middleware."""
    client = Client(raise_request_exception=False)
    return client.generic(method, address, **{"test.at": at}, **more)


def words(text: str) -> set[str]:
    return {match[0] for match in WORD.finditer(text)}


def words_in(response: Any, address: str = "") -> set[str]:
    """Our words in an answer, whatever they were encoded as, but for those in the address.

    An answer may say back what was asked for: that there is nothing there, or where it leads.
    """
    said = [f"{name}: {value}" for name, value in response.items()]
    content = b"".join(response) if response.streaming else response.content
    said.append(content.decode(errors="ignore"))  # a picture has no words in UTF-8
    text = "\n".join(said)
    ways = [text, unquote(text), html.unescape(text), unescaped(text)]
    ways.append(unescaped(html.unescape(unquote(text))))
    found = {each for way in ways for each in words(unicodedata.normalize("NFC", way).lower())}
    return found - words(unquote(address))


def unescaped(text: str) -> str:
    """The text without the escapes of JSON and JavaScript."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def owner(said: str) -> str:
    found = WORD.fullmatch(said)
    assert found
    return found[1]


def secret(found: set[str], at: datetime) -> set[str]:
    """Those of the words that readers may not see at that moment."""
    return {
        each
        for each in found
        if (begin := PUBLIC_FROM.get(owner(each))) is None or at < NOON + begin * DAY
    }


def words_of(version: Version) -> set[str]:
    """The words that stand in the wording of a version."""
    return words(version.data().decode())


def expected(record: Record, at: datetime) -> set[str]:
    """What must be found at a moment: every word of every public wording."""
    readable = Version.objects.filter(policy=record.policy).readable(at)
    return set().union(*map(words_of, readable))


STATUSES = {200, 301, 302, 400, 404, 410}


@pytest.fixture
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few versions on a page that this record has older pages."""
    for view in (history, questions):
        monkeypatch.setattr(view, "SIZE", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("_short_pages")
@pytest.mark.parametrize(
    "at", [at if at == NOW else pytest.param(at, marks=pytest.mark.thorough) for at in MOMENTS]
)
def test_no_address_shows_a_word_that_is_not_public_at_that_moment_and_all_show_what_is(at):
    record = make_all_kinds()
    routes, arguments = public_routes(), every_argument(record)
    if at != NOW:
        arguments = [each.fewer() if each is arguments[0] else each for each in arguments]
    answered: dict[str, set[int]] = defaultdict(set)
    shown: set[str] = set()
    for name, route in routes.items():
        for address in addresses(route, arguments):
            response = ask(address, at)
            assert response.status_code in STATUSES, (address, response.status_code)
            answered[name].add(response.status_code)
            found = words_in(response, address)
            assert not secret(found, at), (address, response.status_code)
            shown |= found
    assert expected(record, at) <= shown
    assert (at < NOON) == (not shown - {word("court", "reason")})
    assert answered.keys() == routes.keys()
    for name in PREVIEWS:
        assert answered.pop(name) == {404}, name
    if at == NOW:
        for name, statuses in answered.items():
            assert (302 if name in LEADING else 200) in statuses, name
    assert len(routes) > 20


#: What holds nothing that anybody wrote.
NOT_WRITTEN = {"digest", "base", "previous", "chain", "key", "what", "item", "grounds"}
NOT_WRITTEN |= {"sha256", "extension", "image", "of_table", "of_row", "of_columns", "kind"}


def test_a_word_stands_in_every_field_that_holds_text():
    make_all_kinds()
    fields = [
        (model, column.name)
        for model in apps.get_app_config("faq").get_models()
        for column in model._meta.fields
        if isinstance(column, CharField | TextField) and column.name not in NOT_WRITTEN
    ]
    assert len(fields) > 30
    for model, name in fields:
        texts = model.objects.values_list(name, flat=True)
        assert any(words(text) for text in texts), f"{model.__name__}.{name}"


def test_every_word_was_written_and_would_be_found():
    record = make_all_kinds()
    whose = {owner(each) for version in Version.objects.all() for each in words_of(version)}
    never = {"hidden", "never", "rejected", "candidate", "unborn"}
    assert whose >= never | PUBLIC_FROM.keys() - {"court"}
    for name, version in record.versions.items():
        own = {each for each in words_of(version) if owner(each) == name}
        assert len(own) >= (15 if name == "hidden" else 20), name
    said = word("never", "answer")
    for way in (said, quote(said), json.dumps(said), said.upper(), "zq&eacute;neverxanswer"):
        response = ask("/health/live", NOW)
        response.headers["X-Way"] = "" if not way.isascii() else way
        response.content += way.encode()
        assert words_in(response) == {said}


def test_at_the_scheduled_moment_what_was_secret_is_shown():
    record = make_all_kinds()
    number = record.versions["coming"].approval.number
    address = f"/privacy/versions/{number}/"
    before, after = (ask(address, NOON + 21 * DAY - step) for step in (HOUR / 3600, 0 * HOUR))
    assert (before.status_code, after.status_code) == (404, 200)
    assert word("coming", "answer") in words_in(after)


@pytest.mark.thorough
@pytest.mark.usefixtures("_short_pages")
def test_no_header_method_or_query_brings_out_more():
    record = make_all_kinds()
    kinds = ("live", "hidden", "coming")
    some = Arguments(
        ["privacy"],
        [record.versions[kind].approval.number for kind in kinds],
        [word(kind, "questionanchor") for kind in ("live", "never", "coming", "draft")],
        [(NOON + 4 * DAY).date(), (NOON + 25 * DAY).date()],
        of_each_kind(dead_tokens()),
    )
    ways: list[dict[str, Any]] = [
        *({"headers": {"Accept-Datetime": http_date(moment)}} for moment in MOMENTS[1::2]),
        {"headers": {"Accept-Datetime": word("never", "answer")}},
        *({"headers": {"Accept": kind}} for kind in ("text/html", "application/json", "image/png")),
        {"headers": {"If-None-Match": f'"{record.versions["coming"].digest}"'}},
        {"headers": {"If-None-Match": "*"}},
        {"headers": {"If-Modified-Since": http_date(NOON - DAY)}},
        {"headers": {"Range": "bytes=0-"}},
        {"headers": {"Cookie": "sessionid=x; session=x; csrf=x", "Authorization": "Basic eDp4"}},
        *({"method": method} for method in ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")),
    ]
    for name, route in public_routes().items():
        for address in addresses(route, [some]):
            plain = ask(address, NOW).status_code
            for query in QUERIES:
                response = ask(f"{address}{query}", NOW)
                assert response.status_code in STATUSES, (address, query)
                assert not secret(words_in(response, address), NOW), (address, query)
            for way in ways:
                response = ask(address, NOW, **way)
                assert response.status_code in STATUSES | {304, 405}, (address, way)
                assert not secret(words_in(response, address), NOW), (address, way)
                if "method" in way and (name, way["method"]) != (FORM, "POST"):
                    assert response.status_code == (plain if way["method"] == "HEAD" else 405)
                    assert not response.content


def test_what_is_not_public_cannot_be_told_from_what_never_was():
    record = make_all_kinds()
    numbers = [record.versions[kind].approval.number for kind in ("never", "coming")]
    pairs = [(str(number), "9") for number in numbers]
    secrets = [name for name in names_in(record.policy) if secret(words(name), NOW)]
    assert len(secrets) > 20
    pairs += [(quote(name), quote(re.sub("[a-z]", "n", name))) for name in secrets]
    slug = "zqelaterxslug"
    asked = [(f"/privacy/versions/{form}", *pair) for form in OF_VERSIONS for pair in pairs[:2]]
    asked += [("/privacy/{}" + ending, *pair) for ending in ("/", "/versions/") for pair in pairs]
    asked += [("/{}" + ending, slug, "n" * len(slug)) for ending in (".json", "/", "/versions/")]
    for form, known, unknown in asked:
        one, other = (ask(form.format(name), NOW) for name in (known, unknown))
        assert one.status_code == other.status_code == 404, (form, known)
        told, blank = (
            without_advice(unquote(response.content.decode()), unquote(form.format(name)))
            for response, name in ((one, known), (other, unknown))
        )
        assert told == blank, (form, known)
        for response in (one, other):
            assert int(response.headers["Content-Length"]) == len(response.content)
            del response.headers["Content-Length"]
        assert dict(one.items()) == dict(other.items()), (form, known)


def without_advice(page: str, address: str) -> str:
    """A page about an address without what it makes of the address's own words.

    It names the public question that is nearest to them, if there is one.
    """
    nearest = r"<p>Did you look for <a href=[^\n]*</p>\n<p>Everything else that is here:</p>\n"
    page = re.sub(nearest, "", page).replace(" What you are looking for may be here:", " ")
    return page.replace(address, "")


OF_VERSIONS = ("{}/", "{}.json", "{}.md", "3...{}/", "{}...99/")


def test_errors_tell_nothing_either():
    make_all_kinds()
    hidden = word("never", "answer")
    for address in ("/", "/privacy/", "/privacy/versions.json", "/privacy/versions/1.md"):
        broken = ask(address, NOW, **{"test.broken": hidden})
        assert broken.status_code == 500
        assert not words_in(broken)
    bad = ("/nothing", "/nothing.json", "/privacy", "/privacy/versions/x/", "/%00", "/privacy/%ff/")
    for address in (
        *bad,
        "/privacy/versions/9999-99-99/",
        "/privacy/versions/0...99/",
    ):
        for at in (NOW, AFTERWARDS):
            response = ask(address, at)
            assert response.status_code in {301, 404}
            assert not secret(words_in(response, address), at), address
    assert ask("/privacy/", NOW, headers={"Host": "evil.example"}).status_code == 400
    assert ask("/privacy/versions/timegate/", NOW, headers=BAD_DATE).status_code == 400


BAD_DATE = {"Accept-Datetime": "yesterday"}


def test_whoever_is_not_signed_in_sees_nothing_of_the_desk():
    record = make_all_kinds()
    texts = ["1", "auth", "faq", "title", str(record.policy.question_set.first().pk)]
    desk = [route for route in routes_in(get_resolver()) if is_of_the_desk(route)]
    values = {
        "UUIDConverter": texts[-1:],
        "IntConverter": ["1", str(record.versions["candidate"].pk)],
    }
    asked = set()
    for route in desk:
        form = re.sub(r"<(?:[a-z0-9]+:)?([a-z0-9_]+)>", r"{\1}", str(route.pattern))
        names = [
            values.get(type(each).__name__, texts) for each in route.pattern.converters.values()
        ]
        for given in product(*names):
            if "(?P" not in form:
                asked.add(form.format(**dict(zip(route.pattern.converters, given, strict=True))))
    assert len(asked) > 20
    for path in asked:
        for method in ("GET", "POST"):
            response = ask(f"/admin/{path}", NOW, method=method)
            assert response.status_code in {200, 302, 403, 404, 405}, path
            assert not secret(words_in(response, path), NOW), path
