"""The attachments room: the sandbox, the storages, what is told of files."""
