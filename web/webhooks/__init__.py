"""Calls from providers: thin wrappers over what ``channels`` makes of them. Signatures prove the caller."""
