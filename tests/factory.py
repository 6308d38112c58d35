"""Plain functions that make what tests need, with defaults that make a policy one can publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import PIL.Image

from faq import publishing
from faq.digest import fingerprint
from faq.document import Document, Wording
from faq.document import Question as DocumentQuestion
from faq.models import Approval, Policy, Question, Rewording, Section, Version

#: A moment to count from. Tests pass moments in; none of them reads the clock.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_policy(slug: str = "privacy", title: str = "Privacy policy", **fields: str) -> Policy:
    """A policy without questions."""
    return Policy.objects.create(slug=slug, title=title, **fields)


def make_section(policy: Policy, title: str = "Your rights", **fields: Any) -> Section:
    """A section at the end of the contents."""
    fields.setdefault("anchor", title.lower().replace(" ", "-"))
    fields.setdefault("position", policy.section_set.count())
    return Section.objects.create(policy=policy, title=title, **fields)


def make_question(
    policy: Policy, title: str = "Who are we?", answer: str = "A company.", **fields: Any
) -> Question:
    """A question at the end of the contents, with an answer."""
    fields.setdefault("anchor", title.lower().rstrip("?").replace(" ", "-"))
    fields.setdefault("position", policy.question_set.count())
    return Question.objects.create(policy=policy, title=title, answer=answer, **fields)


def publish(
    policy: Policy, at: datetime = NOON, *, effective_at: datetime | None = None, **options: Any
) -> Approval:
    """Publish the working copy, as a change readers must know unless told otherwise."""
    options.setdefault("material", True)
    options.setdefault("note", "Something changed.")
    options.setdefault("by", "alice")
    return publishing.publish(policy, at=at, effective_at=effective_at, **options)


def reword(question: Question, answer: str) -> Question:
    """Give a question another answer in the working copy."""
    question.answer = answer
    question.save()
    return question


def make_published(versions: int = 1, **fields: str) -> Policy:
    """A policy with that many versions, published a day apart from NOON."""
    policy = make_policy(**fields)
    question = make_question(policy)
    for number in range(1, versions + 1):
        publish(policy, NOON + (number - 1) * DAY)
        reword(question, f"A company, as of version {number + 1}.")
    reword(question, f"A company, as of version {versions}." if versions > 1 else "A company.")
    return policy


#: Moments for pages that the site serves by its own clock: all but the last are past.
DAY_1, DAY_2, DAY_3, DAY_4, DAY_5, DAY_6 = (NOON.replace(year=2020, day=day) for day in range(1, 7))
FAR_AHEAD = NOON.replace(year=2999)

EVERYTHING = """\
Words with `code`, *stress*, **weight**, ~~mistakes~~ and [a link](#who-are-we).

#### Which ones?

1. First
   - within the first
2. Second

Cookie
: A small file.

> What the law says.

::: important
Take care.
:::

::: contact
1 Signal Yard
Harrowmere
:::

    a line of code that is a good deal longer than the screen of a small telephone

Pneumonoultramicroscopicsilicovolcanoconiosispneumonoultramicroscopicsilicovolcanoconiosis

| Name | Purpose | How long | Who sets it | Needed? |
| :--- | :--- | ---: | :--- | :---: |
| `a_rather_long_name` | Remembers something for you | 12 months | Somebody else | No |

A note[^1].

[^1]: At the foot.
"""


def make_record(slug: str = "privacy", title: str = "Privacy policy") -> Policy:
    """A policy with every kind of content and a version in every state that readers can meet.

    Version 1 is replaced, 2 hidden, 3 withdrawn, 4 withdrawn before it was public, 5 in force,
    6 announced. Of its questions one was removed with a successor, one without, one came and
    went with version 3, and one has changed its title and its name.
    """
    policy = make_policy(
        slug,
        title,
        introduction="What we do with what we know about you.",
        contact="Write to [us](mailto:us@example.org).",
    )
    section = make_section(policy, introduction="What you may ask of us.", older_names="rights")
    who = make_question(policy, in_short="A company in Harrowmere.", older_names="about-us")
    cookies = make_question(policy, "Do we use cookies?", EVERYTHING, section=section)
    fax = make_question(policy, "Do we send faxes?", section=section)
    sale = make_question(policy, "Do we sell your data?", section=section)
    publish(policy, DAY_1)
    publishing.retire(fax, at=DAY_2, reason="We have no fax.", successor=who)
    publishing.retire(sale, at=DAY_2, reason="We never did.")
    cookies.title, cookies.anchor = "When do we use cookies?", "when-do-we-use-cookies"
    cookies.save()
    publish(policy, DAY_2)
    drones = make_question(policy, "Do we use drones?", "Yes.\n\n### Where\n\nIn the air.")
    publish(policy, DAY_3)
    publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_4, reason="Too soon.")
    publishing.retire(drones, at=DAY_4, reason="We use none.")
    reword(who, "A company that never was.")
    publish(policy, DAY_4, effective_at=FAR_AHEAD, announce=False)
    publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_5, reason="Not so.")
    reword(who, "A small company.")
    publish(policy, DAY_5, material=False, note="One word more.")
    hidden = policy.version_set.get(approval__number=2)
    publishing.withhold(hidden, by="alice", at=DAY_6, reason="It named a person.")
    reword(who, "A large company.")
    publish(policy, DAY_6, effective_at=FAR_AHEAD)
    return policy


#: A word that stands in every text that no reader may see.
MARKER = "Zaunkönig"


def make_every_kind_of_version(slug: str = "privacy") -> Policy:
    """A policy with versions and candidates of every status, seven of its versions known.

    In force is version 5. Version 2 is hidden, 4 was withdrawn before anybody saw it, 6 after it
    had been in force, 7 is announced and 8 is scheduled in secret. One candidate waits, one was
    sent back, and the draft has changed since. MARKER is in all that readers may not see.
    """
    policy = make_policy(slug, introduction="What we do & why.", contact="Write to us.")
    who = make_question(policy, in_short="A small company.")
    rights = make_section(policy)
    cookies = make_question(
        policy,
        "When do we use cookies?",
        "Seldom.\n\n### Which ones?\n\nTwo.",
        section=rights,
        also_asked="tracking, banner",
    )
    credit = make_question(policy, "Do we check your credit?", "Yes.", section=rights)
    fax = make_question(policy, "Do we use fax?", "Yes.")
    publish(policy, NOON, note="")
    reword(who, f"{MARKER}, a company.")
    publish(policy, NOON + DAY, note=f"Who we are: {MARKER}.")
    cookies.anchor = "cookies"
    reword(cookies, "Seldom.\n\n### What are they?\n\nTwo.")
    reword(who, "A company.")
    publishing.retire(credit, at=NOON + 2 * DAY, reason="Said with cookies.", successor=cookies)
    publishing.retire(fax, at=NOON + 2 * DAY, reason="We have none any more.")
    publish(policy, NOON + 2 * DAY, note="No fax any more.")
    reword(who, f"A {MARKER} company.")
    secret = {"note": f"{MARKER} note.", "announce": False}
    never = publish(policy, NOON + 3 * DAY, effective_at=FAR_AHEAD, **secret)
    publishing.withdraw(never.version, by="bob", at=NOON + 4 * DAY, reason=f"{MARKER}!")
    reword(who, "A company in Leeds.")
    fifth = publish(policy, NOON + 5 * DAY, material=False, note="We are in Leads.")
    publishing.write_note(fifth.version, by="bob", at=NOON + 5 * DAY, text="We are in Leeds.")
    make_question(policy, "Do we use robots?", "One.")
    sixth = publish(policy, NOON + 6 * DAY)
    publishing.withdraw(sixth.version, by="bob", at=NOON + 7 * DAY, reason=f"{MARKER}!")
    second = policy.version_set.get(approval__number=2)
    publishing.withhold(second, by="bob", at=NOON + 7 * DAY, reason="It named a customer.")
    make_question(policy, "Do we sell data?", "No.")
    publish(policy, NOON + 8 * DAY, effective_at=FAR_AHEAD, note="About sales.")
    reword(who, f"{MARKER} Limited.")
    make_question(policy, f"Who is {MARKER}?", "A bird.\n\n### What colour?\n\nBrown.")
    publish(policy, NOON + 9 * DAY, effective_at=FAR_AHEAD + DAY, **secret)
    reword(who, f"{MARKER} Limited, of Leeds.")
    back = publishing.freeze(policy, by="alice", at=NOON + 10 * DAY)
    publishing.reject(back, by="bob", at=NOON + 10 * DAY, reason=f"{MARKER}?")
    reword(who, f"{MARKER} Limited of Leeds.")
    publishing.freeze(policy, by="alice", at=NOON + 11 * DAY)
    policy.title = f"{MARKER} policy"
    policy.save()
    reword(who, f"{MARKER}.")
    return policy


def lengthen(policy: Policy, versions: int, *, rewording: bool = False) -> None:
    """Give a policy's record that many more versions, a day apart, without the time verbs take.

    Each has the wording of the newest one under another title; with `rewording` the answer to the
    first question is another one, too.
    """
    newest = policy.version_set.newest()
    document, last = newest.to_document(), newest.approval
    language, first = document.prevails, next(document.questions())
    for place in range(1, versions + 1):
        at = last.recorded_at + DAY
        changed = replace(document, title={language: f"Policy of day {place}"})
        if rewording:
            words = f"As of day {place}."
            answer = {language: Wording(words, f"<p>{words}</p>")}
            changed = with_question(changed, replace(first, answer=answer))
        data = changed.to_json()
        facts = {"frozen_by": "alice", "frozen_at": at, "base": last.chain}
        version = Version(policy=policy, document=data, digest=fingerprint(data), **facts)
        version.save()
        approval = Approval(
            policy=policy,
            version=version,
            number=last.number + 1,
            effective_at=at,
            material=False,
            approved_by="alice",
            recorded_at=at,
            seq=last.seq + 1,
            previous=last.chain,
        )
        approval.chain = approval.computed_chain()
        approval.save()
        if rewording:
            Rewording(version=version, question_id=first.id, kind="reworded").save()
        last = approval


def with_question(document: Document, question: DocumentQuestion) -> Document:
    """The document with this question in place of the one that has its id."""
    return replace(
        document,
        sections=tuple(
            replace(
                section,
                questions=tuple(question if q.id == question.id else q for q in section.questions),
            )
            for section in document.sections
        ),
    )


def picture(kind: str = "PNG", size: tuple[int, int] = (4, 3), **options: Any) -> bytes:
    """The bytes of a small picture file."""
    file = BytesIO()
    PIL.Image.new("RGB", size, (20, 90, 160)).save(file, kind, **options)
    return file.getvalue()
