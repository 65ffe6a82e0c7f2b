"""The express lane: webhooks that only hand something in, spoken to without Flask.

You are here: provider → web server → **express webhook** → inbox. A webhook that merely checks a signature
and hands a submission to intake needs no thread of its own while the disk works; the web server calls
:meth:`ExpressWebhook.prepare` where it reads the request, and answers when the submission is on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol, cast

from flask import Flask, Response, request

from intake.contracts import Submission
from intake.inbox import Inbox

MAX_BODY = 256 * 1024
"""Bytes of a body that the express lane reads; a larger one takes the ordinary way."""


_NAME = "huiyin-express"


class Answer(NamedTuple):
    """A complete answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class HandIn(NamedTuple):
    """What a request brings, and the answer once it is on disk."""

    submission: Submission
    answer: Answer


class ExpressWebhook(Protocol):
    """One address of a provider. Pure and quick: it is called between other people's requests."""

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> HandIn | Answer:
        """What to hand in, or the answer when there is nothing (a wrong signature).

        ``headers`` is looked up without regard to case; ``target`` is the request line's path and query.
        """
        ...


def view(webhook: ExpressWebhook, inbox: Inbox) -> Callable[[], Response]:
    """The same webhook as a Flask view, for requests that the express lane leaves to the ordinary way.

    :class:`~intake.contracts.StorageUnavailable` becomes 503 in ``web.errors``.
    """

    def answer() -> Response:
        target = request.full_path if request.query_string else request.path
        headers = cast(Mapping[str, str], request.headers)  # they are one in all but the type
        wanted = webhook.prepare(request.get_data(), headers, target)
        if isinstance(wanted, HandIn):
            inbox.accept(wanted.submission)
            wanted = wanted.answer
        return Response(wanted.body, wanted.status, content_type=wanted.content_type)

    return answer


def install(app: Flask, webhooks: Mapping[str, ExpressWebhook]) -> None:
    """Let the web server know which paths of ``app`` have an express webhook."""
    app.extensions[_NAME] = dict(webhooks)


def webhooks_of(app: Flask) -> dict[str, ExpressWebhook]:
    """What :func:`install` was given."""
    return cast(dict[str, ExpressWebhook], app.extensions[_NAME])
