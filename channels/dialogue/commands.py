"""What a citizen asks of the service itself. You are here: script → [commands] → Turn.

:data:`COMMANDS` is the table: what was said → what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from channels.dialogue import matters
from channels.dialogue.lines import line, question, status
from channels.dialogue.scene import Scene, closed
from channels.dialogue.words import Intent
from intake.conversation import Turn

Command = Callable[[Scene], Turn | None]

_MOST_AT_ONCE = 3  # cases in one reply
_MOST_HEARD_OF = 10  # cases that ``Heard`` carries: there may be more
_REASON = 60  # characters: a longer text after 撤回 is a complaint about something that was withdrawn


def _help(scene: Scene) -> Turn:
    return scene.talk(line("help"))


def _status(scene: Scene) -> Turn:
    """Own cases only; any other reference gets one and the same sentence."""
    named = scene.named()
    if named is not None:
        return scene.talk(status(named))
    if scene.names_other:
        return scene.talk(line("not_yours"))
    pointed = scene.own(scene.heard.belongs)
    open_ones = [case for case in scene.heard.cases if not closed(case)]
    about = [pointed] if pointed else open_ones[:_MOST_AT_ONCE] or list(scene.heard.cases[:1])
    if not about:
        return scene.talk(line("no_cases"))
    known = len(scene.heard.cases)
    more = known - len(about) if known > _MOST_AT_ONCE and not pointed else 0
    number = f"{more}+" if known >= _MOST_HEARD_OF else str(more)
    rest = (line("and_more", n=number),) if more else ()
    return scene.talk(*(status(case) for case in about), *rest)


def _new(scene: Scene) -> Turn:
    if scene.said.rest or scene.heard.files:
        return matters.new(scene)
    return scene.talk(question("tell"), asking="tell")


def _add(scene: Scene) -> Turn | None:
    if scene.names_other:
        return _not_yours_but_kept(scene)
    case = scene.named() or scene.own(scene.heard.belongs) or scene.talked_about()
    if case is None:
        return None if scene.said.rest or scene.heard.files else scene.talk(question("tell"), asking="tell")
    if scene.said.rest or scene.heard.files:
        return matters.added(scene, case, always=True, asking="")
    return scene.talk(question("add", case), asking="add", complaint_id=case.id)


def _not_yours_but_kept(scene: Scene) -> Turn | None:
    """Meant for a case that is not theirs: nothing is told of it; what they said is theirs, and heard."""
    return None if scene.said.rest or scene.heard.files else scene.talk(line("not_yours"))


def _withdraw(scene: Scene) -> Turn | None:
    """Asked back first: a wrong finger must not end a complaint."""
    if len(scene.said.rest) > _REASON:
        return None
    if scene.names_other:
        return scene.talk(line("not_yours"))
    case = scene.named() or scene.own(scene.heard.belongs) or scene.talked_about()
    if case is None or closed(case):
        return None if scene.said.rest else scene.talk(line("nothing_to_withdraw"))
    notes = {"withdraw": case.id, "reason": scene.said.rest or None}
    turn = scene.talk(line("confirm_withdraw", case), asking="withdraw", memory=notes)
    return replace(turn, complaint_id=case.id)


def _start(scene: Scene) -> Turn:
    if scene.was.stopped_at is None:
        return scene.talk(line("help"))
    return scene.talk(line("started"))


def _language(scene: Scene) -> Turn:
    chosen = scene.said.value
    return scene.talk(line("language_set"), language=chosen, memory={"language": chosen})


def _greeting(scene: Scene) -> Turn:
    return scene.talk(line("help"))


def _thanks(scene: Scene) -> Turn:
    """No answer to thanks: the talk is over, and a text costs."""
    return scene.talk(stopped_at=scene.was.stopped_at)


def _key(scene: Scene) -> Turn:
    """A figure, with nothing to rate and nothing asked."""
    return scene.talk(line("nothing_to_rate" if scene.said.value in "123" else "help"))


def _rate(scene: Scene) -> Turn | None:
    return None if scene.said.rest or scene.heard.files else scene.talk(line("nothing_to_rate"))


def _just_a_word(scene: Scene) -> Turn:
    """Yes, no or an emoji that answers nothing: silence among people who talk, help for a stranger."""
    return scene.talk() if scene.heard.cases else scene.talk(line("help"))


def _nothing(scene: Scene) -> Turn | None:
    return None if scene.heard.files else _just_a_word(scene)


COMMANDS: Mapping[Intent, Command] = {
    Intent.HELP: _help,
    Intent.STATUS: _status,
    Intent.NEW: _new,
    Intent.ADD: _add,
    Intent.WITHDRAW: _withdraw,
    Intent.START: _start,
    Intent.LANGUAGE: _language,
    Intent.GREETING: _greeting,
    Intent.THANKS: _thanks,
    Intent.KEY: _key,
    Intent.RATE: _rate,
    Intent.YES: _just_a_word,
    Intent.NO: _just_a_word,
    Intent.SKIP: _just_a_word,
    Intent.ENOUGH: _just_a_word,
    Intent.NOTHING: _nothing,
}
