"""When something goes wrong: a civil page with what to do next, and nothing of our insides.

Programs (``/api/``, ``/webhooks/``) get the same as JSON, in the shape of the API's own errors.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from intake.contracts import StorageUnavailable
from web.i18n import _

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 60
_FOR_PROGRAMS = ("/api/", "/webhooks/")
_LONG_FIELDS = ("text", "reason", "question", "note")


def install(app: Flask) -> None:
    """Answer every error of ``app`` here."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, forgery)
    app.register_error_handler(StorageUnavailable, _storage)
    for away in (OperationalError, InterfaceError, NoConnection):
        app.register_error_handler(away, _storage)
    app.register_error_handler(Exception, _unexpected)


def page(status: int) -> Response:
    """The page for ``status``."""
    title, advice = _words(status)
    if request.path.startswith(_FOR_PROGRAMS):
        code = HTTPStatus(status).name.lower()
        response = jsonify({"error": {"code": code, "message": f"{title} {advice}", "field": None}})
    else:
        written = _written() if status == ServiceUnavailable.code else []
        shown = render_template(
            "errors/error.html", status=status, title=title, advice=advice, written=written
        )
        response = make_response(shown)
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _words(status: int) -> tuple[str, str]:
    """What happened, and what to do."""
    known = {
        400: (_("This could not be read."), _("Go back, check what you entered and send it again.")),
        403: (_("This page is not open to you."), _("If you think it should be, please ask the office.")),
        404: (_("There is no such page."), _("Check the address, or start from the home page.")),
        405: (_("That cannot be done here."), _("Go back and use the buttons on the page.")),
        413: (
            _("What you sent is too large."),
            _("Go back and send fewer or smaller files. You can add the others to your case later."),
        ),
        429: (_("That was a little too fast."), _("Wait a few minutes, then try again.")),
        503: (
            _("We cannot store anything just now."),
            _("Nothing you sent has been kept. Please try again in a minute, or call us."),
        ),
    }
    unknown = (
        (_("Something went wrong on our side."), _("It has been noted. Please try again in a few minutes."))
        if status >= 500
        else known[400]
    )
    return known.get(status, unknown)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect travels as an exception too
        return make_response(error.get_response())
    response = page(error.code)
    for name, value in error.get_response().headers:
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def forgery(error: CSRFError) -> Response:
    """The page for a form that does not prove where it came from."""
    if request.path.startswith(_FOR_PROGRAMS):
        return page(400)
    title = _("This form was open too long, or your browser keeps no cookies.")
    advice = _("Go back, reload the page and send it again.")
    shown = render_template("errors/error.html", status=400, title=title, advice=advice, written=_written())
    return make_response(shown, 400)


def _written() -> list[str]:
    """The longer texts of the form that failed, so that nobody has to write them again."""
    try:
        return [text for name in _LONG_FIELDS for text in request.form.getlist(name) if text.strip()]
    except HTTPException:  # the form itself could not be read
        return []


def _storage(error: Exception) -> Response:
    log.error("web: storage is away: %s", type(error).__name__, exc_info=error)
    return page(ServiceUnavailable.code)


def _unexpected(error: Exception) -> Response:
    log.error("web: %s %s failed", request.method, request.path, exc_info=error)
    return page(InternalServerError.code)
