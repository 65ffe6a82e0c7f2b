"""What a message asks of the service, if anything. You are here: text → [understand] → script.

A command is recognised only when the message *is* that command, with a reference or following text;
never because a complaint happens to contain the word. Bounded: only the beginning is looked at.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from channels.dialogue.spelling import fold, within_one_slip
from channels.dialogue.words import (
    FILLERS,
    GLUED,
    MEANING,
    NEEDS_MARK,
    POLITE_AFTER,
    POLITE_BEFORE,
    POLITE_WITHIN,
    TAKES_TEXT,
    UNITS_EN,
    UNITS_ZH,
    Intent,
)
from intake.ratings import rating_of
from intake.references import find_references

_COMMAND_LENGTH = 90  # characters; a longer message is not a bare command
_MOST_TOKENS = 12
_HEAD = 26  # the longest word that takes text, with what is polite before it
_LENGTHS = sorted({len(word) for word in TAKES_TEXT}, reverse=True)
_FUZZY_FROM = 5  # letters
_LIKE_A_REFERENCE = re.compile(r"[#№n°o.:：(（]*\s*\d[\d\s\-‐‑‒–—―−－_.·]{5,18}\d?[)）]*")
_DIGITS = re.compile(r"\d")
_FEWEST_DIGITS = 7
_MARKS = re.compile(r"[^\w'?]+|_+")
_SEPARATORS = " \t\r\n\u3000:：,，.。、;；!！-—–~～>》)）]】"
_STRONG = frozenset("\n\r:：,，.。、;；!！-—–")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_KEY = re.compile(r"\W*([0-9一二三])\W*")
_KEY_AND_WORD = re.compile(r"\W*([0-9])\W*(\D{1,24})")
_UNKNOWN_COMMAND = re.compile(r"[A-Za-z0-9 ]{1,32}\s?", re.ASCII)
_ASKS = re.compile(r"[?吗么嘛]")
_CHINESE_KEYS = {"一": "1", "二": "2", "三": "3"}
RATINGS = {"1": "satisfied", "2": "basically_satisfied", "3": "dissatisfied"}
"""What the keys of the rating question say."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was understood. ``rest`` is what follows the command, as written; ``loose``: without a mark.

    ``intent`` None: the message says something of its own. ``references`` are in canonical form;
    ``misread`` True: something meant as a reference is none.
    """

    intent: Intent | None = None
    value: str = ""
    rest: str = ""
    references: tuple[str, ...] = ()
    loose: bool = False
    misread: bool = False


def understand(text: str) -> Said:
    """What ``text`` asks for. Total: works for any string, in time bounded by its beginning."""
    text = text.strip()
    references = find_references(text)
    if not _says_anything(text):
        return Said(Intent.HELP if fold(text[:4]) == "?" else Intent.NOTHING)
    slash = text.startswith("/")
    if slash:
        text = _slash(text)
    if len(text) <= _COMMAND_LENGTH and (found := _whole(text, references)):
        return found
    if slash and _UNKNOWN_COMMAND.fullmatch(text):
        return Said(Intent.HELP)
    return _beginning(text, references) or Said(references=references)


def _says_anything(text: str) -> bool:
    letters = sum(unicodedata.category(char)[0] in "LN" for char in text[:2000])
    beginning = fold(text[:40])
    return letters > 1 or bool(_KEY.fullmatch(beginning)) or _MARKS.sub("", beginning) in MEANING


def _slash(text: str) -> str:
    """Telegram's way to write commands: /status@bot 26-000001-2."""
    head, space, rest = text[1:].partition(" ")
    return head.partition("@")[0].replace("_", " ") + space + rest


# ---------------------------------------------------------------- the whole message is the command


def _whole(text: str, references: tuple[str, ...]) -> Said | None:
    plain = fold(text).strip()
    if key := _KEY.fullmatch(plain):
        return Said(Intent.KEY, _CHINESE_KEYS.get(key[1], key[1]))
    if (pair := _KEY_AND_WORD.fullmatch(plain)) and (word := _meaning(pair[2])):
        if word[0] is Intent.RATE and word[1] != RATINGS.get(pair[1]):
            return Said(references=references)  # "1 不满意": nobody can tell which; a person reads it
        return Said(Intent.KEY, pair[1])
    without, count = _LIKE_A_REFERENCE.subn(" ", plain, count=3)
    if meaning := _meaning(without):
        if meaning[0] is Intent.RATE and _ASKS.search(plain):
            return Said(references=references)  # "满意吗？", "am I satisfied? no"
        return Said(*meaning, references=references, misread=bool(count) and not references)
    if count and not _MARKS.sub("", without):
        return Said(Intent.STATUS, references=references, misread=not references)
    return None


