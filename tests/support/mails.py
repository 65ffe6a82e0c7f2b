"""Mail as tests write and read it: complaints, replies, automatic answers, reports of failure."""

from __future__ import annotations

import itertools
import smtplib
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

COUNTY = "complaints@gaoyao.example"
ANN = "ann@citizen.example"

_SERIAL = itertools.count(1)


def letter(
    body: str,
    *,
    subject: str = "A complaint",
    sender: str = ANN,
    name: str = "Ann Example",
    to: str = COUNTY,
    message_id: str = "",
    answers: str = "",
) -> EmailMessage:
    """A plain mail; ``answers`` is the Message-ID (with brackets) that it replies to."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{name} <{sender}>" if name else sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = "Mon, 2 Mar 2026 09:00:00 +0800"
    mail["Message-ID"] = message_id or f"<letter-{next(_SERIAL)}@{sender.partition('@')[2]}>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(body)
    return mail


def reply(to: EmailMessage, body: str, *, sender: str = ANN) -> EmailMessage:
    """What a mail program makes of "reply": to Reply-To, threaded, the subject kept."""
    return letter(
        body,
        subject=f"Re: {str(to['Subject']).removeprefix('Re: ')}",
        sender=sender,
        to=address_of(to, "Reply-To") or address_of(to, "From"),
        answers=str(to["Message-ID"]),
    )


def failure_report(of: EmailMessage, *, status: str = "5.1.1") -> bytes:
    """What Postfix sends to the envelope's sender when a mailbox does not exist (RFC 3464)."""
    recipient = address_of(of, "To")
    head = "".join(f"{name}: {value}\r\n" for name, value in of.raw_items())
    return (
        "Return-Path: <>\r\n"
        "Received: by mx.citizen.example (Postfix) id 4F1C22A0; Mon, 2 Mar 2026 09:01:00 +0800 (CST)\r\n"
        "Date: Mon, 2 Mar 2026 09:01:00 +0800 (CST)\r\n"
        "From: MAILER-DAEMON@mx.citizen.example (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"To: {address_of(of, 'Reply-To')}\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="4F1C2.1772/mx"\r\n'
        f"Message-Id: <report-{next(_SERIAL)}@mx.citizen.example>\r\n\r\n"
        "This is a MIME-encapsulated message.\r\n\r\n"
        "--4F1C2.1772/mx\r\nContent-Description: Notification\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "This is the mail system at host mx.citizen.example.\r\n\r\n"
        "I'm sorry to have to inform you that your message could not\r\n"
        "be delivered to one or more recipients. It's attached below.\r\n\r\n"
        f"<{recipient}>: host mail.citizen.example said: 550 {status} User unknown\r\n\r\n"
        "--4F1C2.1772/mx\r\nContent-Description: Delivery report\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.citizen.example\r\nX-Postfix-Queue-ID: 4F1C22A0\r\n"
        "Arrival-Date: Mon, 2 Mar 2026 09:00:58 +0800 (CST)\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\n"
        f"Action: failed\r\nStatus: {status}\r\nRemote-MTA: dns; mail.citizen.example\r\n"
        f"Diagnostic-Code: smtp; 550 {status} User unknown\r\n\r\n"
        "--4F1C2.1772/mx\r\nContent-Description: Undelivered Message Headers\r\n"
        f"Content-Type: text/rfc822-headers\r\n\r\n{head}\r\n"
        "--4F1C2.1772/mx--\r\n"
    ).encode()


def address_of(mail: EmailMessage, field: str) -> str:
    """The bare address in a header, "" when there is none."""
    found = mail[field]
    return found.addresses[0].addr_spec if found is not None and found.addresses else ""


def hand_in(port: int, mail: EmailMessage | bytes, *, sender: str | None = None, to: str = "") -> None:
    """Deliver over a real socket, as an MTA does; smtplib raises when it is not taken."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    parsed = read(raw)
    from_address = address_of(parsed, "From") if sender is None else sender
    with smtplib.SMTP("127.0.0.1", port, local_hostname="mx.citizen.example", timeout=30) as peer:
        peer.sendmail(from_address, [to or address_of(parsed, "To")], raw)


def read(raw: bytes) -> EmailMessage:
    """Parse with the standard library, which shares no code with the service."""
    return message_from_bytes(raw, policy=policy.default)


def read_folder(folder: Path) -> list[EmailMessage]:
    """Every mail the service left in its folder of outgoing mail, oldest first."""
    return [read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def to(mails: Iterable[EmailMessage], address: str) -> list[EmailMessage]:
    """Those addressed to ``address``."""
    return [mail for mail in mails if address_of(mail, "To") == address]


def text_of(mail: EmailMessage) -> str:
    """The text a person reads."""
    part = mail.get_body(("plain",))
    assert part is not None, "the mail has no text"
    return str(part.get_content())
