# ruff: noqa: E501 -- what other programs write, in lines as long as theirs
"""Failures as mail systems tell them: what came back, whether it is final, and what is no failure at all."""

from __future__ import annotations

import pytest

from channels.email.reader import read
from intake.contracts import Automatic
from tests.channels.email.post import mail

OURS = "01a203e7000070008000000000000001@gaoyao.example"
GONE = "zhao@citizen.example"
ENVELOPE = {"mail_from": "", "rcpt_to": ["complaints+TOKEN123@gaoyao.example"]}


def report(
    fields: str, *, human: str = "Your message could not be delivered.", returned: bool = True
) -> bytes:
    """A report as RFC 3464 wants it; ``fields`` are those of the one recipient."""
    pieces = [
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{human}",
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n{fields}",
    ]
    if returned:
        pieces.append(f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{OURS}>\r\nSubject: x")
    body = "".join(f"--B\r\n{piece}\r\n" for piece in pieces) + "--B--\r\n"
    kind = 'multipart/report; report-type=delivery-status; boundary="B"'
    return mail(body, subject="Delivery Status", sender="MAILER-DAEMON@mx.example", kind=kind)


BY_THE_BOOK = [
    # what the recipient's fields say, status, final
    ("Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1", "5.1.1", True),
    ("Original-Recipient: rfc822;{}\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.2.1", "5.2.1", True),
    ("final-recipient: RFC822;<{}>\r\naction: Failed\r\nstatus: 5.1.2 (bad domain)", "5.1.2", True),
    ("Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 4.4.7\r\nDiagnostic-Code: smtp; 451 expired", "4.4.7", True),
    ("Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 mailbox full", "5.2.2", True),
    ("Final-Recipient: rfc822; {}\r\nAction: delayed\r\nStatus: 4.4.1\r\nWill-Retry-Until: Fri, 6 Mar 2026 09:00:00 +0800", "4.4.1", False),
    ("Final-Recipient: rfc822; {}\r\nAction: delayed\r\nStatus: 4.2.2\r\nDiagnostic-Code: smtp; 452 over quota", "4.2.2", False),
    ("Final-Recipient: rfc822; {}\r\nAction: failed", "5.0.0", True),
    ("Final-Recipient: rfc822; {}\r\nStatus: 5.7.1", "5.7.1", True),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "final"), BY_THE_BOOK)
def test_a_report_by_the_book(fields: str, status: str, final: bool) -> None:
    reading = read(report(fields.format(GONE)), ENVELOPE)
    assert reading.automatic is Automatic.BOUNCE
    (bounce,) = reading.bounces
    assert (bounce.recipient, bounce.status, bounce.permanent) == (GONE, status, final)
    assert bounce.message_id == OURS


@pytest.mark.parametrize(
    "fields",
    [
        "Final-Recipient: rfc822; {}\r\nAction: delivered\r\nStatus: 2.0.0",
        "Final-Recipient: rfc822; {}\r\nAction: relayed\r\nStatus: 2.1.9",
        "Final-Recipient: rfc822; {}\r\nAction: expanded\r\nStatus: 2.0.0",
        "Final-Recipient: rfc822; {}\r\nStatus: 2.0.0",
    ],
)
def test_good_news_is_no_failure(fields: str) -> None:
    reading = read(report(fields.format(GONE)), ENVELOPE)
    assert (reading.automatic, reading.bounces) == (Automatic.BOUNCE, ())


