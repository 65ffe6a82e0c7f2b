"""One matter, one case (promise 8): which cases may be the same, and why.

You are here: submission filed → ``matching`` row → [worker] → sketch, bands → candidates → companions
offered → a clerk merges them (``intake.verbs.merging``) or says that they are not the same. Nothing here
merges by itself.
"""
