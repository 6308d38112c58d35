"""Policies as Markdown files: what is read, what it does to the draft, what is refused."""

from __future__ import annotations

from time import process_time

import pytest

from faq import publishing
from faq.exchange.markdown import BadPolicyFile, Report, apply, decode, read, write
from faq.models import Policy, Question, Section
from tests.factory import DAY, NOON, make_policy, make_question, make_section, publish


def shape(text: str) -> list:
    """The titles of a file: loose questions as they are, sections as (title, questions)."""
    file = read(text)
    return [
        *(question.title for question in file.loose),
        *(
            (section.title, [question.title for question in section.questions])
            for section in file.sections
        ),
    ]


def load(text: str, policy: Policy | None = None) -> tuple[Policy, Report]:
    policy = policy or make_policy()
    return policy, apply(read(text), policy, at=NOON)


def error(text: str) -> str:
    with pytest.raises(BadPolicyFile) as refused:
        read(text)
    return str(refused.value)


# Which heading is what


def test_a_second_level_heading_is_a_question_and_a_third_level_one_stands_in_its_answer():
    file = read("# Privacy\n\nHello.\n\n## Who?\n\nUs.\n\n### Where\n\nHere.\n\n## Why?\n\nSo.\n")
    assert (file.title, file.introduction) == ("Privacy", "Hello.")
    assert [question.title for question in file.loose] == ["Who?", "Why?"]
    assert file.loose[0].answer == "Us.\n\n### Where\n\nHere."


def test_headings_that_only_group_others_are_sections():
    text = "# P\n\n## Rights\n\n### Can I see it?\n\nYes.\n\n## Cookies\n\n### When?\n\nNever.\n"
    assert shape(text) == [("Rights", ["Can I see it?"]), ("Cookies", ["When?"])]


@pytest.mark.parametrize(
    "text",
    [
        "# P\n\n## Rights\n\nText.\n\n### See it?\n\nYes.\n\n## Cookies\n\n### When?\n\nNever.\n",
        "# P\n\n## Rights\n\n### See it?\n\nYes.\n\n## Cookies\n\nNone.\n",
        "# P\n\n## Rights\n\n### See it?\n\nYes.\n\n## Cookies\n",
    ],
)
def test_one_heading_with_text_of_its_own_makes_all_of_them_questions(text):
    assert shape(text) == ["Rights", "Cookies"]


def test_marked_sections_have_an_introduction_and_other_questions_stand_alone():
    text = "# P\n\n## A\n\na\n\n### a1\n\n## B {#b .section}\n\nAbout b.\n\n### C\n\nc\n\n#### D\n"
    assert shape(text) == ["A", ("B", ["C"])]
    file = read(text)
    assert file.loose[0].answer == "a\n\n### a1"
    assert file.sections[0].introduction == "About b."
    assert file.sections[0].questions[0].answer == "c\n\n### D"


def test_a_question_after_the_sections_moves_before_them_and_the_report_says_so():
    text = "# P\n\n## B {.section}\n\n### C\n\nc\n\n## Late\n\nl\n"
    assert shape(text) == ["Late", ("B", ["C"])]
    assert read(text).notices == ("Questions without a section stand before the sections: line 9.",)


def test_the_title_may_stand_in_the_front_matter_or_nowhere():
    assert read("---\ntitle: 'Privacy'\nother: x\n---\n\n## Who?\n\nUs.\n").title == "Privacy"
    assert read("## Who?\n\nUs.\n").title == ""


def test_several_first_level_headings_are_questions_where_the_front_matter_has_the_title():
    assert shape("---\ntitle: P\n---\n# A\n\na\n\n# B\n\nb\n") == ["A", "B"]
    assert shape("# P\n\n# A\n\na\n\n# B\n\nb\n") == ["A", "B"]


def test_the_highest_headings_are_questions_whatever_their_level():
    assert shape("# P\n\n#### A\n\na\n\n##### x\n\n#### B\n\nb\n") == ["A", "B"]
    assert shape("### Before\n\nx\n\n# A\n\na\n\n## x\n\n# B\n\nb\n") == ["Before", "A", "B"]


