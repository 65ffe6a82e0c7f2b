"""Telegram's Bot API as python-telegram-bot calls it, for one bot and the chats on the page.

You are here: this service's poller and sender → **this blueprint** → stage.
Source: https://core.telegram.org/bots/api
"""

from __future__ import annotations

import hmac
import html
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from channels.telegram.account import TelegramAccount
from web.simulator.callbacks import Callbacks
from web.simulator.chat import Chats
from web.simulator.stage import CHATS, Item, Stage
from web.simulator.updates import Conflict, Updates

MOST_UNITS = 4096  # UTF-16 units of one message
MOST_FILE = 20 * 1024 * 1024
_TAG = re.compile(r"<[^<>]{1,200}>")


class Refused(Exception):
    """An answer that is not ok: HTTP status and Telegram's words."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


class Wishes:
    """The parameters of one call: from the query, a form, or JSON; nested ones may be JSON in a text."""

    def __init__(self) -> None:
        given: dict[str, Any] = {**request.args, **request.form}
        body = request.get_json(silent=True) if request.is_json else None
        self._given = given | (body if isinstance(body, dict) else {})

    def text(self, name: str) -> str:
        """A text; "" when it is missing."""
        value = self._given.get(name, "")
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, fallback: int = 0) -> int:
        """A whole number; ``fallback`` when it is missing or none."""
        try:
            return int(float(self.text(name) or fallback))
        except (ValueError, OverflowError):
            return fallback

    def nested(self, name: str) -> Any:
        """A list or an object; None when it is missing. Raises :class:`Refused`."""
        value = self._given.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise Refused(400, f"Bad Request: can't parse {name} JSON object") from None


class TelegramApi:
    """Every answer has Telegram's shape, errors too."""

    def __init__(
        self, account: TelegramAccount, stage: Stage, chats: Chats, updates: Updates, callbacks: Callbacks
    ) -> None:
        self._account, self._stage, self._chats = account, stage, chats
        self._updates, self._callbacks = updates, callbacks
        self._methods: Mapping[str, Callable[[Wishes], Any]] = {
            "getme": lambda _wishes: self._chats.bot() | _ABILITIES,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_buttons,
            "answercallbackquery": self._answer_query,
            "getfile": self._get_file,
            "setmycommands": self._set_commands,
            "getmycommands": lambda _wishes: self._chats.commands,
            "deletemycommands": lambda _wishes: True,
            "sendchataction": self._typing,
        }

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the addresses."""
        base = "/simulator/telegram"
        blueprint.add_url_rule(f"{base}/bot<token>/<method>", "bot", self.answer, methods=["GET", "POST"])
        blueprint.add_url_rule(f"{base}/file/bot<token>/<path:path>", "bot_file", self.file)

    def answer(self, token: str, method: str) -> Response:
        """Call a method."""
        try:
            self._check(token)
            call = self._methods.get(method.lower())
            if call is None:
                raise Refused(404, "Not Found")
            return jsonify({"ok": True, "result": call(Wishes())})
        except Conflict as conflict:
            return _refusal(409, f"Conflict: {conflict}")
        except Refused as refused:
            return _refusal(refused.status, str(refused))

    def file(self, token: str, path: str) -> Response:
        """Download a file that getFile named."""
        try:
            self._check(token)
        except Refused as refused:
            return _refusal(refused.status, str(refused))
        upload = self._stage.upload(path.rpartition("/")[2].partition(".")[0])
        if upload is None:
            return _refusal(404, "Not Found")
        return Response(upload.content, content_type="application/octet-stream")

    def _check(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self._account.token.encode()):
            raise Refused(401, "Unauthorized")

    # ------------------------------------------------------------ updates

    def _get_updates(self, wishes: Wishes) -> list[dict[str, Any]]:
        kinds = wishes.nested("allowed_updates")
        names = [str(kind) for kind in kinds] if isinstance(kinds, list) else None
        offset, limit = wishes.number("offset"), wishes.number("limit", 100)
        return self._updates.fetch(offset, limit, wishes.number("timeout"), names)

    def _set_webhook(self, wishes: Wishes) -> bool:
        url = wishes.text("url")
        if url and not self._callbacks.is_ours(url):
            raise Refused(400, "Bad Request: bad webhook: only this service can be called")
        drop = wishes.text("drop_pending_updates").lower() == "true"
        self._updates.set_webhook(url, wishes.text("secret_token"), drop=drop)
        return True

    def _delete_webhook(self, wishes: Wishes) -> bool:
        drop = wishes.text("drop_pending_updates").lower() == "true"
        self._updates.set_webhook("", "", drop=drop)
        return True

    def _webhook_info(self, wishes: Wishes) -> dict[str, Any]:
        info: dict[str, Any] = {
            "url": self._updates.webhook,
            "has_custom_certificate": False,
            "pending_update_count": self._updates.pending,
        }
        if self._updates.failure:
            info["last_error_message"] = self._updates.failure
        return info

    # ------------------------------------------------------------ messages

    def _send_message(self, wishes: Wishes) -> dict[str, Any]:
        chat = self._chat(wishes)
        content: dict[str, Any] = {"text": _plain(wishes)}
        markup = wishes.nested("reply_markup")
        if isinstance(markup, dict) and "inline_keyboard" in markup:
            content["reply_markup"] = _keyboard(markup)
        quoted = wishes.nested("reply_parameters")
        number = quoted.get("message_id") if isinstance(quoted, dict) else None
        original = self._chats.find(chat, number) if isinstance(number, int) else None
        if original is not None:
            content["reply_to_message"] = original.facts["message"]
        message = self._chats.message(chat, self._chats.bot(), content)
        self._chats.show(chat, message, "bot")
        return message

    def _edit_text(self, wishes: Wishes) -> dict[str, Any]:
        return self._edited(wishes, {"text": _plain(wishes)})

    def _edit_buttons(self, wishes: Wishes) -> dict[str, Any]:
        return self._edited(wishes, {})

    def _edited(self, wishes: Wishes, content: Mapping[str, Any]) -> dict[str, Any]:
        item = self._own(wishes)
        old: dict[str, Any] = item.facts["message"]
        markup = wishes.nested("reply_markup")
        keyboard = _keyboard(markup) if isinstance(markup, dict) else {"inline_keyboard": []}
        new = {**old, **content, "reply_markup": keyboard}
        if not keyboard["inline_keyboard"]:
            del new["reply_markup"]
        if new == old:
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        new["edit_date"] = int(self._stage.clock().timestamp())
        buttons = keyboard["inline_keyboard"]
        self._stage.change(item.id, message=new, text=new.get("text", ""), buttons=buttons)
        return new

    def _own(self, wishes: Wishes) -> Item:
        item = self._chats.find(self._chat(wishes), wishes.number("message_id"))
        if item is None or item.facts["by"] != "bot":
            raise Refused(400, "Bad Request: message to edit not found")
        return item

    def _chat(self, wishes: Wishes) -> int:
        chat = wishes.number("chat_id")
        if chat not in CHATS:
            raise Refused(400, "Bad Request: chat not found")
        if chat in self._chats.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return chat

    def _answer_query(self, wishes: Wishes) -> bool:
        query = wishes.text("callback_query_id")
        for item in reversed(self._stage.items("chat")):
            if query and item.facts.get("query") == query:
                self._stage.change(item.id, answer=wishes.text("text")[:200], query="")
                return True
        raise Refused(
            400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )

    def _typing(self, wishes: Wishes) -> bool:
        self._chat(wishes)
        return True

    # ------------------------------------------------------------ files and commands

    def _get_file(self, wishes: Wishes) -> dict[str, Any]:
        upload = self._stage.upload(wishes.text("file_id"))
        if upload is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(upload.content) > MOST_FILE:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": upload.key,
            "file_unique_id": upload.key[:16],
            "file_size": len(upload.content),
            "file_path": f"files/{upload.key}.bin",
        }

    def _set_commands(self, wishes: Wishes) -> bool:
        given = wishes.nested("commands")
        commands = given if isinstance(given, list) else []
        known = [c for c in commands[:100] if isinstance(c, dict) and c.get("command")]
        if not wishes.text("language_code") or not self._chats.commands:
            self._chats.commands = [
                {"command": str(c["command"])[:32], "description": str(c.get("description", ""))[:256]}
                for c in known
            ]
        return True


_ABILITIES = {
    "can_join_groups": False,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}


def _plain(wishes: Wishes) -> str:
    """The text as people see it. Raises :class:`Refused`."""
    text = wishes.text("text")
    if wishes.text("parse_mode").upper() == "HTML":
        text = html.unescape(_TAG.sub("", text))
    if not text.strip():
        raise Refused(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > MOST_UNITS:
        raise Refused(400, "Bad Request: message is too long")
    return text


def _keyboard(markup: Mapping[str, Any]) -> dict[str, Any]:
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refused(400, 'Bad Request: field "inline_keyboard" must be of type Array')
    buttons = [[button for button in row if isinstance(button, dict)] for row in rows]
    for button in (button for row in buttons for button in row):
        if not button.get("text"):
            raise Refused(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if len(str(button.get("callback_data", "")).encode()) > 64:
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return {"inline_keyboard": buttons}


def _refusal(status: int, description: str) -> Response:
    response = jsonify({"ok": False, "error_code": status, "description": description})
    response.status_code = status
    return response
