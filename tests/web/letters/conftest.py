"""The county of the staff's pages, with letters in its queue."""

from __future__ import annotations

from tests.web.staff.conftest import hall, small_hall

__all__ = ["hall", "small_hall"]
