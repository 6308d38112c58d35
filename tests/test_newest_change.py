"""The newest change that readers had to know of, above the version in force."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest

from faq import publishing
from faq.exchange.history import load_history, read_history
from tests.factory import (
    DAY_1,
    DAY_2,
    DAY_3,
    DAY_4,
    DAY_5,
    FAR_AHEAD,
    make_policy,
    make_question,
    publish,
    reword,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy() -> Any:
    """Two versions; the second brought a change that readers must know of."""
    policy = make_policy()
    who = make_question(policy)
    publish(policy, DAY_1, note="The first.")
    reword(who, "Another company.")
    publish(policy, DAY_2, note="Another <company>\n\nanswers for it.")
    return policy


def change(client: Any, path: str = "/privacy/") -> Any:
    """The box, or None; it must stand outside the text of the policy."""
    root = html5lib.parse(client.get(path).content, namespaceHTMLElements=False)
    (main,) = root.iter("main")
    boxes = [each for each in root.iter("aside") if each.get("class") == "changed"]
    assert not any(box in main.iter() for box in boxes)
    assert len(boxes) < 2
    return boxes[0] if boxes else None


def said(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def links(element: Any) -> list[str]:
    return [each.get("href") for each in element.iter("a")]


def test_it_has_the_day_the_note_and_every_change(client, policy):
    box = change(client)
    assert said(box) == (
        "What changed on 2 March 2020 Another <company> answers for it. "
        "Every change from version 1 to version 2"
    )
    assert links(box) == ["/privacy/versions/1...2/"]
    assert [each.get("datetime") for each in box.iter("time")] == ["2020-03-02T12:00:00+00:00"]
    assert client.get(links(box)[0]).status_code == 200


def test_it_stands_on_the_page_in_force_only(client, policy):
    for path in ("/privacy/versions/2/", "/privacy/versions/1/", "/privacy/who-are-we/"):
        assert change(client, path) is None


def test_a_first_version_changed_nothing(client):
    policy = make_policy()
    make_question(policy)
    publish(policy, DAY_1, note="The first.")
    assert change(client) is None


def test_what_is_wording_only_does_not_hide_it(client, policy):
    reword(policy.question_set.get(), "Another company!")
    publish(policy, DAY_3, material=False, note="A mark.")
    assert "answers for it" in said(change(client))
    assert links(change(client)) == ["/privacy/versions/1...2/"]


def test_the_next_one_takes_its_place(client, policy):
    reword(policy.question_set.get(), "A third company.")
    publish(policy, DAY_3, note="A third one.")
    assert said(change(client)).startswith("What changed on 3 March 2020 A third one.")


def test_one_that_applies_later_is_not_meant(client, policy):
    reword(policy.question_set.get(), "A third company.")
    publish(policy, DAY_3, effective_at=FAR_AHEAD, note="A third one.")
    assert "third" not in said(change(client))


def test_one_that_was_withdrawn_is_not_meant(client, policy):
    publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_3, reason="No.")
    assert change(client) is None


def test_it_compares_with_what_it_replaced(client, policy):
    publishing.withdraw(policy.version_set.newest(), by="alice", at=DAY_3, reason="No.")
    reword(policy.question_set.get(), "A third company.")
    publish(policy, DAY_4, note="A third one.")
    assert links(change(client)) == ["/privacy/versions/1...3/"]


def test_a_corrected_note_is_shown_as_corrected(client, policy):
    publishing.write_note(policy.version_set.newest(), by="bob", at=DAY_3, text="Corrected.")
    assert "Corrected." in said(change(client))
    assert "answers for it" not in said(change(client))


def test_of_hidden_wording_nothing_is_said(client, policy):
    reword(policy.question_set.get(), "Another company!")
    publish(policy, DAY_3, material=False, note="A mark.")
    hidden = policy.version_set.get(approval__number=2)
    publishing.withhold(hidden, by="alice", at=DAY_4, reason="It named a person.")
    assert change(client) is None


def test_what_it_replaced_may_be_hidden(client, policy):
    hidden = policy.version_set.get(approval__number=1)
    publishing.withhold(hidden, by="alice", at=DAY_4, reason="It named a person.")
    assert said(change(client)).endswith("answers for it.")
    assert links(change(client)) == []


def test_with_neither_note_nor_anything_to_compare_it_is_left_out(client, tmp_path):
    """Past versions may have come without notes."""
    tables = ['policy = "privacy"']
    for day in (1, 2):
        (tmp_path / f"{day}.md").write_text(f"# P\n\n## Who are we?\n\nCompany {day}.\n")
        tables.append(f'[[version]]\nfile = "{day}.md"\neffective = 2020-03-0{day}')
        tables.append('material = true\nnote = ""')
    (tmp_path / "history.toml").write_text("\n".join(tables))
    policy = load_history(read_history(tmp_path), by="alice", at=DAY_4)
    assert links(change(client)) == ["/privacy/versions/1...2/"]
    first = policy.version_set.get(approval__number=1)
    publishing.withhold(first, by="alice", at=DAY_5, reason="It named a person.")
    assert change(client) is None
