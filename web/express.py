"""The express lane: webhooks that only hand something in, spoken to without Flask.

You are here: provider → web server → **express webhook** → inbox. A webhook that merely checks a signature
and hands a submission to intake needs no thread of its own while the disk works; the web server calls
:meth:`ExpressWebhook.prepare` where it reads the request, and answers when the submission is on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from intake.contracts import Receipt, Submission

MAX_BODY = 256 * 1024
"""Bytes of a body that the express lane reads; a larger one takes the ordinary way."""


class Answer(NamedTuple):
    """A complete answer over HTTP."""

    status: int
    content_type: str
    body: bytes


class ExpressWebhook(Protocol):
    """One address of a provider. Pure and quick: it is called between other people's requests."""

    def prepare(self, body: bytes, headers: Mapping[str, str], target: str) -> Submission | Answer:
        """What to hand in, or the answer when there is nothing (a wrong signature).

        ``headers`` is looked up without regard to case; ``target`` is the request line's path and query.
        """
        ...

    def accepted(self, receipt: Receipt) -> Answer:
        """The answer once the submission is on disk."""
        ...
