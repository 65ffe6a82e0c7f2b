"""Letters to be printed and read again: invented, with names, numbers and both scripts as letters have them."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.mails import complaint

_HEAD = "关于{subject}的投诉信\n尊敬的领导：\n"
_FOOT = (
    "\n此致\n敬礼！\n投诉人：{name}\n联系电话：138 0000 {number:04}\n"
    "地址：示例省示例市高要区{place}镇文明路{number}号{room}室（邮编 526{room:03}）\n2026年{month}月{day}日"
)
_ENGLISH = (
    "The rubbish in our lane has not been collected since the middle of last month, although we pay the annual fee.",
    "I telephoned your office on three occasions and was told each time that a lorry would be sent “tomorrow”.",
    "Lorries of more than 30 tonnes pass our windows between 10 p.m. and 5 a.m.; nobody in the house can sleep.",
    "The pharmacy at the corner charged £126.40 for medicine that costs half as much elsewhere (receipt enclosed).",
    "When it rains, the drain outside nos. 12-18 overflows and the water stands ankle-deep in the yard.",
    "A street lamp near the school has been out of order for weeks, and my daughter fell there on Friday.",
    "The clerk at window 7 refused to take my papers and would not give a reason, nor her name or number.",
    "Please tell us who is responsible, what will be done, and by when; a visit to the site would be welcome.",
    "I should be grateful if my name were kept from the company, since my landlord works for it.",
)


def chinese(count: int, length: int, seed: int) -> Iterator[str]:
    """``count`` letters of about ``length`` characters."""
    pick = random.Random(seed)
    for _ in range(count):
        subject, body = complaint(pick, length - 110)
        yield _HEAD.format(subject=subject) + body + _FOOT.format(
            subject=subject,
            name=pick.choice("赵钱孙李周吴郑王") + pick.choice(("小明", "志强", "桂芳", "示例")),
            number=pick.randrange(10, 9999),
            place=pick.choice(("金渡", "白土", "莲塘", "蛟塘", "活道")),
            room=pick.randrange(100, 999),
            month=pick.randrange(1, 13),
            day=pick.randrange(1, 29),
        )


def english(count: int, length: int, seed: int) -> Iterator[str]:
    """``count`` letters of about ``length`` characters."""
    pick = random.Random(seed)
    for number in range(count):
        parts = ["Dear Sir or Madam,\n"]
        while sum(map(len, parts)) < length - 120:
            parts.append(pick.choice(_ENGLISH) + ("\n" if pick.random() < 0.3 else " "))
        parts.append(f"\nYours faithfully,\nJemima Sample\n{number + 2} Willow Lane, Little Sampleton\n")
        parts.append(f"Tel. 01632 960{pick.randrange(100, 999)}, j.sample{number}@mail.example, 5 March 2026")
        yield "".join(parts)


def of_file(file: Path, count: int, shortest: int, longest: int, seed: int) -> Iterator[str]:
    """``count`` texts out of the column ``text`` of a CSV, each a letter's length; for measuring only."""
    with file.open(encoding="utf-8", newline="") as rows:
        texts = [row["text"] for row in csv.DictReader(rows)]
    # Texts masked with asterisks, and pictographs no font here has, would measure the masking and the font.
    fitting = [
        text
        for text in texts
        if shortest <= len(text) <= longest and "**" not in text and all(ord(sign) < 0xFFFF for sign in text)
    ]
    yield from random.Random(seed).sample(fitting, min(count, len(fitting)))
