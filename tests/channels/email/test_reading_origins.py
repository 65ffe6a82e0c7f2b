"""Who wrote, to which case, in answer to what; and whether it was a machine."""

from __future__ import annotations

import pytest

from channels.email.reader import read
from intake.contracts import Automatic, Contact, UnreadableSubmission
from tests.channels.email.post import BODY, ENVELOPE, mail, multipart, part, word


@pytest.mark.parametrize(
    ("sender", "name", "address"),
    [
        ("Wang <WANG@Citizen.Example>", "Wang", "wang@citizen.example"),
        ("wang@citizen.example", "", "wang@citizen.example"),
        ("wang@citizen.example (Wang Wu)", "Wang Wu", "wang@citizen.example"),
        ('"Wu, Wang" <wang@citizen.example>', "Wu, Wang", "wang@citizen.example"),
        (word("王五", "gbk") + " <wang@citizen.example>", "王五", "wang@citizen.example"),
        (f'"{word("王五")}" <wang@citizen.example>', "王五", "wang@citizen.example"),
        ("王五 <wang@citizen.example>".encode("gbk"), "王五", "wang@citizen.example"),
        ("王五 <wang@citizen.example>".encode(), "王五", "wang@citizen.example"),
        # an address hidden in a name must stay a name
        (
            word("leader@gaoyao.example") + " <wang@citizen.example>",
            "leader@gaoyao.example",
            "wang@citizen.example",
        ),
        ('"leader@gaoyao.example" <wang@citizen.example>', "leader@gaoyao.example", "wang@citizen.example"),
        (
            word("<leader@gaoyao.example>") + " <wang@citizen.example>",
            "<leader@gaoyao.example>",
            "wang@citizen.example",
        ),
        (
            word("leader@gaoyao.example"),
            "leader@gaoyao.example",
            "wang@citizen.example",
        ),  # then the envelope counts
        ("<@relay.example:wang@citizen.example>", "", "wang@citizen.example"),
        ("friends: wang@citizen.example, li@citizen.example;", "", "wang@citizen.example"),
        ("undisclosed-recipients:;", "", "wang@citizen.example"),
        ("\u202egnaW <wang@citizen.example>", "gnaW", "wang@citizen.example"),
        ("", "", "wang@citizen.example"),
        ('"' * 40_000, "", "wang@citizen.example"),
        ("(" * 40_000, "", "wang@citizen.example"),
    ],
)
def test_sender(sender: bytes | str, name: str, address: str) -> None:
    reading = read(mail(sender=sender), ENVELOPE)
    assert (reading.sender_name.strip("( "), reading.contacts[0]) == (name, Contact("email", address))


def test_no_sender_at_all() -> None:
    reading = read(b"Subject: x\r\n\r\n" + BODY.encode(), {})
    assert reading.contacts == ()
    assert reading.problems == ("From has no address that can be used.",)


def test_several_senders_and_repeated_headers_are_noted() -> None:
    raw = mail(sender="a@citizen.example, b@citizen.example", extra=["Subject: second"])
    reading = read(raw, ENVELOPE)
    assert [contact.value for contact in reading.contacts] == ["a@citizen.example", "b@citizen.example"]
    assert reading.subject == "路灯坏了"
    assert any("several addresses" in problem for problem in reading.problems)
    assert any("appears again" in problem for problem in reading.problems)


def test_reply_to_counts_first_only_when_the_sender_takes_no_replies() -> None:
    extra = ["Reply-To: Li <li@citizen.example>"]
    first = read(mail(extra=extra), ENVELOPE)
    assert [contact.value for contact in first.contacts] == ["wang@citizen.example", "li@citizen.example"]
    second = read(mail(sender="no-reply@form.example", extra=extra), ENVELOPE)
    assert second.contacts[0].value == "li@citizen.example"
    assert second.automatic is Automatic.NONE
    assert any("takes no replies" in problem for problem in second.problems)


def test_thread_is_nearest_first_sane_and_bounded() -> None:
    references = " ".join(f"<r{number}@gaoyao.example>" for number in range(80))
    raw = mail(
        extra=[
            "In-Reply-To: <last@gaoyao.example>",
            f"References: <> {references} <bad id> <last@gaoyao.example>",
        ]
    )
    thread = read(raw, ENVELOPE).thread
    assert thread[:3] == ("last@gaoyao.example", "r79@gaoyao.example", "r78@gaoyao.example")
    assert len(thread) == 50
    assert read(mail(extra=["In-Reply-To: <>"]), ENVELOPE).thread == ()


@pytest.mark.parametrize(
    ("recipients", "token"),
    [
        (["complaints@gaoyao.example"], None),
        (["x@y.example", "complaints+AbC_12-x@gaoyao.example"], "AbC_12-x"),
        (["complaints+short@gaoyao.example"], None),
        (["complaints+" + "a" * 65 + "@gaoyao.example"], None),
        (["complaints+abc def@gaoyao.example"], None),
        ([], None),
    ],
)
def test_token(recipients: list[str], token: str | None) -> None:
    assert read(mail(), {"mail_from": "a@b.example", "rcpt_to": recipients}).token == token


