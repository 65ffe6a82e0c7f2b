"""Who is signed in, and which page is open to whom: one table, closed to whatever it does not name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from intake.accounts import STAFF_ROLES, Session
from intake.lifecycle import APPROVERS, BUREAU, OFFICE, Role
from intake.people import Actor
from web.i18n import gettext as _
from web.services import Services
from web.staff.waiting import Waiting

IDLE_SECONDS = 8 * 3600
_REFRESH_SECONDS = 60
"""How often the cookie's time is renewed; more often would only send it more often."""

PUBLIC: frozenset[Role] = frozenset()
STAFF = frozenset(STAFF_ROLES)
OFFICE_PAGES = OFFICE | {Role.DESK}

ACCESS: Mapping[str, frozenset[Role]] = {
    "staff.sign_in": PUBLIC,
    "staff.sign_out": STAFF,
    "staff.account": STAFF,
    "staff.worklist": OFFICE_PAGES,
    "staff.parked": OFFICE_PAGES,
    "staff.bureau_worklist": BUREAU,
    "staff.case": STAFF,
    "staff.perform": STAFF,
    "staff.look": STAFF,
    "staff.different": OFFICE,
    "staff.raw": STAFF,
    "staff.attachment": STAFF,
    "letters.queue": OFFICE_PAGES,
    "letters.upload": OFFICE_PAGES,
    "letters.take_next": OFFICE_PAGES,
    "letters.bring_back": OFFICE_PAGES,
    "letters.picture": OFFICE_PAGES,
    "letters.file": OFFICE_PAGES,
    "letters.desk": OFFICE_PAGES,
    "letters.done": OFFICE_PAGES,
    "letters.take": OFFICE_PAGES,
    "letters.save": OFFICE_PAGES,
    "letters.confirm": OFFICE_PAGES,
    "letters.give_back": OFFICE_PAGES,
    "letters.discard": OFFICE_PAGES,
    "letters.cut": OFFICE_PAGES,
    "letters.join": OFFICE_PAGES,
    "letters.leave_out": OFFICE_PAGES,
    "staff.preview": STAFF,
    "staff.visit": OFFICE_PAGES,
    "staff.enter_visit": OFFICE_PAGES,
    "staff.hand_over": OFFICE_PAGES,
    "staff.end_kiosk": OFFICE_PAGES,
    "staff.visit_slip": OFFICE_PAGES,
    "staff.visit_slip_pdf": OFFICE_PAGES,
    "printing.queue": OFFICE_PAGES,
    "printing.gather": OFFICE_PAGES,
    "printing.batches": OFFICE_PAGES,
    "printing.batch": OFFICE_PAGES,
    "printing.file": OFFICE_PAGES,
    "printing.printed": OFFICE_PAGES,
    "printing.posted": OFFICE_PAGES,
    "printing.returned": OFFICE_PAGES,
    "printing.letter": OFFICE_PAGES,
    "printing.readdress": OFFICE_PAGES,
    "printing.cancel": OFFICE_PAGES,
    "staff.users": frozenset({Role.ADMIN}),
    "staff.add_user": frozenset({Role.ADMIN}),
    "staff.change_user": frozenset({Role.ADMIN}),
    "staff.retention": APPROVERS,
}


def guard(pages: Blueprint, services: Services) -> None:
    """Let nobody into ``pages`` but those whom :data:`ACCESS` names."""

    def check() -> Response | None:
        allowed = ACCESS.get(request.endpoint or "")
        g.signed_in = _recognise(services)
        if allowed is PUBLIC:
            return None
        if g.signed_in is None:
            here = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("staff.sign_in", next=here), 303)
        if allowed is None or g.signed_in.actor.role not in allowed:
            if request.endpoint in ("staff.worklist", "staff.bureau_worklist"):
                return redirect(home(), 303)
            abort(403)
        return None

    pages.before_request(check)
    waiting = Waiting(services)
    pages.context_processor(
        lambda: {"me": g.get("signed_in"), "home": home, "Role": Role, "waiting": waiting}
    )


def signed_in() -> Session:
    """The session of this request; only behind the guard."""
    found: Session = g.signed_in
    return found


def actor() -> Actor:
    """Who makes this request; only behind the guard."""
    return signed_in().actor


def home() -> str:
    """Where this person's work is."""
    bureau = g.signed_in is not None and g.signed_in.actor.role in BUREAU
    return url_for("staff.bureau_worklist" if bureau else "staff.worklist")


def begin(given: Session, services: Services) -> None:
    """Start a session from nothing, so that a cookie planted before signing in is worth nothing."""
    session.clear()
    session.update(staff=given.actor.id, epoch=given.epoch, seen=_seconds(services))
    g.signed_in = given


def _recognise(services: Services) -> Session | None:
    staff, epoch, seen = session.get("staff"), session.get("epoch"), session.get("seen")
    if not isinstance(staff, str) or not isinstance(epoch, int) or not isinstance(seen, int):
        return None
    now = _seconds(services)
    found = services.accounts.session(staff, epoch)
    if found is None or now - seen > IDLE_SECONDS:
        session.clear()
        flash(_("You were signed out. Please sign in again."), "notice")
        return None
    if now - seen > _REFRESH_SECONDS:
        session["seen"] = now
    return found


def _seconds(services: Services) -> int:
    return int(services.clock().timestamp())
