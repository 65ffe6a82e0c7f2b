"""How people say in their own words whether they were content: one table for all channels.

You are here: mail that answers our question "Were you satisfied?", and the dialogue of texts and chats.
Only what begins with the verdict is one; "满意吗？", "满意度" or "3 weeks" are not. In doubt it is none, and
a person reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from intake.contracts import Reading
from intake.lifecycle import Feedback
from intake.surroundings import our_id

_LOOKED_AT = 4000  # characters; a verdict stands at the beginning
_SHORT = 80  # characters of a remark that the office need not be called for
_SIMPLE = str.maketrans(
    "滿還謝評價選項結處對務辦這們於個沒認為說應決總體",
    "满还谢评价选项结处对务办这们于个没认为说应决总体",
)
_WORDS: Mapping[str, str] = {
    # the longer first: 不满意 holds 满意
    Feedback.DISSATISFIED: (
        r"(?:非常|很|十分|特别|极其|极|太|相当|实在|还是|仍然|依然|表示)?"
        r"(?:不(?:太|是很|怎么|够|大|甚|是特别)?满意?|不满意|唔满意|差评|太差了?|很差)"
        r"|(?:(?:very|really|totally|completely|quite|still) )?(?:dissatisfied|unsatisfied|unhappy|disappointed)"
        r"|not (?:at all |really |very |so |quite |yet )?(?:satisfied|happy|content)"
    ),
    Feedback.BASICALLY_SATISFIED: (
        r"(?:基本上?|大致|大体上?|比较|较|还算|尚算|勉强|总体)满意|还算?可以|还行|一般般?"
        r"|(?:basically|mostly|partly|partially|fairly|somewhat|generally|reasonably|largely) "
        r"(?:satisfied|happy|content)|basically"
    ),
    Feedback.SATISFIED: (
        r"(?:非常|很|十分|好|挺|特别|相当|真的?|都|完全|表示|蛮)?满意|好评|很好"
        r"|(?:(?:very|really|quite|fully|completely|totally|entirely) )?(?:satisfied|happy|content)"
    ),
}
_DIGITS = {
    "1": Feedback.SATISFIED,
    "2": Feedback.BASICALLY_SATISFIED,
    "3": Feedback.DISSATISFIED,
    "一": Feedback.SATISFIED,
    "二": Feedback.BASICALLY_SATISFIED,
    "三": Feedback.DISSATISFIED,
}
_BEFORE = re.compile(
    r"(?:(?:您好|你好|大家好|谢谢(?:您|你|你们|您们)?|感谢|多谢|hello|hi|dear [\w .]{1,40}|thank you|thanks)"
    r"[\s,.!;:、。~]*"
    r"|(?:我们?|本人|我的|这次|总的来说|我个人|我家)(?=[^\n]{0,24}(?:满|好评|差评|评价|可以|还行|一般))"
    r"|对(?:[^\n,.!?。]{0,20}?)(?:结果|处理|答复|回复|服务|办理|工作|解决|情况)+"
    r"|(?:觉得|认为|感到|表示|评价|选择?|答|回复|回答)(?:是|为)?[\s:]*"
    r"|(?:my (?:rating|answer)(?: is)?|rating|i am|i'm|we are|we're|yes|no)[\s,:]+)"
)
_ROUNDS = 6  # of such beginnings
_AFTER = re.compile(r"(?:了|的|啊|呀|呢|哦|喔|啦|吧)?\s*(?:$|[\n,.!;:、。~—…()「」“”\"'-]|谢|感谢)")
_PARTICLE = re.compile(r"(?:了|的|啊|呀|呢|哦|喔|啦|吧)(?=$|[\s,.!;。~…])")
_SIGNATURE = re.compile(r"(?:^|\n)-- ?\r?\n")
_GOES_ON = re.compile(r"\s+(?:with|about|that|because|as|but|thank|at|by)\b")
_ASKED = re.compile(r"[了的]?\s*(?:吗|么|嘛|\?|度|与否|不满)")
_DIGIT = re.compile(r"(?:按|选项?|no\.? ?)?\s*([123一二三])\s*(?=$|\n|[,:!。])")
_BETWEEN = " \n,.!:;、。~"
_LISTED = re.compile(r"(?:^|[\s,.;。])[2-9][、.,)]")
_BUT = re.compile(r"(?:但|不过|可是|只是|然而|but\b|however\b|except\b|though\b)")


def rating_of(text: str) -> tuple[str, str] | None:
    """The verdict that ``text`` begins with, and the rest of it as the person wrote it.

    The value is one of :class:`~intake.lifecycle.Feedback` (never ``silent``). None: this is no rating.
    Linear in the first 4,000 characters; the remark is not cut.
    """
    wording, kept = _plain(text[:_LOOKED_AT])
    start = _skip_politeness(wording)
    in_words = _in_words(text, wording, kept, start)
    return in_words if in_words is not None else _by_digit(text, wording, kept, start)


def _in_words(text: str, wording: str, kept: list[int], start: int) -> tuple[str, str] | None:
    for value, words in _PATTERNS:
        found = words.match(wording, start)
        if found is None:
            continue
        if _ASKED.match(wording, found.end()):
            return None
        if (
            value is Feedback.DISSATISFIED
            or _AFTER.match(wording, found.end())
            or (found[0].isascii() and _GOES_ON.match(wording, found.end()))
        ):
            particle = _PARTICLE.match(wording, found.end())
            return str(value), _remark(text, kept[(particle or found).end()])
        return None
    return None


def rating_in_reply(reading: Reading, ours: Mapping[str, Any]) -> tuple[str, str] | None:
    """The rating in a mail that answers our question for one; None for any other mail.

    ``ours`` are outbox rows by their id; the nearest one in the thread is what was answered.
    """
    answered = next((ours[key] for name in reading.thread if (key := our_id(name)) in ours), None)
    if answered is None or answered.template not in ("feedback", "feedback_reminder"):
        return None
    return rating_of(reading.body)


def wants_a_look(value: str, remark: str) -> bool:
    """Whether somebody should read the remark although the verdict is a good one.

    Dissatisfied calls the office in any case.
    """
    return value != Feedback.DISSATISFIED and (len(remark) > _SHORT or bool(_BUT.search(remark.casefold())))


def _plain(text: str) -> tuple[str, list[int]]:
    """``text`` in half width, lower case and simplified forms, and where each character stood in it."""
    plain: list[str] = []
    kept: list[int] = []
    for place, character in enumerate(text):
        for narrow in unicodedata.normalize("NFKC", character).casefold().translate(_SIMPLE):
            plain.append(" " if narrow in "\t\r\u3000\xa0" else "。" if narrow == "｡" else narrow)
            kept.append(place)
    return "".join(plain), [*kept, len(text)]


def _skip_politeness(wording: str) -> int:
    """Where the verdict may begin: after greetings, thanks and "I am"."""
    place = 0
    for _ in range(_ROUNDS):
        place += len(wording[place:]) - len(wording[place:].lstrip(" \n,.!:;、。~“”\"'「『【["))
        found = _BEFORE.match(wording, place)
        if found is None or not found[0]:
            break
        place = found.end()
    return place


def _by_digit(text: str, wording: str, kept: list[int], start: int) -> tuple[str, str] | None:
    """A lone 1, 2 or 3, as on a keypad. A numbered list is none."""
    found = _DIGIT.match(wording, start)
    if found is None or _LISTED.search(wording, found.end()):
        return None
    value = str(_DIGITS[found[1]])
    after = wording[found.end() :]
    said = _in_words(text, wording, kept, len(wording) - len(after.lstrip(_BETWEEN)))
    if said is not None and said[0] != value:
        return None  # "1，不满意": a person reads it
    return value, _remark(text, kept[found.end()])


def _remark(text: str, start: int) -> str:
    """What stands after the verdict, without the mark that divides them."""
    rest = _SIGNATURE.split(text[start:], maxsplit=1)[0]
    return rest.lstrip(" \t\r\n\u3000,，.。!！;；:：、~～—-…”’」』】]").strip()


_PATTERNS = tuple((Feedback(value), re.compile(words)) for value, words in _WORDS.items())
