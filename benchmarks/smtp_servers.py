"""The listeners under test, each a process of its own: ``python -m benchmarks.smtp_servers ours|bare URL``.

Prints the port, and stops when its standard input closes.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.bench import MAILBOX
from benchmarks.databases import open_store


def main() -> None:
    """Serve until told to stop."""
    kind, url = sys.argv[1:]
    if kind == "ours":
        _ours(url)
    else:
        _bare()


def _announce(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    sys.stdin.read()


def _ours(url: str) -> None:
    from channels.email.identity import identify
    from channels.email.listener import Listener, ListenerSettings
    from intake.clock import system_clock
    from intake.inbox import Inbox

    store = open_store(url)
    inbox = Inbox(store)
    settings = ListenerSettings("127.0.0.1", 0, MAILBOX.partition("@")[2], frozenset({MAILBOX}))
    listener = Listener(settings, inbox.accept_async, system_clock, identify)
    listener.start()
    _announce(listener.port)
    listener.stop()
    inbox.close()
    store.close()


class _Forgetful:
    """Says 250 and stores nothing."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Forget the mail."""
        return "250 OK"


def _bare() -> None:
    from aiosmtpd.controller import Controller

    from tests.support.loopback import free_port

    # A given host name: otherwise aiosmtpd looks its own up for every connection.
    controller = Controller(_Forgetful(), "127.0.0.1", free_port(), server_hostname="limit.example")
    controller.start()
    _announce(controller.port)
    controller.stop()


if __name__ == "__main__":
    main()
