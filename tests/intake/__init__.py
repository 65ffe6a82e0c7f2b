"""The one truth, on both databases."""
