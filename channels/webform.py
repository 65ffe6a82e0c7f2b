from intake.contracts import *


def read(raw, envelope):
    return Reading(subject="x", body=raw.decode())
