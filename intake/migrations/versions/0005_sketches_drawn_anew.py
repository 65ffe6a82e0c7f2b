"""Sketches have another form: what is open, or was until lately, is compared anew by the worker.

What is closed for longer is offered to nobody, so it needs no sketch.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from intake.columns import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LATELY = timedelta(days=60)
_ANEW = """
UPDATE matching SET state = 'pending', attempts = 0, owner = NULL, lease_until = NULL, error = NULL,
       due_at = :now
 WHERE id IN (SELECT s.id FROM submission AS s JOIN complaint AS c ON c.id = s.complaint_id
               WHERE c.anonymised_at IS NULL
                 AND (c.closed_at IS NULL OR c.merged_into IS NOT NULL OR c.closed_at > :lately))
"""


def upgrade() -> None:
    """Forget the old sketches and have the work done once more."""
    op.execute("DELETE FROM likeness")
    op.execute("DELETE FROM sketch")
    now = datetime.now(UTC)
    anew = sa.text(_ANEW).bindparams(
        sa.bindparam("now", now, type_=Utc()), sa.bindparam("lately", now - _LATELY, type_=Utc())
    )
    op.get_bind().execute(anew)
