"""You are here: intake → routing → lexicon → *mentions* → firewall, rules.

Where a message names bureaus, by any of their names. "教育局" inside "市教育局" counts; of two
names over the same characters the longer one counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from routing.bureaus import Bureaus
from routing.lexicon import Scan
from routing.normalise import normalise

MAXIMUM_MENTIONS = 200
"""Mentions looked at in one message; a text that repeats a name forever says nothing new."""

_ASKED_BEFORE = re.compile(
    r"(?:请(?!问|教)|望|盼|要求|建议|呼吁|求|责成|责令|督促|交由|应由|由|让|致|尊敬的|"
    r" please| ask| request| urge| hope| dear| to)(?:[^,。!?;:\n]{0,8})$"
)
_ASKED_AFTER = re.compile(
    r"^[^,。!?;\n]{0,8}?(?:处理|查处|查办|解决|调查|核实|整治|管管|管一管|介入|出面|监管|协调|取缔|打击|严查|"
    r"负责人?|领导|局长|您好|你好|能否|能不能|是否|"
    r" should| must| could| please| to (?:look|act|check|fix|investigate))"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A bureau named at ``start`` … ``end`` of the normalised text."""

    bureau: str
    start: int
    end: int


class BureauNames:
    """All spoken names of all bureaus, in matching form."""

    def __init__(self, bureaus: Bureaus) -> None:
        self._owner = {normalise(n): b.code for b in bureaus for n in b.spoken_names}

    def words(self) -> tuple[str, ...]:
        """The names as the lexicon needs them."""
        return tuple(self._owner)

    def mentions(self, scan: Scan) -> tuple[Mention, ...]:
        """Every mention in order of place, without overlaps, at most :data:`MAXIMUM_MENTIONS`."""
        present = sorted(self._owner.keys() & scan.first.keys(), key=lambda name: (-len(name), name))
        if not present:
            return ()
        # Latin names carry a space on both sides; look ahead for the last so that two may share it.
        pattern = "|".join(
            re.escape(name[:-1]) + "(?= )" if name.endswith(" ") else re.escape(name) for name in present
        )
        found: list[Mention] = []
        for match in re.finditer(pattern, scan.text):
            word = match.group()
            owner = self._owner.get(word) or self._owner[word + " "]
            found.append(Mention(owner, match.start(), match.end()))
            if len(found) == MAXIMUM_MENTIONS:
                break
        return tuple(found)


def addressed(text: str, mentions: Sequence[Mention]) -> str:
    """The one bureau the writer asks to act, or the only one named; "" when it is not clear."""
    asked = {m.bureau for m in mentions if is_asked(text, m)}
    if len(asked) == 1:
        return asked.pop()
    named = {m.bureau for m in mentions}
    return named.pop() if len(named) == 1 and not asked else ""


def is_asked(text: str, mention: Mention) -> bool:
    """Whether the words around say that the bureau should act (请住建局处理)."""
    before = text[max(0, mention.start - 14) : mention.start + (text[mention.start] == " ")]
    after = text[mention.end : mention.end + 24]
    return bool(_ASKED_BEFORE.search(before) or _ASKED_AFTER.search(after))
