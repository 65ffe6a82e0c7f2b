"""``/simulator``: the page, and the small questions its script asks while it is open."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask_wtf.csrf import generate_csrf

from web import i18n
from web.simulator.deeds import Deeds
from web.simulator.play import Play
from web.simulator.stage import CHATS, LANDLINE, Item
from web.simulator.words import words

_SHOWN = ("image/jpeg", "image/png", "image/gif", "image/webp", "audio/wav")
_OURS = frozenset({"message", "callback", "query", "links", "upload"})  # facts that are not for the page


class SimulatorPage:
    """Everything below ``/simulator`` that a person's browser opens."""

    def __init__(self, play: Play) -> None:
        self._play, self._deeds = play, Deeds(play)

    def add_to(self, pages: Blueprint) -> None:
        """Add the addresses."""
        pages.add_url_rule("/simulator", "home", self.home)
        pages.add_url_rule("/simulator/state", "state", self.state)
        pages.add_url_rule("/simulator/file/<key>", "file", self.file)
        self._deeds.add_to(pages)

    def home(self) -> Response:
        """The page. Without a script the texts of one phone still work."""
        stage = self._play.stage
        phones = stage.phones
        phone = request.args.get("phone", "").replace(" ", "+")  # a plus typed as it is
        phone = phone if phone in phones else phones[0]
        texts = [self._shown(item) for item in stage.items("text", owner=phone)][-40:]
        shown = render_template(
            "simulator/home.html",
            phones=phones,
            phone=phone,
            landline=LANDLINE,
            number=self._play.twilio.number,
            chats=CHATS,
            texts=texts,
            fresh=stage.version == 0,
            office=self._play.mailbox.office,
            moment_now=stage.clock(),
            words=words(),
        )
        response = make_response(shown)
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
        return response

    def state(self) -> Response:
        """What changed since the number ``since``: ``{version, token, clock, phones, items, mails, …}``.

        ``token`` proves the page's forms; signing in from another tab replaces the session and the token.
        """
        stage = self._play.stage
        since = request.args.get("since", 0, type=int)
        version = stage.version
        if since > version:
            since = 0  # the server was started anew
        return jsonify(
            version=version,
            fresh=since == 0,
            token=generate_csrf(),
            clock=i18n.moment(stage.clock()),
            phones=list(stage.phones),
            unhurried=self._play.switchboard.unhurried,
            blocked=sorted(self._play.chats.blocked),
            commands=self._commands(),
            items=[self._shown(item) for item in stage.items(since=since)],
            mails=self._play.mailbox.mails(),
        )

    def _commands(self) -> list[dict[str, str]]:
        """The bot's menu in the reader's language, as Telegram chooses it."""
        menus = self._play.chats.commands
        return menus.get(i18n.language().partition("-")[0]) or menus.get("", [])

    def _shown(self, item: Item) -> dict[str, Any]:
        facts = {name: value for name, value in item.facts.items() if name not in _OURS}
        if item.kind == "recording":
            facts["file"] = item.facts["upload"]
        facts |= {"id": item.id, "kind": item.kind, "owner": item.owner}
        return facts | {"time": i18n.clock_time(item.at), "changed": item.changed}

    def file(self, key: str) -> Response:
        """A file that was sent; shown only when it is a picture or a sound of a known kind."""
        upload = self._play.stage.upload(key)
        if upload is None:
            abort(404)
        if upload.media_type in _SHOWN:
            return Response(upload.content, content_type=upload.media_type)
        response = Response(upload.content, content_type="application/octet-stream")
        response.headers["Content-Disposition"] = "attachment"
        return response
