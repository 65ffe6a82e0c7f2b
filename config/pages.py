"""The pages, and all that they are handed. Imported only by a process that shows pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from config.settings import secret_key
from config.telephone import build_exchange
from intake.archive import Archive
from intake.tracking import Tracking
from web.app import create_app
from web.services import County, Services

if TYPE_CHECKING:
    from config.wiring import System


def build_pages(system: System) -> Flask:
    """Flask's application over the objects of ``system``."""
    settings, directory = system.settings, system.county.policies.directory
    tracking = Tracking(system.store)
    return create_app(
        Services(
            store=system.store,
            inbox=system.inbox,
            office=system.office,
            archive=Archive(system.store, directory),
            tracking=tracking,
            accounts=system.accounts,
            keeper=system.keeper,
            blobs=system.blobs,
            directory=directory,
            clock=system.clock,
            county=_county(system),
            print_queue=system.print_queue,
            public_url=settings.base_url,
            secret_key=secret_key(settings),
            secure_cookies=settings.base_url.startswith("https://"),
            twilio=system.twilio,
            twilio_signatures=settings.twilio_signatures,
            exchange=build_exchange(system, tracking),
            deliveries=system.deliveries,
            scans=bool(settings.clamav),
            telegram=system.telegram,
            simulator=settings.simulator,
            local_url=settings.local_url,
            outgoing_mail=None if settings.relay_host else system.outgoing_mail,
            smtp_host=settings.smtp_host,
            smtp_port=settings.smtp_port,
        )
    )


def _county(system: System) -> County:
    """How the county presents itself."""
    office, router = system.county.office, system.county.router
    return County(
        name=office.name,
        zone=office.zone,
        complaint_address=office.mail,
        phone=office.phone,
        postal=office.postal,
        bureaus=tuple((bureau.code, bureau.name) for bureau in router.bureaus),
        categories=tuple((category.key, category.name) for category in router.categories),
        envelope=office.envelope,
        return_address=office.return_address,
        rehearsal=system.settings.rehearsal,
    )