def test_a_title_with_text_and_nothing_else_is_one_question():
    file = read("# Cookies\n\nWe have none.\n")
    assert file.title == "Cookies"
    assert [(each.title, each.answer) for each in file.loose] == [("Cookies", "We have none.")]


@pytest.mark.parametrize(
    "block",
    [
        "```\n## Code\n```",
        "~~~\n## Code\n~~~",
        "    ## Indented",
        "> ## Quoted",
        "- ## In a list",
        "::: important\n## Inside\n:::",
        "\\## Escaped",
        "##No space",
        "[^1]: note\n\n    ## In a footnote",
    ],
)
def test_what_only_looks_like_a_heading_is_none(block):
    file = read(f"# P\n\n## A\n\n{block}\n\n## B\n\nb\n")
    assert [question.title for question in file.loose] == ["A", "B"]
    assert file.loose[0].answer == block.strip()


@pytest.mark.parametrize(
    "heading",
    [
        "Who are *we*?\n---",
        "Who are\n**we**?\n----",
        "## Who are we? ##",
        "   ##\tWho are `we`?   ",
        "## Who are [we](https://example.org)?",
        "## <span class='x'>Who are we?</span>",
    ],
)
def test_every_way_to_write_a_heading_gives_its_plain_text(heading):
    assert shape(f"# P\n\n{heading}\n\nUs.\n\n## B\n\nb\n") == ["Who are we?", "B"]


def test_line_ends_of_every_system_and_a_byte_order_mark_read_the_same():
    text = "\ufeff# P\n\n## A\n\none\ntwo\n"
    assert read(text) == read(text.replace("\n", "\r\n")) == read(text.replace("\n", "\r"))
    assert read(decode(text.encode())).title == "P"


# Link names


@pytest.mark.parametrize(
    ("heading", "anchor", "aliases"),
    [
        ("Who? {#us}", "us", ()),
        ("Who? {#us #about-us #we}", "us", ("about-us", "we")),
        ("Who? {: #us }", "us", ()),
        ("Who? {: #us .big}", "us", ()),
        ("Who? {#日本}", "日本", ()),
        ("Who? {#a}b}", "a}b", ()),
        ("Who? {#us} ##", "us", ()),
        ("Who? ## {#us}", "us", ()),
    ],
)
def test_a_heading_says_its_own_link_names(heading, anchor, aliases):
    question = read(f"# P\n\n## {heading}\n\nUs.\n").loose[0]
    assert question.title == "Who?"
    assert (question.name.anchor, question.name.aliases) == (anchor, aliases)


def test_what_is_no_attribute_stays_in_the_title():
    assert shape("# P\n\n## A {b}\n\na\n\n## C \\{#d}\n\nc\n\n## {#e} f\n\ng\n") == [
        "A {b}",
        "C {#d}",
        "{#e} f",
    ]


def test_without_an_id_the_name_comes_from_the_heading_and_the_old_one_is_kept(db):
    policy, _report = load("# P\n\n## Changes & questions\n\nx\n\n## Data\n\ny\n\n## Data\n\nz\n")
    names = {q.anchor: q.older_names for q in policy.question_set.all()}
    assert names == {
        "changes-questions": "changes--questions",
        "data": "",
        "data-2": "data-1",
    }


def test_names_of_headings_inside_an_answer_lead_to_their_question(db):
    policy, _report = load(
        "# P\n\n## A\n\n### One & two\n\nx\n\n### Three {#third}\n\ny\n\n## B\n\nb"
    )
    question = policy.question_set.get(anchor="a")
    assert question.answer == "### One & two\n\nx\n\n### Three\n\ny"
    assert set(question.older_names.split()) == {"one--two", "third"}


def test_a_question_with_an_id_of_its_own_gets_no_other_names(db):
    policy, _report = load("# P\n\n## A & B {#a}\n\nx\n\n### One & two\n\ny\n")
    assert policy.question_set.get().older_names == ""


def test_a_question_with_another_site_s_kind_of_id_keeps_the_names_inside_it(db):
    policy, _report = load("# P\n\n## A & B {: #a }\n\nx\n\n### One & two\n\n[y](#one--two)\n")
    question = policy.question_set.get()
    assert (question.anchor, question.older_names) == ("a", "one--two")
    assert question.answer.endswith("[y](#a.one-two)")


