"""Durable acceptance of Telegram's updates: one a call of the webhook, or a hundred an answer when polled."""

from __future__ import annotations

from benchmarks import chats
from benchmarks.bench import Bench
from benchmarks.webhooks import Race


def run(bench: Bench) -> None:
    """The webhook like that for texts, then batches as the poller commits them."""
    Race(bench, "updates", chats.SETTINGS, "").run()
