"""The npm package telegram-test-api as a child process: a Bot API that nobody here wrote.

``make peers`` installs it. It knows no offset, no limits and no files; those are in ``bot_api``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.channels.telegram.bot_api import TOKEN
from tests.support.loopback import free_port
from tests.support.service import wait_until

PEERS = Path(__file__).parents[3] / ".venv" / "peers"
_SERVE = (
    "const Server = require('telegram-test-api');"
    "new Server({port: Number(process.argv[1]), host: '127.0.0.1'}).start();"
)


def missing() -> str:
    """Why it cannot be used here; "" when it can."""
    if shutil.which("node") is None or not (PEERS / "node_modules" / "telegram-test-api").is_dir():
        return "telegram-test-api is not installed (make peers)"
    return ""


@dataclass(frozen=True)
class Emulator:
    """``url`` is the Bot API's base address; the methods are a person's Telegram."""

    url: str

    def write(self, text: str, chat: int = 700) -> None:
        """Somebody sends a message."""
        self._post("/sendMessage", {**_meta(), **_common(chat), "text": text})

    def press(self, data: str, message_id: int, chat: int = 700) -> None:
        """Somebody presses a button under our message."""
        common = _common(chat)
        message = {**common, "message_id": message_id, "date": 1_700_000_000}
        self._post("/sendCallback", {**_meta(), "from": common["from"], "message": message, "data": data})

    def said(self) -> list[dict[str, Any]]:
        """What the bot has said, as the person's Telegram shows it now."""
        history = self._post("/getUpdatesHistory", {"token": TOKEN})["result"]
        ours = [item for item in history if "chat_id" in item.get("message", {})]
        return [item["message"] | {"id": item["messageId"]} for item in ours]

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        request = Request(self.url + path, json.dumps(asked).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=10) as answer:
            said: dict[str, Any] = json.load(answer)
            return said


def _meta() -> dict[str, Any]:
    return {"botToken": TOKEN, "date": 1_700_000_000}


def _common(chat: int) -> dict[str, Any]:
    person = {"id": chat, "first_name": "三", "is_bot": False, "language_code": "zh-hans"}
    return {"from": person, "chat": {"id": chat, "first_name": "三", "type": "private"}}


@contextmanager
def emulated() -> Iterator[Emulator]:
    """A running one."""
    port = free_port()
    child = subprocess.Popen(["node", "-e", _SERVE, str(port)], cwd=PEERS, stdin=subprocess.DEVNULL)
    emulator = Emulator(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: _answers(emulator.url) or child.poll() is not None, "the emulator listens")
        assert child.poll() is None, "the emulator ended at once"
        yield emulator
    finally:
        child.kill()
        child.wait(10)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/bot{TOKEN}/getMe", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