def test_a_made_name_gives_way_to_one_that_stands_in_the_file():
    file = read("# P\n\n## Who are we?\n\nUs.\n\n## Other {#who-are-we}\n\nThem.\n")
    assert [question.name.anchor for question in file.loose] == ["who-are-we-2", "who-are-we"]


def test_links_inside_the_file_are_led_to_the_names_they_mean(db):
    policy, report = load(
        "# Our policy\n\n"
        "[top](#our-policy) [q](#a--b) [sub](#one--two) [id](#third) [twice](#data-1)\n\n"
        "## A & B\n\n### One & two\n\nx\n\n### Three {#third}\n\n`[code](#a--b)`\n\n"
        "[ref]\n\n[ref]: #a--b\n\n## Data\n\ny\n\n## Data\n\n[lost](#nowhere)\n"
    )
    policy.refresh_from_db()
    assert policy.introduction == (
        "[top](#_top) [q](#a-b) [sub](#a-b.one-two) [id](#a-b.three) [twice](#data-2)"
    )
    answer = policy.question_set.get(anchor="a-b").answer
    assert "`[code](#a--b)`" in answer
    assert "[ref]: #a-b" in answer
    assert report.notices == ["Links inside the file that lead nowhere: #nowhere (line 25)."]


def test_links_to_names_that_stand_in_the_file_stay_as_they_are(db):
    policy, _report = load("# P\n\n## A {#a #old}\n\n[x](#old) [y](#a) [](#a)\n\n### P\n")
    assert policy.question_set.get().answer.startswith("[x](#old) [y](#a) [](#a)")


def test_links_inside_a_question_follow_it_when_it_has_another_name_by_now(db):
    text = "# P\n\n## A & b\n\n[self](#a--b) [inside](#one)\n\n### One\n\nx\n"
    policy, _report = load(text)
    publish(policy)
    policy.question_set.update(anchor="renamed", older_names="")
    _policy, report = load(text, policy)
    assert policy.question_set.get().answer.startswith("[self](#renamed) [inside](#a-b.one)")
    assert report.changed == ["A & b"]
    assert load(text, policy)[1].changed == []


# Definitions that stand elsewhere in the file


def test_an_answer_gets_the_link_references_and_footnotes_that_stand_at_the_end_of_the_file():
    file = read(
        "# P\n\n## A\n\n[Terms] and [these][t].[^1]\n\n## B\n\n[own]\n\n[own]: /own\n\n"
        "[terms]: /terms\n[t]: https://example.org/ 'T'\n[unused]: /unused\n\n[^1]: See [terms].\n"
    )
    assert file.loose[0].answer == (
        "[Terms] and [these][t].[^1]\n\n[terms]: /terms\n\n[t]: https://example.org/ 'T'\n\n"
        "[^1]: See [terms]."
    )
    assert file.loose[1].answer.count("[own]: /own") == 1


# The blocks of the format


def test_the_blocks_of_the_format_are_read_and_are_no_part_of_the_answer():
    file = read(
        "# P\n\n## A\n\n::: in-short\nYes,\n*really*.\n:::\n\n::: also-asked\nget my data,\nSAR\n"
        ":::\n\nLong.\n\n::: policy-contact\nWrite to **us**.\n:::\n\n"
        "::: removed #old #older\ntitle: Old?\nreason: Gone: we\n  stopped.\nsuccessor: #a\n"
        "last-version: 1\n:::\n"
    )
    question = file.loose[0]
    assert question.in_short == "Yes, *really*."
    assert question.also_asked == ("get my data", "SAR")
    assert question.answer == "Long."
    assert file.contact == "Write to **us**."
    removed = file.removed[0]
    assert (removed.names, removed.title) == (("old", "older"), "Old?")
    assert (removed.reason, removed.successor) == ("Gone: we\nstopped.", "a")


def test_a_wording_block_is_kept_as_it_is():
    file = read(
        "# P\n\n## A {#a}\n\n:::: wording\n## Inside {#x}\n\n::: in-short\n::::\n\n## B\n\nb\n"
    )
    assert file.loose[0].answer == "## Inside {#x}\n\n::: in-short"
    assert len(file.loose) == 2


