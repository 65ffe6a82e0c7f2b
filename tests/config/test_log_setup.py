"""What may not stand in the log: addresses with tokens and numbers in them, as libraries write them."""

from __future__ import annotations

import logging
import sys

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


def test_a_traceback_on_a_console_shows_no_variables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stood in a variable when something failed may be anybody's name, or a key."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    try:
        log_setup.set_up_logs("INFO")
        try:
            name = "".join(("示例", "张三"))
            raise RuntimeError("something failed")
        except RuntimeError:
            logging.getLogger("test").exception("it failed")
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
    said = capsys.readouterr().err
    assert "something failed" in said
    assert name not in said
