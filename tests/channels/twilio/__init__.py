"""What texts, WhatsApp and calls share of Twilio."""
