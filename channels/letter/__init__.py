"""Letters on paper as a channel.

You are here: scanner → [folder] → ``intake.letters`` → a person at the letter desk → [reading] → intake.
[scans] tells files of a scanner from others, [plain] shows pages where nothing can read them, [prefill] makes
the text that the desk begins with.
"""
