"""The call as a table: what is asked at each step, what is waited for, and where each key leads.

``SCRIPT`` is the whole of it. What a step does beside asking (look up a case, keep a recording) stands in
``acts`` under the step's own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AGAIN = "again"
"""Not a step: the same step once more."""
TRIES = 2
"""How often a step is said again when no key or a wrong one came; then the call ends civilly."""
MAX_TURNS = 80
"""Longer than anybody speaks with a machine; a line that plays tones ends here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``ask`` is the sentence of the catalogue that ends what is said.

    ``keys`` lead to other steps. ``digits`` is how many keys make an entry (0: as many as come before #);
    such a step is an entry, judged by its act. ``record`` seconds of speech are waited for when not 0.
    ``act`` True: what was entered, pressed or recorded is carried out by the step's act, which also says
    where the call goes on.
    """

    ask: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    digits: int = 1
    record: int = 0
    act: bool = False


COMPLAINT_SECONDS = 600
"""Of one piece of a complaint; who speaks on goes on in a next piece."""
REMARK_SECONDS = 120

SCRIPT: Mapping[str, Step] = {
    # ---- they call us
    "language": Step("language", {"1": "zh-Hans", "2": "yue", "3": "en"}, act=True),
    "menu": Step(
        "menu",
        {
            "1": "complaint",
            "2": "status",
            "3": "rate",
            "0": "person",
            "9": AGAIN,
            "#": AGAIN,
            "*": "language",
        },
    ),
    "complain": Step("complain", record=COMPLAINT_SECONDS, act=True),
    "kept": Step("kept", {"1": "complain", "2": "receipt", "9": "menu", "0": "person", "*": "language"}),
    "told": Step("told", {"1": "status", "2": "reference", "3": "rate", "9": "menu", "0": "person"}),
    "reference": Step("reference", digits=0, act=True),
    "code": Step("code", digits=6, act=True),
    "rating": Step("rating", {"1": "satisfied", "2": "basically_satisfied", "3": "dissatisfied"}, act=True),
    "remark": Step("remark", record=REMARK_SECONDS, act=True),
    "rated": Step("rated", {"3": "rate", "9": "menu", "0": "person"}),
    "dialling": Step(act=True),
    # ---- we call them
    "outgoing": Step("outgoing", {"1": "read_out", "*": "outgoing_language"}),
    "outgoing_language": Step("language", {"1": "zh-Hans", "2": "yue", "3": "en"}, act=True),
    "waiting": Step(act=True),
    "read_out": Step(
        "read_out", {"1": "read_out", "2": "reply", "9": "read_out", "#": "read_out", "0": "person"}
    ),
    "reply": Step("reply", record=COMPLAINT_SECONDS, act=True),
    "read_rate": Step(
        "read_rate",
        {
            "1": "satisfied",
            "2": "basically_satisfied",
            "3": "dissatisfied",
            "9": "read_out",
            "#": "read_out",
            "0": "person",
        },
        act=True,
    ),
    # ---- the end
    "goodbye": Step("goodbye"),
}

RATINGS = ("satisfied", "basically_satisfied", "dissatisfied")
