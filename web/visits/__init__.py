"""Those who come in person: the front desk's form, the slip that they take home, and the kiosk.

You are here: a visitor → ``web.visits`` → ``channels.visit`` → intake. The same fields serve both pages
(``entered``); the number of an identity document ends in ``documents`` and goes no further.
"""
