"""What one message holds beside its text: files that are fetched later, and things that are said in words.

You are here: inside the reader. Everything comes from outside: no field is trusted to be there or to be of
its kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from channels.reading import clean
from intake.contracts import RemoteFile, Text

MAX_BYTES = 20 * 1024 * 1024
"""What a bot may download (Bot API, ``getFile``)."""

Said = dict[str, Any]
"""A ``Message`` object of the Bot API."""


@dataclass(slots=True)
class Contents:
    """What was found; ``notes`` are lines of the body in round brackets, ``sign`` the emoji of a sticker."""

    files: list[RemoteFile] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    place: str = ""
    sign: str = ""
    problems: list[str] = field(default_factory=list)


# message field → name of a file without one, its usual type
_FILES = {
    "animation": ("animation.mp4", "video/mp4"),  # comes with a copy under "document": this one first
    "document": ("document", "application/octet-stream"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video-message.mp4", "video/mp4"),
    "voice": ("voice.ogg", "audio/ogg"),
    "audio": ("audio.mp3", "audio/mpeg"),
}
_TOO_LARGE = Text(
    "一个文件超过20MB，Telegram不允许转交", "a file over 20 MB, which Telegram does not hand over"
)
_OTHERS = {
    "poll": Text("一个投票", "a poll"),
    "dice": Text("一个骰子表情", "a dice"),
    "game": Text("一个游戏", "a game"),
    "story": Text("一个动态", "a story"),
    "invoice": Text("一张付款单", "an invoice"),
    "paid_media": Text("付费内容", "paid media"),
    "checklist": Text("一份清单", "a checklist"),
    "giveaway": Text("一个抽奖", "a giveaway"),
}
SERVICE = frozenset(
    {
        *("pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "new_chat_title"),
        *("new_chat_photo", "delete_chat_photo", "write_access_allowed", "connected_website", "boost_added"),
        *("users_shared", "chat_shared", "proximity_alert_triggered", "successful_payment"),
        *("refunded_payment", "gift", "unique_gift", "direct_message_price_changed"),
    }
)
"""Service messages that a private chat may show (Bot API, ``Message``)."""
UNKNOWN = Text("一条我们读不出的消息", "a message we cannot read")


def whole(value: object) -> int:
    """``value`` when it is a whole number, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def text(said: Said, name: str) -> str:
    """The text field ``name``, safe to keep; "" when there is none."""
    value = said.get(name)
    return clean.text(value) if isinstance(value, str) else ""


def obj(said: Said, name: str) -> Said:
    """The object field ``name``; empty when there is none."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def contents(said: Said) -> Contents:
    """All of ``said`` but its text and caption."""
    found = Contents()
    _photo(said, found)
    for name, (fallback, usual) in _FILES.items():
        file = obj(said, name)
        if file and not (name == "document" and obj(said, "animation")):
            _file(file, fallback, usual, found)
    _where(said, found)
    _who(said, found)
    for name, words in _OTHERS.items():
        if name in said:
            question = clean.line(text(obj(said, name), "question"), 300) if name == "poll" else ""
            found.notes.append(_with(words, question))
    return found


def _with(words: Text, more: str) -> Text:
    return Text(f"{words.zh}：{more}", f"{words.en}: {more}") if more else words


def _photo(said: Said, found: Contents) -> None:
    """The largest size that a bot may download."""
    sizes = said.get("photo")
    if not isinstance(sizes, list):
        return
    known = [s for s in sizes[:20] if isinstance(s, dict) and isinstance(s.get("file_id"), str)]
    fitting = [s for s in known if whole(s.get("file_size")) <= MAX_BYTES]
    if fitting:
        best = max(fitting, key=lambda s: whole(s.get("width")) * whole(s.get("height")))
        found.files.append(RemoteFile(clean.line(best["file_id"], 300), "photo.jpg", "image/jpeg"))
    elif known:
        _too_large(found)


def _file(file: Said, fallback: str, usual: str, found: Contents) -> None:
    source = clean.line(text(file, "file_id"), 300)
    if not source:
        found.problems.append("a file without its id")
        return
    if whole(file.get("file_size")) > MAX_BYTES:
        _too_large(found)
        return
    name = clean.filename(text(file, "file_name"), fallback)
    found.files.append(RemoteFile(source, name, clean.line(text(file, "mime_type"), 100).lower() or usual))


def _too_large(found: Contents) -> None:
    found.notes.append(_TOO_LARGE)
    found.problems.append("a file was larger than the 20 MB that Telegram hands to a bot")


def _where(said: Said, found: Contents) -> None:
    venue = obj(said, "venue")
    spot = obj(venue, "location") or obj(said, "location")
    latitude, longitude = _degrees(spot, "latitude", 90), _degrees(spot, "longitude", 180)
    if latitude is None or longitude is None:
        return
    point = f"{latitude:.6f}, {longitude:.6f}"
    named = clean.line(" ".join(filter(None, (text(venue, "title"), text(venue, "address")))), 200)
    found.place = named or point
    found.notes.append(_with(Text("位置", "location"), f"{named} {point}".strip()))


def _degrees(spot: Said, name: str, most: int) -> float | None:
    value = spot.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return None
    return float(value)


def _who(said: Said, found: Contents) -> None:
    """A contact that was shared, and the emoji that a sticker stands for."""
    shared = obj(said, "contact")
    if shared:
        name = " ".join(filter(None, (text(shared, "first_name"), text(shared, "last_name"))))
        line = clean.line(f"{name} {text(shared, 'phone_number')}", 200)
        found.notes.append(_with(Text("一张名片", "a contact"), line))
    sticker = obj(said, "sticker")
    found.sign = clean.line(text(sticker, "emoji"), 16)
    if sticker and not found.sign:
        found.notes.append(Text("表情贴纸", "a sticker"))