def test_links_lead_to_headings_in_a_wording_block_as_well(db):
    text = (
        "# P\n\n## A {#a}\n\n::: wording\n## Inside\n:::\n\n## B {#b}\n\n[x](#a.inside) [y](#a.no)"
    )
    _policy, report = load(text)
    assert report.notices == ["Links inside the file that lead nowhere: #a.no (line 11)."]


def test_blocks_that_answers_have_stay_in_the_answer():
    answer = "::: contact\nA\nB\n:::\n\n::: important\nC\n:::"
    assert read(f"# P\n\n## A\n\n{answer}\n").loose[0].answer == answer


# What is refused, with the line and a remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        (" \n\n", "The file is empty."),
        ("\ufeff", "The file is empty."),
        ("---\ntitle: P\n---\n", "There are no questions in the file."),
        ("Only words.\n", "There are no questions in the file."),
        ("# Only a title\n", "There are no questions in the file."),
        ("# P\n\n```\n## In code\n```\n\n##\n", "Line 7: This heading has no text."),
        ("# P\n\na\0b\n", "Line 3: There is a zero byte here."),
        (f"# P\n\n## {'x' * 301}\n\na\n", "Line 3: This title has 301 characters"),
        (f"# {'x' * 201}\n\n## A\n\na\n", "Line 1: This title has 201 characters"),
        ("# P\n\n## A {#a}\n\na\n\n## B {#a}\n", "Line 7: The link name “a” stands at line 3 too."),
        ("# P\n\n## A {#a #b}\n\n### C {#b}\n", "Line 5: The link name “b” stands at line 3 too."),
        ("# P\n\n## A {#_top}\n\na\n", "Line 3: #_top: A link name does not start"),
        ("# P\n\n## A {#a/b}\n\na\n", "Line 3: #a/b: A link name has none of these characters"),
        ("# P\n\n::: in-short\nx\n:::\n\n## A\n\na\n", "Line 3: “::: in-short” stands under no"),
        (
            "# P\n\n## A\n\n::: in-short\nx\n:::\n\n::: in-short\ny\n:::\n",
            "Line 9: A second “::: in-short” in one place.",
        ),
        (
            "# P\n\n## A\n\n::: contact\nx\n\n## B\n",
            "Line 5: The block “::: contact” is not closed.",
        ),
        ("# P\n\n## A\n\na\n\n::: removed\nreason: x\n:::\n", "Line 7: Say which link names"),
        ("# P\n\n## A\n\na\n\n::: removed #x\nwhy: x\n:::\n", "Line 8: A line of a removed block"),
        (
            "# P\n\n## A {#a}\n\na\n\n::: removed #a\nreason: x\n:::\n",
            "Line 7: The link name “a” stands at line 3 too.",
        ),
        ("# P\n\n" + "## A\n\n" * 2001, "It has more than 2000 headings"),
    ],
)
def test_it_refuses_with_the_line_and_a_remedy(text, said):
    assert error(text).startswith(said)
    assert "\n" not in error(text)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "This is not a text file."),
        ("# P".encode("utf-16"), "This is not a text file."),
        (b"# P\n\n## Caf\xe9\n", "Line 3: A character is not in UTF-8."),
        (b"# P\n" * 1_000_000, "It is larger than 2 MB"),
    ],
)
def test_it_refuses_what_is_no_text(data, said):
    with pytest.raises(BadPolicyFile) as refused:
        decode(data)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "# P\n\n## A\n\n" + ">" * 5000 + " deep\n",
        "# P\n\n## A\n\n" + "".join("  " * depth + "- x\n" for depth in range(200)),
        "# P\n\n## A\n\n" + "[" * 5000 + "\n",
        "# P\n\n## A {" + "#a " * 20000 + "\n\na\n",
        "# P\n\n## A\n\n" + "*a " * 5000 + "\n",
    ],
)
def test_crafted_files_are_read_or_refused_and_do_not_hang(text):
    try:
        assert len(read(text).loose) == 1
    except BadPolicyFile as refused:
        assert refused.line == 3


def test_many_links_take_no_longer_because_one_of_them_is_in_code(db):
    start = process_time()
    policy, _report = load("# P\n\n## A -- b?\n\n" + "[it](#a----b).\n\n" * 1500 + "`](#a----b)`")
    assert process_time() - start < 10  # a parse of the whole for each takes minutes
    answer = policy.question_set.get().answer
    assert answer.count("[it](#a-b)") == 1500
    assert answer.endswith("`](#a----b)`")


