"""Template filters for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(mapping: Mapping[str, Any], key: object) -> Any:
    """The entry of a mapping whose keys are texts; None if there is none."""
    return mapping.get(str(key))
