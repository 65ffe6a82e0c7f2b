"""What a person said in their chat with the bot. You are here: raw update → **reading**, in a worker.

Pure and bounded. Whoever writes by Telegram is confidential until they say that they may be named.
"""

from __future__ import annotations

import re

from channels.reading import clean
from channels.reading.language import detect
from channels.reading.raw import opened
from channels.telegram.contents import SERVICE, UNKNOWN, Contents, Said, contents, obj, text, whole
from channels.telegram.updates import CHANNEL, chat_of
from intake.contracts import Automatic, Contact, Json, Reading, Text, UnreadableSubmission

MAX_RAW = 512 * 1024
MAX_TEXT = 20_000
"""Characters; Telegram itself allows 4,096 in a message and 1,024 in a caption."""

_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@[A-Za-z0-9_]{1,64})?(?:\s+|$)")
_WORDS = {
    "new": Text("新投诉", "new"),
    "status": Text("查询", "status"),
    "add": Text("补充", "add"),
    "withdraw": Text("撤回", "withdraw"),
    "help": Text("帮助", "help"),
    "stop": Text("退订", "stop"),
    "start": Text("恢复", "start"),
    "lang": Text("English", "中文"),  # the other one; a word for it may also be typed
}
_CHANGED = Text("（修改后的文字）", "(changed text)")
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
_LETTER = re.compile(r"[^\W\d_]")


def read(raw: bytes, envelope: Json) -> Reading:
    """Understand one raw update; raises :class:`UnreadableSubmission` for anything but a person's own."""
    update = opened(raw, MAX_RAW, "the update")
    chat = whole(chat_of(update).get("id"))
    if not chat:
        raise UnreadableSubmission("the update belongs to no chat")
    for name, reader in (
        ("message", _message),
        ("edited_message", _edited),
        ("callback_query", _pressed),
        ("my_chat_member", _membership),
    ):
        said = obj(update, name)
        if said:
            return reader(said, str(chat))
    raise UnreadableSubmission("the update is of a kind that nobody writes")


# ------------------------------------------------------------ the four kinds


def _message(said: Said, chat: str, *, changed: bool = False) -> Reading:
    if not SERVICE.isdisjoint(said):
        return _noted(said, chat)
    written = (text(said, "text") or text(said, "caption"))[:MAX_TEXT].strip()
    known_as = _language_of(obj(said, "from"))
    command = _COMMAND.match(written)
    own = _own_words(command, written)
    worded = bool(_LETTER.search(own))
    language = detect(own) if worded else known_as
    if command:
        written = _spoken(command, written, known_as)
    found = contents(said)
    written = written or found.sign  # a sticker says what its emoji says
    album = text(said, "media_group_id")
    origin = _origin(said, language)
    body = _body(written, found, language, changed)
    return Reading(
        subject=clean.opening(written),
        # what was forwarded is what they want to tell us: it stays in the body, its origin stands above it
        body=f"{origin}\n{body}".strip() if origin else body,
        quoted=_quoted(said),
        sender_name=_name(obj(said, "from")),
        contacts=_contact(chat),
        language=language,
        wordless=not worded,
        automatic=Automatic.BULK if obj(said, "from").get("is_bot") is True else Automatic.NONE,
        thread=_thread(said, chat, changed),
        confidential=True,
        place=found.place,
        problems=tuple(found.problems),
        remote=tuple(found.files),
        album=f"{chat}:{clean.line(album, 64)}" if album else "",
    )


def _noted(said: Said, chat: str) -> Reading:
    """Telegram notes in the chat what was done there, a message pinned, a timer set: nobody said anything."""
    person = obj(said, "from")
    return Reading(
        sender_name=_name(person),
        contacts=_contact(chat),
        language=_language_of(person),
        automatic=Automatic.REPLY,
        confidential=True,
    )


def _edited(said: Said, chat: str) -> Reading:
    return _message(said, chat, changed=True)


def _pressed(said: Said, chat: str) -> Reading:
    """A button: ``<key>:<outbox id>``, as the sender made it."""
    key, _, outbox_id = clean.line(text(said, "data"), 64).partition(":")
    person = obj(said, "from")
    return Reading(
        sender_name=_name(person),
        contacts=_contact(chat),
        language=_language_of(person),
        thread=(outbox_id,) if outbox_id else (),
        confidential=True,
        choice=key,
    )


