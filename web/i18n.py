"""The language of the page being made: chosen once per request, then used by code and templates alike.

``?lang=`` beats the cookie, the cookie beats what the browser asks for. Dates and numbers are written as
people in that language write them, in the office's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, current_app, g, has_request_context, request
from jinja2.ext import InternationalizationExtension

from intake.contracts import Text
from web.catalogues import ENGLISH, LANGUAGES, SIMPLIFIED, TRADITIONAL, Catalogues

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
_LOCALES = {SIMPLIFIED: "zh_Hans_CN", TRADITIONAL: "zh_Hant_HK", ENGLISH: "en_GB"}
_MOMENT = {ENGLISH: "d MMMM y, HH:mm", SIMPLIFIED: "y年M月d日 HH:mm", TRADITIONAL: "y年M月d日 HH:mm"}
_DAY = {ENGLISH: "d MMMM y", SIMPLIFIED: "y年M月d日", TRADITIONAL: "y年M月d日"}
_TRADITIONAL_REGIONS = {"tw", "hk", "mo"}


def gettext(english: str, **values: Any) -> str:
    """``english`` in the language of this request, with ``%(name)s`` filled in."""
    found = _catalogues().one(language(), english)
    return found % values if values else found


_ = gettext


def ngettext(singular: str, plural: str, count: int, **values: Any) -> str:
    """The sentence that fits ``count``; ``%(num)s`` is the count."""
    return _catalogues().many(language(), singular, plural, count) % {"num": count, **values}


def say(text: Text) -> str:
    """A text that carries both languages, in the language of this request."""
    return _catalogues().text(language(), text)


def language() -> str:
    """The language of this request: one of :data:`LANGUAGES`."""
    if not has_request_context():
        return SIMPLIFIED
    if "language" not in g:
        g.language = _chosen()
    return str(g.language)


def moment(value: datetime) -> str:
    """A point in time as people write it: 2026年9月30日 17:30, 30 September 2026, 17:30."""
    return format_datetime(value, _MOMENT[language()], tzinfo=_zone(), locale=_locale())


def day(value: date | datetime) -> str:
    """A day in the office's zone: 2026年9月30日, 30 September 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(_zone()).date()
    return format_date(value, _DAY[language()], locale=_locale())


def clock_time(value: datetime) -> str:
    """The time of day in the office's zone: 17:30."""
    return value.astimezone(_zone()).strftime("%H:%M")


def number(value: float) -> str:
    """A number with its separators."""
    return format_decimal(value, locale=_locale())


def matched(asked: str) -> str | None:
    """The language of ours that a language tag (RFC 5646) means, or None."""
    subtags = asked.strip().lower().replace("_", "-").split("-")
    if subtags[0] == "en":
        return ENGLISH
    if subtags[0] in ("yue", "zh"):
        traditional = "hant" in subtags or ("hans" not in subtags and _TRADITIONAL_REGIONS & set(subtags))
        return TRADITIONAL if traditional else SIMPLIFIED
    return None


def install(app: Flask, catalogues: Catalogues, zone: ZoneInfo) -> None:
    """Teach ``app`` and its templates to speak."""
    app.extensions["huiyin.catalogues"] = catalogues
    app.extensions["huiyin.zone"] = zone
    environment = app.jinja_env
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension(InternationalizationExtension)
    extended: Any = environment  # the extension adds its methods to the environment itself
    extended.install_gettext_callables(
        gettext,
        lambda singular, plural, count: _catalogues().many(language(), singular, plural, count),
        newstyle=True,
    )
    environment.globals.update(say=say, language=language, languages=LANGUAGES)
    environment.filters.update(moment=moment, day=day, number=number)


def _chosen() -> str:
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish and (found := matched(wish)):
            return found
    for tag, _quality in request.accept_languages:
        if found := matched(tag):
            return found
    return SIMPLIFIED


def _catalogues() -> Catalogues:
    catalogues: Catalogues = current_app.extensions["huiyin.catalogues"]
    return catalogues


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.extensions["huiyin.zone"]
    return zone


def _locale() -> Locale:
    return Locale.parse(_LOCALES[language()])
