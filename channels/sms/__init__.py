"""Texts (SMS, MMS) and WhatsApp messages: received by webhook, sent through Twilio's API.

Both are one channel module with two rows in the table: Twilio carries them through the same calls, and
an address tells them apart (``whatsapp:+12025550123``).
"""
