"""The Document and its canonical JSON: the bytes that are hashed, for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.document import BadDocument, Document, Question, Retired, Section, Wording

#: A machine that is busy with other things is no fault.
unhurried = settings(deadline=None)

SMALL = Document(
    policy="privacy",
    languages=("en",),
    title={"en": "Privacy “policy”"},
    introduction={},
    contact={"en": Wording("Write to us.", "<p>Write to us.</p>\n")},
    prevails="en",
    sections=(
        Section(
            id="11111111-1111-4111-8111-111111111111",
            anchor="your-rights",
            title={"en": "Your rights"},
            aliases=("rights",),
            questions=(
                Question(
                    id="22222222-2222-4222-8222-222222222222",
                    anchor="who-are-we",
                    title={"en": "Who are we?"},
                    answer={
                        "en": Wording(
                            '# Us\n\nA "café".',
                            '<h3 id="who-are-we.us">Us</h3>\n<p>A “café”.</p>\n',
                        )
                    },
                    aliases=("about",),
                    in_short={"en": "A company."},
                    also_asked={"en": ("get my data", "SAR")},
                    disclosures=("gdpr-13-1-a",),
                ),
            ),
        ),
    ),
    retired=(
        Retired(
            id="33333333-3333-4333-8333-333333333333",
            anchors=("credit-checking",),
            title={"en": "Credit checking"},
            reason={"en": "We stopped."},
            successor="22222222-2222-4222-8222-222222222222",
            last_version=3,
        ),
    ),
)
# Format 1, byte for byte. If this test fails, every fingerprint ever given is at stake.
SMALL_JSON = (
    '{"contact":{"en":{"html":"<p>Write to us.</p>\\n","source":"Write to us."}},"format":1,'
    '"introduction":{},"languages":["en"],"policy":"privacy","prevails":"en","retired":['
    '{"anchors":["credit-checking"],"id":"33333333-3333-4333-8333-333333333333",'
    '"last_version":3,"reason":{"en":"We stopped."},'
    '"successor":"22222222-2222-4222-8222-222222222222","title":{"en":"Credit checking"}}],'
    '"sections":[{"aliases":["rights"],"anchor":"your-rights",'
    '"id":"11111111-1111-4111-8111-111111111111","introduction":null,"questions":['
    '{"aliases":["about"],"also_asked":{"en":["get my data","SAR"]},"anchor":"who-are-we",'
    '"answer":{"en":{"html":"<h3 id=\\"who-are-we.us\\">Us</h3>\\n<p>A “café”.</p>\\n",'
    '"source":"# Us\\n\\nA \\"café\\"."}},"disclosures":["gdpr-13-1-a"],'
    '"id":"22222222-2222-4222-8222-222222222222","in_short":{"en":"A company."},'
    '"title":{"en":"Who are we?"}}],"title":{"en":"Your rights"}}],'
    '"title":{"en":"Privacy “policy”"}}'
).encode()
SMALL_DIGEST = "836f0835d8bbff857ab2b9daa338077d9a69db4c1621e7da792c172529f1c728"


def test_the_canonical_json_is_exactly_this() -> None:
    assert SMALL.to_json() == SMALL_JSON
    assert hashlib.sha256(SMALL.to_json()).hexdigest() == SMALL_DIGEST


def test_format_1_is_read_back() -> None:
    assert Document.from_json(SMALL_JSON) == SMALL


def test_the_order_of_keys_and_space_do_not_matter_to_the_reader() -> None:
    value = json.loads(SMALL_JSON)
    shuffled = json.dumps(dict(reversed(value.items())), indent=2).encode()
    assert Document.from_json(shuffled) == SMALL
    assert Document.from_json(shuffled).to_json() == SMALL_JSON


def test_a_section_without_a_name_has_nulls() -> None:
    loose = replace(SMALL, sections=(Section(id=None, anchor=None, title=None),), retired=())
    assert b'"sections":[{"aliases":[],"anchor":null,"id":null,' in loose.to_json()
    assert Document.from_json(loose.to_json()) == loose


# No surrogates: they have no UTF-8 form.
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
languages = st.sampled_from(["en", "cy", "pt-br"])
texts = st.dictionaries(languages, words, max_size=2)
wordings = st.dictionaries(languages, st.builds(Wording, words, words), max_size=2)
lists = st.lists(words, max_size=3).map(tuple)
maybe = st.none() | words
questions = st.builds(
    Question,
    id=words,
    anchor=words,
    title=texts,
    answer=wordings,
    aliases=lists,
    in_short=texts,
    also_asked=st.dictionaries(languages, lists, max_size=2),
    disclosures=lists,
)
sections = st.builds(
    Section,
    id=maybe,
    anchor=maybe,
    title=st.none() | texts,
    questions=st.lists(questions, max_size=2).map(tuple),
    aliases=lists,
    introduction=st.none() | wordings,
)
retired = st.builds(
    Retired,
    id=words,
    anchors=lists,
    title=texts,
    reason=texts,
    successor=maybe,
    last_version=st.none() | st.integers(1, 10**6),
)
documents = st.builds(
    Document,
    policy=words,
    languages=lists,
    title=texts,
    introduction=wordings,
    contact=wordings,
    prevails=words,
    sections=st.lists(sections, max_size=2).map(tuple),
    retired=st.lists(retired, max_size=2).map(tuple),
)


@unhurried
@given(documents)
def test_every_document_survives_json(document: Document) -> None:
    data = document.to_json()
    assert Document.from_json(data) == document
    assert Document.from_json(data).to_json() == data


@unhurried
@given(documents)
def test_the_json_is_canonical(document: Document) -> None:
    data = document.to_json()
    value = json.loads(data)
    assert value["format"] == 1
    again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert again.encode() == data


@unhurried
@given(documents, documents)
def test_two_documents_have_one_form_only_if_they_are_equal(one: Document, two: Document) -> None:
    assert (one.to_json() == two.to_json()) == (one == two)


def test_the_order_in_which_languages_were_written_does_not_matter() -> None:
    one = replace(SMALL, title={"en": "Privacy", "cy": "Preifatrwydd"})
    two = replace(SMALL, title={"cy": "Preifatrwydd", "en": "Privacy"})
    assert one.to_json() == two.to_json()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"\x00",
        b"not json",
        b"{",
        b"[]",
        b"1",
        b"null",
        b"{}",
        b'{"format":2}',
        b'{"format":"1"}',
        b'{"format":1}',
        b"[" * 100_000,
        SMALL_JSON[:-1],
        SMALL_JSON.replace(b'"format":1', b'"format":2'),
        SMALL_JSON.replace(b'"contact":{', b'"contact":[]', 1).replace(b"]{", b"],{", 1),
        SMALL_JSON.replace(b'"aliases":["about"],', b""),
        SMALL_JSON.replace(b'"questions":[', b'"questions":7,"x":['),
        SMALL_JSON.replace(b'"introduction":{}', b'"introduction":[]'),
        SMALL_JSON.replace(b'"introduction":{}', b'"introduction":{"en":"text"}'),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadDocument):
        Document.from_json(data)


def test_text_without_a_utf8_form_is_refused() -> None:
    with pytest.raises(BadDocument, match="cannot be stored"):
        replace(SMALL, title={"en": "\ud800"}).to_json()


def test_names_are_everything_that_leads_there() -> None:
    [question] = SMALL.questions()
    assert question.names() == ("who-are-we", "about", "who-are-we.us")
    assert SMALL.sections[0].names() == ("your-rights", "rights")
    section, answer = SMALL.sections[0].id, question.id
    assert list(SMALL.holders()) == [
        ("your-rights", section),
        ("rights", section),
        ("who-are-we", answer),
        ("about", answer),
        ("who-are-we.us", answer),
        ("credit-checking", SMALL.retired[0].id),
    ]


def gone(key: str, successor: str | None) -> Retired:
    return Retired(id=key, anchors=(key,), title={}, reason={}, successor=successor)


@pytest.mark.parametrize(
    ("successors", "heir"),
    [
        ({"a": None}, None),
        ({"a": "living"}, "living"),
        ({"a": "b", "b": "c", "c": "living"}, "living"),
        ({"a": "b", "b": None}, None),
        ({"a": "nobody"}, None),
        ({"a": "a"}, None),
        ({"a": "b", "b": "a"}, None),
        ({"a": "section"}, "section"),
    ],
)
def test_who_answers_for_a_removed_question(
    successors: dict[str, str | None], heir: str | None
) -> None:
    living = Question(id="living", anchor="l", title={}, answer={})
    document = replace(
        SMALL,
        sections=(Section(id="section", anchor="s", title={}, questions=(living,)),),
        retired=tuple(gone(key, successor) for key, successor in successors.items()),
    )
    assert document.successor_of(document.retired[0]) == heir


def test_a_document_cannot_be_changed() -> None:
    values: list[Any] = [SMALL, SMALL.sections[0], SMALL.retired[0], next(SMALL.questions())]
    for value in values:
        with pytest.raises(AttributeError):
            value.title = {"en": "Another"}
