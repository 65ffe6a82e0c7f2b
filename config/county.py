"""The county's TOML folder, read into the policies that everything else is handed."""

from __future__ import annotations

from dataclasses import dataclass

from channels.dialogue import Script
from channels.table import RINGING, SILENT, way_back
from config.settings import Settings
from intake.desk import Policies
from routing.directory import CountyDirectory
from routing.office import Office, load_office
from routing.router import CountyRouter, load_router
from routing.schedule_file import load_ladder


@dataclass(frozen=True)
class CountyFiles:
    """The TOML folder, read and checked. Raises ConfigurationError with file, line and key."""

    office: Office
    router: CountyRouter
    policies: Policies


def read_county(settings: Settings) -> CountyFiles:
    """Read every file of ``config_dir``; a broken one refuses to start."""
    office = load_office(settings.config_dir)
    router = load_router(settings.config_dir)
    policies = Policies(
        router=router,
        chaser=load_ladder(settings.config_dir, office),
        directory=CountyDirectory(router.bureaus, office),
        way_back=way_back,
        silent=SILENT,
        ringing=RINGING,
        dialogue=Script(),
        zone=office.zone,
    )
    return CountyFiles(office, router, policies)
