"""Between Flask and a provider's call. You are here: request → **Call** → channel → Answer → response."""

from __future__ import annotations

from flask import Response, request

from channels.twilio.webhook import MAX_BODY, Answer, Call


def twilio_call() -> Call:
    """The present request as a Call; raises werkzeug's 413 when its body is too large."""
    request.max_content_length = MAX_BODY
    query = request.query_string.decode("latin-1")
    headers = request.headers
    return Call(
        target=f"{request.path}?{query}" if query else request.path,
        body=request.get_data(cache=False),
        signature=headers.get("X-Twilio-Signature", ""),
        content_type=request.content_type or "",
        scheme=request.scheme,
        host=headers.get("Host", ""),
        forwarded_host=headers.get("X-Forwarded-Host", ""),
        forwarded_proto=headers.get("X-Forwarded-Proto", ""),
        algorithm=headers.get("X-Twilio-Webhooks-Signature-Settings", ""),
    )


def response(answer: Answer) -> Response:
    """``answer`` as Flask sends it."""
    made = Response(answer.body, answer.status, content_type=answer.content_type)
    if answer.status == 503:
        made.headers["Retry-After"] = "60"
    return made
