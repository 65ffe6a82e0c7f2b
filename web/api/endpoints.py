"""The one table of what the API offers. Routes, checks and the OpenAPI document all follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from intake.archive import MAX_PAGE
from intake.contracts import Text
from intake.people import Actor
from web.api.questions import Parameter
from web.api.receiving import NEW_COMPLAINT
from web.api.schemas import STATES, SUBMISSION_STATES, Schema

Handler = Callable[[Actor, Mapping[str, Any], Mapping[str, str]], Response]
"""Takes the caller, the checked query and the path's values."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing to ask for. ``answers`` is the name of the schema of a 200."""

    method: str
    path: str  # below /api/v1, in OpenAPI's way of writing
    name: str
    summary: Text
    answers: str
    parameters: tuple[Parameter, ...] = ()
    failures: tuple[int, ...] = (400, 401, 429, 503)
    body: Schema | None = None
    successes: tuple[int, ...] = (200,)


def _limited(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


_REFERENCE = Parameter(
    "reference", Text("受理编号，如 26-004217-5", "as 26-004217-5"), _limited(maxLength=64), "path", True
)
_VERB = Parameter("verb", Text("动作", "the verb"), _limited(maxLength=32), "path", True)
_LANGUAGE = Parameter(
    "lang",
    Text(
        "单位名称、理由和错误提示的语言；不写则看 Accept-Language",
        "of names, reasons and errors; else Accept-Language",
    ),
    _limited(maxLength=16, examples=["zh", "en"]),
)
_PAGE = (
    Parameter(
        "cursor", Text("上一页的 next_cursor", "the “next_cursor” of the page before"), _limited(maxLength=80)
    ),
    Parameter(
        "limit",
        Text("每页多少项", "items on a page"),
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50},
    ),
    _LANGUAGE,
)
_CHANNEL = Parameter("channel", Text("渠道：email、web 等", "email, web …"), _limited(maxLength=16))

ONE_COMPLAINT = Endpoint(
    "GET",
    "/complaints/{reference}",
    "getComplaint",
    Text("一个投诉件的全部内容", "everything about one complaint"),
    "Complaint",
    (_REFERENCE, _LANGUAGE),
    (400, 401, 404, 429, 503),
)
COMPLAINTS = Endpoint(
    "GET",
    "/complaints",
    "listComplaints",
    Text("投诉件列表，新的在前", "complaints, newest first"),
    "ComplaintList",
    (
        Parameter(
            "state",
            Text("状态，可用逗号列出几个", "one or more, with commas"),
            {"type": "array", "items": {"type": "string", "enum": STATES}},
        ),
        Parameter("bureau", Text("主办单位的代码", "code of the lead bureau"), _limited(maxLength=64)),
        _CHANNEL,
        Parameter(
            "q", Text("全文检索，或一个编号", "words to find, or a reference"), _limited(maxLength=200)
        ),
        *_PAGE,
    ),
)
SUBMISSIONS = Endpoint(
    "GET",
    "/submissions",
    "listSubmissions",
    Text("来件列表，新的在前", "submissions, newest first"),
    "SubmissionList",
    (
        _CHANNEL,
        Parameter(
            "external_id",
            Text(
                "渠道自己的编号，如不含尖括号的 Message-ID",
                "the channel's own id, as a Message-ID without angle brackets",
            ),
            _limited(maxLength=998),
        ),
        Parameter(
            "state", Text("来件状态", "the submission's state"), {"type": "string", "enum": SUBMISSION_STATES}
        ),
        *_PAGE,
    ),
)
SAY = Endpoint(
    "POST",
    "/complaints/{reference}/verbs/{verb}",
    "sayVerb",
    Text("对投诉件执行一个动作", "say a verb to a complaint"),
    "VerbDone",
    (_REFERENCE, _VERB, _LANGUAGE),
    (400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
)
HAND_IN = Endpoint(
    "POST",
    "/complaints",
    "handIn",
    Text("代投诉人提交投诉", "hand in a complaint for somebody"),
    "HandedIn",
    (
        Parameter(
            "Idempotency-Key",
            Text("每件投诉一个，重发时不变", "one for each complaint, the same on every resend"),
            _limited(maxLength=128, minLength=1),
            "header",
            True,
        ),
        _LANGUAGE,
    ),
    (400, 401, 403, 413, 415, 422, 429, 503),
    NEW_COMPLAINT,
    (201, 200),
)

ENDPOINTS = (COMPLAINTS, HAND_IN, ONE_COMPLAINT, SAY, SUBMISSIONS)
