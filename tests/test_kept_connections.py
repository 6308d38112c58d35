"""What a thread has open on PostgreSQL is closed as the thread ends, and not before."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from django.db import close_old_connections, connection, connections

from faq.delivery.sources import source_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def no_garbage_is_collected() -> Iterator[None]:
    """Nothing is closed because Python happens to look for garbage."""
    gc.disable()
    yield
    gc.enable()


def ask(query: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def answer(asked: list[object]) -> None:
    """What a thread of the server does with a request."""
    close_old_connections()
    asked.append(ask("SELECT pg_backend_pid()"))
    close_old_connections()


def is_open(session: object) -> bool:
    return bool(ask("SELECT COUNT(*) FROM pg_stat_activity WHERE pid = %s", session))


def is_closed_soon(session: object) -> bool:
    limit = time.monotonic() + 10
    while is_open(session) and time.monotonic() < limit:
        time.sleep(0.05)
    return not is_open(session)


def test_a_thread_keeps_its_connection_for_its_next_answer_until_it_ends():
    asked: list[object] = []
    answered, end = Event(), Event()

    def work() -> None:
        for _time in range(3):
            answer(asked)
        answered.set()
        end.wait(30)

    thread = Thread(target=work)
    thread.start()
    assert answered.wait(30)
    assert len(set(asked)) == 1
    assert is_open(asked[0])
    end.set()
    thread.join()
    assert is_closed_soon(asked[0])


def test_one_that_was_lost_and_opened_anew_is_closed_too():
    asked: list[object] = []

    def work() -> None:
        for _time in range(2):
            answer(asked)
            connections["default"].close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert len(set(asked)) == 2
    assert all(is_closed_soon(each) for each in asked)


def test_the_one_that_all_threads_share_outlives_them():
    source = source_of()
    asked: list[object] = []
    thread = Thread(target=lambda: asked.append(source.ask("SELECT pg_backend_pid()")[0][0]))
    thread.start()
    thread.join()
    time.sleep(0.5)
    assert is_open(asked[0])
    assert source.ask("SELECT pg_backend_pid()")[0][0] == asked[0]
    source.close()
