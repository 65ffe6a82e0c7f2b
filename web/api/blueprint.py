"""The blueprint ``/api/v1``: one route per row of ``endpoints``; JSON always, also when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from intake.contracts import StorageUnavailable, Text
from web.api import endpoints
from web.api.answers import Answers, as_json
from web.api.callers import Pace, caller, language, spoken
from web.api.endpoints import ENDPOINTS, Endpoint, Handler
from web.api.errors import ApiError, unavailable
from web.api.openapi import document
from web.api.page import PAGE_POLICY, page
from web.api.questions import query
from web.services import Services

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DATABASE_AWAY = (StorageUnavailable, OperationalError, InterfaceError, PoolTimeout)
_HTTP_SENTENCES = {
    400: Text("请求有误，无法理解。", "The request cannot be understood."),
    413: Text("请求内容太大，最多 128 KB。", "The request is too large: at most 128 KB."),
}
_NO_SUCH_ADDRESS = Text(
    "没有这个接口，全部接口见 /api/v1/。", "There is no such address; /api/v1/ lists all there are."
)
_FAILED = Text("系统出错了，已记录在案。", "Something went wrong here; it has been logged.")


def create_api(services: Services, pace: Pace | None = None) -> Blueprint:
    """The API over ``services``. Exempt it from CSRF checks: it takes bearer tokens, never cookies."""
    answers, api = Answers(services), Blueprint("api", __name__, url_prefix=PREFIX)
    handlers: dict[str, Handler] = {
        endpoints.COMPLAINTS.name: answers.complaints,
        endpoints.ONE_COMPLAINT.name: answers.one_complaint,
        endpoints.HAND_IN.name: answers.hand_in,
        endpoints.SAY.name: answers.say,
        endpoints.SUBMISSIONS.name: answers.submissions,
    }
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    pace = pace or Pace()
    for path, methods in by_path.items():
        view = _view(services, handlers, methods, pace)
        first = next(iter(methods.values()))
        api.add_url_rule(
            path.replace("{", "<").replace("}", ">"), first.name, view, methods=_METHODS, strict_slashes=False
        )
    _add_descriptions(api)
    _add_failures(api)
    return api


def _view(
    services: Services, handlers: dict[str, Handler], methods: dict[str, Endpoint], pace: Pace
) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        endpoint = methods.get("GET" if request.method == "HEAD" else request.method)
        if endpoint is None:
            raise _not_allowed(methods)
        actor = caller(services.accounts)
        pace.take(actor.id)
        return handlers[endpoint.name](actor, query(endpoint.parameters), path)

    return view


def _not_allowed(methods: Any) -> ApiError:
    allowed = ", ".join(methods)
    sentence = Text(f"这个接口只接受 {allowed}。", f"This address takes {allowed} only.")
    return ApiError(405, "method_not_allowed", sentence, headers={"Allow": allowed})


def _add_descriptions(api: Blueprint) -> None:
    @api.get("/openapi.json")
    def openapi() -> Response:
        return as_json(document(language()))

    @api.get("/")
    def index() -> Response:
        response = Response(page(document(language()), language()), mimetype="text/html")
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    @api.route("/<path:rest>", methods=_METHODS)
    def nowhere(rest: str) -> Response:
        if request.method != "GET" and rest == "openapi.json":
            raise _not_allowed(["GET"])
        raise ApiError(404, "no_such_address", _NO_SUCH_ADDRESS)


def _add_failures(api: Blueprint) -> None:
    @api.errorhandler(ApiError)
    def told(error: ApiError) -> Response:
        return _failure(error)

    @api.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        return _failure(ApiError(status, "bad_request", _HTTP_SENTENCES.get(status, _HTTP_SENTENCES[400])))

    @api.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        if isinstance(error, _DATABASE_AWAY):
            log.warning("api: the database is away: %s", type(error).__name__)
            return _failure(unavailable())
        log.error("api: %s %s failed", request.method, request.path, exc_info=error)
        return _failure(ApiError(500, "failed", _FAILED))

    @api.after_request
    def private(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.update(["Authorization", "Accept-Language"])
        return response


def _failure(error: ApiError) -> Response:
    told = {"code": error.code, "message": spoken(error.message), "field": error.field}
    response = as_json({"error": told}, error.status)
    response.headers.update(error.headers)
    return response
