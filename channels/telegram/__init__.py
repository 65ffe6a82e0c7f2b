"""Telegram: a bot that people write to. (The library of the same name is python-telegram-bot.)

You are here: Telegram → **poller** or webhook → *raw update → submission* → intake; later *raw → reading*;
and back: outbox → **sender** → Telegram. All calls go through one :class:`~channels.telegram.api.BotApi`.
"""
