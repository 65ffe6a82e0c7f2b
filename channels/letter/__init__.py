"""Letters: paper that was scanned, read, and confirmed by a person. You are here: a channel, complete with eyes."""
