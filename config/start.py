"""The first minute: an administrator when there is none, and what the console says."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

import click

from config.wiring import System
from intake.accounts import InvalidAccount


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
    lines = [f"Huiyin 回音 — {office.name.zh} · {office.name.en}", ""]
    if "web" in roles:
        lines += [
            f"  complain · 投诉     {settings.base_url}/complain",
            f"  track · 查询        {settings.base_url}/track",
            f"  staff · 工作人员    {settings.base_url}/staff",
            f"  API                 {settings.base_url}/api/v1/",
        ]
        if settings.simulator:
            lines.append(f"  simulator · 模拟器  {settings.local_url}/simulator")
    if "mail" in roles:
        lines.append(
            f"  mail · 收信         {office.mail} at {settings.smtp_host}:{settings.smtp_port} (SMTP)"
        )
    if "worker" in roles:
        outgoing = (
            f"by {settings.relay_host}:{settings.relay_port}"
            if settings.relay_host
            else f"no relay is set: kept as .eml files in {settings.data_dir / 'outgoing-mail'}"
        )
        lines.append(f"  outgoing mail · 发信 {outgoing}")
    if "telegram" in roles and (account := system.telegram) is not None:
        way = (
            "the simulator’s · 模拟"
            if account.simulated
            else f"bot {account.bot_id}, {settings.telegram_mode}"
        )
        lines.append(f"  Telegram            {way}")
    if settings.clock_offset:
        lines.append(
            f"  clock · 时钟        moved forward · 拨快 {_length(settings.clock_offset)} (rehearsal · 演练)"
        )
    lines.append(f"  data · 数据         {settings.data_dir.absolute()}")
    if password is not None:
        lines += [
            "",
            f"  first sign-in · 首次登录：admin / {password}",
            "  (shown only this once · 只显示这一次)",
        ]
    lines += ["", "  Ctrl-C stops · 按 Ctrl-C 停止"]
    click.echo("\n".join(lines))
