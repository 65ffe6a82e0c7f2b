"""A letter and a slip with usual values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from channels.paper.letter import Letter
from channels.paper.slip import Slip, Step
from channels.paper.words import Letterhead
from intake.contracts import Text

REFERENCE = "26-004217-4"
CODE = "381904"
TRACK = f"https://complaints.county.example/track?reference={REFERENCE}"
OFFICE = Letterhead(
    Text("示例县机关效能监督投诉中心", "Sample County Efficiency Complaint Centre"),
    Text(
        "示例县示例路1号，机关效能监督投诉中心", "Efficiency Complaint Centre, 1 Sample Road, Sample County"
    ),
    "+12025550118",
    "complaints@county.example",
    Text("示例县示例路1号", "1 Sample Road, Sample County"),
)
WORDS = {
    "zh-Hans": f"""甲示例，您好：

关于您的投诉 {REFERENCE}，示例县水务局答复如下：

    您反映的自来水浑浊一事，我局于11月18日上门查看。经查，系主管网DN200阀门老化；11月20日已更换，浊度0.4 NTU，
    符合《生活饮用水卫生标准》（GB 5749—2022）。

不清楚或不同意？在网页上告诉我们。
全部经过：{TRACK}

示例县机关效能监督投诉中心
+12025550118
""",
    "en": f"""Dear Jia Sample,

Sample County Water Bureau answers your complaint {REFERENCE}:

    We came to see the water on 18 November. An old valve (DN200) let silt flow back; it was replaced on
    20 November. The next day’s test showed 0.4 NTU, within the “Standards for drinking water”.

If something is unclear or you disagree, don't wait: tell us on the web page.
The whole story: {TRACK}

Sample County Efficiency Complaint Centre
+12025550118
""",
}
ADDRESSES = {
    "zh-Hans": ("甲示例", "123456 某省某市示例县示例镇示例村三组18号2栋301室"),
    "en": ("Jia Sample", "18 Group 3, Sample Village, Sample Town, Sample County 123456, Some Province"),
}
SUBJECTS = {"zh-Hans": "您的投诉有答复了", "en": "An answer to your complaint"}


def letter(language: str = "zh-Hans", **changes: Any) -> Letter:
    """An answer by post."""
    name, address = ADDRESSES[language]
    usual = Letter(
        name=name,
        address=address,
        letterhead=OFFICE,
        date=date(2026, 11, 22),
        reference=REFERENCE,
        code=CODE,
        tracking_url=TRACK,
        subject=f"{SUBJECTS[language]} [{REFERENCE}]",
        text=WORDS[language],
        language=language,
    )
    return replace(usual, **changes)


STEPS = (
    Step(Text("11月24日前", "By 24 November"), Text("告诉您由谁负责", "you hear who is responsible")),
    Step(Text("12月11日前", "By 11 December"), Text("给您答复", "you have an answer")),
)


def slip(**changes: Any) -> Slip:
    """A visit's receipt."""
    usual = Slip(OFFICE, REFERENCE, CODE, TRACK, date(2026, 11, 22), STEPS, "甲示例")
    return replace(usual, **changes)