@pytest.mark.parametrize(
    ("extra", "subject", "kind"),
    [
        ([], "路灯坏了", Automatic.NONE),
        (["Auto-Submitted: no"], "x", Automatic.NONE),
        (["Auto-Submitted: auto-replied"], "x", Automatic.REPLY),
        (["Auto-Submitted: auto-generated; why=x"], "x", Automatic.REPLY),
        (["X-Auto-Response-Suppress: All"], "x", Automatic.NONE),
        (["Precedence: bulk"], "x", Automatic.BULK),
        (["Precedence: junk"], "x", Automatic.BULK),
        (["Precedence: auto_reply"], "x", Automatic.REPLY),
        (["List-Id: <l.example>"], "x", Automatic.BULK),
        (["List-Unsubscribe: <mailto:a@b.example>"], "x", Automatic.BULK),
        (["X-Autoreply: yes"], "x", Automatic.REPLY),
        (["X-Autorespond: x"], "x", Automatic.REPLY),
        ([], "自动回复：路灯", Automatic.REPLY),
        ([], "自动回复", Automatic.REPLY),
        ([], "[自动回复] 路灯", Automatic.REPLY),
        ([], "自动回复系统坏了，投诉", Automatic.NONE),
        ([], "Automatic reply: light", Automatic.REPLY),
        ([], "Out of Office: light", Automatic.REPLY),
        ([], "Out of Office AutoReply: light", Automatic.REPLY),
        ([], "Out of office hours nobody answers", Automatic.NONE),
    ],
)
def test_automatic(extra: list[str], subject: str, kind: Automatic) -> None:
    assert read(mail(subject=subject, extra=extra), ENVELOPE).automatic is kind


def test_the_null_sender_and_mail_systems_are_machines() -> None:
    assert read(mail(), {"mail_from": "", "rcpt_to": []}).automatic is Automatic.REPLY
    assert read(mail(sender="MAILER-DAEMON@x.example"), ENVELOPE).automatic is Automatic.REPLY
    assert read(mail(extra=["Return-Path: <>"]), {}).automatic is Automatic.REPLY


def dsn(status: str) -> bytes:
    return multipart(
        part("Sorry, it could not be delivered.", "Content-Type: text/plain"),
        part(status, "Content-Type: message/delivery-status"),
        part("Message-ID: <ours@gaoyao.example>\r\nSubject: s\r\n", "Content-Type: text/rfc822-headers"),
        subtype="report; report-type=delivery-status",
        sender="MAILER-DAEMON@mx.example",
    )


def test_delivery_status() -> None:
    status = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; Zhao@Citizen.Example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1\r\n  User unknown\r\n\r\n"
        "Final-Recipient: rfc822; qian@citizen.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n"
        "Final-Recipient: rfc822; sun@citizen.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n"
    )
    reading = read(dsn(status), {"mail_from": "", "rcpt_to": ["complaints@gaoyao.example"]})
    assert reading.automatic is Automatic.BOUNCE
    first, second = reading.bounces
    assert (first.message_id, first.recipient, first.status) == (
        "ours@gaoyao.example",
        "zhao@citizen.example",
        "5.1.1",
    )
    assert first.permanent
    assert first.diagnostic == "550 5.1.1 User unknown"
    assert (second.recipient, second.status, second.permanent) == ("qian@citizen.example", "4.4.1", False)


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<zhao@citizen.example>:
198.51.100.7 does not like recipient.
Remote host said: 550 5.1.1 no such user

--- Below this line is a copy of the message.

Return-Path: <complaints@gaoyao.example>
Message-ID: <ours@gaoyao.example>
To: zhao@citizen.example
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered. This is a permanent error.

  zhao@citizen.example
    host mx.example: 550 mailbox not found
"""
EXCHANGE = """Your message did not reach some or all of the intended recipients.

The following recipient(s) cannot be reached:
      zhao@citizen.example on 2026/3/2 9:00
            The e-mail account does not exist. <mx.example #5.1.1>
"""
QQ = """抱歉，您的邮件被退回来了……
原邮件信息：
收件人：zhao@citizen.example
退信原因：收件人邮件地址不存在，邮件无法送达。 550 Mailbox not found
"""
NETEASE = """您的邮件被退回，收件人 zhao@citizen.example 未能送达。
退信代码：DT:SPM 554
建议：请联系管理员。"""


@pytest.mark.parametrize(
    ("text", "subject", "extra", "status"),
    [
        (QMAIL, "failure notice", [], "5.1.1"),
        (
            EXIM,
            "Mail delivery failed: returning message to sender",
            ["X-Failed-Recipients: zhao@citizen.example"],
            "5.0.0",
        ),
        (EXCHANGE, "Undeliverable: 答复", [], "5.1.1"),
        (QQ, "来自mx.example的退信", [], "5.0.0"),
        (NETEASE, "系统退信", [], "5.0.0"),
    ],
)
def test_bounces_in_prose(text: str, subject: str, extra: list[str], status: str) -> None:
    raw = mail(
        text,
        subject=subject,
        sender="postmaster@mx.example",
        extra=[*extra, "In-Reply-To: <ours@gaoyao.example>"],
    )
    reading = read(raw, {"mail_from": "", "rcpt_to": ["complaints+TOKEN123@gaoyao.example"]})
    assert reading.automatic is Automatic.BOUNCE
    (bounce,) = reading.bounces
    assert (bounce.message_id, bounce.recipient) == ("ours@gaoyao.example", "zhao@citizen.example")
    assert (bounce.status, bounce.permanent) == (status, True)


def test_a_citizen_who_speaks_of_returned_mail_is_no_bounce() -> None:
    assert read(mail("我的信被退回了", subject="退信"), ENVELOPE).automatic is Automatic.NONE


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\0\0\0", b" \t\n\x1a"])
def test_nothing_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableSubmission):
        read(raw, ENVELOPE)


def test_bad_dates_and_missing_headers_do_no_harm() -> None:
    raw = mail().replace(b"Date: Mon, 2 Mar 2026 09:00:00 +0800", b"Date: the 99th of Never +99999")
    assert read(raw, ENVELOPE).body == BODY
    assert read(b"X: y\n\n" + BODY.encode(), ENVELOPE).body == BODY
