"""Calls from providers, as they arrive at the web server."""