def test_many_definitions_take_no_longer_because_many_answers_use_one():
    start = process_time()
    definitions = "".join(f"[r{number}]: /{number}\n" for number in range(10_000))
    answers = "".join(f"## Q {number}\n\nSee [r{number}].\n\n" for number in range(1000))
    file = read(f"# P\n\n{answers}{definitions}")
    assert process_time() - start < 10  # a copy of all for each answer takes far longer
    assert file.loose[1].answer == "See [r1].\n\n[r1]: /1"


def test_a_title_may_have_three_hundred_characters_of_any_script(db):
    titles = ["x" * 300, "متى نستخدم ملفات تعريف الارتباط؟", "クッキーはいつ使いますか?"]
    policy, _report = load("# P\n\n" + "".join(f"## {title}\n\na\n\n" for title in titles))
    assert [question.title for question in policy.question_set.all()] == titles
    for question in policy.question_set.all():
        question.full_clean()


# What a person should look at


def test_the_report_names_what_will_look_different():
    file = read(
        "# P\n\n## A\n\n[file](other.md)\n[away](../x)\n\n![](x.png)\n\n<b>x</b>\n\n`<i>`\n\n"
        "x\n{: .note }\n\n{% tag %}\n\n##B\n\n```\nopen\n"
    )
    assert file.notices == (
        "Links to other files become plain text: lines 5, 6.",
        "Pictures become the words that describe them: line 8.",
        "HTML is shown as text: line 10.",
        "Attributes in {: … } are shown as text: line 15.",
        "Template tags are shown as text: line 17.",
        "A heading needs a space after its #: line 19.",
        "A code block is not closed, so all that follows is code: line 21.",
    )


def test_the_report_counts_what_it_read(db):
    _policy, report = load("# Two words\n\nThree more words\n\n## A {.section}\n\n### B c?\n\nD.\n")
    assert report.lines() == [
        "Read 1 section, 1 question, 9 words.",
        "In the draft: 2 new.",
    ]


# What a file does to the draft

TWO = "# P\n\n## Who? {#who}\n\nUs.\n\n## Why? {#why}\n\nSo.\n"


@pytest.mark.django_db
def test_applying_a_file_twice_changes_nothing():
    policy, report = load(TWO)
    assert report.added == ["Who?", "Why?"]
    before = policy.to_document().to_json()
    _policy, report = load(TWO, policy)
    assert report.lines()[1] == "In the draft: nothing new."
    assert policy.to_document().to_json() == before


@pytest.mark.django_db
def test_a_question_is_recognised_by_its_name_when_its_title_changes():
    policy, _report = load(TWO)
    who = policy.question_set.get(anchor="who")
    _policy, report = load(TWO.replace("Who?", "Who are we?"), policy)
    assert (report.added, report.changed, report.removed) == ([], ["Who are we?"], [])
    assert policy.question_set.get(pk=who.pk).title == "Who are we?"


@pytest.mark.django_db
def test_a_question_is_recognised_by_its_title_when_its_name_changes():
    policy, _report = load(TWO)
    publish(policy)
    who = policy.question_set.get(anchor="who")
    load(TWO.replace("{#who}", "{#who-are-we}"), policy)
    who.refresh_from_db()
    assert who.anchor == "who-are-we"
    assert "who" in policy.to_document().sections[0].questions[0].aliases


@pytest.mark.django_db
def test_a_question_is_recognised_by_any_public_name_it_ever_had():
    policy, _report = load(TWO)
    publish(policy)
    who = policy.question_set.get(anchor="who")
    policy.question_set.filter(pk=who.pk).update(anchor="renamed", title="Renamed")
    load(TWO, policy)
    who.refresh_from_db()
    assert (who.anchor, who.title) == ("who", "Who?")


@pytest.mark.django_db
def test_a_file_without_ids_keeps_the_names_that_questions_have():
    policy = make_policy()
    question = make_question(policy, "Who are we?", anchor="about")
    load("# P\n\n## Who are we?\n\nUs.\n", policy)
    question.refresh_from_db()
    assert (question.anchor, question.answer) == ("about", "Us.")


