"""What is the sender's own and what is quoted; and that not a character is lost between them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.reader import quoting, read
from tests.channels.email.post import ENVELOPE, mail

REPLY = ["In-Reply-To: <a1@gaoyao.example>"]
OLD = "您的投诉已收到，编号 26-004217-5。"

INTRODUCTIONS = [
    "------------------ 原始邮件 ------------------\n发件人: \"office\" <complaints@gaoyao.example>;",
    "-----Original Message-----\nFrom: office\nSent: Monday\nTo: Wang",
    "---- 回复的原邮件 ----\n发件人 office",
    "在 2026年3月1日 09:00，办公室 <complaints@gaoyao.example> 写道：",
    "At 2026-03-01 09:00:00, \"office\" <complaints@gaoyao.example> wrote:",
    "On Mon, 2 Mar 2026 at 09:00, A Very Long Office Name\n<complaints@gaoyao.example> wrote:",
    "发件人： office\n发送时间： 2026年3月1日 9:00\n收件人： Wang\n主题： 编号",
    "寄件者: office\n寄件日期: 2026年3月1日\n收件者: Wang\n主旨: 編號",
    "From: office\nDate: 2026-03-01 09:00\nTo: wang@citizen.example\nSubject: Received",
    "*From:* office\n*Sent:* Monday\n*To:* Wang\n*Subject:* Received",
    "________________________________\nFrom: office\nSent: Monday\nTo: Wang\nSubject: Received",
]  # fmt: skip


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_text_above_an_unmarked_quotation(introduction: str) -> None:
    reading = read(mail(f"还是没修好。\n王五\n\n{introduction}\n\n{OLD}\n", extra=REPLY), ENVELOPE)
    assert reading.body == "还是没修好。\n王五"
    assert reading.quoted == f"{introduction}\n\n{OLD}"


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_the_same_text_in_a_first_complaint_stays(introduction: str) -> None:
    text = f"请看他们的回信：\n\n{introduction}\n\n{OLD}\n> 引用"
    reading = read(mail(text), ENVELOPE)
    assert (reading.body, reading.quoted) == (text, "")


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
def test_an_answer_below_an_unmarked_quotation_is_not_hidden(introduction: str) -> None:
    reading = read(mail(f"{introduction}\n\n{OLD}\n\n还是没修好。", extra=REPLY), ENVELOPE)
    assert "还是没修好。" in reading.body


def test_interleaved_answers_stay_with_the_sender() -> None:
    text = "您好\n\n办公室 于 2026年3月1日写道：\n> 修好了吗？\n没有。\n"
    text += ">> 什么时候坏的？\n> 请说明\n\n二月。\n-- \n王五"
    reading = read(mail(text, extra=REPLY), ENVELOPE)
    assert reading.body == "您好\n\n没有。\n\n二月。\n-- \n王五"
    assert reading.quoted == "办公室 于 2026年3月1日写道：\n> 修好了吗？\n>> 什么时候坏的？\n> 请说明"


def test_an_answer_below_a_marked_quotation() -> None:
    reading = read(mail(f"On Monday 9:00, office wrote:\n> {OLD}\n\n还没有。", subject="Re: 路灯"), ENVELOPE)
    assert (reading.body, reading.quoted) == ("还没有。", f"On Monday 9:00, office wrote:\n> {OLD}")


def test_a_citizens_own_story_is_not_taken_for_an_introduction() -> None:
    text = "在三月他给我写道：\n明天就修。\n可是没有人来。\nFrom: 那天起\n一直黑着"
    assert read(mail(text, extra=REPLY), ENVELOPE).body == text


@pytest.mark.parametrize("subject", ["Fwd: 路灯", "FW: light", "转发：路灯", "轉寄: 路燈"])
def test_what_is_forwarded_is_content(subject: str) -> None:
    text = f"请处理\n\n{INTRODUCTIONS[1]}\n\n> 路灯坏了"
    reading = read(mail(text, subject=subject, extra=REPLY), ENVELOPE)
    assert (reading.body, reading.quoted) == (text, "")


@pytest.mark.parametrize(
    "html",
    [
        '<div>还没有。</div><div class="gmail_quote">'
        "<div>On Mon, 2 Mar 2026 at 9:00, office &lt;a@gaoyao.example&gt; wrote:<br>"
        '</div><blockquote class="gmail_quote">您的投诉已收到</blockquote></div>',
        '<div>还没有。</div><blockquote type="cite">您的投诉已收到</blockquote>',
        "<div>还没有。</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>您的投诉已收到</div>",
        '<p>还没有。</p><blockquote id="isReplyContent">您的投诉已收到</blockquote>',
    ],
)
def test_quotations_in_html(html: str) -> None:
    reading = read(mail(html, kind="text/html; charset=utf-8", extra=REPLY), ENVELOPE)
    assert reading.body == "还没有。"
    assert "您的投诉已收到" in reading.quoted


def test_an_indented_paragraph_in_html_is_no_quotation() -> None:
    reading = read(
        mail("<blockquote>还没有。</blockquote>", kind="text/html; charset=utf-8", extra=REPLY), ENVELOPE
    )
    assert (reading.body, reading.quoted) == ("还没有。", "")


LINES = st.lists(
    st.one_of(
        st.sampled_from([line for one in INTRODUCTIONS for line in one.split("\n")]),
        st.sampled_from(
            [
                "",
                "  ",
                "> a",
                ">> b",
                ">",
                "wrote:",
                "写道：",
                "-----",
                "From: x",
                "To: y",
                "Date: z",
                "Cc: w",
            ]
        ),
        st.text(max_size=12).filter(lambda text: "\n" not in text),
    ),
    max_size=25,
)


@given(LINES)
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    body, quoted = quoting.split(text)

    def characters(one: str) -> Counter[str]:
        return Counter("".join(one.split()))

    assert characters(body) + characters(quoted) == characters(text)
    for line in lines:
        if line.strip().startswith(">"):
            continue
        assert line.rstrip() in body + "\n" + quoted
