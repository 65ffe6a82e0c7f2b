"""What a call out reads aloud to who has only a telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateNotFound

from channels.wording.facts import Facts, Worded
from channels.wording.speech import Speech
from channels.wording.values import Values
from intake.contracts import Directory
from intake.outbox import Letter

_SECTIONS = (("status_", "status."), ("ask_", "question."), ("thanks_", "rating."))
"""Where the sentence of a line of talk stands among the spoken ones."""


class Spoken:
    """Messages as they are read aloud. Thread-safe."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._values = Values(facts, directory)

    def word(self, letter: Letter) -> Worded:
        """A message in the language its recipient is spoken to; figures are read one by one."""
        row = letter.row
        speech = Speech(row.params.get("language") or row.language)
        written = "en" if speech.language == "en" else "zh-Hans"
        if row.template != "talk":
            return Worded("", _say(speech, row.template, self._values.of_letter(letter, written)))
        said = [
            _say(speech, line["template"], self._values.of_line(line.get("params") or {}, written))
            for line in row.params.get("lines", ())
        ]
        return Worded("", "\n".join(said))


def _say(speech: Speech, template: str, values: Mapping[str, Any]) -> str:
    key = f"message.{template}"
    for start, section in _SECTIONS:
        if template.startswith(start):
            key = section + template.removeprefix(start)
    figures = {name: speech.digits(str(values[name])) for name in ("reference", "code")}
    try:
        return speech.say(key, **(dict(values) | figures))
    except KeyError as missing:
        raise TemplateNotFound(f"speech/{speech.language}: {key} has no {missing}") from missing
