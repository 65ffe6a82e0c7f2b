"""What goes wrong, told as JSON: ``{"error": {"code", "message", "field"}}``, one clear sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from intake.contracts import Text
from intake.refusals import SENTENCES, Refused

_REFUSAL_STATUS = {
    "not_found": 404,
    "forbidden": 403,
    "wrong_state": 409,
    "changed": 409,
    "return_pending": 409,
    "not_returned": 409,
    "sending": 409,
    "undelivered": 409,
}
"""Every other refusal is about the arguments: 422."""


class ApiError(Exception):
    """A request that gets no 2xx; ``field`` names the parameter or argument that is to blame."""

    def __init__(
        self,
        status: int,
        code: str,
        message: Text,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message.en)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})


def bad_parameter(field: str, zh: str, en: str, code: str = "bad_parameter") -> ApiError:
    """400: a parameter or argument cannot be understood."""
    return ApiError(400, code, Text(zh, en), field)


def not_found() -> ApiError:
    """404: there is no such case, or none that this token may see; the two look the same."""
    return ApiError(404, "not_found", SENTENCES["not_found"])


def refused(refusal: Refused) -> ApiError:
    """A verb was refused: 403, 404, 409 (the case stands otherwise) or 422 (the arguments)."""
    status = _REFUSAL_STATUS.get(refusal.code, 422)
    headers = {}
    if status == 403:
        headers["WWW-Authenticate"] = 'Bearer realm="huiyin", error="insufficient_scope"'
    if refusal.code == "sending":
        headers["Retry-After"] = "5"
    return ApiError(status, refusal.code, refusal.text, headers=headers)


def unavailable() -> ApiError:
    """503: the database is away; nothing of our insides is told."""
    sentence = Text(
        "系统暂时无法处理，请稍后再试。", "The service cannot do this just now; please try again shortly."
    )
    return ApiError(503, "unavailable", sentence, headers={"Retry-After": "5"})
