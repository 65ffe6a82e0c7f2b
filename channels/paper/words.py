"""The words around a text on paper, in both languages; the texts themselves are ``channels.wording``'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from channels.wording.languages import say
from channels.wording.telephone import dialled
from intake.contracts import Text

REFERENCE = Text("受理编号", "Reference")
CODE = Text("查询码", "Code")
DATE = Text("日期", "Date")
PHONE = Text("电话", "Telephone")
SCAN = Text(
    "扫码查看进展，需要编号和查询码", "Scan to see how it stands; you need the reference and the code"
)
SCAN_SHORT = Text("扫码查看进展", "Scan to see how it stands")
SLIP_SCAN = Text(
    "扫码随时查看进展，输入编号和查询码即可",
    "Scan to see how it stands, any time, with the reference and the code",
)
SLIP = Text("来访登记回执", "Receipt of your visit")
KEEP = Text(
    "凭编号和查询码可以查进展、补充情况、看答复。查询码不要给别人看。",
    "With reference and code you follow the case, add to it and read the answer. Show the code to nobody.",
)
TODAY = Text("今天", "Today")
NEXT_DAYS = Text("接下来几天", "In the next days")
BY = Text("{day}前", "By {day}")
BY_THE_DEADLINE = Text("期限之前", "By the deadline")
REGISTERED = Text(
    "我们登记您的事，找到该负责的单位。", "We register it and find the bureau that must answer."
)
LOOKED_INTO = Text(
    "责任单位查办；有不清楚的会来问您。", "The bureau looks into it. If something is unclear, we ask you."
)
ANSWERED = Text(
    "您会收到答复。到期没有，我们一直催到有为止。",
    "You have an answer. If not, we press the bureau until you do.",
)
NEXT = Text("接下来", "What happens next")
CALL = Text("有疑问请打电话，也可以再来一趟", "Questions? Come again, or call")
REPRINT = Text("重印", "Reprint")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What paper says of the office (``office.toml``).

    ``return_address`` is shown in the window for mail that cannot be delivered, so that it may leave out what
    neighbours need not read; the postal address when None.
    """

    name: Text
    postal: Text
    phone: str
    mail: str
    return_address: Text | None = None

    @property
    def telephone(self) -> str:
        """The number as people dial it."""
        return dialled(self.phone)

    def return_address_in(self, language: str) -> str:
        """What stands small above the recipient."""
        return say(self.return_address or self.postal, language)


def day(on: date, language: str) -> str:
    """2026年11月22日, 22 November 2026."""
    if language == "en":
        return str(format_date(on, "d MMMM y", locale="en"))
    return f"{on.year}年{on.month}月{on.day}日"


def page_number(number: int, count: int, language: str) -> str:
    """第 1 页，共 2 页; Page 1 of 2."""
    return say(Text(f"第 {number} 页，共 {count} 页", f"Page {number} of {count}"), language)


def reprint(copy: int) -> str:
    """In both languages, since those who sort letters may read either."""
    return f"{REPRINT.zh} {REPRINT.en} {copy}"


def is_latin(language: str) -> bool:
    """Whether the text is set as a Latin one: ragged, with narrow quotation marks."""
    return language == "en"
