"""Durable acceptance of signed text messages over Twilio's webhook: 32 clients that keep their connection."""

from __future__ import annotations

from benchmarks import texts
from benchmarks.bench import Bench
from benchmarks.webhooks import Race


def run(bench: Bench) -> None:
    """The web server alone and the whole service, on each database."""
    Race(bench, "texts", texts.SETTINGS, "≥ 1,500, p99 < 50").run()
