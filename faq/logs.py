"""Lines of the log: JSON or text, with the id of the request, and nothing of whoever sent it.

No line holds an address, a header, a query string (readers' searches stand there) or posted data.
Of an error it says the kind and where it happened; its message only if that comes from the
machine, for any other may repeat what somebody typed.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import quote

#: The id of the request that is being answered; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

#: Whoever has the rest of these addresses may read a draft or set a password.
_SECRET = re.compile(r"(/preview/|/password/reset/).+", re.DOTALL)
_QUERY = re.compile(r"(?<=[\w/])\?\S+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Errors whose message tells of the machine: a full disk, a locked database, a closed connection.
#: Redis has two of its own.
_OF_THE_MACHINE = {"OSError", "OperationalError", "ConnectionError", "TimeoutError"}
MAX_PATH = 200


class Lines(logging.Formatter):
    """What both forms of a line say; `whole` is for debugging: errors with their message."""

    def __init__(self, *, whole: bool = False) -> None:
        super().__init__()
        self.whole = whole

    def entry(self, record: logging.LogRecord) -> dict[str, Any]:
        """A record as plain values, by name; those that it lacks are left out."""
        moment = datetime.fromtimestamp(record.created, UTC)
        asked = getattr(record, "request", None)
        asked = asked if hasattr(asked, "path") and hasattr(asked, "method") else None
        status = getattr(record, "status_code", None)
        values = {
            "time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record, status) if asked else _QUERY.sub("?…", record.getMessage()),
            "request": getattr(asked, "id", "") or request_id.get(),
            "method": asked and asked.method,
            "path": asked and shown_path(asked.path),
            "status": status,
            "error": self._error(record),
        }
        return {name: value for name, value in values.items() if value}

    def _error(self, record: logging.LogRecord) -> list[str]:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return []
        if self.whole:
            return "".join(traceback.format_exception(error)).splitlines()
        return list(_told(error))


class JsonLines(Lines):
    """One JSON object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        return json.dumps(self.entry(record))


class TextLines(Lines):
    """A line for people, and below it where an error happened."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line or more."""
        entry = self.entry(record)
        error = entry.pop("error", [])
        line = " ".join(str(value) for value in entry.values())
        return "\n    ".join(_CONTROLS.sub("\ufffd", each) for each in (line, *error))


def shown_path(path: str) -> str:
    """A path as it was asked for, without what is secret in it."""
    return quote(_SECRET.sub(r"\1…", path), safe="/:@!$&'()*+,;=~…", errors="replace")[:MAX_PATH]


def _message(record: logging.LogRecord, status: Any) -> str:
    """What happened to a request; Django's own text repeats its address and the header at fault."""
    if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
        # What follows the dash may be an Origin, or a Referer with its query.
        return f"Form refused: {str(record.args[0]).partition(' - ')[0]}"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(record.levelname).title()


def _told(error: BaseException) -> list[str]:
    """The kind of an error and its place, and those of the errors that led to it, last first."""
    lines: list[str] = []
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        kind = type(following)
        of_the_machine = _OF_THE_MACHINE & {each.__name__ for each in kind.__mro__}
        said = f": {following}" if of_the_machine else ""
        lines += [f"{kind.__module__}.{kind.__qualname__}{said}", *_places(following.__traceback__)]
        following = following.__cause__ or following.__context__
    return lines


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(trace)]
