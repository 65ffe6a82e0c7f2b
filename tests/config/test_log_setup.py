"""What may not stand in the log: addresses with tokens and numbers in them, as libraries write them."""

from __future__ import annotations

import logging

import pytest

from config import log_setup


@pytest.mark.parametrize("name", ["httpx", "twilio.http_client"])
def test_libraries_keep_quiet_about_what_they_ask(name: str) -> None:
    root, library = logging.getLogger(), logging.getLogger(name)
    before, level, handlers = library.level, root.level, root.handlers[:]
    try:
        library.setLevel(logging.NOTSET)
        log_setup.set_up_logs("INFO")
        assert not library.isEnabledFor(logging.INFO)
        assert library.isEnabledFor(logging.WARNING)
    finally:
        library.setLevel(before)
        root.setLevel(level)
        root.handlers[:] = handlers
