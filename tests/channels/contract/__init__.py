"""What holds for every channel, checked for each row of the table by itself."""
