"""A carrier on loopback: takes texts and calls as Twilio's API does, keeps files, and shows what it took.

It answers what ``twilio``'s own client wants to read. What becomes of a text or a call, a test says itself.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit


@dataclass
class Taken:
    """One text or call out. ``to`` without ``whatsapp:``; ``callback`` is where its fate is told."""

    sid: str
    kind: str  # text, whatsapp, call
    to: str
    body: str
    callback: str
    url: str = ""

    @property
    def outbox_id(self) -> str:
        """Of which message of ours it is."""
        return parse_qs(urlsplit(self.callback).query)["id"][0]


@dataclass
class Carrier:
    """``taken`` is what the service sent, in order; ``files`` are bytes by path below the account.

    ``replies`` stand in the place of files and may be hostile; ``ended`` says how calls ended, status and
    seconds by id; all others still ring.
    """

    taken: list[Taken] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    replies: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    ended: dict[str, tuple[str, int]] = field(default_factory=dict)
    url: str = ""
    _serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def take(self, path: str, form: dict[str, str]) -> dict[str, object] | None:
        """A message or a call is created."""
        kind = "call" if path.endswith("/Calls.json") else "text"
        if kind == "text" and not path.endswith("/Messages.json"):
            return None
        to = form["To"]
        kind = "whatsapp" if to.startswith("whatsapp:") else kind
        sid = f"{'CA' if kind == 'call' else 'SM'}{0xABC0000 + next(self._serial):032x}"
        one = Taken(
            sid,
            kind,
            to.removeprefix("whatsapp:"),
            form.get("Body", ""),
            form.get("StatusCallback", ""),
            form.get("Url", ""),
        )
        self.taken.append(one)
        return {"sid": sid, "status": "queued", "to": to, "from": form.get("From"), "body": one.body}

    def listed(self, path: str) -> dict[str, object]:
        """A list: of calls all that were made, of anything else nothing."""
        name = path.rpartition("/")[2].removesuffix(".json").lower()
        calls = [self._call(one) for one in self.taken if one.kind == "call"] if name == "calls" else []
        return {"next_page_uri": None, "page": 0, "page_size": 50, name: calls}

    def _call(self, one: Taken) -> dict[str, object]:
        status, seconds = self.ended.get(one.sid, ("ringing", 0))
        call = {"sid": one.sid, "account_sid": "", "from": "", "to": one.to, "direction": "outbound-api"}
        return {**call, "status": status, "duration": str(seconds)}

    @contextmanager
    def open(self) -> Iterator[Carrier]:
        """Serve until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join(5)
            server.server_close()


def _handler(carrier: Carrier) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()))
            made = carrier.take(urlsplit(self.path).path, form)
            self._reply(201 if made else 404, json.dumps(made or {"code": 20404}).encode())

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path.endswith(".json"):  # lists: an earlier try is looked for
                self._reply(200, json.dumps(carrier.listed(path)).encode())
                return
            if reply := carrier.replies.get(path.rpartition("/")[2]):
                self.close_connection = True
                with suppress(OSError):  # who asked has gone: so it should
                    reply(self)
                return
            found = carrier.files.get(path.rpartition("/")[2])
            self._reply(200 if found else 404, found or b"")

        def _reply(self, status: int, content: bytes) -> None:
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler
