"""Letters: paper that was scanned, read, and confirmed by a person. You are here: one of the channels."""
