"""How much of a policy's page travels: what readers with slow connections wait for."""

from __future__ import annotations

import brotli
import pytest

from tests.long_policy import make_long_policy, real_answers

pytestmark = pytest.mark.django_db


@pytest.mark.shared
def test_a_page_of_250_questions_weighs_less_than_60_kb_per_100_of_them(client):
    assert len(list(real_answers())) >= 250
    make_long_policy(250)
    response = client.get("/long/", headers={"Accept-Encoding": "br"})
    content = response.content
    if "Content-Encoding" not in response.headers:
        content = brotli.compress(content)
    assert len(content) <= 250 / 100 * 60_000
