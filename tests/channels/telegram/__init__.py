"""Telegram, against an emulated Bot API that nobody here wrote, and one that misbehaves on purpose."""
