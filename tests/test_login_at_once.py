"""The same code in several browsers at the same moment, each served by a process of its own."""

from __future__ import annotations

import pytest

from tests.test_at_once import Site, site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
__all__ = ["site"]  # the fixture

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ALICE = f"""
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from tests.logging_in import make_user
alice = make_user()
TOTP.activate(alice, {SECRET!r})
print(RecoveryCodes.activate(alice).generate_codes()[0])
"""
LOG_IN = """
from django.test import Client
from tests.logging_in import app_code, log_in, wait_for_a_whole_step
client = Client(headers={{"host": "127.0.0.1"}})
log_in(client)
print("ready", flush=True)
sys.stdin.readline()
wait_for_a_whole_step(5)
print(client.post("/admin/account/second-step/", {{"code": {code}}}).status_code)
"""


@pytest.mark.parametrize("kind", ["the app's", "a recovery code"])
def test_a_code_entered_many_times_at_once_logs_in_once(site: Site, kind: str) -> None:
    site.environment["DEBUG"] = "true"  # static files by their own names
    recovery = site.run(ALICE)
    code = f"app_code({SECRET!r})" if kind == "the app's" else repr(recovery)
    said = site.at_once(*[LOG_IN.format(code=code)] * 4)
    assert said == ["200", "200", "200", "302"]
