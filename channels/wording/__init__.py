"""What the service says, on every channel and in every language; a clerk can read and mend the catalogues.

You are here: outbox → [wording] → sender::

    letters/<language>/<template>.txt   e-mail, and what stands on the web page
    texts/<language>.toml               SMS, WhatsApp, Telegram
    speech/<language>.toml              the telephone (zh-Hans, yue, en)

Traditional Chinese is made from Simplified by conversion when the catalogues are loaded, so that what
citizens wrote themselves is never converted.
"""

from channels.wording.facts import Facts, Worded
from channels.wording.words import Wording

__all__ = ["Facts", "Worded", "Wording"]
