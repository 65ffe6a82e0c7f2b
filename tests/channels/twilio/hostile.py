"""A server on loopback that answers as it is told, honestly or not; each connection is a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """``pages`` maps paths to what answers them; ``asked`` remembers each path with its credentials."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply] = {}
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """Looks the answer up."""

            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("Authorization", "")))
                reply = outer.pages.get(self.path.partition("?")[0], status(404))
                with suppress(OSError):  # who asked has gone: so it should
                    reply(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @contextmanager
    def open(self) -> Iterator[Server]:
        """Serve until the block ends."""
        self._thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._thread.join(5)
            self._http.server_close()


def file(content: bytes, media_type: str = "image/jpeg", **headers: str) -> Reply:
    """An honest answer, unless ``headers`` lie."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", media_type)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            if value:
                request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return reply


def status(code: int) -> Reply:
    """An error without a body."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def redirect(location: str, code: int = 307) -> Reply:
    """Look there."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        request.send_header("Location", location)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def endless(total: int, chunk: int = 256 * 1024) -> Reply:
    """``total`` bytes without saying beforehand how many."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        request.end_headers()
        request.wfile.write(b"\xff\xd8\xff")
        for _ in range(total // chunk):
            request.wfile.write(b"\0" * chunk)

    return reply


def drip(what: bytes, pause: float = 0.02) -> Reply:
    """One byte of ``what`` at a time: status line, header or body, as ``what`` has it."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        for byte in what:
            request.wfile.write(bytes([byte]))
            request.wfile.flush()
            time.sleep(pause)

    return reply
