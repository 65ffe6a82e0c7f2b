"""Building the telephone exchange out of what the process has, and the county's hours for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from channels.phone.exchange import Cases, Exchange
from channels.phone.hours import Hours
from channels.phone.transcribers import Sphinx, Vosk
from channels.sms.reading import may_take_texts
from channels.twilio.lost_calls import Ended
from channels.twilio.reconcile import Recorded
from config.settings import InvalidSetting, Settings
from intake.calls import Calls
from intake.contracts import Transcriber
from intake.throttle import Throttle
from intake.tracking import Tracking
from routing.office import Office as OfficeFile
from routing.schedule_file import load_calendar
from routing.telephone_hours import TelephoneHours

if TYPE_CHECKING:
    from config.wiring import System

_GUESSES_PER_REFERENCE, _GUESSES_PER_CALLER = 10, 20


def telephone_hours(settings: Settings, office: OfficeFile) -> Hours:
    """When the office is there and when people may be called, by the county's calendar."""
    calendar = load_calendar(settings.config_dir / "calendar.toml", office)
    return TelephoneHours(calendar, office.call_from, office.call_until)


class AtAnyHour:
    """A county's hours where nobody is woken up: the telephone that rings is the simulator's."""

    def __init__(self, hours: Hours) -> None:
        self.open_at, self.next_morning = hours.open_at, hours.next_morning

    def next_call(self, moment: datetime) -> datetime:
        """At once."""
        return moment


def local_engines(settings: Settings) -> list[Transcriber]:
    """Engines on this machine: models that the county supplies, then the English one that needs none."""
    models = settings.speech_models
    return [*([Vosk(models)] if models is not None else []), Sphinx()]


def missed_recordings(system: System) -> Recorded:
    """How a recording that no report told us of becomes a submission."""
    from channels.phone.switchboard import missed

    calls = Calls(system.store)
    return lambda fields, at: missed(calls, fields, at)


def missed_ends(system: System) -> Ended:
    """How the end of a call that no report told us of is taken: as its report would be."""
    from channels.phone.switchboard import Switchboard, ended

    exchange = build_exchange(system, Tracking(system.store))
    if exchange is None:
        raise InvalidSetting("HUIYIN_TWILIO_ACCOUNT_SID is missing: there is nobody to call with.")
    board = Switchboard(exchange)
    return lambda fields, outbox_id: ended(board, fields, outbox_id)


def build_exchange(system: System, cases: Cases) -> Exchange | None:
    """What calls need; None when there is no account to call with."""
    if system.twilio is None:
        return None
    office, policies = system.county.office, system.county.policies
    calls = Calls(system.store)

    def dictated(external_id: str, text: str, engine: str) -> bool:
        found = calls.recording(external_id)
        return found is not None and system.transcripts.record(*found, text, engine)

    return Exchange(
        calls=calls,
        inbox=system.inbox,
        office=system.office,
        cases=cases,
        throttle=Throttle(
            system.store,
            system.clock,
            "call",
            per_name=_GUESSES_PER_REFERENCE,
            per_peer=_GUESSES_PER_CALLER,
        ),
        reports=system.deliveries,
        hours=system.hours,
        clock=system.clock,
        zone=office.zone,
        name=office.name,
        person=office.person,
        number=system.twilio.number,
        public_url=system.twilio.public_url,
        answer_due=lambda moment: policies.chaser.answer_due("ordinary", moment),
        texts=may_take_texts,
        dictated=dictated,
    )
