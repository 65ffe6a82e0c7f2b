"""The words around a text on paper, in both languages; the texts themselves are ``channels.wording``'s."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from channels.wording.languages import say
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
SLIP = Text("来访回执", "Your visit")
KEEP = Text("请妥善保管，查询码只给您本人。", "Please keep this. The code is for you alone.")
NEXT = Text("接下来", "What happens next")
CALL = Text("有疑问请打", "Questions? Call")
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
