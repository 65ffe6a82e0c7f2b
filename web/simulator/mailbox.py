"""What citizens receive by mail, as the service wrote it, and mails from them through the real SMTP listener.

You are here: folder ``outgoing-mail`` → **mailbox** → page, and page → **mailbox** → SMTP → the service.
"""

from __future__ import annotations

import os
import re
import smtplib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any

from channels.email.reader import words
from web.simulator.crew import Crew
from web.simulator.stage import Stage, Upload

MOST_SHOWN = 60
MOST_BYTES = 512 * 1024  # of one mail; ours are far smaller
SMTP_PATIENCE = 15.0
LOOK_AGAIN = 1.0  # seconds between two looks into the folder
CITIZEN = "citizen-a@mail.example"
ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,60}@([a-z0-9-]{1,40}\.){1,3}example", re.ASCII)
"""From whom mails may be sent: only addresses that are nobody's."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent. ``to`` is the service's address, with its plus part in a reply."""

    sender: str
    to: str
    subject: str
    body: str
    reply_to: str = ""  # the Message-ID that is answered
    references: str = ""


class Mailbox:
    """Reads each file once and remembers it."""

    def __init__(
        self,
        folder: Path | None,
        smtp: tuple[str, int],
        office: str,
        is_bureau: Callable[[str], bool],
        stage: Stage,
        crew: Crew,
    ) -> None:
        self._folder, self._smtp, self.office, self._is_bureau = folder, smtp, office, is_bureau
        self._stage, self._crew = stage, crew
        self._read: OrderedDict[tuple[str, int], dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._looked, self._shown = -LOOK_AGAIN, list[dict[str, Any]]()

    # ------------------------------------------------------------ receiving

    def mails(self) -> list[dict[str, Any]]:
        """The newest mails that the service wrote, oldest first; empty without a folder."""
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_AGAIN:
                self._shown = [self._mail(name, changed) for changed, name in self._newest()]
                self._looked = time.monotonic()
            return list(self._shown)

    def find(self, key: str) -> dict[str, Any] | None:
        """One of :meth:`mails`."""
        return next((mail for mail in self.mails() if mail["id"] == key), None)

    def _newest(self) -> list[tuple[int, str]]:
        if self._folder is None or not self._folder.is_dir():
            return []
        found: list[tuple[int, str]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(".eml") and entry.is_file(follow_symlinks=False):
                    found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
        return sorted(found)[-MOST_SHOWN:]

    def _mail(self, name: str, changed: int) -> dict[str, Any]:
        key = (name, changed)
        if key not in self._read:
            assert self._folder is not None
            with (self._folder / name).open("rb") as file:
                mail = read_mail(file.read(MOST_BYTES))
            mail["bureau"] = self._is_bureau(parseaddr(mail["to"])[1].lower())
            self._read[key] = mail | {"id": name.removesuffix(".eml"), "at": changed // 1_000_000}
            while len(self._read) > 2 * MOST_SHOWN:
                self._read.popitem(last=False)
        return self._read[key]

    # ------------------------------------------------------------ sending

    def send(self, letter: Letter, files: list[Upload]) -> None:
        """Send through the service's own SMTP listener; what it said is shown beside the mail."""
        facts = {
            "from": letter.sender,
            "to": letter.to,
            "subject": letter.subject,
            "text": letter.body,
            "files": [file.name for file in files],
            "status": "sending",
            "at": time.time_ns() // 1_000_000,
            "said": "",
        }
        item = self._stage.put("sent_mail", letter.sender, facts)
        content = self._compose(letter, files)

        def carry() -> None:
            status, said = self._hand_over(letter, content)
            self._stage.change(item.id, status=status, said=said)

        if not self._crew.soon(carry):
            self._stage.change(item.id, status="failed")

    def _hand_over(self, letter: Letter, content: EmailMessage) -> tuple[str, str]:
        host, port = self._smtp
        try:
            with smtplib.SMTP(host, port, local_hostname="mail.example", timeout=SMTP_PATIENCE) as smtp:
                smtp.send_message(content, letter.sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            return "refused", f"{code} {_words(said)}"
        except smtplib.SMTPResponseException as error:
            return "refused", f"{error.smtp_code} {_words(error.smtp_error)}"
        except (OSError, smtplib.SMTPException) as error:
            return "failed", type(error).__name__
        return "sent", "250"

    def _compose(self, letter: Letter, files: list[Upload]) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = letter.sender, letter.to, letter.subject
        mail["Date"] = format_datetime(self._stage.clock())
        mail["Message-ID"] = make_msgid(domain=letter.sender.partition("@")[2])
        if letter.reply_to:
            mail["In-Reply-To"] = letter.reply_to
            mail["References"] = f"{letter.references} {letter.reply_to}".strip()
        mail.set_content(letter.body)
        for file in files:
            main, _slash, sub = file.media_type.partition("/")
            mail.add_attachment(
                file.content, maintype=main, subtype=sub or "octet-stream", filename=file.name
            )
        return mail


def read_mail(raw: bytes) -> dict[str, Any]:
    """The headers a person looks at, and the plain text; never raises for a mail of any kind."""
    mail = message_from_bytes(raw)
    reply = parseaddr(_header(mail, "Reply-To"))[1] or parseaddr(_header(mail, "From"))[1]
    return {
        "from": _header(mail, "From"),
        "to": _plain(_header(mail, "To")),
        "subject": _header(mail, "Subject"),
        "reply_to": reply[:320],
        "message_id": _header(mail, "Message-ID"),
        "references": _header(mail, "References")[:4000],
        "text": _text(mail),
    }


def _header(mail: Message, name: str) -> str:
    value = str(mail.get(name, ""))[:8000].replace("\r", "").replace("\n", "")
    return words.decode(value).strip()


def _plain(address: str) -> str:
    """ "<a@b.example>" without its brackets, where no name stands before it."""
    return address[1:-1] if address.startswith("<") and address.endswith(">") else address


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace").strip() if isinstance(payload, bytes) else ""
    return ""


def _words(said: object) -> str:
    return said.decode("utf-8", "replace")[:300] if isinstance(said, bytes) else str(said)[:300]
