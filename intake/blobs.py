"""The storage of one machine under its older name."""

from __future__ import annotations

from intake.files.folder import FolderStorage as BlobStore

__all__ = ["BlobStore"]
