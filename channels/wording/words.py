"""Choosing the words of one outgoing message from its row in the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound

from channels.wording.terms import CHASES, OUTCOMES, STAGES, term
from intake.contracts import Choice, Directory, Text
from intake.identity import redact
from intake.outbox import Letter
from intake.references import reference_of

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_FOLDER = Path(__file__).parent
_HABITS = (("迴音", "回音"), ("回復", "回覆"), ("鏈接", "連結"))
"""Where the conversion tables choose another word than people who write Traditional do."""
_PATTERNS = {"en": "d MMMM y, HH:mm", "zh": "y年M月d日HH:mm"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What every message needs to know of the county."""

    office: Text
    phone: str
    public_url: str
    zone: ZoneInfo
    categories: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Worded:
    """A message in words."""

    subject: str
    text: str
    choices: tuple[Choice, ...] = ()


class Wording:
    """All templates, loaded once. Thread-safe."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._facts = facts
        self._directory = directory
        self._templates = Environment(
            loader=_Folder(), autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True
        )

    def word(self, letter: Letter) -> Worded:
        """The subject and text of a message in its recipient's language."""
        row, case = letter.row, letter.case
        language = row.language if row.language in LANGUAGES else "zh-Hans"
        template = self._templates.get_template(f"{language}/{row.template}.txt")
        headline, text = template.render(self._values(letter, language)).split("\n---\n", 1)
        reference = reference_of(case.number)
        subject = headline if reference in headline else f"{headline} [{reference}]"
        if letter.thread and row.role == "complainant" and case.subject.strip():
            subject = f"Re: {_unprefixed(case.subject)} [{reference}]"
        return Worded(" ".join(subject.split())[:200], text.strip() + "\n")

    def _values(self, letter: Letter, language: str) -> dict[str, Any]:
        row, case, part, facts = letter.row, letter.case, letter.participation, self._facts
        params: Mapping[str, Any] = row.params
        reference, say = reference_of(case.number), _sayer(language)
        called = _caller(language)
        bureau = params.get("bureau") or case.bureau
        reason = params.get("reason") or case.routed_reason or ""
        due = params.get("due_at")
        return {
            "reference": reference,
            "subject": redact(case.subject, letter.hidden).strip()
            or ("(no subject)" if language == "en" else "（无标题）"),
            "greeting": _greeting(part.name if part and not part.anonymous else "", language),
            "recipient": row.name,
            "code": part.code if part else "",
            "bureau": say(self._directory.name(bureau)) if bureau else "",
            "category": called(facts.categories, case.category) if case.category else "—",
            "urgent": case.urgency == "urgent",
            "supports": bool(params.get("supports")),
            "received": self._moment(case.received_at, language),
            "due": self._moment(datetime.fromisoformat(due) if due else case.answer_due_at, language),
            "reason": redact(_in(reason, language), letter.hidden),
            "question": params.get("question", ""),
            "answer": params.get("answer") or case.answer or "",
            "outcome": called(OUTCOMES, params.get("outcome") or case.outcome or ""),
            "chase": called(CHASES, params.get("kind", "")),
            "stage": called(STAGES, params.get("stage", "")),
            "track_url": f"{facts.public_url}/track?reference={reference}",
            "rate_url": f"{facts.public_url}/rate/{part.token}" if part else "",
            "case_url": f"{facts.public_url}/staff/cases/{reference}",
            "signature": f"{say(facts.office)}\n{facts.phone}".strip(),
        }

    def _moment(self, moment: datetime, language: str) -> str:
        pattern, locale = (_PATTERNS["en"], "en") if language == "en" else (_PATTERNS["zh"], "zh_Hans")
        return str(format_datetime(moment, pattern, tzinfo=self._facts.zone, locale=locale))


class _Folder(BaseLoader):
    """Templates by language; ``zh-Hant`` is ``zh-Hans`` converted."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        language, _, name = template.partition("/")
        path = _FOLDER / ("zh-Hans" if language == "zh-Hant" else language) / name
        if not path.is_file():
            raise TemplateNotFound(template)
        source = path.read_text(encoding="utf-8")
        if language == "zh-Hant":
            source = _traditional(source)
        return source, str(path), lambda: True


def _traditional(text: str) -> str:
    from opencc import OpenCC  # 20 MB of tables: only when a Traditional text is first wanted

    converted = str(OpenCC("s2hk").convert(text))
    for tables, people in _HABITS:
        converted = converted.replace(tables, people)
    return converted


def _caller(language: str) -> Callable[[Mapping[str, Text], str], str]:
    """:func:`term` in any of the languages."""
    if language == "zh-Hant":
        return lambda table, key: _traditional(term(table, key, language))
    return lambda table, key: term(table, key, language)


def _sayer(language: str) -> Callable[[Text], str]:
    if language == "en":
        return lambda text: text.en
    return (lambda text: _traditional(text.zh)) if language == "zh-Hant" else (lambda text: text.zh)


def _in(reason: str | Mapping[str, str], language: str) -> str:
    """A reason that a person wrote, or one that carries both languages."""
    return reason if isinstance(reason, str) else reason.get("en" if language == "en" else "zh", "")


def _greeting(name: str, language: str) -> str:
    name = " ".join(name.split())[:60]
    if language == "en":
        return f"Dear {name}," if name else "Hello,"
    return f"{name}，您好：" if name else "您好："


def _unprefixed(subject: str) -> str:
    """A subject without the chain of "Re:" that mail clients put before it."""
    plain = subject.strip()
    for _ in range(8):
        head, mark, rest = plain.partition(":") if ":" in plain[:6] else plain.partition("：")
        if not mark or head.strip().casefold() not in {"re", "回复", "回覆", "答复", "aw", "sv"}:
            return plain
        plain = rest.strip()
    return plain
