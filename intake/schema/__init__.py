"""The tables. Times are UTC, keys are time-ordered UUIDs, JSON is canonical text.

``submission`` and ``outbox`` are work queues: what is ``pending`` and due may be claimed by any
worker for the length of a lease. ``event`` is append-only. ``complaint`` is what ``event`` adds up
to, with the columns that lists and the ticker look up.
"""

from intake.columns import metadata
from intake.schema.cases import (
    attachment,
    block,
    complainant,
    complaint,
    contact,
    event,
    outbox,
    participation,
    raw_message,
    submission,
    support,
)
from intake.schema.desk import (
    companion,
    identity_document,
    inspection,
    letter,
    letter_file,
    letter_page,
    likeness,
    matching,
    print_batch,
    printout,
    sketch,
)
from intake.schema.office import (
    api_token,
    bookmark,
    counter,
    login_attempt,
    look,
    staff,
    vault_key,
)
from intake.schema.talking import (
    conversation,
    phone_call,
    remote_file,
    transcript,
)

__all__ = [
    "api_token",
    "attachment",
    "block",
    "bookmark",
    "companion",
    "complainant",
    "complaint",
    "contact",
    "conversation",
    "counter",
    "event",
    "identity_document",
    "inspection",
    "letter",
    "letter_file",
    "letter_page",
    "likeness",
    "login_attempt",
    "look",
    "matching",
    "metadata",
    "outbox",
    "participation",
    "phone_call",
    "print_batch",
    "printout",
    "raw_message",
    "remote_file",
    "sketch",
    "staff",
    "submission",
    "support",
    "transcript",
    "vault_key",
]
