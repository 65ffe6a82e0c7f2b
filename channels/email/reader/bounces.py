"""Our own mail coming back: delivery status notifications (RFC 3464) and their many dialects.

You are here: a bounce becomes one :class:`Bounce` per failed recipient, which puts the case back on
somebody's list (promise 5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.email.reader import headers
from channels.reading import clean
from intake.contracts import Bounce

MAX_BOUNCES = 50
_MAX_TEXT = 40_000
_FAILED = frozenset(("failed", "delayed"))
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])(\d\d)(?=[\s\-])")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+=-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}[A-Za-z0-9]")
_MESSAGE_ID = re.compile(r"^[ \t>]{0,8}message-id:\s{0,20}<([^<>\s]{1,250})>", re.I | re.M)
_SENDERS = frozenset(
    ("mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon", "microsoftexchange", "mdaemon")
)
_SUBJECT = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|failed|has failed|report|problem)|"
    r"failure notice|mail delivery|"
    r"could not be delivered|not delivered|message not|退信|退回|投递失败|投遞失敗|无法投递|未送达"
    r"|无法送达|发送失败|"
    r"系統退信|传递失败|未传递|传递状态|無法傳遞|delayed mail|warning: (?:message|could not "
    r"send)|投递延迟|投遞延遲",
    re.I,
)
_BODY = re.compile(
    r"qmail-send program|created automatically by mail delivery|message could not be delivered|"
    r"did not reach|"
    r"couldn't be delivered|could not be delivered|delivery has failed|wasn't able to deliver|"
    r"permanent error|"
    r"permanent fatal errors|undeliverable|邮件被退回|被退回|退信|无法投递|投递失败|未能送达|无法"
    r"送达|未送达|发送失败|"
    r"傳遞失敗|无法发送到|邮件未能|mailbox unavailable|user unknown|no such user|delivery failed|"
    r"transient non-fatal errors|has not yet been delivered",
    re.I,
)
_DELAYED = re.compile(
    r"will (?:be retried|keep trying|retry)|still being retried|delayed|warning "
    r"message only|has not (?:yet )?been delivered|attempts will continue|still undelivered|仍在尝试|"
    r"将继续尝试|延迟|暂时无法",
    re.I,
)
_COPY = re.compile(
    r"^.{0,8}(?:-{2,} ?(?:below this line is a copy|this is a copy|original "
    r"message|原始邮件|原邮件|the original)|"
    r"received: from |return-path: <)",
    re.I | re.M,
)


def from_status(content: bytes, message_id: str | None) -> list[Bounce]:
    """Bounces in a ``message/delivery-status`` part; ``message_id`` is that of the returned mail."""
    found: list[Bounce] = []
    position, end = 0, min(len(content), 200_000)
    while position < end and len(found) < MAX_BOUNCES:
        while content[position : position + 1] in (b"\n", b"\r"):
            position += 1
        fields, after = headers.parse(content, position, end)
        bounce = _recipient(fields, message_id)
        if bounce:
            found.append(bounce)
        if after <= position:
            break
        position = after
    return found


def _recipient(fields: headers.Headers, message_id: str | None) -> Bounce | None:
    action = fields.value(b"action").partition(";")[0].strip().lower()
    recipient = _typed(fields.value(b"original-recipient")) or _typed(fields.value(b"final-recipient"))
    status = _STATUS.search(fields.value(b"status")[:100])
    if not recipient or (action and action not in _FAILED) or (not action and status and status[1][0] == "2"):
        return None
    code = status.group(1) if status else ("4.0.0" if action == "delayed" else "5.0.0")
    permanent = action == "failed" or (not action and code.startswith("5"))
    diagnostic = clean.line(fields.value(b"diagnostic-code").partition(";")[2].strip(), 500)
    return Bounce(
        message_id, recipient, code, permanent, diagnostic or clean.line(fields.value(b"status"), 100)
    )


def _typed(value: str) -> str:
    """The address of ``rfc822; name@host`` (RFC 3464 section 2.3), "" when there is none."""
    found = _ADDRESS.search(value.partition(";")[2][:500] or value[:500])
    return found.group(0).lower() if found else ""


def looks_like_one(subject: str, text: str, sender: str, mail_from: object, fields: headers.Headers) -> bool:
    """Whether a mail without a proper status part is a bounce all the same."""
    if b"x-failed-recipients" in fields.fields:
        return True
    system = sender.partition("@")[0].rstrip("0123456789") in _SENDERS or mail_from == ""
    return system and bool(_SUBJECT.search(subject[:300]) or _BODY.search(text[:6000]))


def from_text(
    text: str, fields: headers.Headers, ours: Sequence[str], message_id: str | None
) -> list[Bounce]:
    """Bounces told in prose (qmail, Exim, Exchange, QQ, 163 …).

    ``ours`` are addresses that cannot have failed: the sender of the bounce and our own.
    """
    text = text[:_MAX_TEXT]
    copy = _COPY.search(text)
    told = text[: copy.start()] if copy else text
    if message_id is None:
        original = _MESSAGE_ID.search(text)
        message_id = original.group(1) if original else None
    named = fields.value(b"x-failed-recipients")[:5000]
    where = named if named else told
    found: dict[str, Bounce] = {}
    for match in _ADDRESS.finditer(where):
        recipient = match.group(0).lower()
        if recipient in found or recipient in ours or recipient.startswith(("postmaster@", "mailer-daemon@")):
            continue
        around = told[match.end() : match.end() + 600] if not named else told
        code, permanent = _verdict(around, told)
        found[recipient] = Bounce(message_id, recipient, code, permanent, clean.line(around, 300))
        if len(found) >= MAX_BOUNCES or (not named and len(found) >= 10):
            break
    return list(found.values())


def _verdict(around: str, told: str) -> tuple[str, bool]:
    """Status and whether it is final, from the words next to an address, else from all words."""
    for where in (around, told):
        status = _STATUS.search(where)
        if status:
            return status.group(1), status.group(1).startswith("5")
        code = _REPLY_CODE.search(where)
        if code:
            return f"{code.group(1)}.0.0", code.group(1) == "5"
    if _DELAYED.search(told[:3000]):
        return "4.0.0", False
    return "5.0.0", True
