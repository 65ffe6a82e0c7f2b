"""Where files lie, and who looks at them: built from the settings, once a process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import InvalidSetting, Settings
from intake.files.folder import FolderStorage
from intake.files.inspection import InspectionWorker
from intake.files.scanner import ClamAV, Scanner
from intake.files.storage import Storage

if TYPE_CHECKING:
    from config.wiring import System


def build_storage(settings: Settings) -> Storage:
    """The bucket that is set, or the folder of this machine. Raises InvalidSetting."""
    if not settings.storage_url:
        return FolderStorage(settings.data_dir / "blobs")
    try:
        from intake.files.s3 import Bucket, S3Storage  # only who keeps files in a bucket needs its package
    except ImportError as error:
        raise InvalidSetting(
            f"HUIYIN_STORAGE_URL is set, but the package “{error.name}” is not installed; "
            "install the extra s3 (pip install 'huiyin[s3]')."
        ) from error
    return S3Storage(
        Bucket(
            settings.storage_url,
            settings.storage_endpoint,
            settings.storage_region,
            settings.storage_key_id,
            settings.storage_secret,
        )
    )


def build_scanner(settings: Settings) -> Scanner | None:
    """Who looks for viruses; None when nobody does."""
    return ClamAV(settings.clamav) if settings.clamav else None


def scratch(settings: Settings) -> Path:
    """The folder for what is at work: what a killed process leaves there is swept by the next one."""
    folder = settings.data_dir / "scratch"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def inspection_worker(system: System) -> InspectionWorker:
    """A worker that looks at stored files, in a process apart; in ``scratch/``."""
    return InspectionWorker(
        system.store,
        system.blobs,
        system.county.policies,
        system.clock,
        system.owner.name,
        scanner=build_scanner(system.settings),
        scratch=scratch(system.settings),
    )
