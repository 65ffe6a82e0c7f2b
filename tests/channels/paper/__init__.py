"""Letters and slips, read back out of the PDF as a reader and an envelope see them."""
