"""The letters' pages."""
