"""What every program is handed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import Place

SAMPLE = Path(__file__).parents[1] / "config" / "gaoyao"
MAILBOX = "complaints@gaoyao.example"


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder on a real disk, the databases there are, and how long we may take."""

    folder: Path
    places: tuple[Place, ...]
    quick: bool = False
    texts: Path | None = None  # a CSV with a column "text", instead of our own letters

    def amount(self, quick: int, full: int) -> int:
        """How much to do."""
        return quick if self.quick else full
