"""Who acts, as text: the record outlives accounts and holds no addresses."""

from __future__ import annotations

from typing import Any


def acting_name(user: Any) -> str:
    """A person's user name; of one that is an e-mail address, the part before the @."""
    name: str = user.get_username()
    return name.split("@")[0] or name
