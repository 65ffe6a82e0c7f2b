"""Twilio, the carrier behind texts, WhatsApp and telephone calls: what those channels share of it."""
