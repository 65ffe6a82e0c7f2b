"""Building the telephone exchange out of what the process has, and the county's hours for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from channels.phone.exchange import Cases, Dictated, Exchange
from channels.phone.hours import Hours
from channels.sms.reading import may_take_texts
from channels.twilio.statuses import Deliveries
from config.settings import Settings
from intake.calls import Calls
from intake.throttle import Throttle
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


def build_exchange(
    system: System, cases: Cases, reports: Deliveries, dictated: Dictated | None = None
) -> Exchange | None:
    """What calls need; None when there is no account to call with."""
    if system.twilio is None:
        return None
    office, policies = system.county.office, system.county.policies
    return Exchange(
        calls=Calls(system.store),
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
        reports=reports,
        hours=telephone_hours(system.settings, office),
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
