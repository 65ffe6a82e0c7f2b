"""One place for what each channel's raw messages look like. A row of the table without samples fails.

To add a channel, add one entry to :data:`SAMPLES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from channels import visit, webform
from channels.letter import reading as letters
from intake.columns import canonical_json
from intake.contracts import Json
from tests.channels.email.post import mail

TEXTS = {
    "zh-Hans": "西江路的路灯坏了两个星期，晚上一片漆黑，请派人来修。",
    "zh-Hant": "西江路的路燈壞了兩個星期，晚上一片漆黑，請派人來修。",
    "en": "The street lamps in Sample Road have been broken for two weeks.",
}
"""One complaint in the three languages that word goes back in."""


@dataclass(frozen=True)
class Sample:
    """One raw message and what the channel knew beside it. ``conversation``: as in ``Submission``."""

    raw: bytes
    envelope: Json = field(default_factory=dict)
    conversation: str = ""


@dataclass(frozen=True)
class Samples:
    """``good`` is the shortest real complaint in each language of :data:`TEXTS`.

    ``hostile`` are the channel's own worst cases, beside those that every channel gets. ``own_words``
    False: it sends the letters that mail sends. ``spoken``: the words lie in a recording, which is fetched
    and written down later; ``good`` says in which languages word goes back.
    """

    good: Mapping[str, Sample]
    hostile: tuple[Sample, ...] = ()
    own_words: bool = True
    spoken: bool = False


_MAIL = partial(
    Sample, envelope={"mail_from": "li@citizen.example", "rcpt_to": ["complaints@gaoyao.example"]}
)
_FROM = "=?utf-8?b?5p2O5LiA?= <Li@Citizen.example>"
_NESTED = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def _form(language: str, text: str) -> Sample:
    form = webform.ComplaintForm(text=text, language=language)
    return Sample(webform.submission(form, f"form-{language}", _NOON).raw)


def _visit(language: str, text: str) -> Sample:
    form = visit.VisitForm(text=text, visitors=(visit.Visitor(name="赵示例"),), language=language)
    return Sample(visit.submission(form, f"visit-{language}", _NOON).raw)


def _letter(language: str, text: str) -> Sample:
    form = letters.LetterForm(text=text, name="Li", address="1 Sample Road, Gaoyao", language=language)
    return Sample(letters.submission(form, f"letter-{language}", _NOON, (), {}).raw)


def _text(text: str, kind: str = "") -> Sample:
    fields = {
        "MessageSid": "SM" + "0" * 32,
        "From": f"{kind}+12025550123",
        "To": f"{kind}+12025550100",
        "Body": text,
        "NumMedia": "0",
    }
    return Sample(canonical_json(fields).encode())


def _chat(text: str) -> Sample:
    person = {"id": 12025550, "is_bot": False, "first_name": "Li"}
    message = {
        "message_id": 1,
        "date": 1772424000,
        "chat": {"id": 12025550, "type": "private"},
        "from": person,
    }
    return Sample(canonical_json({"update_id": 7, "message": message | {"text": text}}).encode())


def _call(language: str, sid: str) -> Sample:
    recording = {"sid": sid, "url": f"https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/{sid}"}
    said = {
        "kind": "complaint",
        "call": "CA" + "0" * 32,
        "from": "+12025550123",
        "language": language,
        "recording": recording | {"seconds": 20},
    }
    return Sample(canonical_json(said).encode(), {"language": language})


SAMPLES: Mapping[str, Samples] = {
    "email": Samples(
        good={language: _MAIL(mail(text, subject="", sender=_FROM)) for language, text in TEXTS.items()},
        hostile=(
            _MAIL(b"From: " + b'"' * 40_000 + b"\r\n\r\nx"),
            _MAIL(mail("x", message_id="<>", extra=["References: " + "<a@b> " * 20_000])),
            _MAIL(b"".join(_NESTED % (n, n) for n in range(1500))),
            _MAIL(mail("x", kind="text/plain; charset=no-such-thing")),
            _MAIL(mail("<div>" * 50_000, kind="text/html")),
            _MAIL(mail("x"), envelope={}),
        ),
        own_words=False,
    ),
    "web": Samples(
        good={language: _form(language, text) for language, text in TEXTS.items()},
        hostile=(
            Sample(b'{"text": 5}'),
            Sample(b'{"text": "x", "email": ["a"], "anonymous": "yes"}'),
            Sample(b'{"text": "\\ud800", "name": "\\u0000"}'),
            Sample(b'{"text": "x", "language": "tlh"}'),
        ),
        own_words=False,
    ),
    "visit": Samples(
        good={language: _visit(language, text) for language, text in TEXTS.items()},
        hostile=(
            Sample(b'{"text": 5}'),
            Sample(b'{"text": "x", "visitors": [1]}'),
            Sample(b'{"text": "x", "visitors": "you", "needs": [[]]}'),
            Sample(b'{"text": "x", "present": true}'),
            Sample(b'{"text": "x", "present": 1' + b"0" * 4000 + b"}"),
            Sample(b'{"text": "x", "visitors": [' + b'{"name": "a"},' * 20_000 + b"{}]}"),
            Sample(b'{"text": "\\ud800", "interpreter": "\\u0000", "needs": ["\\ud800"]}'),
            Sample(b'{"text": "x", "visitors": [{"document": "resident_id", "number_hash": "4408"}]}'),
        ),
        own_words=False,
    ),
    "letter": Samples(
        good={language: _letter(language, text) for language, text in TEXTS.items()},
        hostile=(
            Sample(b'{"text": "x", "pages": -1}'),
            Sample(b'{"text": "x", "pages": true, "anonymous": 1}'),
            Sample(b'{"text": "x", "letter_date": "2026-13-45", "answer_by": "pigeon"}'),
            Sample(b'{"text": "\\ud800", "address": "\\u0000", "name": "\\u202e"}'),
        ),
        own_words=False,
    ),
    "sms": Samples(good={language: _text(text) for language, text in TEXTS.items()}),
    "whatsapp": Samples(good={language: _text(text, "whatsapp:") for language, text in TEXTS.items()}),
    "telegram": Samples(good={language: _chat(text) for language, text in TEXTS.items()}),
    "phone": Samples(
        good={"zh-Hans": _call("zh-Hans", "RE" + "1" * 32), "en": _call("en", "RE" + "2" * 32)},
        hostile=(
            Sample(b'{"kind": "reply", "recording": {"sid": "R", "url": "file:///etc", "seconds": 1}}'),
            Sample(b'{"kind": "call_back", "back_at": "yesterday", "from": "anonymous"}'),
            _call("tlh", "RE" + "3" * 32),
        ),
        spoken=True,
    ),
}  # fmt: skip


def hostile(samples: Samples) -> list[Sample]:
    """What is done to every channel: its own worst, and its good message cut, doubled, drowned, poisoned."""
    good = samples.good["zh-Hans"]
    raw = good.raw
    spoilt = [
        b"",
        b"\0" * 1000,
        b"[" * 200_000,
        b'{"a":' * 100_000,
        "文".encode() * 350_000,
        b"\xff\xfe\xed\xa0\x80" * 1000,
        b'"\\ud800\\udfff\\u0000"',
        b"1e999999",
        raw + raw,
        raw.replace(b"a", b"\0"),
        raw.replace(b"e", b"\xed\xa0\x80"),
        *(raw[: len(raw) * part // 8] for part in range(1, 8)),
    ]
    return [*samples.hostile, *(replace(good, raw=content) for content in spoilt)]
