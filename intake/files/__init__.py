"""The attachments room: what people send as files, kept by content, looked at under limits, shown harmless.

You are here: intake → [files] → the pages that show them. A file is durable before any row names it; what
it truly is, whether it may be shown and its preview come afterwards, from a process that may die of it.
"""