IN_PROSE = [
    # who, subject, what it says, status, final
    (
        "Gmail",
        "mailer-daemon@googlemail.example",
        "Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to {} because the address couldn't be found, "
        "or is unable to receive mail.\n\nThe response from the remote server was:\n"
        "550 5.1.1 The email account that you tried to reach does not exist.",
        "5.1.1",
        True,
    ),
    (
        "Gmail, delayed",
        "mailer-daemon@googlemail.example",
        "Delivery Status Notification (Delay)",
        "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {}. "
        "Gmail will retry for 46 more hours. You'll be notified if the delivery fails permanently.",
        "4.0.0",
        False,
    ),
    (
        "Exim",
        "Mailer-Daemon@mx.example",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be\n"
        "delivered to one or more of its recipients. This is a permanent error.\n\n  {}\n    Unrouteable address",
        "5.0.0",
        True,
    ),
    (
        "Exim, delayed",
        "Mailer-Daemon@mx.example",
        "Warning: message 1abc delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been "
        "delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\n  {}\n\n"
        "No action is required on your part. Delivery attempts will continue for some time.",
        "4.0.0",
        False,
    ),
    (
        "Postfix without a status part",
        "MAILER-DAEMON@mx.example",
        "Undelivered Mail Returned to Sender",
        "I'm sorry to have to inform you that your message could not\nbe delivered.\n\n"
        "<{}>: host mx.example[192.0.2.7] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)",
        "5.2.2",
        True,
    ),
    (
        "Exchange",
        "postmaster@corp.example",
        "Undeliverable: 答复",
        "Your message to {} couldn't be delivered.\n\nzhao wasn't found at citizen.example.\n\n"
        "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found'",
        "5.1.10",
        True,
    ),
    (
        "Exchange, in Chinese",
        "postmaster@corp.example",
        "未送达: 答复",
        "您的邮件未送达 {}。\n找不到收件人。\nRemote Server returned '550 5.1.1 User unknown'",
        "5.1.1",
        True,
    ),
    (
        "QQ",
        "PostMaster@qq.example",
        "来自qq.example的退信",
        "抱歉，您的邮件被退回来了……\n收件人：{}\n退信原因：收件人邮箱容量已满。 Mailbox is full, 552",
        "5.0.0",
        True,
    ),
    (
        "163",
        "Postmaster@163.example",
        "系统退信",
        "抱歉，您的邮件被退回来了\n收件人邮件地址：{}\n退信原因：收件人不存在\n550 User not found: {}",
        "5.0.0",
        True,
    ),
    (
        "qmail",
        "MAILER-DAEMON@mx.example",
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{}>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)",
        "5.1.1",
        True,
    ),
    (
        "sendmail, still trying",
        "MAILER-DAEMON@mx.example",
        "Warning: could not send message for past 4 hours",
        "**** THIS IS A WARNING MESSAGE ONLY ****\n**** YOU DO NOT NEED TO RESEND YOUR MESSAGE ****\n\n"
        "   ----- The following addresses had transient non-fatal errors -----\n<{}>\n"
        "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old",
        "4.0.0",
        False,
    ),
    (
        "still trying, in Chinese",
        "postmaster@corp.example",
        "邮件投递延迟",
        "您发给 {} 的邮件暂时无法投递，系统将继续尝试投递，无需重新发送。",
        "4.0.0",
        False,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "subject", "text", "status", "final"),
    [row[1:] for row in IN_PROSE],
    ids=[row[0] for row in IN_PROSE],
)
def test_a_report_in_prose(sender: str, subject: str, text: str, status: str, final: bool) -> None:
    copy = f"\n\n------ This is a copy of the message ------\n\nMessage-ID: <{OURS}>\nTo: {GONE}\n"
    reading = read(mail(text.replace("{}", GONE) + copy, subject=subject, sender=sender), ENVELOPE)
    assert reading.automatic is Automatic.BOUNCE
    (bounce,) = reading.bounces
    assert (bounce.message_id, bounce.recipient) == (OURS, GONE)
    assert (bounce.status, bounce.permanent) == (status, final)


@pytest.mark.parametrize(
    ("subject", "extra", "kind"),
    [
        ("自动回复: 您的投诉我们收到了", [], Automatic.REPLY),
        ("Out of Office: Re: lamps", [], Automatic.REPLY),
        ("Re: lamps", ["Auto-Submitted: auto-replied"], Automatic.REPLY),
        ("Re: lamps", ["X-Autoreply: yes"], Automatic.REPLY),
        ("Re: lamps", ["Precedence: auto_reply"], Automatic.REPLY),
        ("Re: lamps", ["Precedence: bulk"], Automatic.BULK),
        ("Re: lamps", ["List-Id: <lamps.list.example>"], Automatic.BULK),
        ("Re: lamps", ["List-Unsubscribe: <mailto:off@list.example>"], Automatic.BULK),
        ("Re: lamps", ["Auto-Submitted: no"], Automatic.NONE),
    ],
)
def test_who_wrote_it(subject: str, extra: list[str], kind: Automatic) -> None:
    envelope = {"mail_from": "wang@citizen.example", "rcpt_to": ["complaints@gaoyao.example"]}
    assert read(mail("I am away.", subject=subject, extra=extra), envelope).automatic is kind
