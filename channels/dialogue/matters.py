"""A message that tells something: a new matter, or more of one. You are here: script → [matters] → Turn."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from channels.dialogue.lines import line
from channels.dialogue.questions import missing
from channels.dialogue.scene import BURST, FORGOTTEN, HOLD_FOR, LONG, RECENT, Scene, closed
from intake.conversation import Act, Conversation, OwnCase, Turn

_SAYS_NEW = re.compile(r"(?:(?:new|complaint)\b|新投[诉訴])\W*(.*)", re.IGNORECASE | re.DOTALL)


def new(scene: Scene) -> Turn:
    """A complaint: filed at once; its acknowledgement carries the first question."""
    lacks = missing(scene.heard)
    ask = lacks[0] if lacks else ""
    notes = {"missing": lacks, "rated": None, "withdraw": None, "reason": None, "thanked": None}
    return Turn(Act.NEW, scene.next(asking=ask, complaint_id=None, memory=notes), ask=ask)


def new_after_waiting(scene: Scene) -> Turn:
    """Nobody said that it is no new matter: then it is one.

    When meanwhile another message waits, that one's question stands, and this one asks nothing.
    """
    if scene.was.held_id is not None:
        return Turn(Act.NEW, scene.next(complaint_id=None))
    return new(scene)


def added(scene: Scene, case: OwnCase, *, quiet: bool = False, always: bool = False, **changes: Any) -> Turn:
    """More about ``case``: we say so, not for every piece of a burst; ``always``: whatever else was said."""
    other = scene.was.complaint_id not in (None, case.id)
    notes = changes.pop("memory", {})
    if other:
        notes = {"missing": None} | notes
        changes = {"asking": ""} | changes
    if always or not (quiet or _thanked(scene, case)):
        notes |= {"thanked": [case.id, scene.heard.now.isoformat()]}
        return Turn(
            Act.ADD, _after(scene, case, notes, changes), case.id, (line("added", case),), reroute=True
        )
    return Turn(Act.ADD, _after(scene, case, notes, changes), case.id, reroute=True)


def _after(scene: Scene, case: OwnCase, notes: dict[str, Any], changes: dict[str, Any]) -> Conversation:
    return scene.next(complaint_id=case.id, memory=notes, **changes)


def hold(scene: Scene, case: OwnCase, *, release: str = "") -> Turn:
    """New or not? Asked; without an answer it is new when the time is over."""
    after = scene.next(
        asking="new_or_more",
        complaint_id=case.id,
        held_until=scene.heard.now + HOLD_FOR,
        memory={"missing": None},
    )
    # after a release the case being talked about is the released one, whose reference nobody knows yet
    say = line("new_or_more") if release else line("new_or_more", case)
    return Turn(Act.HOLD, after, case.id, (say,), release=release)


def told(scene: Scene) -> Turn:
    """Where a message belongs that tells something and answers nothing."""
    case = scene.talked_about()
    if case is None:
        return new(scene)
    if closed(case):
        return hold(scene, case) if elsewhere(scene, case) else added(scene, case)
    gap = scene.gap(case)
    if gap > FORGOTTEN:
        return new(scene) if scene.long else hold(scene, case)
    if scene.long and (gap > RECENT or (gap > BURST and elsewhere(scene, case))):
        return hold(scene, case)
    # who passes over a question of ours with other words must not think that they were lost
    return added(scene, case, always=bool(scene.heard.conversation.asking))


def surely_new(scene: Scene, case: OwnCase) -> bool:
    """Whether nobody need be asked: danger that is no matter of ``case``'s bureau, or they said "new"."""
    proposal = scene.heard.proposal
    to = proposal.bureau if proposal is not None else None
    if proposal is not None and to and proposal.urgency == "urgent":
        # a case without a bureau may get this one by what follows at once
        differs = to != case.bureau if case.bureau else scene.gap(case) > BURST
        return (closed(case) or differs) and (scene.long or not scene.was.asking)
    found = _SAYS_NEW.match(scene.text)
    return found is not None and len(found[1]) >= LONG and (to is None or to != case.bureau)


def elsewhere(scene: Scene, case: OwnCase) -> bool:
    """Whether the text would go to another bureau than the case did."""
    proposal = scene.heard.proposal
    if not scene.long or proposal is None:
        return False
    return bool(proposal.bureau and case.bureau and proposal.bureau != case.bureau)


def _thanked(scene: Scene, case: OwnCase) -> bool:
    match scene.memory.get("thanked"):
        case [case.id, str(moment)]:
            return scene.heard.now - datetime.fromisoformat(moment) < BURST
    return False
