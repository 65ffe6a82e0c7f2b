"""Letters on paper as a channel.

You are here: scanner → [folder] → ``intake.letters`` → a person at the letter desk → [reading] → intake.
[scans] tells files of a scanner from others, [reader] has pages read in the sandbox by [ocr], [plain] shows
them where no engine is installed, [prefill] makes the text that the desk begins with.
"""
