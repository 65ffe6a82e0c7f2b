"""Twilio's calls about calls: ``/webhooks/twilio/voice`` and ``/webhooks/twilio/call-status``.

Both exist only while an account is set (the simulator's counts). Somebody is on the line: when storage is
away they hear so, in their language, with status 200, for Twilio would read out an error of its own. The
reports behind the line (recording, status) get 503 then: nothing was kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from channels.phone import twiml
from channels.phone.exchange import Exchange
from channels.phone.posted import NotACall, Posted, posted
from channels.phone.switchboard import Switchboard
from channels.twilio.signature import Signatures
from channels.twilio.webhook import FORGED, INCOMPLETE, UNAVAILABLE, Answer, collected, first, parse
from intake.contracts import StorageUnavailable
from web.services import Services
from web.webhooks.calls import response, twilio_call

log = logging.getLogger(__name__)
_XML = "text/xml; charset=utf-8"
_AWAY = (StorageUnavailable, SQLAlchemyError, OSError)


def blueprint(services: Services) -> Blueprint:
    """The two addresses."""
    pages = Blueprint("twilio_voice", __name__)
    if services.twilio is not None and services.exchange is not None:
        lines = _Lines(Signatures(services.twilio, services.twilio_signatures), services.exchange)
        pages.add_url_rule("/webhooks/twilio/voice", "voice", lines.voice, methods=["POST"])
        pages.add_url_rule("/webhooks/twilio/call-status", "call_status", lines.status, methods=["POST"])
    return pages


class _Lines:
    """Flask's side of the switchboard."""

    def __init__(self, signatures: Signatures, exchange: Exchange) -> None:
        self._signatures = signatures
        self._board = Switchboard(exchange)
        self._reports: dict[str, Callable[[Posted], None]] = {
            "recording": self._board.recording,
            "transcription": self._board.transcription,
        }

    def voice(self) -> Response:
        """A step of a call, or a report beside it."""
        heard = self._heard()
        if isinstance(heard, Answer):
            return response(heard)
        if report := self._reports.get(heard.step):
            return self._report(report, heard)
        try:
            said = self._board.answer(heard)
        except _AWAY as error:
            log.error("phone: a step was not answered: %s", type(error).__name__)
            said = twiml.sorry()
        return response(Answer(200, said.encode(), _XML))

    def status(self) -> Response:
        """How a call ended."""
        heard = self._heard()
        return response(heard) if isinstance(heard, Answer) else self._report(self._board.status, heard)

    def _report(self, take: Callable[[Posted], None], heard: Posted) -> Response:
        try:
            take(heard)
        except _AWAY as error:
            log.error("phone: a report was not kept: %s", type(error).__name__)
            return response(UNAVAILABLE)
        return response(Answer(200, twiml.nothing().encode(), _XML))

    def _heard(self) -> Posted | Answer:
        call = twilio_call()
        fields = parse(call)
        if isinstance(fields, Answer):
            return fields
        if not self._signatures.admit(call, fields):
            return FORGED
        form = collected(fields)
        try:
            return posted(request.args, {name: first(form, name).replace("\0", "") for name in form})
        except NotACall:
            return INCOMPLETE
