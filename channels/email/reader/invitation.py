"""A calendar part (RFC 5545) told in words. You are here: text/calendar among a mail's parts."""

from __future__ import annotations

import re

from channels.reading import clean

_MAX = 100_000
_LINE = re.compile(
    r"^(SUMMARY|DTSTART|DTEND|LOCATION|DESCRIPTION|ORGANIZER)((?:;[^:\n]{0,200})?):([^\n]*)$", re.I | re.M
)
_WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_ZONE = re.compile(r"TZID=\"?([^\";:]{1,60})", re.I)
_ESCAPE = re.compile(r"\\([\\;,nN])")


def summarise(content: str) -> str:
    """Title, time, place and description of the first event, in both languages; "" without one."""
    content = content[:_MAX].replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    begin = content.upper().find("BEGIN:VEVENT")
    if begin < 0:
        return ""
    end = content.upper().find("END:VEVENT", begin)
    found: dict[str, str] = {}
    for name, extra, value in _LINE.findall(content, begin, end if end > 0 else len(content)):
        key = name.upper()
        if key not in found:
            found[key] = _when(value, extra) if key.startswith("DT") else _plain(value)
    time = " – ".join(part for part in (found.get("DTSTART", ""), found.get("DTEND", "")) if part)
    rows = (
        ("日程 Event", found.get("SUMMARY", "")),
        ("时间 Time", time),
        ("地点 Place", found.get("LOCATION", "")),
        ("说明 Note", found.get("DESCRIPTION", "")),
    )
    return "\n".join(f"{label}: {value}" for label, value in rows if value)


def _plain(value: str) -> str:
    text = _ESCAPE.sub(lambda match: "\n" if match.group(1) in "nN" else match.group(1), value[:20_000])
    return clean.text(text).strip()


def _when(value: str, extra: str) -> str:
    match = _WHEN.match(value.strip())
    if not match:
        return clean.line(value, 60)
    year, month, day, hour, minute, utc = match.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    zone = _ZONE.search(extra)
    suffix = " UTC" if utc else (f" ({clean.line(zone.group(1), 60)})" if zone else "")
    return f"{date} {hour}:{minute}{suffix}"
