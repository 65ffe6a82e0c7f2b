"""What codes of the print queue are called. English stands here, the Chinese in ``printing.po``."""

from __future__ import annotations

from collections.abc import Mapping

from web.staff.labels import N_

CAME_BACK_BECAUSE: Mapping[str, str] = {
    "moved": N_("moved away"),
    "unknown": N_("nobody of that name there"),
    "address": N_("address wrong or incomplete"),
    "refused": N_("not accepted"),
    "unclaimed": N_("not fetched in time"),
    "other": N_("another reason"),
}
KINDS: Mapping[str, str] = {
    "postal": N_("by post, to the address below"),
    "phone": N_("by telephone or text, to the number below"),
    "email": N_("by e-mail, to the address below"),
    "web": N_("they look it up on the web page"),
}
STATES: Mapping[str, str] = {
    "waiting": N_("waits to be printed"),
    "printing": N_("in a file"),
    "printed": N_("printed"),
    "posted": N_("posted"),
    "came_back": N_("came back"),
    "cancelled": N_("not needed any more"),
}
