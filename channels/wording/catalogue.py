"""Reads a catalogue of sentences: one TOML file a language, checked whole when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, meta

from channels.wording.languages import traditional
from intake.contracts import Choice

_FOLDER = Path(__file__).parent
_SENTENCES = Environment(autoescape=False, undefined=StrictUndefined)


class BrokenCatalogue(Exception):
    """A catalogue cannot be read, or lacks a sentence: what, where. Raised when the service starts."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. ``parts``: how many SMS it may need with usual values; ``values``: what it wants."""

    template: Template
    source: str
    values: frozenset[str]
    parts: int = 0
    choices: tuple[Choice, ...] = field(default=())

    def say(self, values: Mapping[str, object]) -> str:
        """The sentence with its values; a missing one raises ``jinja2.UndefinedError``."""
        return self.template.render(values)


def read_texts(language: str) -> dict[str, Sentence]:
    """The texts for sms, whatsapp and telegram; ``zh-Hant`` is ``zh-Hans`` converted."""
    path = _FOLDER / "texts" / f"{'zh-Hans' if language == 'zh-Hant' else language}.toml"
    convert = traditional if language == "zh-Hant" else str
    found = {}
    for key, entry in _load(path).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise BrokenCatalogue(f"{path.name}: [{key}] needs a text")
        choices = tuple(Choice(k, convert(label)) for k, label in entry.get("choices", {}).items())
        found[key] = _sentence(path, key, convert(entry["text"]), int(entry.get("parts", 0)), choices)
    return found


def _load(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BrokenCatalogue(f"{path.name}: {error}") from error


def _sentence(path: Path, key: str, text: str, parts: int = 0, choices: tuple[Choice, ...] = ()) -> Sentence:
    try:
        values = meta.find_undeclared_variables(_SENTENCES.parse(text))
        return Sentence(_SENTENCES.from_string(text), text, frozenset(values), parts, choices)
    except TemplateSyntaxError as error:
        raise BrokenCatalogue(f"{path.name}: {key}: {error}") from error
