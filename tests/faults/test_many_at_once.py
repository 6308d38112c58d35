"""Many publish at once. Six on one candidate: tests/test_at_once.py, which bin/faults runs too."""

from __future__ import annotations

from tests.faults.site import Site

PUBLISH_30 = """
policy = make_policy("policy-{number}")
question = make_question(policy)
wait()
for turn in range(30):
    reword(question, f"Answer {{turn}}.")
    try:
        publishing.publish(policy, by="alice", at=now(), material=False)
        print("published")
    except Exception as error:
        print("error:", repr(error))
"""


def test_of_180_publishes_of_different_policies_at_once_none_fails(site: Site) -> None:
    """Six processes, each with a policy of its own, publish 30 times without a pause.

    Each says how each publish ended. Then the whole record is verified.
    """
    said = site.at_once(*[PUBLISH_30.format(number=number) for number in range(6)])
    outcomes = [line for each in said for line in each.splitlines()]
    wrong = [line for line in outcomes if line != "published"]
    assert not wrong, f"{len(wrong)} of {len(outcomes)}: {wrong[0]}"
    assert len(outcomes) == 180
    assert "6 policies, 180 versions, 180 decisions" in site.verify()
