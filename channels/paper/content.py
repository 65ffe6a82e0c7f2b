"""What a letter shows but its address, as it waits in the print queue.

You are here: sender → **content** → letter.

The words are kept as they were when the letter was queued, so that a reprint says what the first print said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from channels.paper.letter import Letter
from channels.paper.words import Letterhead
from intake.contracts import Json

_LONGEST_TEXT = 400_000  # characters: some 300 pages


@dataclass(frozen=True, slots=True)
class Content:
    """The lasting part of a :class:`~channels.paper.letter.Letter`; ``date`` is an ISO date."""

    subject: str
    text: str
    language: str
    reference: str
    code: str
    tracking_url: str
    date: str
    large: bool

    def as_json(self) -> Json:
        """For ``printout.pages``."""
        return asdict(self)


def letter_from(
    pages: Json, name: str, address: str, letterhead: Letterhead, *, envelope: str, copy: int = 0
) -> Letter:
    """The letter that ``printout.pages`` describes, for ``outbox.name`` at ``outbox.address``.

    ``copy``: how often it was handed out before. Raises KeyError or ValueError when ``pages`` is not ours.
    """
    content = Content(**{field: pages[field] for field in Content.__dataclass_fields__})
    if len(content.text) > _LONGEST_TEXT:
        raise ValueError("the letter is longer than any that we write")
    return Letter(
        name=name,
        address=address,
        letterhead=letterhead,
        date=date.fromisoformat(content.date),
        reference=content.reference,
        code=content.code,
        tracking_url=content.tracking_url,
        subject=content.subject,
        text=content.text,
        language=content.language,
        large=content.large,
        copy=copy,
        envelope=envelope,
    )
