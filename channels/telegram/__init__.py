"""Telegram: a bot that people write to. (The library of the same name is python-telegram-bot.)"""
