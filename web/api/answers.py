"""What each endpoint does: asks intake, presents, and logs who was shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request

from intake.archive import CaseFilter
from intake.contracts import Text
from intake.looks import record_looks
from intake.people import Actor, sees_everything
from intake.refusals import Refused
from web.api.arguments import json_object
from web.api.callers import language
from web.api.errors import ApiError, not_found, refused
from web.api.presenting import Presenter, shows_identity
from web.api.questions import cursor_of, id_cursor, number_cursor
from web.api.receiving import read_complaint
from web.api.speaking import VERBS, read_verb
from web.services import Services

_KEY_USED = Text(
    "这个 Idempotency-Key 已用于另一件投诉，本件没有保存；请换一个再提交。",
    "This Idempotency-Key was used for another complaint; nothing was stored. Send it with a new one.",
)


class Answers:
    """The endpoints' handlers over one county's services."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def one_complaint(self, actor: Actor, asked: Mapping[str, Any], path: Mapping[str, str]) -> Response:
        """A complaint, with an ETag: an unchanged one is not sent (nor looked at) again."""
        dossier = self._services.archive.dossier(actor, path["reference"][:64])
        if dossier is None:
            raise not_found()
        response = as_json(self._presenter(actor).complaint(dossier))
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.make_conditional(request)
        if response.status_code == 200 and shows_identity(actor, dossier):
            self._log_looks(actor, [dossier.case.id])
        return response

    def complaints(self, actor: Actor, asked: Mapping[str, Any], path: Mapping[str, str]) -> Response:
        """One page of complaints, whole ones: one shape everywhere, one query per table."""
        wanted = CaseFilter(
            states=asked["state"], bureau=asked["bureau"], channel=asked["channel"], query=asked["q"]
        )
        archive = self._services.archive
        page = archive.cases(actor, wanted, number_cursor(asked["cursor"]), asked["limit"])
        dossiers = archive.dossiers(actor, page.rows)
        present = self._presenter(actor).complaint
        listed = [present(dossier) for dossier in dossiers]
        shown = [d.case.id for d in dossiers if shows_identity(actor, d)]
        self._log_looks(actor, [*shown, *page.by_person])
        return as_json({"items": listed, "next_cursor": cursor_of(page.next_cursor)})

    def submissions(self, actor: Actor, asked: Mapping[str, Any], path: Mapping[str, str]) -> Response:
        """One page of submissions, each with the reference of its case."""
        archive = self._services.archive
        page = archive.submissions(
            actor,
            asked["channel"],
            asked["external_id"],
            asked["state"],
            id_cursor(asked["cursor"]),
            asked["limit"],
        )
        files, secret = archive.around(page.rows)
        presenter, listed, shown = self._presenter(actor), [], []
        for row in page.rows:
            hidden = None if sees_everything(actor) else secret.get(row.complaint_id)
            listed.append(presenter.listed_submission(row, files.get(row.id, ()), hidden))
            if row.complaint_id and hidden is None and (row.from_name or row.from_address):
                shown.append(row.complaint_id)
        self._log_looks(actor, shown)
        return as_json({"items": listed, "next_cursor": cursor_of(page.next_cursor)})

    def say(self, actor: Actor, asked: Mapping[str, Any], path: Mapping[str, str]) -> Response:
        """Say a verb; what is refused has changed nothing."""
        name = path["verb"]
        if name not in VERBS:
            raise ApiError(
                404,
                "unknown_verb",
                Text(f"没有名为“{name[:40]}”的动作。", f"There is no verb “{name[:40]}”."),
                "verb",
            )
        verb, version = read_verb(name, json_object())
        try:
            done = self._services.office.perform(path["reference"][:64], actor, verb, version)
        except Refused as refusal:
            raise refused(refusal) from None
        return as_json({"reference": done.reference, "state": str(done.state), "version": done.version})

    def hand_in(self, actor: Actor, asked: Mapping[str, Any], path: Mapping[str, str]) -> Response:
        """Accept a complaint: durable before the answer; a repeated key gets the same reference back."""
        services, key = self._services, request.headers.get("Idempotency-Key", "")
        made = read_complaint(actor, key, json_object(), services.directory, services.clock())
        receipt = services.inbox.accept(made)
        if receipt.duplicate and services.archive.raw(actor, receipt.submission_id) != made.raw:
            raise ApiError(422, "key_used", _KEY_USED, "Idempotency-Key")
        told = {
            "reference": receipt.reference,
            "code": receipt.code,
            "submission_id": receipt.submission_id,
            "duplicate": receipt.duplicate,
        }
        return as_json(told, 200 if receipt.duplicate else 201)

    def _presenter(self, actor: Actor) -> Presenter:
        return Presenter(actor, language(), self._services.directory)

    def _log_looks(self, actor: Actor, complaint_ids: Iterable[str]) -> None:
        record_looks(self._services.store, complaint_ids, actor, "api", self._services.clock())


def as_json(value: Any, status: int = 200) -> Response:
    """JSON in UTF-8, characters as they are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")
