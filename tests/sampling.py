"""Cases by the dozen: the checks before a change ask some of them, `bin/test` asks all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest


def sample(cases: Sequence[Any], *, every: int) -> list[Any]:
    """The cases, all but each so-many-th marked as thorough, for `pytest.mark.parametrize`."""
    return [
        case if place % every == 0 else pytest.param(*_arguments(case), marks=pytest.mark.thorough)
        for place, case in enumerate(cases)
    ]


def _arguments(case: Any) -> tuple[Any, ...]:
    return case if isinstance(case, tuple) else (case,)