@pytest.mark.django_db
def test_it_orders_and_moves_questions_as_the_file_does():
    policy, _report = load(
        "# P\n\n## S {#s .section}\n\n### A {#a}\n\na\n\n### B {#b}\n\nb\n\n## T {#t .section}\n"
    )
    load(
        "# P\n\n## T {#t .section}\n\n### B {#b}\n\nb\n\n### A {#a}\n\na\n\n## S {#s .section}\n",
        policy,
    )
    document = policy.to_document()
    assert [section.anchor for section in document.sections] == ["t", "s"]
    assert [question.anchor for question in document.questions()] == ["b", "a"]


@pytest.mark.django_db
def test_what_was_never_published_and_is_not_in_the_file_is_deleted():
    policy = make_policy()
    make_question(policy, "Draft only", section=make_section(policy, "Draft section"))
    _policy, report = load(TWO, policy)
    assert report.removed == ["Draft only", "Draft section"]
    assert Question.objects.count() == 2
    assert Section.objects.count() == 0


@pytest.mark.django_db
def test_what_was_published_and_is_not_in_the_file_is_retired():
    policy, _report = load(TWO)
    publish(policy)
    _policy, report = load("# P\n\n## Who? {#who}\n\nUs.\n", policy)
    assert report.removed == ["Why?"]
    retired = policy.to_document().retired[0]
    assert retired.anchors == ("why",)
    assert retired.reason == {"en": "This is no longer part of the policy."}


@pytest.mark.django_db
def test_a_removed_block_gives_the_reason_and_the_successor():
    policy, _report = load(TWO)
    publish(policy)
    text = (
        "# P\n\n## Who? {#who}\n\nUs.\n\n"
        "::: removed #why\nreason: Nobody asked.\nsuccessor: #who\n:::\n"
    )
    _policy, report = load(text, policy)
    document = policy.to_document()
    assert report.removed == ["Why?"]
    assert document.retired[0].reason == {"en": "Nobody asked."}
    assert document.retired[0].successor == str(policy.question_set.get(anchor="who").pk)
    publish(policy, NOON + DAY)
    _policy, report = load(text, policy)
    assert report.lines()[1] == "In the draft: nothing new."


@pytest.mark.django_db
def test_what_comes_back_is_the_same_question_again():
    policy, _report = load(TWO)
    publish(policy)
    why = policy.question_set.get(anchor="why")
    load("# P\n\n## Who? {#who}\n\nUs.\n", policy)
    _policy, report = load(TWO.replace("So.", "So it is."), policy)
    assert (report.brought_back, report.added, report.changed) == (["Why?"], [], [])
    why.refresh_from_db()
    assert (why.retired_at, why.answer) == (None, "So it is.")


@pytest.mark.django_db
def test_names_of_what_was_removed_before_it_came_here_work_from_the_first_version():
    policy, _report = load(
        f"{TWO}\n::: removed #gone #gone-too\ntitle: Gone?\nreason: It went.\n"
        "successor: #older\n:::\n\n::: removed #older\ntitle: Older?\n"
        "reason: It went first.\nsuccessor: #who\n:::\n"
    )
    document = publish(policy).version.to_document()
    who = next(document.questions())
    entries = {entry.title["en"]: entry for entry in document.retired}
    assert entries["Gone?"].anchors == ("gone", "gone-too")
    assert document.successor_of(entries["Gone?"]) == who.id
    assert set(policy.anchor_set.values_list("name", flat=True)) >= {"gone", "gone-too", "older"}


@pytest.mark.django_db
def test_a_name_that_belongs_to_something_else_is_refused_and_nothing_changes():
    policy, _report = load(TWO)
    publish(policy)
    before = policy.to_document().to_json()
    with pytest.raises(BadPolicyFile) as refused:
        load(
            TWO.replace("{#why}", "{#why #who-else}").replace("{#who}", "{#who #why.sub}")
            + ("\n## New {#new #who-else}\n"),
            policy,
        )
    assert "stands at line 7 too" in str(refused.value)
    with pytest.raises(BadPolicyFile) as refused:
        load(
            "# P\n\n## Who? {#who}\n\nUs.\n\n## Why? {#why}\n\nSo.\n\n## X {#x}\n\nx\n\n"
            "::: removed #y\nsuccessor: #z\n:::\n",
            policy,
        )
    assert str(refused.value).startswith("Line 15: Nothing in the file has the link name “z”")
    policy.refresh_from_db()
    assert policy.to_document().to_json() == before


