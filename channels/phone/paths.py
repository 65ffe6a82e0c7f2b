"""Where the provider posts what happens on the line; under our public address."""

VOICE = "/webhooks/twilio/voice"
CALL_STATUS = "/webhooks/twilio/call-status"
