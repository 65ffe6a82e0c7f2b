"""E-mail: the SMTP listener, the reader of raw mail, and the sender of answers."""
