"""Letters: scanned, read, confirmed."""
