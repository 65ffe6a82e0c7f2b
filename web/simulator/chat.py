"""The person's side of the chats: what is written, pressed, sent or blocked becomes an update for the bot.

You are here: page → **chats** → updates → ``getUpdates`` or ``/webhooks/telegram``. Shapes after
https://core.telegram.org/bots/api.
"""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from channels.telegram.account import TelegramAccount
from web import i18n
from web.simulator.stage import CHATS, Item, Stage, Upload
from web.simulator.updates import Updates

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}")
_MESSAGES_FROM = 1_700_000_000  # message ids go on growing after a restart, as Telegram's do


class Chats:
    """Thread-safe as far as the stage is."""

    def __init__(self, account: TelegramAccount, stage: Stage, updates: Updates) -> None:
        self._account, self._stage, self._updates = account, stage, updates
        self._numbers = itertools.count(int(time.time()) - _MESSAGES_FROM)
        self.blocked: set[int] = set()
        self.commands: dict[str, list[dict[str, str]]] = {}  # by language code; "" for all others

    # ------------------------------------------------------------ who is who

    def bot(self) -> dict[str, Any]:
        """The bot as a user."""
        return {
            "id": int(self._account.bot_id),
            "is_bot": True,
            "first_name": "回音 Huiyin",
            "username": "huiyin_bot",
        }

    @staticmethod
    def person(chat: int) -> dict[str, Any]:
        """The person as a user, whose app speaks the language of the page."""
        tongue = i18n.language().lower()
        return {"id": chat, "is_bot": False, "first_name": CHATS[chat], "language_code": tongue}

    @staticmethod
    def chat(chat: int) -> dict[str, Any]:
        """The private chat."""
        return {"id": chat, "type": "private", "first_name": CHATS[chat]}

    def message(self, chat: int, sender: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
        """A new message of ``chat``."""
        return {
            "message_id": next(self._numbers),
            "from": dict(sender),
            "chat": self.chat(chat),
            "date": int(self._stage.clock().timestamp()),
            **content,
        }

    def find(self, chat: int, message_id: int) -> Item | None:
        """The item of a message."""
        return self._stage.find(_key(chat, message_id), "chat")

    def show(self, chat: int, message: Mapping[str, Any], by: str, **facts: Any) -> Item:
        """Put a message on the page."""
        shown = {
            "by": by,
            "number": message["message_id"],
            "text": message.get("text") or message.get("caption") or "",
            "buttons": message.get("reply_markup", {}).get("inline_keyboard", []),
            "place": message.get("location"),
            "album": message.get("media_group_id", ""),
            "files": [],
            "edited": False,
            "answer": "",
            "quoted": (message.get("reply_to_message") or {}).get("text", "")[:120],
            "message": dict(message),
            **facts,
        }
        return self._stage.put("chat", str(chat), shown, _key(chat, message["message_id"]))

    # ------------------------------------------------------------ what a person does

    def write(self, chat: int, text: str, reply_to: int = 0) -> None:
        """Send a text; a command is marked as one."""
        content: dict[str, Any] = {"text": text}
        command = _COMMAND.match(text)
        if command:
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command[0])}]
        quoted = self.find(chat, reply_to) if reply_to else None
        if quoted is not None:
            content["reply_to_message"] = quoted.facts["message"]
        self._say(chat, content)

    def send_files(self, chat: int, files: Sequence[Upload], caption: str, what: str = "") -> None:
        """Send files; several pictures make an album. ``what`` is "voice" for a voice message."""
        kinds = [what or ("photo" if _is_picture(file) else "document") for file in files]
        album = {"media_group_id": secrets.token_hex(8)} if len(files) > 1 and len(set(kinds)) == 1 else {}
        for number, (file, kind) in enumerate(zip(files, kinds, strict=True)):
            content: dict[str, Any] = {**album, **_file(kind, file)}
            if caption and number == 0:
                content["caption"] = caption
            self._say(chat, content, files=[{"key": file.key, "type": file.media_type, "name": file.name}])

    def send_place(self, chat: int, latitude: float, longitude: float) -> None:
        """Send a location."""
        self._say(chat, {"location": {"latitude": latitude, "longitude": longitude}})

    def edit(self, chat: int, number: int, text: str) -> bool:
        """Change an own text; False when there is none."""
        item = self.find(chat, number)
        if item is None or item.facts["by"] != "person" or "text" not in item.facts["message"]:
            return False
        edited = {"text": text, "edit_date": int(self._stage.clock().timestamp())}
        message = item.facts["message"] | edited
        self._stage.change(item.id, text=text, edited=True, message=message)
        self._updates.add("edited_message", message)
        return True

    def press(self, chat: int, number: int, value: str) -> bool:
        """Press a button below a message of the bot; False when it is not there."""
        item = self.find(chat, number)
        buttons = [b for row in item.facts["buttons"] for b in row] if item else []
        if item is None or value not in [button.get("callback_data") for button in buttons]:
            return False
        query = secrets.token_hex(8)
        self._stage.change(item.id, query=query, answer="")
        pressed = {
            "id": query,
            "from": self.person(chat),
            "message": item.facts["message"],
            "chat_instance": str(chat),
            "data": value,
        }
        self._updates.add("callback_query", pressed)
        return True

    def block(self, chat: int, blocked: bool) -> None:
        """Block the bot, or let it speak again."""
        if (chat in self.blocked) == blocked:
            return
        (self.blocked.add if blocked else self.blocked.discard)(chat)
        states = ("member", "kicked") if blocked else ("kicked", "member")
        old, new = (_member(self.bot(), state) for state in states)
        self._stage.put("note", str(chat), {"blocked": blocked})
        self._updates.add(
            "my_chat_member",
            {
                "chat": self.chat(chat),
                "from": self.person(chat),
                "date": int(self._stage.clock().timestamp()),
                "old_chat_member": old,
                "new_chat_member": new,
            },
        )

    def _say(self, chat: int, content: Mapping[str, Any], **facts: Any) -> None:
        message = self.message(chat, self.person(chat), content)
        self.show(chat, message, "person", **facts)
        self._updates.add("message", message)


def _member(bot: Mapping[str, Any], state: str) -> dict[str, Any]:
    return {"user": dict(bot), "status": state} | ({"until_date": 0} if state == "kicked" else {})


def _key(chat: int, message_id: int) -> str:
    return f"{chat}.{message_id}"


def _is_picture(file: Upload) -> bool:
    return file.media_type in ("image/jpeg", "image/png", "image/webp")


def _file(kind: str, file: Upload) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "file_id": file.key,
        "file_unique_id": file.key[:16],
        "file_size": len(file.content),
    }
    if kind == "photo":
        small = entry | {"width": 90, "height": 67}
        return {"photo": [small, entry | {"width": 1280, "height": 960}]}
    if kind == "voice":
        seconds = max(1, len(file.content) // 16000)
        return {"voice": entry | {"duration": seconds, "mime_type": file.media_type}}
    return {"document": entry | {"file_name": file.name, "mime_type": file.media_type}}
