"""The few of Twilio's lists that we read and write, on loopback, with the faults that a test wants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.texting import ACCOUNT

ROOT = f"/2010-04-01/Accounts/{ACCOUNT.sid}"


class TwilioApi:
    """``messages``, ``recordings``, ``calls`` are what it lists, newest first; ``posted`` what it sent.

    ``refuse`` is (status, code) for the next sends; ``lose`` takes the next one but never answers.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.recordings: list[dict[str, Any]] = []
        self.calls: dict[str, dict[str, Any]] = {}
        self.media: dict[str, list[dict[str, Any]]] = {}
        self.posted: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.refuse: tuple[int, int] | None = None
        self.lose = 0
        self.refuse_lists = 0
        api = self

        class Handler(BaseHTTPRequestHandler):
            """Answers in JSON."""

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(
                    *api.listed(urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query)))
                )

            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                answer = api.sent(form)
                if answer is None:
                    self.close_connection = True
                    return
                self._answer(*answer)

            def _answer(self, status: int, body: object) -> None:
                content = json.dumps(body).encode()
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/prefix"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @contextmanager
    def open(self) -> Iterator[TwilioApi]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._thread.join(5)
            self._http.server_close()

    def add(self, at: datetime, **fields: Any) -> dict[str, Any]:
        """One more message in the list."""
        made = {
            "sid": f"SM{len(self.messages):032x}",
            "account_sid": ACCOUNT.sid,
            "direction": "inbound",
            "status": "received",
            "num_media": "0",
            "date_created": format_datetime(at),
            "date_sent": format_datetime(at),
        } | fields
        self.messages.insert(0, made)
        return made

    def sent(self, form: dict[str, str]) -> tuple[int, object] | None:
        """Take a message; None when the answer gets lost."""
        if self.refuse is not None:
            status, code = self.refuse
            return status, {"code": code, "message": "no", "status": status}
        self.posted.append(form)
        made = self.add(
            datetime.fromisoformat("2026-03-02T01:00:00+00:00"),
            **{"direction": "outbound-api", "status": "queued", "to": form["To"], "body": form["Body"]},
            **{"from": form.get("From")},
        )
        if self.lose:
            self.lose -= 1
            return None
        return 201, made

    def listed(self, path: str, query: dict[str, str]) -> tuple[int, object]:
        """One page holds everything."""
        path = path.removeprefix("/prefix").removeprefix(ROOT).removesuffix(".json")
        self.asked.append(path)
        if self.refuse_lists:
            return self.refuse_lists, {"message": "no"}
        page: dict[str, Any] = {"next_page_uri": None, "page": 0, "page_size": 1000}
        if path == "/Messages":
            to = query.get("To")
            return 200, page | {"messages": [m for m in self.messages if to in (None, m.get("to"))]}
        if path == "/Recordings":
            return 200, page | {"recordings": self.recordings}
        if path == "/Calls":
            since = query.get("StartTime>", "")
            begun = [c for c in self.calls.values() if _begun(c) >= since]
            return 200, page | {"calls": begun}
        if path.startswith("/Messages/") and path.endswith("/Media"):
            return 200, page | {"media_list": self.media.get(path.split("/")[2], [])}
        if path.startswith("/Calls/") and path.split("/")[2] in self.calls:
            return 200, self.calls[path.split("/")[2]]
        return 404, {"code": 20404, "message": "not found", "status": 404}


def _begun(call: dict[str, Any]) -> str:
    """When a call was dialled, as a filter names it; "" for one that never was."""
    at = call.get("start_time")
    return parsedate_to_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
