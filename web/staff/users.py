"""The accounts, for the administrator: list, add, disable, enable, new password."""

from __future__ import annotations

import secrets

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.accounts import STAFF_ROLES, InvalidAccount
from intake.ids import is_id
from web.i18n import gettext as _
from web.i18n import say
from web.services import Services
from web.staff import access


class Users:
    """Who may sign in."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/users", "users", self.users)
        pages.add_url_rule("/staff/users", "add_user", self.add, methods=["POST"])
        pages.add_url_rule("/staff/users/<staff_id>", "change_user", self.change, methods=["POST"])

    def users(self) -> ResponseReturnValue:
        """Every account, and the form for a new one."""
        return self._page()

    def _page(self, error: str = "", *, password: tuple[str, str] | None = None) -> str:
        services = self._services
        return render_template(
            "staff/users.html",
            rows=services.accounts.everybody(),
            roles=STAFF_ROLES,
            bureaus=[(code, say(name)) for code, name in services.county.bureaus],
            directory=services.directory,
            error=error,
            password=password,
            filled=request.form,
        )

    def add(self) -> ResponseReturnValue:
        """Make an account; its first password is shown once."""
        form, password = request.form, _new_password()
        bureau = form.get("bureau") or None
        try:
            if bureau is not None and not self._services.directory.knows(bureau):
                raise InvalidAccount(f"there is no bureau “{bureau}”", f"没有责任单位“{bureau}”")
            self._services.accounts.add(
                form.get("username", ""), password, form.get("role", ""), form.get("name", "")[:100], bureau
            )
        except InvalidAccount as refused:
            return self._page(say(refused.text)), 422
        return self._page(password=(form.get("username", "").strip().lower(), password))

    def change(self, staff_id: str) -> ResponseReturnValue:
        """Disable, enable, or give a new password. Nobody locks themselves out."""
        rows = {row.id: row for row in self._services.accounts.everybody()}
        row, what = rows.get(staff_id) if is_id(staff_id) else None, request.form.get("do", "")
        if row is None:
            abort(404)
        accounts = self._services.accounts
        if what == "password":
            password = _new_password()
            accounts.set_password(staff_id, password)
            return self._page(password=(row.username, password))
        if what == "disable" and staff_id == access.actor().id:
            return self._page(_("You cannot disable your own account.")), 422
        if what == "disable":
            accounts.disable(staff_id)
            flash(_("%(name)s can no longer sign in.", name=row.username), "good")
        elif what == "enable":
            accounts.enable(staff_id)
            flash(_("%(name)s can sign in again.", name=row.username), "good")
        else:
            abort(400)
        return redirect(url_for("staff.users"), 303)


def _new_password() -> str:
    """Twelve letters without those that look alike, in groups that are easy to read out (60 bits)."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _i in range(4)) for _group in range(3))
