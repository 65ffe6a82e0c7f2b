"""You are here: office.toml → *who the office is, where and when it works* → letters, pages, calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.contracts import Contact, Text
from routing.calendar import Span
from routing.toml_source import Table, read_toml

_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164

ENVELOPES = ("gb", "din")
KEEP_TALK_DAYS = 365
"""As long as an office may want to look up what somebody asked: a year."""
"""Of GB/T 22585 (DL) and of DIN 5008 form B; ``channels.paper.envelopes`` knows their windows."""


@dataclass(frozen=True, slots=True)
class Office:
    """The office that runs the service: what letters, pages and the calendar need of it."""

    name: Text
    zone: ZoneInfo
    hours: tuple[Span, ...]
    mail: str  # where complaints are received, lower case
    phone: str  # E.164
    postal: Text
    clerks: tuple[Contact, ...]  # level "office"
    leaders: tuple[Contact, ...]  # level "office_leader"
    person: str = ""  # E.164: who picks up when a caller asks for a person; "" for nobody
    call_from: time = time(9)  # people are called between these, on working days
    call_until: time = time(19)
    envelope: str = "gb"  # of letters: "gb" or "din"
    return_address: Text | None = None  # in the envelope's window; None: the postal address
    keep_years: int | None = None  # closed cases are anonymised after so many years; None: never
    keep_talk_days: int = KEEP_TALK_DAYS  # talk that became no case is erased after so many days


def _keep_talk_days(keeping: Table | None) -> int:
    if keeping is None or not keeping.has("keep_talk_days"):
        return KEEP_TALK_DAYS
    return keeping.integer("keep_talk_days", minimum=1, maximum=36_500)


def load_office(folder: Path) -> Office:
    """Read ``office.toml`` in ``folder``; ConfigurationError names what is wrong."""
    root = read_toml(folder / "office.toml")
    table, contacts, calls = root.table("office"), root.table("contacts"), root.optional_table("phone")
    letters = root.optional_table("letters")
    keeping = root.optional_table("retention")
    call_from, call_until = _calling_hours(calls)
    office = Office(
        name=_bilingual(table, "name"),
        zone=_zone(table),
        hours=_hours(table),
        mail=_address(table, "mail", table.text("mail")),
        phone=_phone(table, "phone", table.text("phone")),
        postal=_bilingual(table, "postal"),
        clerks=_contacts(contacts, "office"),
        leaders=_contacts(contacts, "office_leader"),
        person=_phone(table, "person", table.text("person")) if table.has("person") else "",
        call_from=call_from,
        call_until=call_until,
        envelope=letters.optional_choice("envelope", ENVELOPES, "gb") if letters else "gb",
        return_address=_return_address(letters),
        keep_years=keeping.integer("keep_years", minimum=1, maximum=100) if keeping is not None else None,
        keep_talk_days=_keep_talk_days(keeping),
    )
    for part in (table, contacts, calls, letters, keeping, root):
        if part is not None:
            part.finish()
    return office


def _bilingual(table: Table, key: str) -> Text:
    return Text(table.text(key, maximum=200), table.text(f"{key}_en", maximum=200))


def _zone(table: Table) -> ZoneInfo:
    name = table.text("zone", maximum=64)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, with "..", or a folder's name
        raise table.error(
            "zone",
            f"不认识时区“{name}”，请写如 Asia/Shanghai。",
            f'no time zone "{name}"; write Asia/Shanghai.',
        ) from error


def _hours(table: Table) -> tuple[Span, ...]:
    spans: list[Span] = []
    for index, written in enumerate(table.strings("hours")):
        match = _SPAN.fullmatch(written)
        numbers = [int(part) for part in match.groups()] if match else [0, 0, 0, 0]
        span = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
        if not span[0] < span[1] or (spans and span[0] <= spans[-1][1]):
            raise table.error(
                "hours",
                f"“{written}”应写成 09:00-12:00 这样，早的在前，互不重叠。",
                f'"{written}" must look like 09:00-12:00, in order and without overlap.',
                item=index,
            )
        spans.append(span)
    if not spans:
        raise table.error("hours", "至少写一段办公时间。", "give at least one span.")
    return tuple(spans)


def _calling_hours(calls: Table | None) -> tuple[time, time]:
    """When people may be called: ``call_from`` and ``call_until`` of the table ``[phone]``."""
    if calls is None:
        return time(9), time(19)
    start, end = _clock(calls, "call_from", "09:00"), _clock(calls, "call_until", "19:00")
    if not start < end:
        raise calls.error(
            "call_until",
            f"应晚于 call_from（{start:%H:%M}），现在是 {end:%H:%M}。",
            f"must be later than call_from ({start:%H:%M}), but is {end:%H:%M}.",
        )
    return start, end


def _return_address(letters: Table | None) -> Text | None:
    """``return_address`` and ``return_address_en`` of the table ``[letters]``: both or none."""
    keys = ("return_address", "return_address_en")
    if letters is None or not any(map(letters.has, keys)):
        return None
    return _bilingual(letters, "return_address")


def _clock(table: Table, key: str, default: str) -> time:
    written = table.optional_text(key, default, maximum=20)
    match = _TIME.fullmatch(written)
    if match is None:
        raise table.error(
            key, f"“{written}”应写成 09:00 这样的时刻。", f'"{written}" must be a time like 09:00.'
        )
    return time(int(match[1]), int(match[2]))


def _phone(table: Table, key: str, written: str) -> str:
    number = written.replace(" ", "")
    if not _PHONE.fullmatch(number):
        raise table.error(
            key, "电话要带国家代码，如 +12025550118。", "give the country code, as in +12025550118."
        )
    return number


def _contacts(table: Table, key: str) -> tuple[Contact, ...]:
    found = [
        Contact("email", _address(table, key, address, index), verified=True)
        for index, address in enumerate(table.strings(key))
    ]
    if not found:
        raise table.error(
            key, "至少写一个邮箱，否则催办无人收。", "give at least one address to send word to."
        )
    return tuple(found)


def _address(table: Table, key: str, address: str, item: int | None = None) -> str:
    if not _ADDRESS.fullmatch(address):
        raise table.error(
            key, f"“{address}”不是邮箱地址。", f'"{address}" is not an e-mail address.', item=item
        )
    return address.lower()
