"""Twilio's REST API 2010-04-01 as its official library calls it: messages, calls, recordings, media.

You are here: this service's senders → **this blueprint** → stage, and from there reports to the webhooks.
Source: https://www.twilio.com/docs/usage/api
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, jsonify, request
from phonenumbers import NumberParseException, is_possible_number, parse

from channels.twilio.account import TwilioAccount
from web.simulator import twilio_shapes as shapes
from web.simulator.call import Fetch
from web.simulator.callbacks import Callbacks
from web.simulator.line import HANG_UP, MOVE, Input
from web.simulator.stage import Stage
from web.simulator.switchboard import FINAL, Switchboard
from web.simulator.texts import MOST_CHARACTERS, MOST_MEDIA, Texts

ROOT = "/simulator/twilio/2010-04-01/Accounts"


class TwilioApi:
    """Every answer has Twilio's shape, errors too."""

    def __init__(
        self,
        account: TwilioAccount,
        stage: Stage,
        texts: Texts,
        switchboard: Switchboard,
        callbacks: Callbacks,
    ) -> None:
        self._account, self._stage, self._texts = account, stage, texts
        self._switchboard, self._callbacks = switchboard, callbacks

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        base = f"{ROOT}/{self._account.sid}"
        rules: tuple[tuple[str, str, Callable[..., Response]], ...] = (
            ("POST", "/Messages.json", self.send),
            ("GET", "/Messages.json", self.messages),
            ("GET", "/Messages/<sid>.json", self.message),
            ("GET", "/Messages/<sid>/Media.json", self.media_list),
            ("POST", "/Calls.json", self.call),
            ("GET", "/Calls.json", self.calls),
            ("GET", "/Calls/<sid>.json", self.one_call),
            ("POST", "/Calls/<sid>.json", self.change_call),
            ("GET", "/Calls/<sid>/Recordings.json", self.recordings),
            ("GET", "/Recordings.json", self.recordings),
            ("GET", "/Recordings/<sid>.json", self.recording),
        )
        for method, path, view in rules:
            name = f"twilio_{view.__name__}{path.count('/')}"
            blueprint.add_url_rule(base + path, name, self._guarded(view), methods=[method])
        files = (
            ("/Messages/<sid>/Media/<media>", self.media),
            ("/Recordings/<sid>", self.sound),
            ("/Recordings/<sid>.wav", self.sound),
            ("/Recordings/<sid>.mp3", self.sound),
        )
        for path, give in files:
            name = f"twilio_{give.__name__}{path[-4:].strip('>.')}"
            blueprint.add_url_rule(base + path, name, self._guarded(give), methods=["GET"])
        unknown = self._guarded(lambda **_parts: shapes.error(20404))
        blueprint.add_url_rule(
            "/simulator/twilio/<path:rest>", "twilio_unknown", unknown, methods=["GET", "POST", "DELETE"]
        )

    def _guarded(self, view: Callable[..., Response]) -> Callable[..., Response]:
        def answer(**parts: str) -> Response:
            given = request.authorization
            user, password = (given.username or "", given.password or "") if given else ("", "")
            right = hmac.compare_digest(user.encode(), self._account.sid.encode())
            if not (hmac.compare_digest(password.encode(), self._account.token.encode()) and right):
                return shapes.error(20003)
            return view(**parts)

        return answer

    # ------------------------------------------------------------ messages

    def send(self) -> Response:
        """Create a message."""
        form = request.form
        to, body = form.get("To", ""), form.get("Body", "")
        media = form.getlist("MediaUrl")[:MOST_MEDIA]
        if not to:
            return shapes.error(21604)
        if not _is_number(to):
            return shapes.error(21211, to)
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return shapes.error(21603)
        if form.get("From", self._account.number).removeprefix("whatsapp:") != self._account.number:
            return shapes.error(21606, form["From"])
        if not body and not media:
            return shapes.error(21602)
        if len(body) > MOST_CHARACTERS:
            return shapes.error(21617)
        if self._stage.stopped(to):
            return shapes.error(21610)
        callback = form.get("StatusCallback", "")
        if callback and not self._callbacks.is_ours(callback):
            return shapes.error(21609, callback)
        item = self._texts.take("outbound-api", to, body, callback, media)
        return _created(shapes.message(self._account, item))

    def messages(self) -> Response:
        """List messages, newest first; To, From and DateSent filter."""
        return self._list("text", "messages", "DateSent", shapes.message)

    def message(self, sid: str) -> Response:
        """One message."""
        return self._one("text", sid, shapes.message)

    def media_list(self, sid: str) -> Response:
        """The files of a message."""
        item = self._stage.find(sid, "text")
        if item is None:
            return shapes.error(20404)
        entries = [shapes.media(self._account, item, file) for file in item.facts["media"]]
        return jsonify(shapes.page("media_list", entries, request.path, 0, max(len(entries), 1), False))

    def media(self, sid: str, media: str) -> Response:
        """A file of a message."""
        item = self._stage.find(sid, "text")
        keys = [file["key"] for file in item.facts["media"]] if item else []
        key = media.removeprefix("ME")
        return self._file(key) if key in keys else shapes.error(20404)

    # ------------------------------------------------------------ calls

    def call(self) -> Response:
        """Create a call."""
        form = request.form
        to, url, twiml = form.get("To", ""), form.get("Url", ""), form.get("Twiml", "")
        if not _is_number(to):
            return shapes.error(21211, to)
        if form.get("From", "") != self._account.number:
            return shapes.error(21210, form.get("From", ""))
        if not (url or twiml) or (url and not self._callbacks.is_ours(url)):
            return shapes.error(21205, url)
        callback = form.get("StatusCallback", "")
        if callback and not self._callbacks.is_ours(callback):
            return shapes.error(21609, callback)
        wishes = {
            "callback": callback,
            "events": " ".join(form.getlist("StatusCallbackEvent")).split() or ["completed"],
            "timeout": form.get("Timeout", 60, type=float) or 60.0,
        }
        if not self._stage.ensure_phone(to):
            return shapes.error(21211, to)
        fetch = Fetch(url or self._callbacks.public("/"), {}, form.get("Method", "POST"))
        item = self._switchboard.ring(to, self._account.number, fetch, twiml, wishes)
        return _created(shapes.call(self._account, item)) if item else shapes.error(20429)

    def calls(self) -> Response:
        """List calls, newest first."""
        return self._list("call", "calls", "StartTime", shapes.call)

    def one_call(self, sid: str) -> Response:
        """One call."""
        return self._one("call", sid, shapes.call)

    def change_call(self, sid: str) -> Response:
        """End a call: Status completed hangs up, canceled stops the ringing."""
        item = self._stage.find(sid, "call")
        if item is None:
            return shapes.error(20404)
        wish = request.form.get("Status", "")
        if item.facts["status"] in FINAL or wish not in ("completed", "canceled"):
            return shapes.error(21220)
        self._switchboard.do(sid, Input(HANG_UP if wish == "completed" else MOVE))
        return self.one_call(sid)

    # ------------------------------------------------------------ recordings

    def recordings(self, sid: str = "") -> Response:
        """List recordings, newest first; of one call when ``sid`` is given."""
        wanted = sid or request.args.get("CallSid", "")
        return self._list("recording", "recordings", "DateCreated", shapes.recording, wanted)

    def recording(self, sid: str) -> Response:
        """One recording."""
        return self._one("recording", sid, shapes.recording)

    def sound(self, sid: str) -> Response:
        """The sound. Asked for .mp3 it is a WAV all the same, and says so: we have no encoder."""
        item = self._stage.find(sid, "recording")
        return self._file(item.facts["upload"]) if item else shapes.error(20404)

    # ------------------------------------------------------------ lists and files

    def _file(self, key: str) -> Response:
        upload = self._stage.upload(key)
        if upload is None:
            return shapes.error(20404)
        return Response(upload.content, content_type=upload.media_type)

    def _one(self, kind: str, sid: str, shape: shapes.Shape) -> Response:
        item = self._stage.find(sid, kind)
        return jsonify(shape(self._account, item)) if item else shapes.error(20404)

    def _list(self, kind: str, name: str, moment: str, shape: shapes.Shape, call: str = "") -> Response:
        wanted = request.args
        try:
            first, last = _days(moment)
        except ValueError:
            return shapes.error(20001, moment)
        items = [
            item
            for item in reversed(self._stage.items(kind))
            if not (
                (wanted.get("To") and item.facts.get("to") != wanted["To"])
                or (wanted.get("From") and item.facts.get("from") != wanted["From"])
                or (wanted.get("Status") and item.facts.get("status") != wanted["Status"])
                or (call and item.facts.get("call") != call)
                or item.facts.get("carrier")
                or not first <= item.at.date() <= last
            )
        ]
        size = min(max(wanted.get("PageSize", 50, type=int), 1), 1000)
        page = max(wanted.get("Page", 0, type=int), 0)
        shown = [shape(self._account, item) for item in items[page * size : (page + 1) * size]]
        more = len(items) > (page + 1) * size
        return jsonify(shapes.page(name, shown, request.path, page, size, more))


def _days(moment: str) -> tuple[date, date]:
    """First and last day asked for, in UTC; ``DateSent=``, ``DateSent>=`` and ``DateSent<=``."""
    args = request.args
    if args.get(moment):
        day = date.fromisoformat(args[moment][:10])
        return day, day
    first, last = args.get(f"{moment}>", ""), args.get(f"{moment}<", "")
    return (
        date.fromisoformat(first[:10]) if first else date.min,
        date.fromisoformat(last[:10]) if last else date.max,
    )


def _is_number(address: str) -> bool:
    try:
        return is_possible_number(parse(address.removeprefix("whatsapp:")))
    except NumberParseException:
        return False


def _created(body: dict[str, object]) -> Response:
    response = jsonify(body)
    response.status_code = 201
    return response
