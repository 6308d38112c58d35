"""Answers for machines: JSON that any site may read and any cache may ask about."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from faq.digest import fingerprint, stamp
from faq.models import Version


def json_answer(request: HttpRequest, value: Any, *, status: int = 200) -> HttpResponse:
    """A plain value as JSON; 304 for a reader who has the same bytes already."""
    body = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    etag = f'"{fingerprint(body)}"'
    answer = HttpResponse(body, status=status, content_type="application/json")
    answer.headers["ETag"] = etag
    if status == 200:
        answer = get_conditional_response(request, etag=etag, response=answer) or answer
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def text_answer(text: str, *, status: int) -> HttpResponse:
    """An error in words, for a program that asked for text."""
    answer = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def hidden_answer(request: HttpRequest, version: Version) -> HttpResponse:
    """410 for a version whose wording is hidden: why, its number, dates and fingerprint."""
    approval = version.approval
    value = {
        "error": "hidden",
        "number": approval.number,
        "effective_at": stamp(approval.effective_at),
        "approved_at": stamp(approval.recorded_at),
        "digest": version.digest,
        "withheld": withheld(version),
    }
    return json_answer(request, value, status=410)


def withheld(version: Version) -> dict[str, str] | None:
    """Since when and why the wording of a version is hidden; None if it is not."""
    withholding = getattr(version, "withholding", None)
    if withholding is None:
        return None
    return {"recorded_at": stamp(withholding.recorded_at), "reason": withholding.reason}
