"""The job table: what APScheduler ticks. Each job only looks for what is due; the truth is in the rows.

One scheduler in memory per clock process: no shared job store (it would run jobs twice), no misfire
grace (it would drop a late tick), never two of one job at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler

from channels.twilio.reconcile import Reconcile
from config.wiring import System
from intake.clock import system_clock
from intake.contracts import StorageUnavailable
from intake.files.folder import FolderStorage
from intake.retention.steady import is_steady

log = logging.getLogger(__name__)

_MOST_ROUNDS = 500
_FORGOTTEN_AT_ONCE = 2000  # cases an hour: the first run over an old archive holds up nobody


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every so many seconds."""

    name: str
    seconds: float
    run: Callable[[], None]


def job_table(system: System) -> tuple[Job, ...]:
    """Every job of the clock role."""
    return (
        Job("chase", system.settings.tick_seconds, lambda: _chase(system)),
        Job("checkpoint", 2.0, system.store.checkpoint),
        Job("release-dead", 10.0, lambda: _release(system)),
        Job("forget-logins", 3600.0, system.accounts.forget_attempts),
        Job("retention", 3600.0, lambda: _forget(system)),
        Job("drafts", 600.0, lambda: _sweep(system)),
        *_provider_jobs(system),
    )


def _provider_jobs(system: System) -> tuple[Job, ...]:
    """What is asked of a real provider; the simulator misses nothing."""
    if system.twilio is None or system.twilio.simulated:
        return ()
    reconcile = system.reconcile()
    return (Job("reconcile-twilio", 300.0, lambda: _reconcile(reconcile)),)


def chase(system: System) -> int:
    """Tick until nothing more is due; returns how many steps were taken."""
    moved = 0
    for _ in range(_MOST_ROUNDS):
        now_moved = system.office.tick()
        moved += now_moved
        if not now_moved:
            break
    return moved


def _chase(system: System) -> None:
    if moved := chase(system):
        log.info("clock: %d case(s) chased", moved)


def _reconcile(reconcile: Reconcile) -> None:
    reconcile.run()


def _forget(system: System) -> None:
    """Erase by age, unless the clock just leapt; in a rehearsal its leaps are meant."""
    if system.keeper.after is None:
        return
    if not is_steady(system.store, system.clock()) and not system.settings.clock_offset:
        log.warning(
            "clock: it leapt, or stood for days: nothing is erased by age before it is steady for a day"
        )
        return
    if erased := system.keeper.run(_FORGOTTEN_AT_ONCE):
        log.info("clock: %d old case(s) anonymised", erased)


def _sweep(system: System) -> None:
    """By the machine's own clock: files know no other."""
    if isinstance(system.blobs, FolderStorage) and (swept := system.blobs.sweep(system_clock())):
        log.warning("clock: removed %d draft(s) of a process that died while it wrote a file", swept)


def _release(system: System) -> None:
    if released := system.release_dead():
        log.warning("clock: gave back %d piece(s) of work of a process that died", released)


def start_clock(system: System) -> BackgroundScheduler:
    """Start ticking; shut the returned scheduler down to stop."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in job_table(system):
        scheduler.add_job(_guarded, "interval", args=[job], seconds=job.seconds, id=job.name)
    scheduler.start()
    return scheduler


def _guarded(job: Job) -> None:
    """Run a job; what fails is logged and tried again at the next tick."""
    try:
        job.run()
    except StorageUnavailable as error:
        log.warning("clock: %s waits for the database: %s", job.name, error)
    except Exception:
        log.exception("clock: %s failed", job.name)
