"""Retention, mirrored."""
