"""Logs: one line an event on stderr, structured, without message contents or secrets."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs(level: str) -> None:
    """Send every logger's lines through structlog. Libraries that log secrets are kept quiet."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    human = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        # rich's tracebacks would show each frame's variables: names, messages, keys
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if human
        else structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "logger", "event"])
    )
    # the console's renderer draws tracebacks itself
    traceback: list[structlog.typing.Processor] = [] if human else [structlog.processors.format_exc_info]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traceback, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "twilio.http_client"):  # they log tokens and numbers inside addresses
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # logs whom and what we write
    for name in ("alembic", "mail.log", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.ERROR)
