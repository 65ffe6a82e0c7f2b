"""``huiyin demo``: sample citizens who use the real doors of a running service, so that everything moves.

``samples.toml`` holds the people and what they write; ``play`` is the plot. Nothing here touches the
database: mail goes to the SMTP port, forms to the web pages, texts to the webhook, chats
through the simulator, the office's work through the JSON API.
"""
