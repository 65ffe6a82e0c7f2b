"""Texts and WhatsApp messages, in and out."""
