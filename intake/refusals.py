"""Why a verb is refused, in words for the person who said it.

``Refused.code`` picks the sentence; ``again`` tells whether saying the same later can help.
"""

from __future__ import annotations

from collections.abc import Mapping

from intake.contracts import Text

SENTENCES: Mapping[str, Text] = {
    "not_found": Text("没有找到这个投诉件。", "There is no such case."),
    "forbidden": Text("您的角色不能这样做。", "Your role does not allow this."),
    "wrong_state": Text(
        "投诉件现在是“{state_zh}”，不能这样做。", "The case is “{state_en}” now; this cannot be done."
    ),
    "changed": Text(
        "别人刚刚改动了这个投诉件，请刷新页面再试。",
        "Somebody has just changed this case. Reload the page and try again.",
    ),
    "unknown_bureau": Text(
        "没有代码为“{bureau}”的责任单位。", "There is no bureau with the code “{bureau}”."
    ),
    "barred": Text(
        "{name_zh}是被投诉单位或其下属，不能办理此件。",
        "{name_en} is, or is subordinate to, the bureau complained about and cannot handle this case.",
    ),
    "reason_needed": Text("请写明理由。", "Please give a reason."),
    "text_needed": Text("内容不能为空。", "The text must not be empty."),
    "too_long": Text("内容太长，最多{limit}个字。", "The text is too long: at most {limit} characters."),
    "no_bureau": Text("请先选择责任单位。", "Choose a responsible bureau first."),
    "not_returned": Text("责任单位没有申请退回。", "The bureau has not asked to return this case."),
    "return_pending": Text(
        "责任单位已申请退回，等待裁定。", "A return is already waiting for the office's ruling."
    ),
    "undelivered": Text(
        "答复还没有送达投诉人，暂不能办结。请先处理投递问题，或由领导批准说明理由后办结。",
        "The answer has not reached the complainant yet, so the case cannot be closed. "
        "Mend the delivery, or have a leader close it with a recorded reason.",
    ),
    "sending": Text(
        "答复正在发送，请稍等片刻再办结；寄信的，登记寄出后才能办结。",
        "The answer is on its way; close the case in a moment. A letter counts once it is noted as posted.",
    ),
    "merge_instead": Text(
        "要并案，请选择主件，不能直接以“已并案”办结。",
        "To merge the case, choose the case that leads; it cannot be closed as merged by itself.",
    ),
    "no_lead": Text("没有找到要并入的投诉件。", "There is no such case to merge into."),
    "into_itself": Text("不能把投诉件并入它自己。", "A case cannot be merged into itself."),
    "lead_merged": Text(
        "要并入的投诉件本身已经并案，请并入它的主件。",
        "That case was merged itself. Merge into the case that leads it.",
    ),
    "lead_closed": Text(
        "要并入的投诉件已经办结。请先重办，再并案。",
        "That case is closed. Reopen it first, then merge.",
    ),
    "lead_barred": Text(
        "主件的责任单位须回避此件。请先把主件交给别的单位，再并案。",
        "The bureau that has the leading case is barred from this one. Assign that case elsewhere first.",
    ),
    "not_merged": Text("此件没有并案。", "This case is not merged."),
    "merged_away": Text(
        "此件已并案，请在主件上办理，或先拆分。",
        "This case was merged: act on the case that leads it, or separate them first.",
    ),
    "bad_outcome": Text("办结方式“{outcome}”无效。", "“{outcome}” is not an outcome."),
    "bad_feedback": Text("评价“{value}”无效。", "“{value}” is not a rating."),
    "bad_address": Text(
        "这个地址不完整或写法不对，请再看一下。",
        "This address is incomplete or not written as one; please check it.",
    ),
    "unreachable": Text("没有渠道能送到这个地址。", "No channel here reaches this address."),
    "bad_day": Text(
        "日期“{value}”不对：请写年-月-日，不能晚于今天。",
        "“{value}” is no day for this: write year-month-day, not later than today.",
    ),
    "before_posted": Text(
        "信在{posted}才寄出，不可能更早退回。请核对日期。",
        "The letter was posted on {posted} and cannot have come back before. Please check the day.",
    ),
    "no_complainant": Text("请选择投诉人。", "Please choose a complainant of this case."),
    "no_batch": Text("没有找到这批信件。", "There is no such batch of letters."),
    "bad_reason": Text("请选择退信原因。", "Please choose why the letter came back."),
    "not_posted": Text("没有找到这样一封已寄出的信。", "There is no posted letter of that kind."),
    "bad_urgency": Text("紧急程度“{value}”无效。", "“{value}” is not an urgency."),
}

_AGAIN = frozenset({"changed", "sending", "undelivered"})


class Refused(Exception):
    """A verb was refused; nothing was changed."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def again(self) -> bool:
        """Whether trying again later helps."""
        return self.code in _AGAIN

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        sentence = SENTENCES[self.code]
        return Text(sentence.zh.format(**self.values), sentence.en.format(**self.values))

    def __str__(self) -> str:
        return self.text.en
