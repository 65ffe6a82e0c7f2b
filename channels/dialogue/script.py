"""The script of all conversations: one message in, one turn out. You are here: filing → [script] → filing.

:data:`ORDER` is what is tried, first come, first served; the last step always has an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from channels.dialogue import matters
from channels.dialogue.commands import COMMANDS
from channels.dialogue.lines import line, question, thanks
from channels.dialogue.replies import reply
from channels.dialogue.scene import Scene, closed, scene_of
from channels.dialogue.understand import RATINGS
from channels.dialogue.words import Intent
from intake.conversation import Act, Heard, OwnCase, Turn
from intake.ratings import rating_of

Step = Callable[[Scene], Turn | None]

_ANSWERS_A_BUREAU = frozenset(
    {None, Intent.KEY, Intent.YES, Intent.NO, Intent.SKIP, Intent.ENOUGH, Intent.RATE, Intent.ADD}
)
"""What may be an answer to a bureau's question: everything that is no command of its own."""
_WANT_WORDS = ("office", "why", "add")
"""Our questions to which words of danger may well be the answer."""
_ALWAYS = datetime.max.replace(tzinfo=UTC)


def _time_is_over(scene: Scene) -> Turn | None:
    """The message that waited comes again: nobody said that it belongs to a case."""
    return matters.new_after_waiting(scene) if scene.heard.held else None


def _stop(scene: Scene) -> Turn | None:
    """退订: confirmed once, then silence. Never anything else, whatever is being asked."""
    if scene.said.intent is not Intent.STOP:
        return None
    if scene.was.stopped_at is not None:
        return scene.talk(stopped_at=scene.was.stopped_at)
    return scene.talk(line("stopped"), stopped_at=scene.heard.now, asking="", memory={"missing": None})


def _surely_new(scene: Scene) -> Turn | None:
    """Danger, or "new …" outright: a case of its own at once, whatever is being asked."""
    case = scene.talked_about()
    pointed = scene.heard.belongs or scene.named() or scene.was.asking in _WANT_WORDS
    if case is None or pointed or scene.said.intent is not None or not matters.surely_new(scene, case):
        return None
    turn = matters.new(scene)
    return turn if scene.was.held_id is None else _released(turn, "new")


def _expected(scene: Scene) -> Turn | None:
    """What somebody waits for: the latest of our question, the rating and a bureau's question takes it."""
    waiting: list[tuple[datetime, Step]] = []
    was, pointed = scene.was, scene.own(scene.heard.belongs)
    if was.asking and was.asked_at and (pointed is None or was.complaint_id in (None, pointed.id)):
        waiting.append((was.asked_at, reply))
    rateable = scene.rateable()
    if rateable is not None and rateable.closed_at is not None:
        waiting.append((_ALWAYS if rateable is pointed else rateable.closed_at, _rating))
    asked = scene.questioned()
    if asked is not None and asked.asked_at is not None:
        waiting.append((asked.asked_at, _bureau_answer))
    for _, step in sorted(waiting, key=lambda pair: pair[0], reverse=True):
        if turn := step(scene):
            return turn
    return None


def _rating(scene: Scene) -> Turn | None:
    case = scene.rateable()
    value, remark = _verdict(scene, case) if case is not None else ("", "")
    if case is None or not value:
        return None
    if value == "dissatisfied" and not remark:
        after = scene.next(asking="why", complaint_id=case.id, memory={"rated": case.id})
        return Turn(Act.RATE, after, case.id, (question("why", case),), value=value)
    after = scene.next(asking="", memory={"rated": None})
    return Turn(Act.RATE, after, case.id, (thanks(value, case),), value=value, text=remark)


def _verdict(scene: Scene, case: OwnCase) -> tuple[str, str]:
    """The rating and its remark; empty when there is none.

    Who was asked and has nothing else going on may say it in any words, as in a mail (``intake.ratings``).
    """
    said = scene.said
    if said.intent is Intent.KEY:
        return RATINGS.get(said.value, ""), ""
    if said.intent is Intent.RATE:
        return said.value, said.rest
    asked = case.feedback is None and (
        case.id == scene.heard.belongs or all(closed(other) for other in scene.heard.cases)
    )
    if said.intent is not None or scene.heard.files or not asked:
        return "", ""
    return rating_of(scene.text) or ("", "")


def _bureau_answer(scene: Scene) -> Turn | None:
    case = scene.questioned()
    if case is None or (scene.said.intent not in _ANSWERS_A_BUREAU and not scene.tells):
        return None
    other = scene.named() or scene.own(scene.heard.belongs)
    if other is not None and other is not case:
        return None
    return matters.added(scene, case, asking="")


def _command(scene: Scene) -> Turn | None:
    command = COMMANDS.get(scene.said.intent) if scene.said.intent else None
    turn = command(scene) if command else None
    if turn is None or scene.was.held_id is None or turn.act not in (Act.NEW, Act.ADD):
        return turn
    # what was said outright of this message answers for the one that waits, too
    return _released(turn, "new" if turn.act is Act.NEW else "add")


def _while_held(scene: Scene) -> Turn | None:
    """Somebody goes on while a message of theirs waits for "new or not"."""
    case = scene.own(scene.was.complaint_id)
    if scene.was.held_id is None or case is None:
        return None
    if scene.long:
        return _released(matters.hold(scene, case, release="new"), "new")
    return matters.added(scene, case)


def _pointed_at(scene: Scene) -> Turn | None:
    """A quoted message of ours, or a reference of theirs, says which case it is."""
    case = scene.own(scene.heard.belongs) or scene.named()
    return matters.added(_asked_nothing(scene), case, asking="") if case else None


def _told(scene: Scene) -> Turn:
    return matters.told(_asked_nothing(scene))


def _released(turn: Turn, what: str) -> Turn:
    return replace(turn, release=what, conversation=replace(turn.conversation, held_id=None))


def _asked_nothing(scene: Scene) -> Scene:
    """The scene without a question of ours that this message passed over."""
    return replace(scene, was=replace(scene.was, asking="", asked_at=None))


ORDER: tuple[Step, ...] = (_time_is_over, _stop, _surely_new, _expected, _command, _while_held, _pointed_at)
"""Each step gives a turn or passes; what is left tells of a matter."""


class Script:
    """The dialogue of SMS, WhatsApp and Telegram. Pure; safe to share between threads."""

    def turn(self, heard: Heard) -> Turn:
        """What ``heard`` means and what is said to it."""
        scene = scene_of(heard)
        for step in ORDER:
            if turn := step(scene):
                return turn
        return _told(scene)
