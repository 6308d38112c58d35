"""Many publish at once. Six on one candidate: tests/test_at_once.py, which bin/faults runs too."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

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


@pytest.mark.postgres
def test_connections_to_postgres_end_with_the_threads_that_keep_them(
    site: Site, postgres: object
) -> None:
    """Sixty-four people search at once, again and again, while threads come and go.

    Each thread that answers may keep one connection, and each worker has two more. Once the
    server has ended the threads that have nothing to do, here after five seconds, nearly all of
    them are gone.
    """
    site.run("make_published()")
    counting = f"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{database_of(site)}'"

    def sessions() -> int:
        return postgres.execute(counting)[0][0]

    with site.serving(GRANIAN_BLOCKING_THREADS_IDLE_TIMEOUT="5") as server:
        server.wait_until_ready()
        most = 0
        for _time in range(3):
            with ThreadPoolExecutor(64) as people:
                asked = [people.submit(server.get, "/privacy/?q=who") for _each in range(256)]
                while not all(each.done() for each in asked):
                    most = max(most, sessions())
                    time.sleep(0.05)
            assert {each.result().status for each in asked} == {200}
            time.sleep(2)
        limit = time.monotonic() + 90
        while sessions() > 6 and time.monotonic() < limit:
            time.sleep(1)
        assert 6 < most <= 2 * (8 + 2)
        assert sessions() <= 6


def database_of(site: Site) -> str:
    return site.environment["DATABASE_URL"].rpartition("/")[2]
