"""Loading a history: dated policy files that become past versions of a new policy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from faq import editing, publishing
from faq.exchange.applying import apply
from faq.exchange.policy_file import BadPolicyFile, PolicyFile, decode
from faq.exchange.reading import read
from faq.models import Policy
from faq.moments import start_of_day

LIST = "history.toml"


class BadHistory(ValueError):
    """A history that cannot be loaded; the text names the file and what to do."""


@dataclass(frozen=True)
class Step:
    """One version of a history: its file, and how it was published."""

    file: Path
    effective: date
    material: bool
    note: str


@dataclass(frozen=True)
class History:
    """The versions of one policy, oldest first."""

    policy: str
    steps: tuple[Step, ...]


def read_history(folder: Path) -> History:
    """Read the list in a folder: the policy's address, and `[[version]]` tables.

    Each has `file`, `effective` (a date), `material` (did readers have to know) and `note`.
    Raises BadHistory.
    """
    path = folder / LIST
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
        steps = tuple(
            Step(
                file=folder / str(entry["file"]),
                effective=_date(entry["effective"]),
                material=bool(entry["material"]),
                note=str(entry["note"]),
            )
            for entry in value["version"]
        )
        return History(str(value["policy"]), steps)
    except OSError as error:
        raise BadHistory(f"{path}: {error.strerror}") from None
    except KeyError as error:
        raise BadHistory(
            _("%(file)s: %(key)s is missing.") % {"file": path, "key": error}
        ) from None
    except (ValueError, TypeError) as error:
        raise BadHistory(f"{path}: {error}") from None


def load_history(history: History, *, by: str, at: datetime) -> Policy:
    """Make the policy with all its versions, or nothing. Raises BadHistory, publishing.Refused."""
    files = [_read_file(step.file) for step in history.steps]
    with transaction.atomic():
        title = files[-1].title if files else history.policy
        policy = Policy(slug=history.policy, title=title or history.policy)
        editing.start(policy, by=by, at=at)
        publishing.replay(policy, _past_versions(history, files, policy), by=by, at=at)
    return policy


def _past_versions(
    history: History, files: list[PolicyFile], policy: Policy
) -> Iterator[publishing.PastVersion]:
    for step, file in zip(history.steps, files, strict=True):
        effective_at = start_of_day(step.effective, timezone.get_default_timezone())
        yield publishing.PastVersion(
            prepare=_prepare(step, file, policy, effective_at),
            effective_at=effective_at,
            material=step.material,
            note=step.note,
        )


def _prepare(step: Step, file: PolicyFile, policy: Policy, at: datetime) -> Callable[[], None]:
    def prepare() -> None:
        try:
            apply(file, policy, at=at)
        except BadPolicyFile as error:
            raise BadHistory(f"{step.file}: {error}") from None

    return prepare


def _read_file(path: Path) -> PolicyFile:
    try:
        return read(decode(path.read_bytes()))
    except OSError as error:
        raise BadHistory(f"{path}: {error.strerror}") from None
    except BadPolicyFile as error:
        raise BadHistory(f"{path}: {error}") from None


def _date(value: object) -> date:
    if type(value) is not date:
        raise ValueError(_("effective must be a date such as 2018-05-25."))
    return value