def _membership(said: Said, chat: str) -> Reading:
    """The person blocked the bot, or took it back. Said as the word for it, and never answered."""
    person, status = obj(said, "from"), text(obj(said, "new_chat_member"), "status")
    language = _language_of(person)
    word = _WORDS["stop" if status in ("kicked", "left") else "start"]
    return Reading(
        body=_in(word, language),
        sender_name=_name(person),
        contacts=_contact(chat),
        language=language,
        automatic=Automatic.REPLY,
        confidential=True,
    )


# ------------------------------------------------------------ the body


def _in(words: Text, language: str) -> str:
    return words.en if language == "en" else words.zh


def _spoken(command: re.Match[str], written: str, language: str) -> str:
    """A command in the words that the dialogue knows; what follows it stays, but for /start's payload."""
    name = command[1].lower()
    words = _WORDS.get(name)
    if words is None:
        return written
    rest = "" if name == "start" else written[command.end() :]
    return f"{_in(words, language)} {rest}".strip()


def _own_words(command: re.Match[str] | None, written: str) -> str:
    """What the person wrote: without a command, and without the payload of a link that led to /start."""
    if command is None or command[1].lower() not in _WORDS:
        return written
    return "" if command[1].lower() == "start" else written[command.end() :]


def _body(written: str, found: Contents, language: str, changed: bool) -> str:
    bracket = "({})" if language == "en" else "（{}）"
    lines = [bracket.format(_in(note, language)) for note in found.notes]
    if not written and not lines and not found.files:
        lines = [bracket.format(_in(UNKNOWN, language))]
    if changed:
        lines.insert(0, _in(_CHANGED, language))
        return "\n".join([lines[0], *([written] if written else []), *lines[1:]])
    return "\n".join([*([written] if written else []), *lines])


def _origin(said: Said, language: str) -> str:
    """Where a forwarded message comes from, as its own line."""
    source = obj(said, "forward_origin")
    if not source:
        return ""
    name = (
        _name(obj(source, "sender_user"))
        or text(source, "sender_user_name")
        or text(obj(source, "sender_chat"), "title")
        or text(obj(source, "chat"), "title")
    )
    name = clean.line(name, 100)
    if language == "en":
        return f"(forwarded from {name})" if name else "(forwarded)"
    return f"（转发自：{name}）" if name else "（转发）"


def _quoted(said: Said) -> str:
    """The part of an earlier message that this one answers."""
    earlier = obj(said, "reply_to_message") or obj(said, "external_reply")
    quote = text(obj(said, "quote"), "text") or text(earlier, "text") or text(earlier, "caption")
    return quote[:MAX_TEXT]


def _thread(said: Said, chat: str, changed: bool) -> tuple[str, ...]:
    """Ids of messages that this one belongs to: the outbox id where the answered one had buttons, else
    ``chat/message`` as the sender names its deliveries."""
    answered = obj(said, "reply_to_message")
    found = [_buttons_of(answered)] if answered else []
    if number := whole(answered.get("message_id")):
        found.append(f"{chat}/{number}")
    if changed and (number := whole(said.get("message_id"))):
        found.append(f"{chat}/{number}")
    return tuple(filter(None, found))


def _buttons_of(message: Said) -> str:
    rows = obj(message, "reply_markup").get("inline_keyboard")
    for row in rows[:20] if isinstance(rows, list) else ():
        for button in row[:8] if isinstance(row, list) else ():
            if isinstance(button, dict) and ":" in text(button, "callback_data"):
                return clean.line(text(button, "callback_data"), 64).partition(":")[2]
    return ""


# ------------------------------------------------------------ the person


def _contact(chat: str) -> tuple[Contact, ...]:
    """Verified: Telegram vouches for who writes in a private chat."""
    return (Contact(CHANNEL, chat, verified=True),)


def _name(person: Said) -> str:
    return clean.line(" ".join(filter(None, (text(person, "first_name"), text(person, "last_name")))))


def _language_of(person: Said) -> str:
    """By the language of their app, where the words say nothing."""
    code = text(person, "language_code").lower().replace("_", "-")
    if not code or code.startswith(("zh", "yue")):
        return "zh-Hant" if code.startswith((*_TRADITIONAL, "yue")) else "zh-Hans"
    return "en"
