"""What the service says: one small template per message and language.

You are here: outbox → [wording] → sender. A template's first part is the headline, then ``---``, then
the text. Traditional Chinese is made from Simplified by conversion when the templates are loaded, so
that what citizens wrote themselves is never converted.
"""

from channels.wording.words import Facts, Worded, Wording

__all__ = ["Facts", "Worded", "Wording"]
