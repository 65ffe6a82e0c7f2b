"""What a reply to a question of ours does. You are here: script → questions → [replies] → Turn.

:data:`EFFECTS` are the effects that the table of questions names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from channels.dialogue import matters
from channels.dialogue.lines import line, question, thanks
from channels.dialogue.questions import QUESTIONS, answers, brief, effect_of
from channels.dialogue.scene import BURST, FORGOTTEN, RECENT, Scene
from intake.conversation import Act, Line, OwnCase, Turn

Effect = Callable[[Scene], Turn | None]


def reply(scene: Scene) -> Turn | None:
    """The turn when the message replies to our question, else None."""
    asking = scene.was.asking
    name = effect_of(asking, scene.said)
    if not name and scene.heard.files and scene.tells:
        name = QUESTIONS[asking].replies.get("text", "") if asking in QUESTIONS else ""
    if not name or scene.asked_ago() > FORGOTTEN:
        return None
    return EFFECTS[name](scene)


def _case(scene: Scene) -> OwnCase | None:
    return scene.own(scene.was.complaint_id)


def _next_question(scene: Scene, case: OwnCase, *first: Line) -> tuple[tuple[Line, ...], dict[str, object]]:
    """What to say and to remember when the next question is put, if there is one."""
    left = [key for key in _missing(scene) if key != scene.was.asking and not _told(key, scene)]
    if not left:
        return (*first, line("complete", case)), {"asking": "", "memory": {"missing": None}}
    return (*first, question(left[0])), {"asking": left[0], "memory": {"missing": left}}


def _missing(scene: Scene) -> list[str]:
    noted = scene.memory.get("missing")
    return [key for key in noted if key in QUESTIONS] if isinstance(noted, list) else []


def _told(key: str, scene: Scene) -> bool:
    """Whether this message happens to answer a question that was not put yet."""
    lacks = QUESTIONS[key].missing
    return key in ("where", "when") and lacks is not None and not lacks(scene.heard)


def _answer(scene: Scene) -> Turn | None:
    """A text after a question about the matter: its answer, or the citizen goes on telling."""
    case = _case(scene)
    if case is None or case.state == "closed":
        return None
    if not answers(scene.was.asking, scene.heard) or _other_matter(scene, case):
        return _goes_on(scene, case)
    say, changes = _next_question(scene, case)
    return Turn(Act.ADD, scene.next(**changes), case.id, say, reroute=True)


def _other_matter(scene: Scene, case: OwnCase) -> bool:
    """Whether a long text that also names a place or a time goes to another bureau."""
    return scene.asked_ago() > BURST and not brief(scene.text) and matters.elsewhere(scene, case)


def _goes_on(scene: Scene, case: OwnCase) -> Turn | None:
    """Talking instead of answering: no more questions; but a message sent in pieces has not seen ours yet."""
    if scene.asked_ago() <= BURST:
        return matters.added(scene, case, quiet=True)
    if scene.asked_ago() > RECENT or matters.elsewhere(scene, case):
        return None
    return matters.added(scene, case, asking="", memory={"missing": None})


def _skip(scene: Scene) -> Turn | None:
    case = _case(scene)
    if case is None:
        return scene.talk(asking="", memory={"missing": None})
    say, changes = _next_question(scene, case)
    return replace(scene.talk(*say, **changes), complaint_id=case.id)


def _enough(scene: Scene) -> Turn | None:
    case = _case(scene)
    say = (line("complete", case),) if case else ()
    return scene.talk(*say, asking="", memory={"missing": None})


def _may_name(scene: Scene) -> Turn | None:
    case = _case(scene)
    if case is None:
        return None
    say, changes = _next_question(scene, case, line("named", case))
    return Turn(Act.ADD, scene.next(**changes), case.id, say[:1], confidential=False)


def _secret(scene: Scene) -> Turn | None:
    case = _case(scene)
    if case is None:
        return None
    _, changes = _next_question(scene, case)
    return replace(scene.talk(line("secret", case), **changes), complaint_id=case.id, confidential=True)


def _reason(scene: Scene) -> Turn | None:
    case = scene.own(scene.memory.get("rated"))
    if case is None:
        return None
    after = scene.next(asking="", memory={"rated": None})
    value = "dissatisfied"
    return Turn(Act.RATE, after, case.id, (thanks(value, case),), value=value, text=scene.text)


def _no_reason(scene: Scene) -> Turn | None:
    case = scene.own(scene.memory.get("rated"))
    say = (thanks("dissatisfied", case),) if case else ()
    return scene.talk(*say, asking="", memory={"rated": None})


def _withdraw(scene: Scene) -> Turn | None:
    case = scene.own(scene.memory.get("withdraw"))
    if case is None or case.state == "closed":
        return scene.talk(line("nothing_to_withdraw"), asking="", memory={"withdraw": None, "reason": None})
    reason = scene.memory.get("reason")
    after = scene.next(
        asking="", complaint_id=case.id, memory={"withdraw": None, "reason": None, "missing": None}
    )
    text = reason if isinstance(reason, str) else ""
    return Turn(Act.WITHDRAW, after, case.id, (line("withdrawn", case),), text=text)


def _keep(scene: Scene) -> Turn | None:
    case = scene.own(scene.memory.get("withdraw"))
    say = (line("kept", case),) if case else ()
    return scene.talk(*say, asking="", memory={"withdraw": None, "reason": None})


def _more(scene: Scene) -> Turn | None:
    """The message that waited belongs to the case."""
    case = _case(scene)
    if scene.was.held_id is None or case is None:
        return None
    turn = scene.talk(line("added", case), asking="", held_id=None, held_until=None)
    return replace(turn, complaint_id=case.id, release="add", reroute=True)


def _new(scene: Scene) -> Turn | None:
    """The message that waited is a complaint of its own: it comes again and is filed as one."""
    if scene.was.held_id is None:
        return None
    return replace(scene.talk(asking="", held_id=None, held_until=None), release="new")


def _tell(scene: Scene) -> Turn | None:
    return matters.new(scene)


def _add(scene: Scene) -> Turn | None:
    case = scene.talked_about()
    return matters.added(scene, case, always=True, asking="") if case else matters.new(scene)


def _never_mind(scene: Scene) -> Turn | None:
    return scene.talk(line("help"), asking="")


EFFECTS: Mapping[str, Effect] = {
    "answer": _answer,
    "skip": _skip,
    "enough": _enough,
    "may_name": _may_name,
    "secret": _secret,
    "reason": _reason,
    "no_reason": _no_reason,
    "withdraw": _withdraw,
    "keep": _keep,
    "more": _more,
    "new": _new,
    "tell": _tell,
    "add": _add,
    "never_mind": _never_mind,
}
