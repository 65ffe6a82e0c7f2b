"""The dialogue."""
