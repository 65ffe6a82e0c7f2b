"""Signing in and out, and what people set for themselves."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from intake.accounts import InvalidAccount, TooManyAttempts
from web.i18n import gettext as _
from web.i18n import language, say
from web.security import countable_peer, local_path
from web.services import Services
from web.staff import access


class SignIn:
    """The door."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, pages: Blueprint) -> None:
        """Register the views."""
        pages.add_url_rule("/staff/login", "sign_in", self.sign_in, methods=["GET", "POST"])
        pages.add_url_rule("/staff/logout", "sign_out", self.sign_out, methods=["POST"])
        pages.add_url_rule("/staff/account", "account", self.account, methods=["GET", "POST"])

    def sign_in(self) -> ResponseReturnValue:
        """Ask for user name and password; wrong ones are told apart for nobody."""
        if request.method == "GET":
            return self._form()
        username, password = request.form.get("username", ""), request.form.get("password", "")
        if not username.strip() or not password:
            return self._form(_("Enter your user name and your password."), 422)
        try:
            found = self._services.accounts.sign_in(username, password, countable_peer())
        except TooManyAttempts:
            return self._form(_("Too many wrong attempts. Wait a quarter of an hour, then try again."), 429)
        if found is None:
            return self._form(_("User name or password is wrong. Check both and try again."), 401)
        if language() != found.language:  # the language of this page is the one they read
            self._services.accounts.set_language(found.actor.id, language())
        access.begin(found, self._services)
        return redirect(local_path(request.args.get("next"), access.home()), 303)

    def _form(self, error: str = "", status: int = 200) -> ResponseReturnValue:
        if access.signed_in() is not None and request.method == "GET":
            return redirect(access.home(), 303)
        page = render_template("staff/sign_in.html", error=error, username=request.form.get("username", ""))
        return page, status

    def sign_out(self) -> ResponseReturnValue:
        """End every session of this account: a copied cookie is worth nothing afterwards."""
        self._services.accounts.end_sessions(access.actor().id)
        session.clear()
        flash(_("You are signed out."), "done")
        return redirect(url_for("staff.sign_in"), 303)

    def account(self) -> ResponseReturnValue:
        """Change one's own password. The language follows the switch at the top of every page."""
        if request.method == "GET":
            return render_template("staff/account.html", error="")
        return self._password(request.form.get("old", ""), request.form.get("new", ""))

    def _password(self, old: str, new: str) -> ResponseReturnValue:
        error = ""
        try:
            changed = self._services.accounts.change_password(access.signed_in(), old, new, countable_peer())
            if changed is not None:
                access.begin(changed, self._services)
                flash(_("Your password is changed. All other sessions of yours have ended."), "done")
                return redirect(url_for("staff.account"), 303)
            error = _("The present password is wrong.")
        except TooManyAttempts:
            error = _("Too many wrong attempts. Wait a quarter of an hour, then try again.")
        except InvalidAccount as refused:
            error = say(refused.text)
        return render_template("staff/account.html", error=error), 422
