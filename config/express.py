"""How the web server serves the express lane: prepared in its loop, answered when the batch is on disk.

Waitress gives every request to a thread, which then sleeps until the disk is done. Here the request waits
and the thread does not exist: the loop prepares it, the inbox commits many together and wakes the loop once.
Everything else, and everything odd about an express request, goes the ordinary way.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ThreadedTaskDispatcher, WSGITask

from intake.contracts import Receipt, StorageUnavailable
from intake.inbox import Inbox, Outcome
from web.express import MAX_BODY, Answer, ExpressWebhook, HandIn

log = logging.getLogger(__name__)

_PLAIN = "text/plain; charset=utf-8"
_NOT_STORED = Answer(503, _PLAIN, b"This could not be stored just now; please send it again.\n")
_FAILED = Answer(500, _PLAIN, b"Something went wrong on our side; it has been noted.\n")
_GUARD = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]


class Parser(HTTPRequestParser):
    """Reads addresses as people type them: ``?q=路灯`` reaches us unescaped from many a client."""

    answer: Answer | None = None  # set when the express lane has one

    def parse_header(self, header_plus: bytes) -> None:
        """As waitress does, after escaping what RFC 3986 §2.1 wants escaped in the request line."""
        line, end, rest = header_plus.partition(b"\r\n")
        if not line.isascii():
            line = b"".join(b"%%%02X" % byte if byte > 0x7F else bytes((byte,)) for byte in line)
        super().parse_header(line + end + rest)


class Task(WSGITask):
    """Asks the application, unless the express lane has answered already."""

    def execute(self) -> None:
        """Write the answer, head and body in one packet."""
        answer: Answer | None = getattr(self.request, "answer", None)
        if answer is None:
            super().execute()
            return
        self.complete = True
        self.status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        self.content_length = len(answer.body)
        self.response_headers = [("Content-Type", answer.content_type), *_GUARD]
        if answer.status == _NOT_STORED.status:
            self.response_headers.append(("Retry-After", "60"))
        head = self.build_response_header()
        self.wrote_header = True
        self.channel.write_soon(head + answer.body)


class Channel(HTTPChannel):
    """One connection."""

    parser_class = Parser
    task_class = Task


class Headers(Mapping[str, str]):
    """A request's headers, looked up without regard to case."""

    def __init__(self, parsed: Mapping[str, str]) -> None:
        self._parsed = parsed  # waitress writes them as X_TWILIO_SIGNATURE

    def __getitem__(self, name: str) -> str:
        return self._parsed[name.upper().replace("-", "_")]

    def __iter__(self) -> Iterator[str]:
        return (name.replace("_", "-").title() for name in self._parsed)

    def __len__(self) -> int:
        return len(self._parsed)


class Lane(ThreadedTaskDispatcher):
    """Gives requests to threads, but those of the express lane to the inbox."""

    def __init__(
        self, webhooks: Mapping[str, ExpressWebhook], inbox: Inbox, wake: Callable[[], None]
    ) -> None:
        """``wake`` makes the loop that calls :meth:`run_callbacks` come round."""
        super().__init__()
        self._webhooks = webhooks
        self._inbox = inbox
        self._wake = wake
        self._callbacks: list[Callable[[], object]] = []
        self._callbacks_lock = threading.Lock()
        self._closed = self._leaving = False
        self.waiting = 0  # requests between being prepared and being answered

    def add_task(self, task: Any) -> None:
        """Start serving the first request that waits on a channel (``task``)."""
        request = task.requests[0]
        if self._leaving:
            return  # unanswered, so that the provider sends it again; its connection closes in a moment
        webhook = None if request.error else self._webhooks.get(request.path)
        if webhook is None or request.command != "POST" or _too_long(request):
            super().add_task(task)
            return
        with self._callbacks_lock:
            self.waiting += 1
        try:
            body = request.get_body_stream().read()
            wanted = webhook.prepare(body, Headers(request.headers), request.request_uri)
            if isinstance(wanted, HandIn):
                tell = partial(self._tell, task, wanted.answer)
                self._inbox.accept_soon(wanted.submission, tell, self)
            else:
                self.call_soon_threadsafe(self._answer, task, wanted)
        except StorageUnavailable:
            self.call_soon_threadsafe(self._answer, task, _NOT_STORED)
        except Exception:
            log.exception("web: %s failed", request.path)
            self.call_soon_threadsafe(self._answer, task, _FAILED)

    def call_soon_threadsafe(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Have ``callback`` called in the loop; RuntimeError when the loop has gone, as asyncio says it."""
        with self._callbacks_lock:
            if self._closed:
                raise RuntimeError("the web server has stopped")
            first = not self._callbacks
            self._callbacks.append(partial(callback, *arguments))
            if first:
                self._wake()

    def run_callbacks(self) -> None:
        """Answer what can be answered. Called in the loop."""
        with self._callbacks_lock:
            due, self._callbacks = self._callbacks, []
        for callback in due:
            callback()

    def leave(self, patience: int) -> None:
        """Take no more requests, and wait ``patience`` seconds for the threads."""
        self._leaving = True
        self.shutdown(cancel_pending=False, timeout=patience)

    def close(self) -> None:
        """Nobody will call :meth:`run_callbacks` any more."""
        with self._callbacks_lock:
            self._closed = True

    def _tell(self, channel: Any, answer: Answer, outcome: Outcome) -> None:
        if not isinstance(outcome, Receipt):
            if not isinstance(outcome, StorageUnavailable):
                log.error("web: a webhook's message was not stored", exc_info=outcome)
            answer = _NOT_STORED
        self._answer(channel, answer)

    def _answer(self, channel: Any, answer: Answer) -> None:
        with self._callbacks_lock:
            self.waiting -= 1
        if channel.requests:  # else the connection was cancelled meanwhile
            channel.requests[0].answer = answer
            channel.service()


def _too_long(request: Any) -> bool:
    return bool(request.body_bytes_received > MAX_BODY)
