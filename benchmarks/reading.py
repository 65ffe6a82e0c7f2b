"""Reading one mail, by kind. The limit is the standard library taking the same mail apart."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable, Sequence

from benchmarks.bench import MAILBOX, Bench
from benchmarks.mails import mails
from benchmarks.table import show
from channels.email.identity import identify
from channels.email.reader import read


def run(bench: Bench) -> None:
    """CPU time per mail, best of several rounds."""
    by_kind: dict[str, list[bytes]] = {}
    for kind, raw in mails(bench.amount(300, 1200)):
        by_kind.setdefault(kind, []).append(raw)
    envelope = {"mail_from": "", "rcpt_to": [MAILBOX], "peer": "127.0.0.1", "helo": "load.example"}
    rows = []
    for kind, raws in by_kind.items():
        ours = microseconds(raws, lambda raw: read(raw, envelope))
        limit = microseconds(raws, _by_stdlib)
        key = microseconds(raws, lambda raw: identify(raw, [MAILBOX]))
        size = sum(map(len, raws)) / len(raws) / 1024
        rows.append(
            [kind, f"{size:.1f}", f"{ours:,.0f}", f"{limit:,.0f}", f"{ours / limit:.2f}", f"{key:,.0f}"]
        )
    show(["kind", "KB", "read µs", "stdlib µs", "of stdlib", "dedupe key µs"], rows)


def microseconds(items: Sequence[bytes], work: Callable[[bytes], object]) -> float:
    """CPU time per item of the best of five rounds."""
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for item in items:
            work(item)
        rounds.append(time.process_time() - begun)
    return min(rounds) / len(items) * 1e6


def _by_stdlib(raw: bytes) -> object:
    """Header, parts and decoded text, as far as ``email.policy.default`` gets."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return [str(message["subject"]), str(message["from"]), [_text(part) for part in message.walk()]]


def _text(part: email.message.Message) -> object:
    if part.is_multipart():
        return None
    content = part.get_payload(decode=True)
    if part.get_content_maintype() != "text" or not isinstance(content, bytes):
        return content
    return content.decode(part.get_content_charset("utf-8"), "replace")
