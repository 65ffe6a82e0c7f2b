"""The first minute: an administrator when there is none, and what the console says."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from unicodedata import east_asian_width

import click

from config.wiring import System
from intake.accounts import InvalidAccount

Row = tuple[str, str]
"""What it is, and where."""
_LABEL = 25  # columns
_SIMULATED = "played by the simulator · 由模拟器代替"


def first_administrator(system: System) -> str | None:
    """Make the account ``admin`` if there is no account yet; returns its password, shown once."""
    if system.accounts.any():
        return None
    password = secrets.token_urlsafe(12)
    try:
        system.accounts.add("admin", password, "admin", "管理员 Administrator")
    except InvalidAccount:  # another process was first
        return None
    return password


def _length(offset: timedelta) -> str:
    hours, rest = divmod(offset.seconds, 3600)
    parts = ((offset.days, "d"), (hours, "h"), (rest // 60, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count)


def announce(system: System, roles: Sequence[str], password: str | None) -> None:
    """Say where everything is."""
    settings, office = system.settings, system.county.office
    rows: list[Row] = []
    if "web" in roles:
        rows += _pages(system)
    if "mail" in roles:
        rows.append(("mail · 收信", f"{office.mail} at {settings.smtp_host}:{settings.smtp_port} (SMTP)"))
    if "worker" in roles:
        outgoing = (
            f"by · 经 {settings.relay_host}:{settings.relay_port}"
            if settings.relay_host
            else f"no relay, kept in · 未设发信服务器，存于 {settings.data_dir / 'outgoing-mail'}"
        )
        rows.append(("mail out · 发信", outgoing))
        rows.append(("letters · 来信", f"scans into · 扫描件放进 {settings.data_dir / 'letters'}"))
    if "web" in roles or "worker" in roles:
        rows += _texts_and_calls(system)
    if "telegram" in roles:
        rows.append(("Telegram", _bot(system)))
    if settings.clock_offset:
        rows.append(
            ("clock · 时钟", f"moved forward · 拨快 {_length(settings.clock_offset)} (rehearsal · 演练)")
        )
    rows.append(("data · 数据", str(settings.data_dir.absolute())))
    lines = [f"Huiyin 回音 — {office.name.zh} · {office.name.en}", ""]
    lines += [f"  {label}{' ' * (_LABEL - width(label))}{said}" for label, said in rows]
    if password is not None:
        lines += [
            "",
            f"  first sign-in · 首次登录：admin / {password}",
            "  (shown only this once · 只显示这一次)",
        ]
    lines += ["", "  Ctrl-C stops · 按 Ctrl-C 停止"]
    click.echo("\n".join(lines))


def _pages(system: System) -> list[Row]:
    settings = system.settings
    rows = [
        ("complain · 投诉", f"{settings.base_url}/complain"),
        ("track · 查询", f"{settings.base_url}/track"),
        ("staff · 工作人员", f"{settings.base_url}/staff"),
        ("API · 接口", f"{settings.base_url}/api/v1/"),
    ]
    if settings.simulator:
        rows += [
            ("simulator · 模拟器", f"{settings.local_url}/simulator"),
            ("", "text, call, chat, mail: no account needed · 试短信、电话、聊天、邮件，不用账号"),
        ]
    return rows


def _texts_and_calls(system: System) -> list[Row]:
    label, account = "texts, calls · 短信电话", system.twilio
    if account is None:
        return [(label, "no account · 未设账号 (HUIYIN_TWILIO_…)")]
    if account.simulated:
        return [(label, f"{account.number}, {_SIMULATED}")]
    rows = [
        (label, f"{account.number}, {account.sid}"),
        ("", f"{account.public_url}/webhooks/twilio/sms  (a message comes in · 来短信)"),
        ("", f"{account.public_url}/webhooks/twilio/voice  (a call comes in · 来电话)"),
    ]
    if system.settings.twilio_signatures == "log":
        rows.append(("", "! signatures are only logged, anybody may write · 签名只记录不拒收，谁都能冒充"))
    return rows


def _bot(system: System) -> str:
    account = system.telegram
    if account is None:
        return "no account · 未设账号 (HUIYIN_TELEGRAM_TOKEN)"
    if account.simulated:
        return _SIMULATED
    if account.webhook_secret:
        return f"bot {account.bot_id}, {account.public_url}/webhooks/telegram"
    return f"bot {account.bot_id}, polling · 轮询"


def width(text: str) -> int:
    """Columns on a console: a Chinese character takes two (Unicode Standard Annex 11)."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
