"""A worker whose mail reader takes the whole process down at one marked mail, started anew each time.

Run as ``python -m tests.kill.poisoned_worker``; the environment is the service's. A fault like this is what a
library written in C can do; it cannot be caught, only survived.
"""

from __future__ import annotations

import os
import sys

import click

from channels.table import READERS
from config.log_setup import set_up_logs
from config.settings import load_settings
from config.supervisor import serve
from config.wiring import System
from intake.contracts import Json, Reading
from intake.registrar import Registrar

MARK = b"X-Poison: yes"
DIED = 77


def read_or_die(raw: bytes, envelope: Json) -> Reading:
    """Read as usual, but for the marked mail."""
    if MARK in raw:
        os._exit(DIED)
    return READERS["email"](raw, envelope)


class Poisoned(System):
    """The service with that reader."""

    def registrar(self) -> Registrar:
        readers = {**READERS, "email": read_or_die}
        return Registrar(self.store, self.blobs, self.county.policies, readers, self.clock, self.owner.name)


def live_once() -> None:
    """One life of the worker."""
    settings = load_settings()
    set_up_logs(settings.log_level)
    serve(Poisoned(settings), ["worker"], child=False, on_ready=lambda: click.echo("Ctrl-C stops"))


def main() -> None:
    """Live again after each death by poison; all in one go, as importing everything takes its time."""
    while True:
        life = os.fork()
        if life == 0:
            live_once()
            os._exit(0)
        _, status = os.waitpid(life, 0)
        if os.waitstatus_to_exitcode(status) != DIED:
            sys.exit(0)


if __name__ == "__main__":
    main()
