"""Understands raw mail. You are here: channel → [reading] → intake → routing.

``read`` is the only thing others use. Its way through the modules::

    headers → parts → content (transfer, charsets, hypertext, winmail, invitation) → quoting → Reading
              addresses, words, parameters: what headers say        automatic, bounces: who says it
"""

from channels.email.reader.reading import read

__all__ = ["read"]
