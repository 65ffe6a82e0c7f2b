"""Staff accounts and API tokens. Passwords are argon2id hashes, tokens are kept as SHA-256."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import case, func, or_, select, update

from intake import schema
from intake.clock import Clock
from intake.contracts import Text
from intake.ids import new_id
from intake.lifecycle import BUREAU, Role
from intake.people import Actor
from intake.store import Store

STAFF_ROLES = (Role.ADMIN, Role.LEADER, Role.CLERK, Role.DESK, Role.HANDLER, Role.BUREAU_LEADER)
TOKEN_ROLES = (*STAFF_ROLES, Role.READER)
MIN_PASSWORD = 10
MAX_PASSWORD = 1000
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_WINDOW = timedelta(minutes=15)
_PER_USERNAME = 10
_PER_PEER = 100


class InvalidAccount(ValueError):
    """An account or token cannot be made like this; the message says what to change."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


class TooManyAttempts(Exception):
    """Too many wrong passwords; trying again after a quarter of an hour helps."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in member of staff; ``epoch`` invalidates old cookies."""

    actor: Actor
    epoch: int
    language: str


class Accounts:
    """Accounts of one store. Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's minimum
        self._decoy = self._hasher.hash(secrets.token_hex(8))

    def any(self) -> bool:
        """Whether there is an account at all."""
        with self._store.read() as connection:
            return connection.execute(select(schema.staff.c.id).limit(1)).first() is not None

    def add(self, username: str, password: str, role: str, name: str = "", bureau: str | None = None) -> str:
        """Make a staff account; returns its id. Raises :class:`InvalidAccount`."""
        username = username.strip().lower()
        if not _USERNAME.fullmatch(username):
            raise InvalidAccount(
                f"“{username}” cannot be a user name: use 2 to 63 of a-z, 0-9, dot, dash, underscore",
                f"“{username}”不能作用户名：请用2到63个小写字母、数字、点、横线或下划线",
            )
        _check_password(password)
        _check_role(role, bureau, STAFF_ROLES)
        row = {
            "id": new_id(),
            "username": username,
            "name": name or username,
            "role": role,
            "bureau": bureau,
            "password_hash": self._hasher.hash(password),
            "language": "zh-Hans",
            "session_epoch": 1,
            "created_at": self._clock(),
        }
        with self._store.write() as connection:
            taken = connection.execute(
                select(schema.staff.c.id).where(schema.staff.c.username == username)
            ).first()
            if taken is not None:
                raise InvalidAccount(
                    f"there is an account “{username}” already", f"用户名“{username}”已经有了"
                )
            connection.execute(schema.staff.insert(), row)
        return str(row["id"])

    def sign_in(self, username: str, password: str, peer: str | None) -> Session | None:
        """The session for a right password, None for a wrong one; the same work is done for both.

        Raises :class:`TooManyAttempts`.
        """
        username, now = username.strip().lower()[:64], self._clock()
        peer = (peer or "")[:64]
        self._throttle(username, peer, now)
        with self._store.read() as connection:
            query = select(schema.staff).where(schema.staff.c.username == username)
            row = connection.execute(query).first()
        right = self._verify(row.password_hash if row else self._decoy, password)
        good = right and row is not None and row.disabled_at is None
        with self._store.write() as connection:
            attempt = {"id": new_id(), "username": username, "peer": peer, "at": now, "succeeded": good}
            connection.execute(schema.login_attempt.insert(), attempt)
        return _session(row) if good else None

    def session(self, staff_id: str, epoch: int) -> Session | None:
        """The session a cookie names, if the account still stands and the epoch is the current one."""
        with self._store.read() as connection:
            row = connection.execute(select(schema.staff).where(schema.staff.c.id == staff_id)).first()
        if row is None or row.disabled_at is not None or row.session_epoch != epoch:
            return None
        return _session(row)

    def end_sessions(self, staff_id: str) -> None:
        """Invalidate every cookie of an account."""
        self._change(staff_id, ends_sessions=True)

    def everybody(self) -> Sequence[Any]:
        """Every account's row, by user name."""
        with self._store.read() as connection:
            return connection.execute(select(schema.staff).order_by(schema.staff.c.username)).all()

    def set_password(self, staff_id: str, password: str) -> None:
        """Give an account a new password and end its sessions. Raises :class:`InvalidAccount`."""
        _check_password(password)
        self._change(staff_id, password_hash=self._hasher.hash(password), ends_sessions=True)

    def change_password(self, session: Session, old: str, new: str, peer: str | None) -> Session | None:
        """Let somebody change their own password; None when the old one is wrong.

        Returns the session that goes on; all others of the account end. Raises
        :class:`InvalidAccount`, :class:`TooManyAttempts`.
        """
        _check_password(new)
        with self._store.read() as connection:
            c = schema.staff.c
            name = connection.execute(select(c.username).where(c.id == session.actor.id)).scalar_one()
        if self.sign_in(name, old, peer) is None:
            return None
        self.set_password(session.actor.id, new)
        return self.session(session.actor.id, session.epoch + 1)

    def set_language(self, staff_id: str, language: str) -> None:
        """Which language the pages speak to this person: zh-Hans, zh-Hant or en."""
        self._change(staff_id, language=language)

    def disable(self, staff_id: str) -> None:
        """Close an account: it cannot sign in, and its sessions end. Its history stays."""
        self._change(staff_id, disabled_at=self._clock(), ends_sessions=True)

    def enable(self, staff_id: str) -> None:
        """Open a closed account again."""
        self._change(staff_id, disabled_at=None)

    def _change(self, staff_id: str, *, ends_sessions: bool = False, **values: Any) -> None:
        c = schema.staff.c
        if ends_sessions:
            values["session_epoch"] = c.session_epoch + 1
        with self._store.write() as connection:
            connection.execute(update(schema.staff).where(c.id == staff_id).values(**values))

    def forget_attempts(self) -> None:
        """Drop attempts that no longer count; they name people who merely mistyped."""
        c = schema.login_attempt.c
        with self._store.write() as connection:
            connection.execute(schema.login_attempt.delete().where(c.at < self._clock() - 4 * _WINDOW))

    def create_token(self, name: str, role: str, bureau: str | None = None) -> str:
        """Make an API token; the returned text is shown once and never stored."""
        _check_role(role, bureau, TOKEN_ROLES)
        token = f"hy_{secrets.token_urlsafe(32)}"
        row = {
            "id": new_id(),
            "name": name[:200],
            "role": role,
            "bureau": bureau,
            "token_hash": _digest(token),
            "created_at": self._clock(),
        }
        with self._store.write() as connection:
            connection.execute(schema.api_token.insert(), row)
        return token

    def end_token(self, token: str) -> None:
        """Revoke an API token; one that is unknown or revoked already is no matter."""
        c = schema.api_token.c
        with self._store.write() as connection:
            connection.execute(
                update(schema.api_token)
                .where(c.token_hash == _digest(token), c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )

    def bearer(self, token: str) -> Actor | None:
        """Who holds ``token``, or None."""
        c = schema.api_token.c
        with self._store.read() as connection:
            query = select(schema.api_token).where(c.token_hash == _digest(token), c.revoked_at.is_(None))
            row = connection.execute(query).first()
        return Actor(Role(row.role), row.id, row.name, row.bureau) if row is not None else None

    def _throttle(self, username: str, peer: str, now: datetime) -> None:
        c = schema.login_attempt.c
        query = select(
            func.sum(case((c.username == username, 1), else_=0)),
            func.count(),
        ).where(
            c.at > now - _WINDOW,
            c.succeeded.is_(False),
            or_(c.username == username, c.peer == peer) if peer else c.username == username,
        )
        with self._store.read() as connection:
            by_name, by_peer = connection.execute(query).one()
        if (by_name or 0) >= _PER_USERNAME or by_peer >= _PER_PEER:
            raise TooManyAttempts

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def _check_role(role: str, bureau: str | None, allowed: tuple[Role, ...]) -> None:
    if role not in allowed:
        names = ", ".join(allowed)
        raise InvalidAccount(
            f"“{role}” is not a role; use one of {names}", f"没有“{role}”这个角色，可用：{names}"
        )
    if (role in BUREAU) and bureau is None:
        raise InvalidAccount(f"the role “{role}” needs a bureau", f"角色“{role}”要选责任单位")
    if bureau is not None and role not in BUREAU | {Role.READER}:
        raise InvalidAccount(
            f"the role “{role}” belongs to the office and takes no bureau",
            f"角色“{role}”属于效能办，不选责任单位",
        )


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        raise InvalidAccount(
            f"the password is too short: use at least {MIN_PASSWORD} characters",
            f"密码太短，至少{MIN_PASSWORD}个字符",
        )
    if len(password) > MAX_PASSWORD:  # no more of it is ever compared
        raise InvalidAccount(
            f"the password is too long: use at most {MAX_PASSWORD} characters",
            f"密码太长，最多{MAX_PASSWORD}个字符",
        )


def _session(row: Any) -> Session:
    return Session(Actor(Role(row.role), row.id, row.name, row.bureau), row.session_epoch, row.language)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
