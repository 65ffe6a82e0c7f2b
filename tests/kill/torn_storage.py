"""A service whose power goes out right after a file was stored and before any row names it.

Run as ``python -m tests.kill.torn_storage WHAT``; the environment is the service's. WHAT is "upload" (a file
that a form brought), "filing" (a mail's attachment) or "preview" (what inspection made).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from config.settings import load_settings
from config.wiring import System
from intake.files.folder import FolderStorage

EVIDENCE = b"what a citizen sent with a form"


class Torn(FolderStorage):
    """Stores durably, then the power goes out."""

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        names = super().put_all(contents)
        if names:
            os.kill(os.getpid(), signal.SIGKILL)
        return names


def main(what: str) -> None:
    """Do the one thing, and die of it."""
    settings = load_settings()
    system = System(settings)
    system.store  # noqa: B018 - builds the database before the storage breaks
    system.__dict__["blobs"] = Torn(settings.data_dir / "blobs")
    if what == "upload":
        system.blobs.put(EVIDENCE)
    elif what == "filing":
        system.registrar().work()
    else:
        system.inspection_worker().work()


if __name__ == "__main__":
    main(sys.argv[1])
