"""Programs that measure; each prints a table with the limit beside our figure."""
