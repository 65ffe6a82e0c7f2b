"""Letters: what goes by e-mail or on paper, and what stands on the case's page for who has no other way.

A template's first part is the headline, then ``---``, then the text. ``by_mail`` False leaves out what
only a mail can do; on paper nothing can be clicked, so that ``paper/`` holds words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound

from channels.wording.facts import LANGUAGES, Facts, Worded
from channels.wording.languages import called, moment, say, traditional
from channels.wording.telephone import dialled
from channels.wording.terms import CHASES, OUTCOMES, STAGES
from intake.contracts import Directory
from intake.identity import redact
from intake.outbox import Letter
from intake.references import reference_of

_FOLDER = Path(__file__).parent / "letters"
_ON_PAPER = frozenset(
    {"acknowledgement", "answer", "merged", "question", "question_reminder", "reopened"}
    | {"separated", "taken_back"}
)
"""All that a letter is sent for: what else there is, ``channels.table`` finds not worth a stamp."""


class Letters:
    """All letters, loaded once. Thread-safe."""

    def __init__(self, facts: Facts, directory: Directory) -> None:
        self._facts = facts
        self._directory = directory
        self._templates = Environment(
            loader=_Folder(), autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True
        )

    def word(self, letter: Letter) -> Worded:
        """The subject and text of a letter in its recipient's language."""
        row, case = letter.row, letter.case
        language = row.language if row.language in LANGUAGES else "zh-Hans"
        paper = row.channel == "letter"
        name = f"paper/{row.template}" if paper and row.template in _ON_PAPER else row.template
        template = self._templates.get_template(f"{language}/{name}.txt")
        headline, text = template.render(self._values(letter, language)).split("\n---\n", 1)
        reference, own = reference_of(letter.number), letter.own or case
        if paper:  # the reference stands beside the address
            return Worded(" ".join(headline.split())[:200], text.strip() + "\n")
        subject = headline if reference in headline else f"{headline} [{reference}]"
        if letter.thread and row.role == "complainant" and own.subject.strip():
            subject = f"Re: {_unprefixed(own.subject)} [{reference}]"
        return Worded(" ".join(subject.split())[:200], text.strip() + "\n")

    def _values(self, letter: Letter, language: str) -> dict[str, Any]:
        row, case, part, facts = letter.row, letter.case, letter.participation, self._facts
        params: Mapping[str, Any] = row.params
        reference, own = reference_of(letter.number), letter.own or case
        bureau = params.get("bureau") or case.bureau
        reason = params.get("reason") or case.routed_reason or ""
        due = params.get("due_at")
        due_at = datetime.fromisoformat(due) if due else case.answer_due_at
        return {
            "reference": reference,
            "by_mail": row.channel == "email",
            "subject": redact(own.subject, letter.hidden).strip()
            or ("(no subject)" if language == "en" else "（无标题）"),
            "greeting": _greeting(part.name if part and not part.anonymous else "", language),
            "recipient": row.name,
            "code": part.code if part else "",
            "bureau": say(self._directory.name(bureau), language) if bureau else "",
            "category": called(facts.categories, case.category, language) if case.category else "—",
            "urgent": case.urgency == "urgent",
            "answered": bool(params.get("answered")),
            "late": bool(params.get("late")),
            "stands": bool(params.get("stands")),
            "supports": bool(params.get("supports")),
            "received": moment(own.received_at, facts.zone, language),
            "due": moment(due_at, facts.zone, language),
            "reason": redact(_in(reason, language), letter.hidden),
            "question": params.get("question", ""),
            "answer": params.get("answer") or case.answer or "",
            "outcome": called(OUTCOMES, params.get("outcome") or case.outcome or "", language),
            "chase": called(CHASES, params.get("kind", ""), language),
            "stage": called(STAGES, params.get("stage", ""), language),
            "track_url": f"{facts.public_url}/track?reference={reference}",
            "rate_url": f"{facts.public_url}/rate/{part.token}" if part else "",
            "case_url": f"{facts.public_url}/staff/cases/{reference}",
            "phone": dialled(facts.phone) if row.channel == "letter" else facts.phone,
            "signature": say(facts.office, language)
            if row.channel == "letter"
            else f"{say(facts.office, language)}\n{facts.phone}".strip(),
        }


class _Folder(BaseLoader):
    """Templates by language; ``zh-Hant`` is ``zh-Hans`` converted."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        language, _, name = template.partition("/")
        path = _FOLDER / ("zh-Hans" if language == "zh-Hant" else language) / name
        if not path.is_file():
            raise TemplateNotFound(template)
        source = path.read_text(encoding="utf-8")
        if language == "zh-Hant":
            source = traditional(source)
        return source, str(path), lambda: True


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
