"""How word goes back on paper: letters for window envelopes, slips for visitors, made as PDF.

You are here: outbox → sender → print queue → [paper] → PDF → printer::

    letter.py     a letter, or many letters as one file        envelopes.py  where the windows are
    slip.py       what a visitor takes home                    address.py    what stands in the window
    flow.py       a text → lines → pages                       breaking.py   where a line may end (禁则)
    characters.py what can be printed, and what stands for the rest
    typeface.py   the one font; its licence stands beside it     sheet.py      drawing, in millimetres
    sender.py     the Sender of channel "letter"

Everything here but ``sender`` is a pure function from frozen values to bytes: the same letter gives the
same file.
"""