def _meaning(plain: str) -> tuple[Intent, str] | None:
    """The intent of a folded message without its references, or None when it is more than a command."""
    words = _MARKS.sub(" ", plain).split()
    if not words or len(words) > _MOST_TOKENS:
        return None
    return _chinese("".join(words).replace("?", "")) if _HAN.search(plain) else _english(words)


def _chinese(core: str) -> tuple[Intent, str] | None:
    for word in POLITE_WITHIN:
        if found := MEANING.get(core):
            return found
        core = core.replace(word, "") or core
    for _ in range(6):  # at most so many polite words on either side
        if found := MEANING.get(core):
            return found
        shorter = core
        for word in POLITE_BEFORE:
            shorter = shorter.removeprefix(word)
        if found := MEANING.get(shorter):
            return found
        for word in POLITE_AFTER:
            shorter = shorter.removesuffix(word)
        if shorter == core or not shorter:
            return None
        core = shorter
    return None


def _english(words: list[str]) -> tuple[Intent, str] | None:
    if found := MEANING.get(" ".join(words)):
        return found
    left = [word.rstrip("?") for word in words if word.rstrip("?") not in FILLERS]
    if not left:
        return (Intent.HELP, "") if {"case", "complaint", "complaints"} & set(words) else None
    phrase = " ".join(left)
    return MEANING.get(phrase) or _nearly(phrase)


def _nearly(phrase: str) -> tuple[Intent, str] | None:
    """The meaning of a word with one typing error in it."""
    if len(phrase) < _FUZZY_FROM or not phrase.isascii():
        return None
    for word, meaning in MEANING.items():
        if len(word) >= _FUZZY_FROM and word.isascii() and within_one_slip(phrase, word):
            return meaning
    return None


# ---------------------------------------------------------------- the message begins with the command


def _beginning(text: str, references: tuple[str, ...]) -> Said | None:
    text = _unpolite(text)
    plain = fold(text[:_HEAD])
    whole = len(plain) == min(len(text), _HEAD)  # nothing was composed or left out: places correspond
    for length in _LENGTHS if whole else range(min(len(text), _HEAD), 0, -1):
        if whole and plain[:length] not in TAKES_TEXT:
            continue
        meaning = _prefix(text, length)
        if meaning is None:
            continue
        rest = text[length:]
        mark = rest[: len(rest) - len(rest.lstrip(_SEPARATORS))]
        loose = not mark
        word = fold(text[:length])
        if loose and word not in GLUED:
            continue
        if word in NEEDS_MARK and not _STRONG & set(mark) and not text[:length].isupper():
            continue
        rest, named = _without_reference(rest.lstrip(_SEPARATORS))
        return Said(*meaning, rest, references, loose=loose, misread=named and not references)
    return _figure(text, references)


def _prefix(text: str, length: int) -> tuple[Intent, str] | None:
    head = text[:length]
    if head != head.rstrip(_SEPARATORS):
        return None
    return TAKES_TEXT.get(fold(head))


def _figure(text: str, references: tuple[str, ...]) -> Said | None:
    """A rating with its reason: "3 修了又坏". A figure that counts something is none."""
    plain = fold(text[:40])
    if not plain or plain[0] not in RATINGS or not text[1:]:
        return None
    rest = text[1:].lstrip(_SEPARATORS)
    following = fold(rest[:24])
    first = following.split(" ", 1)[0].strip(".,!?")
    if not following or following[0] in UNITS_ZH or first in UNITS_EN or not following[0].isalpha():
        return None
    if rest == text[1:] and not _HAN.match(following):
        return None  # "3rd", "2b"
    in_words = rating_of(rest)
    if in_words is not None and in_words[0] != RATINGS[plain[0]]:
        return None  # "1，很不满意"
    return Said(Intent.RATE, RATINGS[plain[0]], rest=rest, references=references, loose=True)


def _unpolite(text: str) -> str:
    """``text`` without greetings before a command."""
    for _ in range(4):
        for word in ("您好", "你好", "请", "hello", "hi", "please", "dear sir"):
            if fold(text[: len(word)]) == word and text[len(word) : len(word) + 1] in f"{_SEPARATORS}补新撤":
                text = text[len(word) :].lstrip(_SEPARATORS)
                break
        else:
            return text
    return text


def _without_reference(rest: str) -> tuple[str, bool]:
    """``rest`` without what looks like a reference at its beginning, and whether there was one."""
    found = _LIKE_A_REFERENCE.match(rest[:40])
    if found is None or len(_DIGITS.findall(found[0])) < _FEWEST_DIGITS:
        return rest, False
    return rest[found.end() :].lstrip(_SEPARATORS), True
