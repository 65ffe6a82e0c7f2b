"""A Bot API on loopback that behaves as documented where a test needs it to misbehave.

``getUpdates`` holds the request, forgets what lies below the offset and refuses a second reader, as
core.telegram.org/bots/api says. Every other method answers ``true`` or what a test scripted.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

TOKEN = "100200300:AAHs3cretS3cretS3cretS3cretS3cret12"


@dataclass(frozen=True)
class Said:
    """One scripted answer; ``after`` seconds. A ``result`` makes it a success."""

    status: int = 200
    result: Any = None
    description: str = ""
    parameters: dict[str, Any] | None = None
    raw: bytes | None = None
    after: float = 0.0

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.status == 200:
            return json.dumps({"ok": True, "result": self.result}).encode()
        answer = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return json.dumps(answer).encode()


FORBIDDEN = Said(403, description="Forbidden: bot was blocked by the user")
UNAUTHORIZED = Said(401, description="Unauthorized")
CONFLICT = Said(409, description="Conflict: terminated by other getUpdates request")
BAD_GATEWAY = Said(502, raw=b"<html>Bad Gateway</html>")


def retry_after(seconds: int) -> Said:
    """A flood wait."""
    return Said(429, description="Too Many Requests", parameters={"retry_after": seconds})


@dataclass
class BotApiServer:
    """``with BotApiServer() as api``: ``api.url`` is the base address. All lists may be looked at."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    script: dict[str, deque[Said]] = field(default_factory=lambda: defaultdict(deque))
    files: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    readers: int = 0
    most_readers: int = 0
    url: str = ""
    token: str = TOKEN
    _lock: threading.Condition = field(default_factory=threading.Condition)
    _sent: int = 0

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._lock.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def say(self, *updates: dict[str, Any]) -> None:
        """People write."""
        with self._lock:
            self.updates.extend(updates)
            self._lock.notify_all()

    def called(self, method: str) -> list[dict[str, str]]:
        """The parameters of every call of ``method`` so far."""
        return [parameters for name, parameters in list(self.calls) if name == method]

    def answer(self, method: str, parameters: dict[str, str]) -> Said:
        """What this server says to one call."""
        self.calls.append((method, parameters))
        if self.script[method]:
            return self.script[method].popleft()
        if method == "getUpdates":
            return Said(result=self._take(parameters))
        if method == "sendMessage":
            self._sent += 1
            chat = {"id": int(parameters["chat_id"]), "type": "private"}
            return Said(
                result={"message_id": self._sent, "date": 1, "chat": chat, "text": parameters["text"]}
            )
        return Said(result=True)

    def _take(self, parameters: dict[str, str]) -> list[dict[str, Any]]:
        offset, limit = int(parameters.get("offset", 0)), int(parameters.get("limit", 100))
        until = time.monotonic() + float(parameters.get("timeout", 0))
        with self._lock:
            self.readers += 1
            self.most_readers = max(self.most_readers, self.readers)
            self.updates[:] = [u for u in self.updates if u["update_id"] >= offset]
            while not self.updates and (rest := until - time.monotonic()) > 0:
                self._lock.wait(min(rest, 0.2))
            self.readers -= 1
            return self.updates[:limit]


def _handler(api: BotApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token, _, method = self.path.removeprefix("/bot").partition("/")
            if token != api.token:
                said = UNAUTHORIZED
            else:
                said = api.answer(method, dict(parse_qsl(body.decode())))
            time.sleep(said.after)
            with suppress(OSError):
                self._reply(said.status, said.body())

        def do_GET(self) -> None:
            path = unquote(self.path).removeprefix(f"/file/bot{api.token}/")
            with suppress(OSError):
                if path in api.files:
                    api.files[path](self)
                else:
                    self._reply(404, b"")

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


def message(update_id: int, text: str = "路灯坏了", chat: int = 700, **more: Any) -> dict[str, Any]:
    """An update with a private text message, as the Bot API gives it."""
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id + 5000,
            "date": 1_700_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "三"},
            "from": {
                "id": chat,
                "is_bot": False,
                "first_name": "三",
                "last_name": "样张",
                "language_code": "zh-hans",
            },
            "text": text,
            **more,
        },
    }
