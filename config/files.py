"""Where files lie, and who looks at them: built from the settings, once a process."""

from __future__ import annotations

from config.settings import InvalidSetting, Settings
from intake.files.folder import FolderStorage
from intake.files.scanner import ClamAV, Scanner
from intake.files.storage import Storage


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
