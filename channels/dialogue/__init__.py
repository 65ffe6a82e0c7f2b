"""The one dialogue behind SMS, WhatsApp and Telegram; the telephone puts the same questions.

You are here: filing → [dialogue] → filing → outbox → wording. :class:`Script` is a pure function from one
message with everything around it (``intake.conversation.Heard``) to what it means and what is said to it
(``Turn``). ``words`` is the vocabulary, ``questions`` the table of questions, ``script.ORDER`` what is
tried, one after another.
"""

from channels.dialogue.questions import ABOUT_A_MATTER
from channels.dialogue.script import Script

__all__ = ["ABOUT_A_MATTER", "Script"]