@pytest.mark.django_db
def test_an_id_of_the_file_cannot_take_a_public_name_of_another_question():
    policy, _report = load("# P\n\n## A {#a}\n\n### Sub\n\nx\n\n## B {#b}\n\ny\n")
    publish(policy)
    with pytest.raises(BadPolicyFile) as refused:
        load("# P\n\n## A {#a}\n\n### Sub\n\nx\n\n## B {#b #a.sub}\n\ny\n", policy)
    assert str(refused.value) == "Line 9: The link name “a.sub” belongs to “A”. Choose another."


@pytest.mark.django_db
def test_a_made_name_gives_way_to_one_that_belongs_to_another_question():
    policy, _report = load("# P\n\n## All\n\nx\n\n### Cookies\n\nx\n")
    publish(policy)
    load("# P\n\n## All\n\nx\n\n## Cookies\n\ny\n", policy)
    assert policy.question_set.get(title="Cookies").anchor == "cookies-2"
    publish(policy, NOON + DAY)


@pytest.mark.django_db
def test_older_names_that_editors_added_are_kept():
    policy, _report = load(TWO)
    policy.question_set.filter(anchor="who").update(older_names="from-the-old-site")
    load(TWO, policy)
    assert policy.question_set.get(anchor="who").older_names == "from-the-old-site"


@pytest.mark.django_db
def test_what_publishing_refuses_undoes_the_whole_file():
    policy, _report = load(TWO)
    with pytest.raises(publishing.Refused):
        publishing.replay(
            policy,
            [
                publishing.PastVersion(
                    prepare=lambda: load("# Q\n\n## New\n\nn\n", policy),
                    effective_at=NOON + DAY,
                    material=True,
                    note="",
                )
            ],
            by="alice",
            at=NOON,
        )
    policy.refresh_from_db()
    assert policy.title == "P"


# Writing


@pytest.mark.django_db
def test_it_writes_sub_headings_below_their_question():
    policy, _report = load(
        "# P\n\n## A {#a}\n\na\n\n### b\n\nc\n\n## S {#s .section}\n\n### D {#d}\n\nd\n\n#### e\n"
    )
    text = write(policy.to_document(), "en")
    assert "\n## A {#a}\n\na\n\n### b\n" in text
    assert "\n### D {#d}\n\nd\n\n#### e\n" in text


@pytest.mark.django_db
def test_what_would_not_read_back_stands_in_a_wording_block():
    policy = make_policy()
    make_question(policy, answer="## Set high\n\n```\nopen")
    text = write(policy.to_document(), "en")
    assert "::: wording\n## Set high\n\n```\nopen\n:::\n" in text
    assert read(text).loose[0].answer == "## Set high\n\n```\nopen"


@pytest.mark.django_db
def test_ids_inside_a_renamed_question_go_with_the_file():
    policy, _report = load("# P\n\n## A {#a}\n\nx\n\n### Sub\n\nx\n")
    publish(policy)
    policy.question_set.update(anchor="b")
    text = write(policy.to_document(), "en")
    assert "## A {#b #a #a.sub}" in text
    other = make_policy("other")
    apply(read(text), other, at=NOON)
    names = publish(other).version.to_document().holders()
    assert {"a", "a.sub", "b", "b.sub"} <= {name for name, _holder in names}


def test_it_escapes_only_titles_that_would_read_as_something_else(db):
    policy = make_policy()
    for number, title in enumerate(["A & B: 6(1)(c)?", "*stars*", "Ends {#x}"]):
        make_question(policy, title, anchor=f"q{number}")
    text = write(policy.to_document(), "en")
    assert "## A & B: 6(1)(c)? {#q0}\n" in text
    assert "## \\*stars\\* {#q1}\n" in text
    assert [question.title for question in read(text).loose] == [
        "A & B: 6(1)(c)?",
        "*stars*",
        "Ends {#x}",
    ]
