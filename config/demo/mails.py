"""Sample mails as bytes, the way different mail programs write them, and the SMTP door they go through."""

from __future__ import annotations

import html
import random
import smtplib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from config.demo.files import attachment
from config.demo.samples import Sample

_TIMEOUT = 30.0
_BLANK = "\r\n"


def message_id() -> str:
    """A new Message-ID without angle brackets."""
    return f"{uuid.uuid4().hex}@citizen.example"


def mail(sample: Sample, own_id: str, to: str, ids: Mapping[str, str], number: int) -> bytes:
    """The mail of ``sample``; ``ids`` are the Message-IDs of those sent before, by key."""
    if sample.unreadable:  # nothing but blanks; their number differs, or it would be the same mail again
        return (" " * random.randint(1, 900) + _BLANK).encode() * random.randint(1, 9)
    made = EmailMessage(policy.SMTP)
    made["From"] = f"{sample.name} <{sample.address}>"
    made["To"] = to
    made["Subject"] = sample.subject
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = f"<{own_id}>"
    if sample.follows in ids:
        made["In-Reply-To"] = made["References"] = f"<{ids[sample.follows]}>"
    if sample.automatic == "reply":
        made["Auto-Submitted"] = "auto-replied"
    if sample.automatic == "bulk":
        made["Precedence"] = "bulk"
        made["List-Unsubscribe"] = "<https://shop.example/leave>"
    if sample.html:
        body = "".join(f"<p>{html.escape(line)}</p>" for line in sample.text.split("\n"))
        made.set_content(f"<html><body>{body}</body></html>", subtype="html", charset=sample.charset)
    else:
        made.set_content(sample.text + "\n", charset=sample.charset)
    if sample.attach:
        name, kind, content = attachment(sample.attach, number)
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


class PostBox:
    """The SMTP port of the service, one connection for all mails."""

    def __init__(self, host: str, port: int) -> None:
        self._smtp = smtplib.SMTP(host, port, local_hostname="citizen.example", timeout=_TIMEOUT)

    def send(self, sender: str, to: str, content: bytes) -> None:
        """Hand one mail over; raises smtplib.SMTPException when it is refused."""
        self._smtp.sendmail(sender, [to], content)

    def close(self) -> None:
        """Say goodbye; a connection that is gone already is no matter."""
        try:
            self._smtp.quit()
        except smtplib.SMTPServerDisconnected:
            self._smtp.close()
