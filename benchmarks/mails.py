"""Mails for the programs: complaints as citizens write them, in the forms their programs send.

The sentences are put together from phrase tables; people, places and cases are made up. The same
seed makes the same mails.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from email.utils import format_datetime

from benchmarks.bench import MAILBOX
from intake.clock import system_clock

_PLACES = ("东门", "南岸", "河台", "城西", "金渡", "新桥", "白土", "莲塘", "蛟塘", "活道", "水南", "大湾")
_KINDS = ("小区", "市场", "村", "工业园", "花园", "新城", "中学旁", "路口")
_MATTERS = (
    "楼下的烧烤摊每天营业到凌晨，油烟直往屋里灌，老人和孩子都睡不着。",
    "自来水连续三天发黄，有一股怪味，打电话没有人处理。",
    "工地晚上十一点以后还在打桩，噪音非常大，影响周围学校的学生休息。",
    "路灯坏了半个月，晚上一片漆黑，已经有老人摔倒。",
    "物业公司乱收停车费，不开发票，业主去问还被赶出来。",
    "公司拖欠我们三个月工资，十几个工人的血汗钱到现在没有着落。",
    "去窗口办理营业执照，工作人员态度恶劣，让我来回跑了四趟。",
    "垃圾堆在路边一个多星期没有清运，苍蝇满天飞，臭气熏天。",
    "公交车经常不按时到站，早上上班等了四十多分钟也没有来。",
    "河里的水变成了黑色，死鱼漂了一片，怀疑上游有工厂偷排污水。",
    "买的房子已经过了交房日期半年，开发商一直推脱，说不出原因。",
    "学校食堂的饭菜有异味，好几个孩子吃完以后肚子疼。",
    "村里的低保名单没有公示，有车有房的人家反而领到了补助。",
    "人行道被占用摆摊，行人只能走到车道上，非常危险。",
)
_STORIES = (
    "这件事我已经反映过两次，每次都说会处理，可是一直没有结果。",
    "邻居们都可以作证，我们还拍了照片和录像。",
    "上个星期有人来看过一次，看完就走了，什么也没有说。",
    "我今年六十多岁，走路不方便，实在没有办法才写这封信。",
    "附近住着两百多户人家，大家的意见都很大。",
    "我打了好几次电话，有时没有人接，有时互相推诿。",
    "如果需要现场查看，请提前打电话联系我，我可以带路。",
    "希望不要公开我的姓名和电话，谢谢理解。",
)
_WISHES = (
    "请有关部门尽快核实处理，并给我一个答复。",
    "恳请领导重视，早日解决群众的困难。",
    "请告诉我什么时候能够解决。",
    "希望能够依法查处，还我们一个公道。",
)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"


def complaint(pick: random.Random, length: int) -> tuple[str, str]:
    """(subject, body) of about ``length`` Chinese characters."""
    place = f"{pick.choice(_PLACES)}{pick.choice(_KINDS)}{pick.randrange(1, 300)}号"
    matter = pick.choice(_MATTERS)
    parts = ["您好！", f"我住在{place}。", matter]
    while sum(map(len, parts)) < length - 20:
        parts.append(pick.choice(_STORIES) if pick.random() < 0.7 else pick.choice(_MATTERS))
        if pick.random() < 0.3:
            parts.append("\n")
    parts.append(pick.choice(_WISHES))
    return f"{place}：{matter[:16]}", "".join(parts)


def mails(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """``count`` pairs of kind and raw mail, each from another sender, kinds in turn."""
    pick = random.Random(seed)
    kinds = tuple(KINDS.items())
    for number in range(count):
        kind, build = kinds[number % len(kinds)]
        subject, body = complaint(pick, pick.randrange(100, 800))
        head = _head(number, seed, subject, pick.choice(_SURNAMES))
        yield kind, head + build(body, pick)


def mail_of_size(size: int, number: str) -> bytes:
    """A plain mail of ``size`` bytes; ``number`` makes its Message-ID."""
    head = (
        f"From: sender-{number}@load.example\r\nTo: <{MAILBOX}>\r\nSubject: load {number}\r\n"
        f"Message-ID: <{number}@load.example>\r\n\r\n"
    ).encode()
    line = b"The street lamp in front of the house has been dark for two weeks now.\r\n"
    body = line * ((size - len(head)) // len(line) + 1)
    return head + body[: size - len(head) - 2].rstrip(b"\r\n") + b"\r\n"


def _head(number: int, seed: int, subject: str, surname: str) -> bytes:
    word = base64.b64encode(subject.encode()).decode()
    name = base64.b64encode(f"{surname}某".encode()).decode()
    return (
        f"From: =?utf-8?B?{name}?= <citizen-{seed}-{number}@mail.example>\r\n"
        f"To: <{MAILBOX}>\r\n"
        f"Subject: =?utf-8?B?{word}?=\r\n"
        f"Date: {format_datetime(system_clock())}\r\n"
        f"Message-ID: <{seed}.{number}.{random.getrandbits(64):x}@mail.example>\r\n"
        "MIME-Version: 1.0\r\n"
    ).encode()


def _plain(body: str, pick: random.Random) -> bytes:
    return b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' + _lines(
        body.encode()
    )


def _gb18030(body: str, pick: random.Random) -> bytes:
    return b"Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + _lines(
        body.encode("gb18030")
    )


def _base64(body: str, pick: random.Random) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _encoded(
        body.encode()
    )


def _alternative(body: str, pick: random.Random) -> bytes:
    return _multipart("alternative", _base64(body, pick), _html(body, pick))


def _html(body: str, pick: random.Random) -> bytes:
    paragraphs = "".join(f'<p style="margin:0">{part}</p>\n' for part in body.split("\n"))
    page = (
        "<html><head><style>p{font-size:14px}</style></head><body>"
        f"<div><font face='宋体'>{paragraphs}</font><br></div></body></html>"
    )
    return b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _encoded(
        page.encode()
    )


def _attachment(body: str, pick: random.Random) -> bytes:
    photo = (
        b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="photo.jpg"\r\n\r\n'
        + _encoded(b"\xff\xd8\xff\xe0" + pick.randbytes(6_000))
    )
    return _multipart("mixed", _plain(body, pick), photo)


KINDS: dict[str, Callable[[str, random.Random], bytes]] = {
    "plain, utf-8": _plain,
    "plain, gb18030": _gb18030,
    "plain, base64": _base64,
    "alternative": _alternative,
    "HTML only": _html,
    "with a photo": _attachment,
}
"""What follows the common header lines, by kind."""


def _multipart(kind: str, *parts: bytes) -> bytes:
    fence = b"----=_part_of_a_benchmark"
    opened = b"".join(b"--" + fence + b"\r\n" + part + b"\r\n" for part in parts)
    return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (
        kind.encode(),
        fence,
        opened,
        fence,
    )


def _lines(body: bytes) -> bytes:
    return body.replace(b"\n", b"\r\n") + b"\r\n"


def _encoded(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
