"""Whether a machine wrote the mail (RFC 3834 and the habits around it).

You are here: what is automatic gets no automatic reply and reopens nothing, which ends loops.
"""

from __future__ import annotations

import re

from channels.email.reader.headers import Headers
from intake.contracts import Automatic

_MACHINES = frozenset(("mailer-daemon", "mail-daemon", "maildaemon", "mailerdaemon"))
_NO_REPLY = re.compile(r"(?:no|do[-_.]?not|never)[-_.]?reply(?:[-_.+].*)?", re.I)
# Anchored, and with a delimiter: "自动回复系统坏了" is a complaint.
_SUBJECT = re.compile(
    r"\s{0,9}[\[【(（]?\s{0,3}(?:自动回复|自動回覆|自動回復|自动答复|自動答覆|自动应答|automatic "
    r"reply|auto[- ]?reply|"
    r"autoreply|auto[- ]?respon(?:se|der)|automatische antwort|out of (?:the )?office(?: (?:auto)?reply)?|"
    r"已读|已讀|ooo)\s{0,3}(?:[\]】)）:：]|$)",
    re.I,
)
_REPLY_HEADERS = (
    b"x-autoreply",
    b"x-autorespond",
    b"x-auto-reply",
    b"x-autoreply-from",
    b"x-mail-autoreply",
    b"x-autoresponder",
)
_LIST_HEADERS = (b"list-id", b"list-unsubscribe", b"list-post", b"x-mailman-version", b"feedback-id")


def classify(fields: Headers, subject: str, sender: str, mail_from: object, answers_to: str) -> Automatic:
    """REPLY, BULK or NONE by headers, subject and envelope (bounces are told apart elsewhere).

    ``sender`` is the lower-cased From address; ``mail_from`` the envelope's sender, None if unknown;
    ``answers_to`` where an answer would go, "" for nowhere.
    """
    present = fields.fields
    precedence = fields.raw(b"precedence").lower() if b"precedence" in present else b""
    submitted = fields.raw(b"auto-submitted").lower() if b"auto-submitted" in present else b""
    if any(name in present for name in _LIST_HEADERS) or precedence in (b"bulk", b"list", b"junk"):
        reply = submitted.startswith(b"auto-replied") or bool(_SUBJECT.match(subject))
        return Automatic.REPLY if reply else Automatic.BULK
    if (submitted and submitted.partition(b";")[0].strip() != b"no") or precedence == b"auto_reply":
        return Automatic.REPLY
    if any(name in present for name in _REPLY_HEADERS):
        return Automatic.REPLY
    if mail_from == "" or is_machine(sender):
        return Automatic.REPLY
    if mail_from is None and fields.raw(b"return-path") == b"<>":
        return Automatic.REPLY
    if _SUBJECT.match(subject):
        return Automatic.REPLY
    if b"x-auto-response-suppress" in present and takes_no_replies(sender):
        return Automatic.REPLY  # alone it is a request, with a no-reply sender it is evidence
    return Automatic.BULK if takes_no_replies(answers_to) else Automatic.NONE


def is_machine(address: str) -> bool:
    """Whether ``address`` is that of a mail system itself."""
    return address.partition("@")[0] in _MACHINES


def takes_no_replies(address: str) -> bool:
    """Whether ``address`` says of itself that nobody reads it."""
    local = address.partition("@")[0]
    return bool(_NO_REPLY.fullmatch(local)) or local in _MACHINES
