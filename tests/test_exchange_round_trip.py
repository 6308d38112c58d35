"""A policy written as a file reads back as it was, whatever its editors typed."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faq.anchors import fault, suggest
from faq.document import Document
from faq.exchange.markdown import apply, read, write
from faq.models import Policy, Question, Section
from tests.factory import NOON

pytestmark = pytest.mark.django_db

#: Lines that mean something in Markdown or in a policy file, alone or together.
LINES = (
    "",
    "Plain words.",
    "# Heading",
    "## Heading {#with-a-name}",
    "## Heading {#b .section}",
    "### Heading",
    "### Heading ###",
    "#### Lower heading",
    "##### Lowest heading #",
    "Set heading",
    "===",
    "---",
    "- point",
    "  1. step",
    "   - ### Heading in a list",
    "> quoted",
    "> ## quoted heading",
    "    indented",
    "\tindented",
    "```",
    "~~~ text",
    "::: important",
    "::: contact",
    ":::",
    "::::: important",
    "::: in-short",
    "::: also-asked",
    "::: policy-contact",
    "::: removed #old",
    "::: wording",
    "title: x",
    "| a | b |",
    "| - | -: |",
    "Term",
    ": meaning",
    "A note.[^1]",
    "[^1]: The note.",
    "[^2]: Another.",
    "A [reference].",
    "[reference]: https://example.org/",
    "[](#first)",
    "[text](#heading)",
    "[text](other.md)",
    "![picture](x.png)",
    "<b>bold</b> & <!-- hidden -->",
    '&amp; \\* `code` "quoted" it\'s',
    "{: #name }",
    "line  ",
    "שלום عربي 日本語",
)
markdown = st.lists(st.sampled_from(LINES), max_size=9).map("\n".join)
TITLES = (
    "Who are we?",
    "# Not a heading",
    "Ends with a hash #",
    "Ends {#like-a-name}",
    "{.section}",
    "**Bold** and `code`",
    "[link](x)",
    "&amp;",
    "1. First",
    "- dash",
    "<b>x</b>",
    "back\\slash\\",
    "a | b",
    "::: removed",
    "    ",
)
words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=30
)
titles = (st.sampled_from(TITLES) | words).map(str.strip).filter(bool)
names = st.sampled_from(
    ["a", "a.b", "a}b", "{a", "a_b_", "a*b", "`a`", "日本", "A", "x!"]
) | words.map(suggest)
lists = st.lists(words.map(lambda word: " ".join(word.split())).filter(bool), max_size=3)


@st.composite
def items(draw):
    """The fields that sections and questions share, without the link names."""
    return {"title": draw(titles), "names": draw(st.lists(names, max_size=2))}


@st.composite
def questions(draw):
    """The fields of a question."""
    return draw(items()) | {
        "answer": draw(markdown),
        "in_short": draw(st.just("") | words | markdown),
        "also_asked": ", ".join(draw(lists)),
    }


@st.composite
def policies(draw):
    """A policy as plain values: its own fields, loose questions, sections with theirs, removed."""
    return {
        "title": draw(titles),
        "introduction": draw(markdown),
        "contact": draw(markdown),
        "loose": draw(st.lists(questions(), min_size=1, max_size=3)),
        "sections": draw(
            st.lists(st.tuples(items(), markdown, st.lists(questions(), max_size=2)), max_size=2)
        ),
        "removed": draw(st.lists(st.tuples(items(), words, st.booleans()), max_size=2)),
    }


def make(values: dict, slug: str) -> Policy:
    """Put a policy into the database, each link name given once."""
    policy = Policy.objects.create(
        slug=slug, **{key: values[key] for key in ("title", "introduction", "contact")}
    )
    taken: set[str] = set()

    def create(model, position, title, names, **fields):
        own = [name for name in dict.fromkeys(names) if name not in taken and not fault(name)]
        own = own or [suggest(title, taken)]
        taken.update(own)
        older = "\n".join(own[1:])
        return model.objects.create(
            policy=policy,
            position=position,
            title=title,
            anchor=own[0],
            older_names=older,
            **fields,
        )

    made = [create(Question, number, **each) for number, each in enumerate(values["loose"])]
    for number, (item, introduction, inside) in enumerate(values["sections"]):
        section = create(Section, number, **item, introduction=introduction)
        for each in inside:
            made.append(create(Question, len(made), **each, section=section))
    for number, (item, reason, has_successor) in enumerate(values["removed"]):
        create(
            Question,
            len(made) + number,
            **item,
            retired_at=NOON,
            retired_reason=reason.strip() or "Gone.",
            successor=made[0] if has_successor else None,
        )
    return policy


def without_ids(document: Document) -> dict:
    """A Document's value with its ids replaced by their order, and without the policy's slug."""
    ids = [section.id for section in document.sections if section.id]
    ids += [question.id for question in document.questions()]
    ids += [entry.id for entry in document.retired]
    text = document.to_json().decode()
    for number, key in enumerate(ids):
        text = text.replace(key, f"id-{number}")
    return json.loads(text) | {"policy": ""}


@given(policies())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_policy_reads_back_as_it_was_written(values):
    with transaction.atomic():
        policy = make(values, "one")
        other = Policy.objects.create(slug="other", title="Another")
        text = write(policy.to_document(), "en")
        apply(read(text), other, at=NOON)
        assert without_ids(other.to_document()) == without_ids(policy.to_document()), text
        report = apply(read(text), policy, at=NOON)
        assert not (report.added or report.changed or report.removed or report.brought_back), text
        transaction.set_rollback(True)
